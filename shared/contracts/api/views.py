"""Documents to be looked at: the file, its pages as they were read, its passages."""

from shared.contracts.api.answers import Citation
from shared.contracts.api.bodies import Response
from shared.contracts.passages import MAX_LISTED_CHUNKS, PreviewedChunk
from shared.contracts.views import (
    MAX_VIEWED_PAGES,
    DocumentView,
    ViewedBlock,
    ViewedPage,
    ViewedRow,
)

__all__ = [
    "MAX_LISTED_CHUNKS", "MAX_VIEWED_PAGES", "CitedSource", "DocumentChunks", "DocumentPages", "DocumentSource",
    "DocumentView", "ViewedBlock", "ViewedPage", "ViewedRow",
]  # fmt: skip


class DocumentSource(Response):
    """Where the file can be fetched for a short time, always as an attachment; no sign-in travels with it.

    Attributes:
        url: a GET of exactly the version that answers now, or, where nothing answers, of the last one that came.
        format: its name in the published list; empty until it was read.
        media_type: of the format; the store itself serves it as plain bytes, so that nothing of it is ever run.
        is_live: answers are made from this version.
    """

    url: str
    expires_at: str
    filename: str
    format: str = ""
    media_type: str = ""
    size_bytes: int = 0
    is_live: bool = True


class CitedSource(Response):
    """The file that a citation of one's own conversation points at, and what to show of it."""

    citation: Citation
    source: DocumentSource


class DocumentPages(Response):
    """Pages, slides, sheets or stretches of text of what answers now; an empty cursor is the end.

    Attributes:
        version: the processing run; places of another one do not fit.
    """

    filename: str
    version: int
    view: DocumentView
    items: tuple[ViewedPage, ...]
    cursor: str = ""


class DocumentChunks(Response):
    """Passages of what answers now, in order; an empty cursor is the end."""

    filename: str
    version: int
    release_id: str
    chunks_total: int
    items: tuple[PreviewedChunk, ...]
    cursor: str = ""
