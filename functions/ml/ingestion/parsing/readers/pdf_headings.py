"""Headings of a PDF: from its bookmarks, its tags, and what is larger or heavier than the body text."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median_low

import pypdfium2

from functions.ml.ingestion.parsing.readers.pdf_layout import Passage

_LONGEST_HEADING = 150
_MOST_HEADING_LINES = 3
_LARGER = 1.15
_DEEPEST_LEVEL = 6
_DEEPEST_GUESS = 4
_MOST_HEADING_SHARE = 0.25
_MOST_SLANTED_SHARE = 0.1
_LONGEST_SLANTED = 60
_MOST_BOOKMARKS = 5_000
_DEEPEST_BOOKMARK = 10
_NUMBERED = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+\S")
_NOT_A_HEADING = re.compile(r"[,;]$|\.\s*\.\s*\.|…|^\W*$|\w\.$")
_NO_LETTER = re.compile(r"[\W_]+")
_LEADING_NUMBER = re.compile(
    r"^(?:(?:chapter|section|part|kapitel)?\s*(?:\d+|[ivx]+)(?:\.\d+)*[.:)]?\s+)+", re.IGNORECASE
)

Bookmarks = Mapping[tuple[int, str], int]


def bookmarks(document: pypdfium2.PdfDocument) -> Bookmarks:
    """Return (page from 1, title as `_key` writes it) -> level from 1."""
    found: dict[tuple[int, str], int] = {}
    try:
        for mark in document.get_toc(max_depth=_DEEPEST_BOOKMARK):
            target = mark.get_dest()
            index = target.get_index() if target else None
            if index is not None and (key := _key(mark.get_title())):
                found.setdefault((index + 1, key), min(mark.level + 1, _DEEPEST_LEVEL))
            if len(found) >= _MOST_BOOKMARKS:
                break
    except (pypdfium2.PdfiumError, ValueError, UnicodeError):
        return found  # a damaged outline is no loss: headings are found without it
    return found


def _key(text: str) -> str:
    return _NO_LETTER.sub("", _LEADING_NUMBER.sub("", text.strip())).casefold()


def mark_headings(found: Sequence[Passage], marks: Bookmarks, *, tabled: int = 0) -> None:
    """Make headings of the passages that are some.

    Nothing is guessed to be a heading when too much would be: then size and weight mean something else in this
    document.

    Args:
        found: all passages of the document in order.
        marks: the document's bookmarks.
        tabled: how many characters its tables hold, which are text too.
    """
    known = {index: level for index, item in enumerate(found) if (level := _known_level(item, marks))}
    by_size: dict[int, list[int]] = {}
    for index, level in known.items():
        by_size.setdefault(round(found[index].first.size), []).append(level)
    learnt = {size: median_low(levels) for size, levels in by_size.items()}
    others = [item for index, item in enumerate(found) if index not in known]
    guessed = _guessed_levels(others, learnt, tabled)
    rest = [index for index in range(len(found)) if index not in known]
    for index, level in (*known.items(), *((rest[at], level) for at, level in guessed.items())):
        found[index].kind = "heading"
        found[index].level = level


def _known_level(item: Passage, marks: Bookmarks) -> int:
    if len(item.lines) > _MOST_HEADING_LINES or item.kind == "note" or len(item.text) > 2 * _LONGEST_HEADING:
        return 0
    page, first = item.lines[0]
    if first.mark > 0:
        return min(first.mark, _DEEPEST_LEVEL)
    if not marks:
        return 0
    key = _key(item.text)
    return marks.get((page, key), 0) or marks.get((page - 1, key), 0) if key else 0


def _guessed_levels(found: Sequence[Passage], learnt: Mapping[int, int], tabled: int) -> dict[int, int]:
    sizes: Counter[float] = Counter()
    bold_characters = 0
    for item in found:
        sizes[round(item.first.size, 1)] += len(item.text)
        bold_characters += len(item.text) if item.first.bold else 0
    total = sizes.total() + tabled
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    weight_tells = bold_characters < _MOST_HEADING_SHARE * total
    slanted = sum(len(item.text) for item in found if item.first.slanted)
    slant_tells = slanted < _MOST_SLANTED_SHARE * total
    chosen = {
        index: item
        for index, item in enumerate(found)
        if _may_head(item, body, weight_tells=weight_tells, slant_tells=slant_tells)
    }
    if not chosen or sum(len(item.text) for item in chosen.values()) > _MOST_HEADING_SHARE * total:
        return {}
    steps = sorted(
        {round(item.first.size) for item in chosen.values() if item.first.size > body * _LARGER}, reverse=True
    )
    return {index: _level(item, steps, body, learnt) for index, item in chosen.items()}


def _may_head(item: Passage, body: float, *, weight_tells: bool, slant_tells: bool) -> bool:
    text = item.text
    if len(item.lines) > _MOST_HEADING_LINES or len(text) > _LONGEST_HEADING or _NOT_A_HEADING.search(text):
        return False
    if item.kind in ("caption", "note") or item.first.turn != 0 or not any(map(str.isalpha, text)):
        return False
    size = item.first.size
    bold = weight_tells and all(line.bold for _, line in item.lines)
    slanted = slant_tells and len(text) <= _LONGEST_SLANTED and text[:1].isupper() and item.first.slanted
    return size > body * _LARGER or ((bold or (slanted and len(item.lines) == 1)) and size > body * 0.95)


def _level(item: Passage, steps: Sequence[int], body: float, learnt: Mapping[int, int]) -> int:
    if level := learnt.get(round(item.first.size)):
        return level
    if numbered := _NUMBERED.match(item.text):
        return min(numbered[1].count(".") + 1, _DEEPEST_GUESS)
    rank = steps.index(round(item.first.size)) if item.first.size > body * _LARGER else len(steps)
    return min(rank + 1, _DEEPEST_GUESS)
