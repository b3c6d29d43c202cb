"""How documents are cut, before anything is kept."""

from pydantic import Field

from shared.contracts.api.bodies import Request
from shared.contracts.ml_api import MAX_PREVIEWED_CHUNKS, MAX_PREVIEWED_FILE_BYTES
from shared.contracts.passages import ChunkPreview, PreviewedChunk, Spread

__all__ = ["ChunkPreview", "PreviewChunks", "PreviewFileChunks", "PreviewedChunk", "Spread"]


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
