"""Which version of a file is shown, and where a view begins."""

from dataclasses import dataclass

from shared.contracts import api
from shared.contracts.formats import file_formats
from shared.contracts.registry import DocumentRow
from shared.kernel.errors import Conflict, Invalid, NotFound

_GONE = frozenset({"DELETING", "DELETED"})
_LONGEST_NUMBER = 9


@dataclass(frozen=True, slots=True)
class SignedSource:
    """A way to fetch one version of a file for a short time."""

    url: str
    expires_at: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Wish:
    """From where on a view is wished.

    Attributes:
        offset: ordinal of the first item.
        at: instead of it, the character of the document's text that the first item holds.
        page: instead of it, the number of the first page.
    """

    offset: int = 0
    limit: int = 100
    at: int | None = None
    page: int | None = None


def version_of(row: DocumentRow) -> str:
    """Return the version that answers; where nothing answers, the last one that arrived.

    Raises:
        NotFound: the document is being deleted, or was.
        Conflict: its bytes are not there yet (`upload_missing`).
    """
    if row.status in _GONE:
        raise NotFound("There is no such document in this knowledge base.", code="unknown_document")
    version = row.live_source or row.version
    if not version:
        raise Conflict("The file has not arrived yet. Upload it, then look again.", code="upload_missing")
    return version


def gone() -> NotFound:
    """Make the error for a file that is not in the store any more in the version that answers."""
    return NotFound("The file of this document is not there any more. Upload it again.", code="source_missing")


def shown(row: DocumentRow, found: SignedSource) -> api.DocumentSource:
    """Show how a file can be fetched."""
    known = next((item for item in file_formats() if item.name == row.format), None)
    return api.DocumentSource(
        url=found.url,
        expires_at=found.expires_at,
        filename=row.filename,
        format=row.format,
        media_type=known.media_type if known else row.media_type,
        size_bytes=found.size_bytes,
        is_live=row.live_generation is not None,
    )


def wish_of(query: dict[str, str], limit: int) -> Wish:
    """Read where a view shall begin.

    Raises:
        Invalid: the cursor is none of ours (`bad_cursor`), or `at` or `page` is no number (`invalid_request`).
    """
    cursor = query.get("cursor", "")
    if cursor and not _is_number(cursor):
        raise Invalid("The cursor is not one of ours. Start from the first page.", code="bad_cursor")
    return Wish(offset=int(cursor or 0), limit=limit, at=_number(query, "at", 0), page=_number(query, "page", 1))


def cursor(offset: int | None) -> str:
    """Write where a list goes on; empty at the end."""
    return "" if offset is None else str(offset)


def _number(query: dict[str, str], name: str, least: int) -> int | None:
    given = query.get(name, "")
    if not given:
        return None
    if not _is_number(given) or int(given) < least:
        raise Invalid(f"{name}: must be a whole number from {least} on.", code="invalid_request")
    return int(given)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
