"""The numbers that OpenDocument programs compute and show before list items and headings."""

from typing import Any

from functions.ml.ingestion.parsing.readers.docx_numbering import formed
from functions.ml.ingestion.parsing.readers.odf import STYLE, TEXT, Odf

_LEVELS = 10
_FORMS = {"i": "lowerRoman", "I": "upperRoman", "a": "lowerLetter", "A": "upperLetter", "": "none"}


class Lists:
    """How far each list has counted; a document is walked once, in order."""

    def __init__(self, document: Odf) -> None:
        self._styles = document.list_styles
        self._levels: dict[str, dict[int, Any]] = {}
        self._counts: dict[str, list[int]] = {}

    def begin(self, style: str, *, goes_on: bool) -> None:
        """Start a list that stands in no other one; one that goes on counts from where the last of its style was."""
        if not goes_on:
            self._counts.pop(style, None)

    def label(self, style: str, depth: int, start: str = "") -> str:
        """Count one item and return what is written before it.

        Args:
            style: of the list; empty for headings.
            depth: from 1.
            start: the number that the item itself asks for.
        """
        levels = self._of(style)
        level = levels.get(depth)
        if level is None or depth > _LEVELS:
            return ""
        counts = self._counts.setdefault(style, [0] * (_LEVELS + 1))
        first = level.get(f"{TEXT}start-value", "1")
        if start.isdigit():
            counts[depth] = int(start)
        elif counts[depth]:
            counts[depth] += 1
        else:
            counts[depth] = int(first) if first.isdigit() else 1
        counts[depth + 1 :] = [0] * (_LEVELS - depth)
        return _written(counts, levels, depth)

    def _of(self, style: str) -> dict[int, Any]:
        if style not in self._levels:
            element = self._styles.get(style)
            self._levels[style] = {
                int(level): child
                for child in (element if element is not None else ())
                if (level := child.get(f"{TEXT}level", "")).isdigit()
            }
        return self._levels[style]


def _written(counts: list[int], levels: dict[int, Any], depth: int) -> str:
    level = levels[depth]
    form = level.get(f"{STYLE}num-format", "")
    if not form:
        return ""  # a bullet, or a level that shows nothing
    shown = level.get(f"{TEXT}display-levels", "1")
    first = max(depth - (int(shown) if shown.isdigit() else 1) + 1, 1)
    numbers = (
        formed(counts[at], _FORMS.get(levels[at].get(f"{STYLE}num-format", ""), "decimal"))
        for at in range(first, depth + 1)
        if at in levels
    )
    text = ".".join(filter(None, numbers))
    return f"{level.get(f'{STYLE}num-prefix', '')}{text}{level.get(f'{STYLE}num-suffix', '')}".strip()
