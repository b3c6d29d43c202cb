"""What parsing makes of a file and what chunking makes of that: plain data, no behaviour that needs a library."""

from dataclasses import dataclass, field
from typing import Literal

from shared.contracts.documents import Place, Unit

BlockKind = Literal["heading", "paragraph", "list_item", "table_row", "code", "caption", "note"]
ChunkKind = Literal["text", "table"]


@dataclass(frozen=True, slots=True)
class Block:
    """One unit of structure in reading order.

    Attributes:
        kind: what it is.
        text: as a person would read it; for a `table_row` the cells joined by ` | `.
        level: depth of a heading, from 1; 0 otherwise.
        page: page, slide or sheet number from 1; None where the format has none.
        table: ordinal of the table in the document that a `table_row` belongs to, -1 otherwise.
        header: for a `table_row`, the table's header cells (empty when it has none; the header row itself is not a
            block of its own unless the table has nothing else).
        cells: for a `table_row`, its cells.
        row: for a `table_row`, its number from 1 in the sheet or table.
        sheet: name of the sheet, None otherwise.
    """

    kind: BlockKind
    text: str
    level: int = 0
    page: int | None = None
    table: int = -1
    header: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    row: int | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A file as text with structure.

    Attributes:
        blocks: in reading order.
        pages: how many pages, slides or sheets; 1 for formats without.
        unit: what a page is here.
        title: from the metadata or the first heading; empty when there is none.
        warnings: what was left out and why, for people.
    """

    blocks: tuple[Block, ...]
    pages: int
    unit: Unit
    title: str = ""
    warnings: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage to search and to cite.

    Attributes:
        ordinal: position in the document, from 0, without gaps.
        text: what is shown, searched and quoted. For `text` chunks it is exactly the document's text from
            `place.start` to `place.end`; for `table` chunks the header is repeated before the rows.
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
class IndexedChunk:
    """A chunk as the search index keeps it: with its fence, its rights and its vector."""

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


def chunk_id(document_id: str, generation: int, ordinal: int) -> str:
    """Name a chunk by document, generation and ordinal: `<document>#<generation>#<ordinal>`."""
    return f"{document_id}#{generation}#{ordinal}"
