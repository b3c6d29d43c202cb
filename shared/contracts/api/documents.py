"""Documents: uploads, states, receipts."""

from typing import Literal

from pydantic import Field

from shared.contracts.api.bodies import Request, Response
from shared.contracts.filters import Day, Tags
from shared.contracts.registry import Status

MAX_UPLOAD_BYTES = 200 * 1024 * 1024
MAX_BULK_DOCUMENTS = 100


class CreateDocument(Request):
    """Announce an upload; the type is decided by the file name and checked against the content later.

    Attributes:
        filename: with the folders that it shall stand in, such as `hr/2026/leave.pdf`.
        tags: what searches can be narrowed by; they can be changed later.
        modified_on: day of the file's last change, or a time; where omitted, the day of the upload.
        replaces: a document of the same knowledge base that you may delete: it answers until this one does, and is
            deleted then. It stays where this one fails.
    """

    filename: str = Field(min_length=1, max_length=1_024)
    size_bytes: int = Field(ge=0)
    media_type: str = Field(default="application/octet-stream", max_length=200)
    tags: Tags = ()
    modified_on: Day = ""
    replaces: str = Field(default="", max_length=100)


class UpdateDocument(Request):
    """What changes; omitted fields stay.

    Attributes:
        tags: all tags from now on. The document is indexed anew, and answers with its old tags until that is done.
    """

    tags: Tags | None = None


class Upload(Response):
    """A presigned POST: send `fields` and then the file as multipart/form-data to `url`."""

    url: str
    fields: dict[str, str]
    expires_at: str


class UploadPart(Response):
    """One part of a file: PUT exactly `size_bytes` bytes to `url`, those from (number - 1) * part_bytes on."""

    number: int
    url: str
    size_bytes: int


class PartsUpload(Response):
    """An upload in parts.

    Attributes:
        part_bytes: size of every part but the last.
        parts_done: numbers of those that the store has.
        parts: those that are missing; when they are there, finish the upload.
    """

    document_id: str
    part_bytes: int
    parts_total: int
    parts_done: tuple[int, ...] = ()
    parts: tuple[UploadPart, ...] = ()
    expires_at: str


class Progress(Response):
    """How far a document is; what is not known yet is 0.

    Attributes:
        bytes_total: as announced until the file is there, then its size.
        pages: pages, slides or sheets that were read.
        chunks_done: passages that are embedded and indexed.
    """

    bytes_received: int = 0
    bytes_total: int = 0
    pages: int = 0
    chunks_done: int = 0
    chunks_total: int = 0


class StoreReceipt(Response):
    """What one store had of a deleted document.

    Attributes:
        store: `versions` of the file, `parts` of its cut text and its view, `chunks` in the search index.
        removed: how many it held when the delete began; None while nobody counted.
        removed_at: when it was emptied; empty until the receipt is written.
        left: how many were found when it was looked at again; None until then.
    """

    store: Literal["versions", "parts", "chunks"]
    removed: int | None = None
    removed_at: str = ""
    left: int | None = None


class DeleteReceipt(Response):
    """What was removed where and when.

    Attributes:
        requested_by: the user's id; empty when another system removed the file from the bucket.
        requested_by_address: the e-mail address of this user; empty where it is not known any more.
        finished_at: empty while the delete goes on.
        verified: every store was looked at after the removal and held nothing.
    """

    requested_at: str
    requested_by: str
    requested_by_address: str = ""
    finished_at: str = ""
    verified: bool = False
    stores: tuple[StoreReceipt, ...] = ()


Action = Literal["wait", "upload_again", "retry", "delete"]


class Document(Response):
    """The state of one document.

    Attributes:
        status_since: when it came into its state.
        reason: why it failed, or what it waits for, in words; `remedy` says what to do about it.
        version: counts processing runs; the one in work, or the last one.
        live_version: the one that answers now, None when none does; a new version replaces it when it is READY.
        actions: what a person can do now, the most useful first.
        attempts: how often processing was begun by itself since a person last asked for it.
        next_try_at: when the platform tries again by itself; empty when it will not, or is at work.
        receipt: counts of a finished delete; `deletion` tells the whole of it, also while it goes on.
        waiting_for: the neighbour that does not answer, while one is waited for; `waiting_since` is its beginning.
        warnings: what was left out of it and why.
        pages_unread: pages without a text layer, of which `pages_recognised` have been recognised so far.
        folder: the folders before the file's name; empty for none.
        format: what the content is, by its name in the published list; empty until it was read.
        language: ISO 639-1, empty when unknown.
        modified_on: day of the file's last change.
    """

    document_id: str
    kb_id: str
    filename: str
    status: Status
    reason: str = ""
    code: str = ""
    waiting_for: str = ""
    waiting_since: str = ""
    chunks: int = 0
    chunks_done: int = 0
    pages: int = 0
    pages_unread: int = 0
    pages_recognised: int = 0
    warnings: tuple[str, ...] = ()
    size_bytes: int = 0
    version: int = 0
    folder: str = ""
    format: str = ""
    language: str = ""
    modified_on: str = ""
    tags: tuple[str, ...] = ()
    live: bool = False
    live_version: int | None = None
    status_since: str = ""
    progress: Progress = Field(default_factory=Progress)
    remedy: str = ""
    can_retry: bool = False
    actions: tuple[Action, ...] = ()
    attempts: int = 0
    next_try_at: str = ""
    release_id: str
    receipt: dict[str, int] | None = None
    deletion: DeleteReceipt | None = None
    created_at: str
    updated_at: str


class CreatedDocument(Response):
    """A document that waits for its bytes."""

    document_id: str
    document: Document
    upload: Upload


class Documents(Response):
    """A page of documents; an empty cursor is the end."""

    items: tuple[Document, ...]
    cursor: str = ""


class BulkDocuments(Request):
    """Do the same with many documents."""

    action: Literal["delete", "retry"]
    document_ids: list[str] = Field(min_length=1, max_length=MAX_BULK_DOCUMENTS)


class BulkRefusal(Response):
    """Why nothing was done with one document."""

    document_id: str
    code: str
    message: str


class BulkOutcome(Response):
    """What became of each document; one that cannot be done stops no other."""

    done: tuple[Document, ...] = ()
    refused: tuple[BulkRefusal, ...] = ()
