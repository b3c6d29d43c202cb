"""How documents are cut, before anything is kept."""

from typing import Literal

from pydantic import Field

from shared.contracts.api.bodies import Request, Response
from shared.contracts.documents import Place
from shared.contracts.ml_api import MAX_PREVIEWED_CHUNKS, MAX_PREVIEWED_FILE_BYTES


class PreviewChunks(Request):
    """Show how a document is cut; nothing is kept.

    Attributes:
        chunking: a name from `GET /v1/chunking-strategies`; the document's own where omitted.
        parameters: of the strategy, where they are to differ from those behind the name.
        offset: ordinal of the first chunk to show.
        limit: most chunks to show; fewer come where they would be too much for one response.
    """

    chunking: str = Field(default="", max_length=100)
    parameters: dict[str, int] = Field(default_factory=dict, max_length=20)
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=MAX_PREVIEWED_CHUNKS)


class PreviewFileChunks(PreviewChunks):
    """Show how a file is cut that is in no knowledge base; `content` is Base64, of at most 4 MB."""

    filename: str = Field(min_length=1, max_length=1_000)
    content: str = Field(min_length=1, max_length=MAX_PREVIEWED_FILE_BYTES // 3 * 4 + 4)


class PreviewedChunk(Response):
    """One passage as it would be searched.

    Attributes:
        text: what would be shown and quoted.
        context: title and headings that would be searched with the text.
        tokens: estimated from the characters, without the embedding model's own tokenizer.
        place: where it stands, with its span, page and boxes.
    """

    ordinal: int
    text: str
    kind: Literal["text", "table"]
    context: str
    tokens: int
    place: Place


class Spread(Response):
    """The smallest, the middle and the largest of something; all 0 where there is nothing."""

    least: int
    median: int
    most: int


class ChunkPreview(Response):
    """How a document is cut.

    Attributes:
        parameters: all that the strategy was told.
        chunks_total: how many chunks there are in all; sizes and overlap are of all of them.
        tokens: estimated sizes.
        overlap: share of the chunks' characters that stand in an earlier chunk too, in [0, 1].
        next_offset: where to go on; null at the end.
        warnings: what was left out of the document and why.
    """

    filename: str
    chunking: str
    parameters: dict[str, int]
    pages: int
    unit: Literal["page", "slide", "sheet", "section"]
    characters: int
    chunks_total: int
    tokens: Spread
    chunk_characters: Spread
    overlap: float
    chunks: tuple[PreviewedChunk, ...]
    next_offset: int | None = None
    warnings: tuple[str, ...] = ()
