"""A table found on a PDF page, and the text of its cells."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from functions.ml.ingestion.parsing.readers.pdf_geometry import Sides
from functions.ml.ingestion.parsing.readers.pdf_lines import Line

# Scripts that are written without spaces between words.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u303f"
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff60"
)
_UNSPACED_JOIN = re.compile(f"[{UNSPACED}]\n[{UNSPACED}]")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its cells from left to right, where it stands, and whether it is set in bold throughout."""

    cells: tuple[str, ...]
    place: Sides
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows from top to bottom, the table's left and right side, and its turn."""

    rows: list[TableRow]
    left: float
    right: float
    turn: int = 0

    @property
    def top(self) -> float:
        """Upper side."""
        return self.rows[0].place[1]

    @property
    def bottom(self) -> float:
        """Lower side."""
        return self.rows[-1].place[3]


def joint(above: str, below: str, *, broken: bool) -> str:
    """Return what stands between the text of a line and that of the next one.

    Args:
        above: text of a line.
        below: text of the next one.
        broken: whether the line above ended in a hyphen that PDFium took away.
    """
    if broken:
        # A hyphen before a capital or a digit belongs to the word (`Schwarz-Weiß`); before a small letter it broke it.
        return "" if below[:1].islower() or not below[:1].isalnum() else "-"
    return "" if _UNSPACED_JOIN.match(f"{above[-1:]}\n{below[:1]}") else " "


def cell_text(lines: Sequence[Line]) -> str:
    """Return the lines of one cell as one text, from top to bottom as far as the order of the content allows."""
    ordered = sorted(enumerate(lines), key=lambda item: (round(item[1].top / max(item[1].size, 1.0)), item[0]))
    text = ordered[0][1].text
    for (_, above), (_, below) in pairwise(ordered):
        text += joint(text, below.text, broken=above.broken) + below.text
    return text
