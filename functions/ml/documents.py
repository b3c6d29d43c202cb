"""What parsing makes of a file and what chunking makes of that: plain data, no behaviour that needs a library."""

from dataclasses import dataclass
from typing import Literal

from functions.ml.parsed import Block, BlockKind, ParsedDocument
from shared.contracts.documents import Place

__all__ = [
    "Block", "BlockKind", "Chunk", "ChunkKind", "IndexedChunk", "Metadata", "ParsedDocument", "Place", "chunk_id",
]  # fmt: skip

ChunkKind = Literal["text", "table"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage to search and to cite.

    Attributes:
        ordinal: position in the document, from 0, without gaps.
        text: what is shown, searched and quoted: exactly the document's text from `place.start` to `place.end`. The
            document's text names a table's header in every row, so a row can be read and quoted alone.
        kind: prose or table.
        place: where it stands.
        context: title and heading path in one line; embedded and searched with the text, not shown or quoted.
    """

    ordinal: int
    text: str
    kind: ChunkKind
    place: Place
    context: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a search can be narrowed by besides the file's name; the same for all chunks of one generation.

    Attributes:
        folder: the folders before the file's name joined by `/`, empty for none.
        format: the format's name in the published list, such as `pdf`; empty when unknown.
        language: ISO 639-1 of what the document is written in, empty when unknown.
        date: day of the file's last change, ISO 8601 (`2026-11-23`); empty when unknown.
        tags: given by people, in order, each once.
    """

    folder: str = ""
    format: str = ""
    language: str = ""
    date: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexedChunk:
    """A chunk as the search index keeps it: with its fence, its rights and its vector.

    Attributes:
        vector: of L2 norm 1; empty in a hit.
        text_key: what `vector` was made of: the same key means the same model and the same text, so that the vector can
            be used again; empty in a hit and where it is not known.
    """

    chunk_id: str
    tenant_id: str
    kb_id: str
    document_id: str
    generation: int
    release_id: str
    readers: tuple[str, ...]
    filename: str
    chunk: Chunk
    vector: tuple[float, ...]
    text_key: str = ""
    metadata: Metadata = Metadata()


def chunk_id(document_id: str, generation: int, ordinal: int) -> str:
    """Name a chunk by document, generation and ordinal: `<document>#<generation>#<ordinal>`."""
    return f"{document_id}#{generation}#{ordinal}"
