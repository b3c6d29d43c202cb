"""The registry's rows: the one truth about knowledge bases and documents that both layers read and write.

One DynamoDB row per document. Every write is conditional on the revision that was read, so that a stale worker's write
fails and it stops; the one exception, adding a finished part to the set, is conditional on the generation.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Status = Literal["UPLOADING", "QUEUED", "PARSING", "RECOGNISING", "EMBEDDING", "READY", "FAILED", "DELETING", "DELETED"]
TERMINAL: frozenset[Status] = frozenset({"READY", "FAILED", "DELETED"})


class KnowledgeBaseRow(BaseModel):
    """A set of documents with one default for who may read them and one live pipeline release.

    Attributes:
        readers: principals that may read: `tenant:<tenant_id>`, `team:<id>` or `user:<id>`.
        release_id: the pipeline release that new documents are processed with.
        deleting: set once a delete was acknowledged; nothing of it is visible from then on.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    tenant_id: str
    kb_id: str
    name: str
    description: str = ""
    release_id: str
    release_name: str
    readers: tuple[str, ...]
    owner_id: str
    created_at: str
    updated_at: str
    deleting: bool = False
    revision: int = 1


class DocumentRow(BaseModel):
    """The state of one document.

    Attributes:
        object_key: where its bytes lie in the documents bucket.
        version: the S3 version id (or etag) that the current generation was made from; empty before the first.
        generation: counts processing runs; the fence of every later write.
        live_generation: the generation that answers, None when none does.
        parts_total: how many parts the current generation has, 0 until it was cut; while RECOGNISING, how many pages
            are to be recognised.
        parts_done: the parts that are embedded and indexed, a set so that redelivery cannot count twice; while
            RECOGNISING, the numbers of the pages that are recognised.
        warnings: what of the current generation was left out and why, for people.
        permanent: a failure that no retry of ours can mend.
        tries: automatic retries of temporary failures so far.
        reason: for people: why it failed, or what it waits for, and what to do.
        code: the error code behind the reason.
        deadline: when the reconciler must step in, ISO 8601; empty in a terminal state.
        receipt: after a delete, the counts removed per store.
        revision: increased by every write; what compare-and-set compares.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    tenant_id: str
    kb_id: str
    document_id: str
    filename: str
    media_type: str = ""
    size_bytes: int = 0
    object_key: str
    owner_id: str = ""
    readers: tuple[str, ...]
    release_id: str
    correlation_id: str
    version: str = ""
    generation: int = 0
    status: Status = "UPLOADING"
    live_generation: int | None = None
    parts_total: int = 0
    parts_done: frozenset[int] = frozenset()
    chunks: int = 0
    pages: int = 0
    live_chunks: int = 0
    live_pages: int = 0
    permanent: bool = False
    tries: int = 0
    reason: str = ""
    code: str = ""
    warnings: tuple[str, ...] = ()
    created_at: str
    updated_at: str
    deadline: str = ""
    receipt: dict[str, int] | None = None
    revision: int = 1

    @property
    def is_terminal(self) -> bool:
        """At rest: nothing more will happen by itself."""
        return self.status in TERMINAL
