"""Knowledge bases, their deletes, and what happened in them."""

from typing import Literal

from pydantic import Field

from shared.contracts.api.bodies import Request, Response
from shared.contracts.registry import Status


class CreateKnowledgeBase(Request):
    """A new, empty knowledge base.

    Attributes:
        release: a name from `GET /v1/releases`, the default where omitted.
        chunking: a name from `GET /v1/chunking-strategies`, the release's own where omitted.
    """

    name: str = Field(min_length=1, max_length=100)
    description: str = Field(default="", max_length=1_000)
    release: str | None = Field(default=None, max_length=100)
    chunking: str | None = Field(default=None, max_length=100)
    visibility: Literal["tenant", "private"] = "tenant"


class UpdateKnowledgeBase(Request):
    """What changes; omitted fields stay.

    Attributes:
        chunking: another way to cut has every document processed again; each answers from its old passages until then.
    """

    name: str | None = Field(default=None, min_length=1, max_length=100)
    description: str | None = Field(default=None, max_length=1_000)
    chunking: str | None = Field(default=None, max_length=100)


class Rebuild(Response):
    """How far the index of a knowledge base is made anew; every document answers from its old version until its turn.

    Attributes:
        finished_at: empty while documents are left.
    """

    requested_at: str
    requested_by: str
    requested_by_address: str = ""
    finished_at: str = ""
    documents_total: int = 0
    documents_left: int = 0


class KnowledgeBase(Response):
    """A set of documents.

    Attributes:
        documents: how many documents are in which state.
        inbox_prefix: objects put under this prefix of the documents bucket become documents.
        rebuild: the last one, None when there never was one.
        chunking: the name of its way to cut documents.
    """

    kb_id: str
    name: str
    description: str
    release_id: str
    release: str
    chunking: str = "structure"
    visibility: Literal["tenant", "private"]
    owner_id: str
    documents: dict[Status, int] = Field(default_factory=dict)
    inbox_bucket: str = ""
    inbox_prefix: str = ""
    rebuild: Rebuild | None = None
    created_at: str
    updated_at: str


class KnowledgeBaseDeletion(Response):
    """How far the delete of a knowledge base is, and at its end its receipt, which stays.

    Attributes:
        finished_at: empty while documents are left.
        removed: counts per store: `versions` of files, `parts` of cut text and views, `chunks` in the search index.
        verified: every store was looked at again after each document's removal and held nothing.
    """

    kb_id: str
    name: str
    requested_at: str
    requested_by: str
    requested_by_address: str = ""
    finished_at: str = ""
    documents_total: int = 0
    documents_left: int = 0
    removed: dict[str, int] = Field(default_factory=dict)
    verified: bool = False


class Activity(Response):
    """Something that happened to a document."""

    event_id: str
    type: str
    document_id: str
    filename: str
    generation: int
    occurred_at: str
    chunks: int = 0
    pages: int = 0
    reason: str = ""
    code: str = ""
    removed: dict[str, int] = Field(default_factory=dict)


class KnowledgeBases(Response):
    """A page of knowledge bases; an empty cursor is the end."""

    items: tuple[KnowledgeBase, ...]
    cursor: str = ""


class Deletions(Response):
    """Deletes of knowledge bases that go on, and the receipts of those that are finished, the latest first."""

    items: tuple[KnowledgeBaseDeletion, ...]


class Activities(Response):
    """A page of activity, newest first; an empty cursor is the end."""

    items: tuple[Activity, ...]
    cursor: str = ""
