"""Documents: what may be announced, what a file may be called, and how people see a document's state."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, get_args

from functions.application.domain.principals import Principal
from functions.application.domain.remedies import FILE_ITSELF, remedy_for
from shared.contracts import api
from shared.contracts.formats import file_formats, formats_by_extension
from shared.contracts.registry import DocumentRow, Status
from shared.kernel.clock import isoformat, parse_time
from shared.kernel.errors import Invalid, NotFound, TooLarge
from shared.registry.transitions import GIVEN_UP, MOST_TRIES, RETRY_PAUSE

MOST_FILENAME_BYTES = 255
MOST_PATH_BYTES = 600
"""Percent-encoded it travels in the metadata of an object, of which S3 takes 2 KB."""
_ROOT = re.compile(r"[/\\]|[A-Za-z]:")

NEIGHBOURS = {
    "embedder": "the embedding model",
    "model": "the embedding model",
    "index": "the search index",
    "storage": "the storage of documents",
    "registry": "the registry of documents",
    "queue": "the queue",
    "event": "the event bus",
    "parser": "the program that reads documents",
}
"""What people call the neighbours, by the first word of the codes of their errors."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents a list is narrowed to.

    Attributes:
        status: their state; empty for any.
        words: all of them stand in the name with its folders, whatever their case.
    """

    status: str = ""
    words: tuple[str, ...] = ()

    def keeps(self, row: DocumentRow) -> bool:
        """Is it one of them? Deleted ones never are."""
        name = folded(row.filename) if self.words else ""
        return row.status != "DELETED" and self.status in ("", row.status) and all(word in name for word in self.words)


ANY = Wanted()
INBOX = "inbox/"
"""What the keys begin with under which other systems drop files."""


def wanted_of(status: str, text: str) -> Wanted:
    """Read what a list is narrowed to. Raises Invalid `unknown_state`."""
    if status and status not in get_args(Status):
        raise Invalid(f"There is no state {status!r}. States are: {', '.join(get_args(Status))}.", code="unknown_state")
    return Wanted(status, tuple(folded(text).split()))


def is_from_inbox(row: DocumentRow) -> bool:
    """Did another system drop it, which may drop another file under the same path?"""
    return row.object_key.startswith(INBOX)


def folded(text: str) -> str:
    """Return a text as it is compared: without case, and composed in one way."""
    return unicodedata.normalize("NFKC", text).casefold()


def clean_filename(given: str) -> str:
    """Keep of a client's file name what is safe to show: its folders, but no control or direction characters.

    Args:
        given: what the client calls the file, with the folders that it shall stand in. A path from the root of a disk
            says where the file lay on somebody's machine: it is cut to its last part.

    Returns:
        Folders joined by `/` and the name. The name has at least one character and at most 255 bytes of UTF-8; one that
        is too long keeps its ending. All together have at most 600 bytes; the innermost folders are kept.

    Raises:
        Invalid: nothing is left of the name (`invalid_filename`).
    """
    parts = given.replace("\\", "/").split("/")
    *folders, last = parts[-1:] if _ROOT.match(given) else parts
    name = _short_name(_shown_characters(last))
    kept = [folder for folder in map(_shown_characters, folders) if folder.strip(".")]
    while kept and len("/".join([*kept, name]).encode()) > MOST_PATH_BYTES:
        del kept[0]
    return "/".join([*kept, name])


def _shown_characters(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp")).strip()


def _short_name(name: str) -> str:
    if name.strip(".") == "":
        raise Invalid("The file needs a name, such as handbook.pdf.", code="invalid_filename")
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > MOST_FILENAME_BYTES // 2:
        stem, dot, ending = name, "", ""
    room = MOST_FILENAME_BYTES - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + ending


def media_type_of(filename: str) -> str:
    """Decide the type by the file's ending; the content is checked at ingestion.

    Raises:
        Invalid: the ending is none that we read (`unsupported_type`); the message lists those.
    """
    last = filename.rpartition("/")[2]
    ending = last.rpartition(".")[2].lower() if "." in last else ""
    found = formats_by_extension().get(ending)
    if found is None:
        known = sorted(item.extensions[0] for item in file_formats())
        raise Invalid(
            f"Files of this type cannot be read (.{ending}). Supported are: {', '.join(known)}.",
            code="unsupported_type",
        )
    return found.media_type


def check_size(size_bytes: int) -> None:
    """Refuse what cannot become a document.

    Raises:
        Invalid: there are no bytes (`empty_file`).
        TooLarge: over 200 MB (`file_too_large`).
    """
    if size_bytes == 0:
        raise Invalid("The file is empty. Choose a file that has content.", code="empty_file")
    if size_bytes > api.MAX_UPLOAD_BYTES:
        limit = api.MAX_UPLOAD_BYTES // 1024**2
        raise TooLarge(
            f"The file is over the limit of {limit} MB. Split it and upload the parts.", code="file_too_large"
        )


def object_key(tenant_id: str, kb_id: str, document_id: str) -> str:
    """Name the object that holds a document's bytes; the file's own name is never part of a key."""
    return f"documents/{tenant_id}/{kb_id}/{document_id}/source"


def visible(row: DocumentRow | None, principal: Principal) -> DocumentRow:
    """Return the row if the person may know of it.

    Raises:
        NotFound: it is not there, or is somebody else's (which is the same to them).
    """
    if row is None or row.tenant_id != principal.tenant_id or not principal.reads(row.readers):
        raise NotFound("There is no such document in this knowledge base.", code="unknown_document")
    return row


def shown(row: DocumentRow, *, deleter: str = "") -> api.Document:
    """Show a document to a person; while a new version is in work the counts are those of the new one."""
    return api.Document(
        document_id=row.document_id,
        kb_id=row.kb_id,
        filename=row.filename,
        status=row.status,
        reason=row.reason,
        code=row.code,
        waiting_for=waiting_for(row),
        waiting_since=row.waiting_since,
        chunks=row.chunks,
        chunks_done=chunks_done(row),
        pages=row.pages,
        pages_unread=row.parts_total if row.status == "RECOGNISING" else 0,
        pages_recognised=len(row.parts_done) if row.status == "RECOGNISING" else 0,
        warnings=row.warnings,
        size_bytes=row.size_bytes,
        folder=row.folder,
        format=row.format,
        language=row.language,
        modified_on=row.modified_on,
        tags=row.tags,
        version=row.generation,
        live=row.live_generation is not None,
        live_version=row.live_generation,
        status_since=row.status_since or row.updated_at,
        progress=progress(row),
        remedy=remedy_for(row.code),
        can_retry=can_retry(row),
        actions=actions(row),
        attempts=row.tries + bool(row.generation),
        next_try_at=next_try_at(row),
        release_id=row.release_id,
        receipt=row.receipt,
        deletion=deletion(row, deleter=deleter),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def waiting_for(row: DocumentRow) -> str:
    """Name what does not answer, by the first word of the code; empty when the document waits for nothing."""
    return NEIGHBOURS.get(row.code.partition("_")[0], "a part of the platform") if row.waiting_since else ""


def chunks_done(row: DocumentRow) -> int:
    """Estimate the embedded chunks from the finished parts; exact at the beginning and at the end."""
    if row.status == "READY":
        return row.chunks
    return row.chunks * len(row.parts_done) // row.parts_total if row.parts_total else 0


def progress(row: DocumentRow) -> api.Progress:
    """Tell how far a document is: bytes, pages, chunks."""
    arrived = bool(row.version) or row.status == "DELETED"
    return api.Progress(
        bytes_received=row.size_bytes if arrived else 0,
        bytes_total=row.size_bytes,
        pages=row.pages,
        chunks_done=chunks_done(row),
        chunks_total=row.chunks,
    )


def can_retry(row: DocumentRow) -> bool:
    """Can a retry end otherwise? One of the same file with what that file is refused for cannot."""
    return row.status == "FAILED" and row.code not in FILE_ITSELF


def actions(row: DocumentRow) -> tuple[api.Action, ...]:
    """List what a person can do now, the most useful first."""
    if row.status == "DELETED":
        return ()
    if row.status == "DELETING":
        return ("wait",)
    if row.status == "READY":
        return ("delete",)
    if row.status != "FAILED":
        return ("wait", "delete")
    if not row.permanent or row.code in GIVEN_UP:
        return ("retry", "delete")
    return ("upload_again", "delete", "retry") if can_retry(row) else ("upload_again", "delete")


def next_try_at(row: DocumentRow) -> str:
    """Return when the reconciler gives a failed document its next try; empty when it will not."""
    if row.status != "FAILED" or row.permanent or row.tries >= MOST_TRIES:
        return ""
    return isoformat(parse_time(row.updated_at) + RETRY_PAUSE)


def deletion(row: DocumentRow, *, deleter: str = "") -> api.DeleteReceipt | None:
    """Show how a delete goes, or its receipt."""
    asked = row.deletion
    if asked is None:
        return None
    counts = row.receipt or asked.found
    stores: tuple[Literal["versions", "parts", "chunks"], ...] = ("versions", "parts", "chunks")
    return api.DeleteReceipt(
        requested_at=asked.requested_at,
        requested_by=asked.requested_by,
        requested_by_address=deleter,
        finished_at=asked.finished_at,
        verified=asked.verified,
        stores=tuple(
            api.StoreReceipt(
                store=store,
                removed=counts.get(store),
                removed_at=asked.removed_at.get(store, ""),
                left=asked.left.get(store),
            )
            for store in stores
        ),
    )
