"""What stands side by side on a PDF page: the rows that a table without ruled columns may be made of."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from operator import itemgetter

from functions.ml.ingestion.parsing.readers.pdf_lines import Line, Word
from functions.ml.ingestion.parsing.readers.pdf_rows import Table

GAP = 0.9  # of the size: wider than the spaces of justified text mostly are
_PROSE_CHARACTERS = 35
_PROSE_WORDS = 6
_LEAST_PROSE = 0.4
_BASELINE = 0.35  # of the size: lines on one height differ by less
_LEAST_RULE = 60.0  # points
_SAME_WIDTH = 6.0


@dataclass(slots=True)
class Band:
    """What stands side by side at one height."""

    lines: list[int]
    top: float
    bottom: float
    words: list[Word] = field(default_factory=list)
    size: float = 1.0
    bold: bool = False

    def has_gap(self) -> bool:
        """Tell whether a stretch between its first and last word is free that no word space is."""
        least = GAP * self.size
        reach: float | None = None
        for _, left, right in sorted(self.words, key=_left):
            if reach is not None and left - reach >= least:
                return True
            reach = right if reach is None or right > reach else reach
        return False


_left = itemgetter(1)


def bands_of(items: Sequence[Line | Table], chosen: Sequence[int]) -> list[Band]:
    """Group lines by the height on which they stand.

    Args:
        items: lines and tables of a page.
        chosen: index of each line to group.

    Returns:
        Bands from top to bottom, which hold the indexes of their lines.
    """
    lines = [(index, item) for index in chosen if isinstance(item := items[index], Line) and item.words]
    lines.sort(key=lambda item: item[1].bottom)
    bands: list[Band] = []
    for index, line in lines:
        band = bands[-1] if bands else None
        if band is None or line.bottom - band.bottom > _BASELINE * max(band.size, line.size):
            band = Band([], line.top, line.bottom, [], line.size, line.bold)
            bands.append(band)
        band.lines.append(index)
        band.words += line.words
        band.top = min(band.top, line.top)
        band.bold = band.bold and line.bold
    return bands


def text_spans(band: Band, least: float) -> list[tuple[float, float]]:
    """Return the stretches of a band with text, words with usual spaces between them taken together."""
    spans: list[list[float]] = []
    for left, right in sorted((word[1], word[2]) for word in band.words):
        if spans and left - spans[-1][1] < least * band.size:
            spans[-1][1] = max(spans[-1][1], right)
        else:
            spans.append([left, right])
    return [(span[0], span[1]) for span in spans]


def stretches(items: Sequence[Line | Table]) -> list[list[int]]:
    """Part the lines where the next column of prose begins; what is no prose is taken together."""
    runs: list[list[int]] = [[]]
    above: Line | None = None
    for index, item in enumerate(items):
        if not isinstance(item, Line):
            continue
        if above is not None and item.bottom < above.top - item.size:
            runs.append([])
        runs[-1].append(index)
        above = item
    prose: list[list[int]] = []
    rest: list[int] = []
    for run in runs:
        if is_prose([item for index in run if isinstance(item := items[index], Line)]):
            prose.append(run)
        else:
            rest += run
    return [*prose, rest]


def is_prose(lines: Sequence[Line]) -> bool:
    """Tell whether many of the lines are as long as those of running text."""
    long = sum(len(line.text) >= _PROSE_CHARACTERS and len(line.words) >= _PROSE_WORDS for line in lines)
    return long > _LEAST_PROSE * len(lines)


def framed(rules: Sequence[tuple[float, float, float]]) -> list[tuple[list[float], float, float]]:
    """Return (heights, left, right) of level lines of one width, from the first to the last."""
    groups: dict[tuple[int, int], list[tuple[float, float, float]]] = {}
    for rule in rules:
        if rule[2] - rule[1] >= _LEAST_RULE:
            groups.setdefault((round(rule[1] / _SAME_WIDTH), round(rule[2] / _SAME_WIDTH)), []).append(rule)
    found = []
    for group in groups.values():
        heights = sorted(rule[0] for rule in group)
        heights = [at for above, at in pairwise([-_SAME_WIDTH, *heights]) if at - above >= _SAME_WIDTH / 2]
        if len(heights) > 1:
            found.append((heights, group[0][1], group[0][2]))
    return found


def by_rule(bands: Sequence[Band], heights: Sequence[float]) -> list[Band]:
    """Make one band of those between the same two level lines."""
    rows: dict[int, Band] = {}
    for band in bands:
        place = bisect_right(heights, (band.top + band.bottom) / 2)
        if row := rows.get(place):
            row.lines += band.lines
            row.words += band.words
            row.bottom = band.bottom
        else:
            rows[place] = replace(band, lines=[*band.lines], words=[*band.words])
    return list(rows.values())
