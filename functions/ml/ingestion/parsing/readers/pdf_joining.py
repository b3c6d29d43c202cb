"""The text of a passage from its lines: what stands between them."""

import re
from collections.abc import Iterable

from functions.ml.ingestion.parsing.readers.pdf_lines import Line
from functions.ml.ingestion.parsing.readers.pdf_rows import UNSPACED, joint
from functions.ml.ingestion.parsing.readers.pdf_rtl import RIGHT_TO_LEFT

_SAME_LINE = 0.4  # of the size: two pieces of text whose baselines differ by less stand side by side
_WIDE_GAP = 1.5  # of the size: a gap in a line that no word space is
_RAGGED = 0.25  # of the next line's width: a line that ends so much before it was not wrapped there


def stand_beside(above: Line, below: Line, size: float) -> bool:
    """Tell two pieces of one line, raised and lowered ones included."""
    if abs(below.bottom - above.bottom) < _SAME_LINE * size or abs(above.top - below.top) < _SAME_LINE * size:
        return True
    shared = min(above.bottom, below.bottom) - max(above.top, below.top)
    low = min(above.bottom - above.top, below.bottom - below.top)
    return shared > _SAME_LINE * low and -size < below.left - above.right < size


def joined_text(lines: Iterable[tuple[int, Line]], hyphenated: frozenset[str]) -> tuple[str, list[int]]:
    """Return a passage's text and where each of its lines begins in it.

    Args:
        lines: with their pages.
        hyphenated: words that the document writes with a hyphen inside a line, small; they keep it when it breaks them.
    """
    text = ""
    starts = []
    above: tuple[int, Line] | None = None
    for page, line in lines:
        if above is not None:
            text += _between(above, (page, line), text, hyphenated)
        starts.append(len(text))
        text += line.text
        above = (page, line)
    return text, starts


def _between(above: tuple[int, Line], below: tuple[int, Line], text: str, hyphenated: frozenset[str]) -> str:
    """Rows that were not wrapped stay lines of their own; cells side by side stay on one line."""
    line, after = above[1], below[1]
    if line.broken:
        whole = "-".join((text.rsplit(maxsplit=1)[-1], after.text.split()[0])).lower().strip(".,;:()")
        return "-" if whole in hyphenated else joint(text, after.text, broken=True)
    size = max(line.size, after.size, 1.0)
    if above[0] == below[0] and stand_beside(line, after, size):
        touching = after.left - line.right < 0.1 * size and line.left < after.left
        return "" if touching else " "
    glue = joint(text, after.text, broken=False)
    if above[0] != below[0] or after.bottom < line.bottom:
        return glue
    wrapped = after.right - line.right < _RAGGED * (after.right - after.left)
    if (
        re.match(f"[{UNSPACED}]", after.text)
        or RIGHT_TO_LEFT.match(after.text)
        or (wrapped and line.left <= after.right + _WIDE_GAP * size)
    ):
        return glue
    return "\n"
