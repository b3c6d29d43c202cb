"""Passages as people look at them, and how a document is cut into them: shared by both APIs."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.contracts.documents import Place, Unit

MAX_LISTED_CHUNKS = 200


class Passages(BaseModel):
    """The base of what is shown: immutable; fields of a newer version are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class PreviewedChunk(Passages):
    """One passage as it is searched, or would be.

    Attributes:
        ordinal: from 0 without gaps.
        text: what is shown and quoted.
        context: title and headings that are searched with the text.
        tokens: estimated from the characters, without the embedding model's own tokenizer.
        place: where it stands, with its span, headings, page and boxes.
    """

    ordinal: int
    text: str
    kind: Literal["text", "table"]
    context: str
    tokens: int
    place: Place


class Spread(Passages):
    """The smallest, the middle and the largest of something; all 0 where there is nothing."""

    least: int
    median: int
    most: int


class ChunkPreview(Passages):
    """How a document is cut.

    Attributes:
        chunking: the name that was asked for, or the strategy's.
        parameters: all that the strategy was told.
        pages: of the document.
        unit: what a page is.
        characters: of its text.
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
    unit: Unit
    characters: int
    chunks_total: int
    tokens: Spread
    chunk_characters: Spread
    overlap: float
    chunks: tuple[PreviewedChunk, ...]
    next_offset: int | None = None
    warnings: tuple[str, ...] = ()
