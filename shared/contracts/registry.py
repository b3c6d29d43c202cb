"""The registry's rows: the one truth about knowledge bases and documents that both layers read and write.

One DynamoDB row per document. Every write is conditional on the revision that was read, so that a stale worker's write
fails and it stops; the one exception, adding a finished part to the set, is conditional on the generation.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Status = Literal["UPLOADING", "QUEUED", "PARSING", "RECOGNISING", "EMBEDDING", "READY", "FAILED", "DELETING", "DELETED"]
TERMINAL: frozenset[Status] = frozenset({"READY", "FAILED", "DELETED"})


class Deletion(BaseModel):
    """How the delete of a document goes, and at its end its receipt.

    The stores are `versions` (of the file in the documents bucket), `parts` (claim checks and views in the artifacts
    bucket) and `chunks` (passages in the search index).

    Attributes:
        requested_by: the user who asked; empty when the file was removed from the bucket by another system.
        found: how much each store held, counted and written before the first removal, so that a try that was
            interrupted after removing something leaves its counts behind.
        removed_at: when each store was emptied.
        left: how much each store held when it was looked at again after the removal; all 0 in a receipt.
        finished_at: when the receipt was written; empty until then.
        source_gone: it began when the object was not in the bucket any more, so that what lies under its key by now
            came later and is not part of it.
        through_version: the newest version id under the key when it was asked for, where other systems use the key
            again (an inbox path): what lies there by now came later unless it is this one. Empty: everything goes.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    requested_at: str
    requested_by: str = ""
    found: dict[str, int] = {}
    removed_at: dict[str, str] = {}
    left: dict[str, int] = {}
    finished_at: str = ""
    source_gone: bool = False
    through_version: str = ""

    @property
    def spares_what_came_later(self) -> bool:
        """Does an object stay that came under the key after the delete was asked for?"""
        return self.source_gone or bool(self.through_version)

    @property
    def verified(self) -> bool:
        """Every store was looked at after the removal and held nothing."""
        return bool(self.finished_at and self.left) and not any(self.left.values())


class KnowledgeBaseReceipt(BaseModel):
    """What is kept of a deleted knowledge base, for audit.

    Attributes:
        documents: how many receipts of documents were added up.
        removed: their counts per store.
        verified: how many of them were verified.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    finished_at: str
    documents: int
    removed: dict[str, int]
    verified: int


class KnowledgeBaseRow(BaseModel):
    """A set of documents with one default for who may read them and one live pipeline release.

    Attributes:
        readers: principals that may read: `tenant:<tenant_id>`, `team:<id>` or `user:<id>`.
        release_id: the pipeline release that new documents are processed with.
        chunking: the name of its way to cut documents.
        deleting: set once a delete was acknowledged; nothing of it is visible from then on.
        deleting_since: when that was, and `deleted_by` who asked.
        receipt: after the delete; the row stays with it when everything else is gone.
        rebuild_requested_at: when somebody asked to process every document again; documents whose state is older than
            this wait for their turn. `rebuild_finished_at` is empty until all had it.
        deadline: when the reconciler must carry on a delete or a rebuild, ISO 8601; empty when none is going on.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    tenant_id: str
    kb_id: str
    name: str
    description: str = ""
    release_id: str
    release_name: str
    chunking: str = "structure"
    readers: tuple[str, ...]
    owner_id: str
    created_at: str
    updated_at: str
    deleting: bool = False
    deleting_since: str = ""
    deleted_by: str = ""
    receipt: KnowledgeBaseReceipt | None = None
    rebuild_requested_at: str = ""
    rebuild_requested_by: str = ""
    rebuild_finished_at: str = ""
    deadline: str = ""
    revision: int = 1

    @property
    def is_rebuilding(self) -> bool:
        """A rebuild was asked for and is not through."""
        return bool(self.rebuild_requested_at) and not self.rebuild_finished_at


class DocumentRow(BaseModel):
    """The state of one document.

    Attributes:
        object_key: where its bytes lie in the documents bucket.
        upload_id: of an upload in parts that is under way; empty where there is none.
        version: the S3 version id (or etag) that the current generation was made from; empty before the first.
        generation: counts processing runs; the fence of every later write.
        live_generation: the generation that answers, None when none does.
        live_source: the `version` that the live generation was made from; empty where none is live.
        parts_total: how many parts the current generation has, 0 until it was cut; while RECOGNISING, how many pages
            are to be recognised.
        parts_done: the parts that are embedded and indexed, a set so that redelivery cannot count twice; while
            RECOGNISING, the numbers of the pages that are recognised.
        warnings: what of the current generation was left out and why, for people.
        permanent: a failure that no retry of ours can mend.
        tries: automatic retries of temporary failures so far.
        reason: for people: why it failed, or what it waits for, and what to do.
        code: the error code behind the reason.
        waiting_since: when the document began to wait for a neighbour that does not answer; empty while it does not.
        deadline: when the reconciler must step in, ISO 8601; empty in a terminal state.
        status_since: when the document came into its state; `updated_at` is moved by progress too.
        receipt: after a delete, the counts removed per store.
        deletion: how the delete goes, None when nobody asked for one.
        tags: given by people. Like `format`, `language` and `modified_on` they are stamped on every passage when it is
            indexed, so while a generation is in work they must not change.
        format: name in the published list of what the content of the current generation is; empty until it was read.
        language: ISO 639-1 of what it is written in; empty when unknown.
        modified_on: day of the file's last change, ISO 8601; empty until the bytes came where nobody told it.
        replaces: another document, which is deleted once this one answers; empty where it replaces none.
        revision: increased by every write; what compare-and-set compares.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    tenant_id: str
    kb_id: str
    document_id: str
    filename: str
    media_type: str = ""
    size_bytes: int = 0
    object_key: str
    upload_id: str = ""
    owner_id: str = ""
    readers: tuple[str, ...]
    release_id: str
    correlation_id: str
    version: str = ""
    generation: int = 0
    status: Status = "UPLOADING"
    status_since: str = ""
    live_generation: int | None = None
    live_source: str = ""
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
    waiting_since: str = ""
    warnings: tuple[str, ...] = ()
    created_at: str
    updated_at: str
    deadline: str = ""
    receipt: dict[str, int] | None = None
    deletion: Deletion | None = None
    tags: tuple[str, ...] = ()
    format: str = ""
    language: str = ""
    modified_on: str = ""
    replaces: str = ""
    revision: int = 1

    @property
    def folder(self) -> str:
        """The folders before the file's name, joined by `/`; empty for none."""
        return self.filename.rpartition("/")[0]

    @property
    def is_terminal(self) -> bool:
        """At rest: nothing more will happen by itself."""
        return self.status in TERMINAL
