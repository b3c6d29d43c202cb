"""The one text of a document: what offsets count in, what is quoted, what chunks are cut from."""

from dataclasses import dataclass
from itertools import zip_longest

from functions.ml.ingestion.parsing.tables import CELL_SEPARATOR
from functions.ml.parsed import Block, ParsedDocument

_CLOSE = "\n"
_APART = "\n\n"


@dataclass(frozen=True, slots=True)
class FullText:
    """A document's text with the place of each block.

    Attributes:
        text: all blocks in reading order; a row of a table names its header before each value.
        spans: for each block (start, end) in code points, end exclusive; empty where a block holds no text.
    """

    text: str
    spans: tuple[tuple[int, int], ...]


def full_text(document: ParsedDocument) -> FullText:
    """Join the blocks of a document; the same document always gives the same text.

    Rows of one table and items of one list stand on lines of their own, other blocks are set apart by an empty line.
    """
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    position = 0
    previous: Block | None = None
    for block in document.blocks:
        text = block_text(block)
        if text and previous is not None:
            separator = _CLOSE if _belong_together(previous, block) else _APART
            pieces.append(separator)
            position += len(separator)
        pieces.append(text)
        spans.append((position, position + len(text)))
        position += len(text)
        previous = block if text else previous
    return FullText("".join(pieces), tuple(spans))


def block_text(block: Block) -> str:
    """Return a block as it stands in the full text, without spaces around it."""
    if not block.header:
        return block.text.strip()
    named = zip_longest(block.header, block.cells, fillvalue="")
    return CELL_SEPARATOR.join(f"{name}: {cell}" if name else cell for name, cell in named if cell).strip()


def _belong_together(above: Block, below: Block) -> bool:
    if above.kind != below.kind:
        return False
    return above.kind == "list_item" or (above.kind == "table_row" and above.table == below.table)
