"""Tables without ruled columns: short cells that keep the same distance over several lines.

Careful on purpose: prose in columns, lists and tables of contents line up as well, and must stay what they are.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from operator import itemgetter
from statistics import mean, median

from functions.ml.ingestion.parsing.readers.pdf_geometry import hull
from functions.ml.ingestion.parsing.readers.pdf_lines import Line, Word
from functions.ml.ingestion.parsing.readers.pdf_rows import Table, TableRow

_LEAST_ROWS = 3
_LEAST_ROWS_BETWEEN_RULES = 3
_GAP = 0.9  # of the size: wider than the spaces of justified text mostly are
_GAP_BETWEEN_RULES = 0.6
_ROW_DISTANCE = 2.4  # of the row's height
_LONGEST_CELL = 32.0  # characters, on average
_LONGEST_CELL_BETWEEN_RULES = 45.0
_LEAST_FILLED = 0.55
_MOST_WORDS = 6  # in the middle one of the filled cells
_LEAST_NUMBERS = {2: 0.4, 3: 0.25}
_LEAST_NUMBERS_OF_MANY = 0.15
_PROSE_CHARACTERS = 35
_PROSE_WORDS = 6
_LEAST_PROSE = 0.4
_BASELINE = 0.35  # of the size: lines on one height differ by less
_MOST_SIZES = 1.5  # the largest row to the smallest
_LEAST_FULL_ROWS = 0.8
_LEAST_FULL_ROWS_BETWEEN_RULES = 0.5
_RULED_ROWS = 0.7  # level lines per row from which on each row is ruled
_LEAST_RULE = 60.0  # points
_SAME_WIDTH = 6.0
_MOST_HEADER_LINES = 3
_MOST_HEADER_WORDS = 14
_REACH = 4.0  # points that text may stand out over the lines
_NUMBER = re.compile(r"^[\s$€£¥%+\-–—(.,\d]*\d[\s%\d.,)\-–:/×*†]*[a-zA-Z%]?$|^[^\s•]$|^[nN]/[aA]$")
_MARKER = re.compile(r"^(?:[•‣▪●○◦■□–—*·-]|\(?[\da-zA-Z]{1,3}[.)]|\[\d+\]|\d{1,2}(?:\.\d{1,2})*)$")
_CODE = re.compile(r"[{};]$|^(?:def|if|for|return|import|class|public|private|else)\b")


@dataclass(slots=True)
class _Band:
    """What stands side by side at one height."""

    lines: list[int]
    top: float
    bottom: float
    words: list[Word] = field(default_factory=list)
    size: float = 1.0
    bold: bool = False

    def has_gap(self) -> bool:
        """Tell whether a stretch between its first and last word is free that no word space is."""
        least = _GAP * self.size
        reach: float | None = None
        for _, left, right in sorted(self.words, key=_left):
            if reach is not None and left - reach >= least:
                return True
            reach = right if reach is None or right > reach else reach
        return False


_left = itemgetter(1)


def column_tables(items: Sequence[Line | Table], rules: Sequence[tuple[float, float, float]]) -> list[Line | Table]:
    """Put each table that is set in columns in the place of its first line.

    Args:
        items: lines and the tables found so far, in order.
        rules: level lines as (y, left, right).
    """
    found: list[tuple[Table, list[int]]] = []
    taken: set[int] = set()
    whole = _bands(items, range(len(items)))
    for frame in _framed(rules):
        if table := _between_rules([band for band in whole if not taken & {*band.lines}], items, frame):
            found.append(table)
            taken.update(table[1])
    for stretch in _stretches(items):
        own = _bands(items, [index for index in stretch if index not in taken])
        for run in _runs(own):
            if table := _table(run, items, own[: own.index(run[0])], between_rules=False):
                found.append(table)
                taken.update(table[1])
    return _replaced(items, found) if found else list(items)


def _between_rules(
    bands: Sequence[_Band], items: Sequence[Line | Table], frame: tuple[list[float], float, float]
) -> tuple[Table, list[int]] | None:
    heights, left, right = frame
    some = [band for band in bands if heights[0] <= (band.top + band.bottom) / 2 <= heights[-1]]
    within = [
        replace(
            band,
            lines=[at for at in band.lines if left - _REACH <= items[at].left and items[at].right <= right + _REACH],
            words=[word for word in band.words if left - _REACH <= word[1] and word[2] <= right + _REACH],
        )
        for band in some
    ]
    kept = [band for band in within if band.words and band.lines]
    if any(band.words and not band.lines for band in within):
        return None
    if len(heights) - 1 >= _RULED_ROWS * len(kept):
        kept = _by_rule(kept, heights)
    return _table(kept, items, between_rules=True)


def _by_rule(bands: Sequence[_Band], heights: Sequence[float]) -> list[_Band]:
    """Make one band of those between the same two level lines."""
    rows: dict[int, _Band] = {}
    for band in bands:
        place = bisect_right(heights, (band.top + band.bottom) / 2)
        if row := rows.get(place):
            row.lines += band.lines
            row.words += band.words
            row.bottom = band.bottom
        else:
            rows[place] = replace(band, lines=[*band.lines], words=[*band.words])
    return list(rows.values())


def _stretches(items: Sequence[Line | Table]) -> list[list[int]]:
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
    prose = [run for run in runs if _is_prose([item for index in run if isinstance(item := items[index], Line)])]
    rest = [index for run in runs if run not in prose for index in run]
    return [*prose, rest]


def _is_prose(lines: Sequence[Line]) -> bool:
    long = sum(len(line.text) >= _PROSE_CHARACTERS and len(line.words) >= _PROSE_WORDS for line in lines)
    return long > _LEAST_PROSE * len(lines)


def _bands(items: Sequence[Line | Table], chosen: Sequence[int]) -> list[_Band]:
    lines = [(index, item) for index in chosen if isinstance(item := items[index], Line) and item.words]
    lines.sort(key=lambda item: item[1].bottom)
    bands: list[_Band] = []
    for index, line in lines:
        band = bands[-1] if bands else None
        if band is None or line.bottom - band.bottom > _BASELINE * max(band.size, line.size):
            band = _Band([], line.top, line.bottom, [], line.size, line.bold)
            bands.append(band)
        band.lines.append(index)
        band.words += line.words
        band.top = min(band.top, line.top)
        band.bold = band.bold and line.bold
    return bands


def _framed(rules: Sequence[tuple[float, float, float]]) -> list[tuple[list[float], float, float]]:
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


def _runs(bands: Sequence[_Band]) -> list[list[_Band]]:
    """Return the stretches of bands close to each other in which nearly every one has a wide gap."""
    runs: list[list[_Band]] = []
    run: list[_Band] = []
    for band in bands:
        near = run and band.top - run[-1].bottom < (_ROW_DISTANCE - 1) * max(band.size, run[-1].size)
        gap = band.has_gap()
        if not gap or not near:
            runs.append(run)
            run = []
        if gap:
            run.append(band)
    return [found for found in (*runs, run) if len(found) >= _LEAST_ROWS]


def _header(bands: Sequence[_Band], above: Sequence[_Band], gutters: Sequence[float]) -> _Band | None:
    """Return the names over the columns, which may stand on several lines and leave the first column free."""
    found: list[_Band] = []
    top = bands[0].top
    for band in reversed([band for band in above if band.bottom <= top + band.size / 2][-_MOST_HEADER_LINES:]):
        size = max(band.size, bands[0].size)
        spans = _spans(band, _GAP)
        crossing = any(left < gutter < right for left, right in spans for gutter in gutters)
        if top - band.bottom > (_ROW_DISTANCE - 1) * size or crossing or _is_long(band):
            break
        found.insert(0, band)
        top = band.top
    if not found:
        return None
    merged = replace(found[0], lines=[at for band in found for at in band.lines], bottom=found[-1].bottom)
    merged.words = [word for band in found for word in band.words]
    return merged if sum(map(bool, _cells(merged, gutters))) > 1 else None


def _is_long(band: _Band) -> bool:
    return any(len(word[0]) > _LONGEST_CELL for word in band.words) or len(band.words) > _MOST_HEADER_WORDS


def _table(
    bands: Sequence[_Band], items: Sequence[Line | Table], above: Sequence[_Band] = (), *, between_rules: bool
) -> tuple[Table, list[int]] | None:
    least = _LEAST_ROWS_BETWEEN_RULES if between_rules else _LEAST_ROWS
    if len(bands) < least:
        return None
    sizes = [band.size for band in bands]
    lines = [index for band in bands for index in band.lines]
    if not between_rules and max(sizes) > _MOST_SIZES * min(sizes):
        return None
    if between_rules and _is_prose([item for index in lines if isinstance(item := items[index], Line)]):
        return None
    gutters = _gutters(bands, _GAP_BETWEEN_RULES if between_rules else _GAP)
    if not gutters:
        return None
    rows = [TableRow(_cells(band, gutters), _place(band, items), band.bold) for band in bands]
    if not _is_tabular([row.cells for row in rows], between_rules=between_rules):
        return None
    if header := None if between_rules else _header(bands, above, gutters):
        lines = [*header.lines, *lines]
        rows.insert(0, TableRow(_cells(header, gutters), _place(header, items), header.bold))
    turns = {item.turn for index in lines if isinstance(item := items[index], Line)}
    left, _, right, _ = hull(row.place for row in rows)
    return Table(rows, left, right, turns.pop()), lines


def _gutters(bands: Sequence[_Band], least: float) -> list[float]:
    """Return the middles of the stretches that are free in nearly all bands."""
    size = median(band.size for band in bands)
    allowed = max(len(bands) // 8, int(len(bands) > _LEAST_ROWS and least == _GAP_BETWEEN_RULES))
    edges = sorted(
        edge for band in bands for left, right in _spans(band, least * 0.6) for edge in ((left, 1), (right - 0.01, -1))
    )
    found: list[float] = []
    depth, free_from = 0, None
    first, last = edges[0][0], edges[-1][0]
    for at, change in edges:
        depth += change
        if depth <= allowed and free_from is None:
            free_from = at
        elif depth > allowed and free_from is not None:
            if at - free_from >= least * size * 0.6 and first < free_from and at < last:
                found.append((free_from + at) / 2)
            free_from = None
    return found


def _spans(band: _Band, least: float) -> list[tuple[float, float]]:
    """Return the stretches of a band with text, words with usual spaces between them taken together."""
    spans: list[list[float]] = []
    for left, right in sorted((word[1], word[2]) for word in band.words):
        if spans and left - spans[-1][1] < least * band.size:
            spans[-1][1] = max(spans[-1][1], right)
        else:
            spans.append([left, right])
    return [(span[0], span[1]) for span in spans]


def _cells(band: _Band, gutters: Sequence[float]) -> tuple[str, ...]:
    cells: list[list[str]] = [[] for _ in range(len(gutters) + 1)]
    for text, left, right in band.words:
        cells[sum(gutter < (left + right) / 2 for gutter in gutters)].append(text)
    return tuple(" ".join(cell) for cell in cells)


def _place(band: _Band, items: Sequence[Line | Table]) -> tuple[float, float, float, float]:
    return hull(item.sides for index in band.lines if isinstance(item := items[index], Line))


def _is_tabular(rows: Sequence[tuple[str, ...]], *, between_rules: bool) -> bool:
    filled = [cell for row in rows for cell in row if cell]
    columns = len(rows[0])
    first = [row[0] for row in rows if row[0]]
    if not filled or len(filled) < _LEAST_FILLED * len(rows) * columns:
        return False
    longest = _LONGEST_CELL_BETWEEN_RULES if between_rules else _LONGEST_CELL
    if (
        mean(len(cell) for cell in filled) > longest
        or median(cell.count(" ") + 1 for cell in filled) > _MOST_WORDS
        or "=" in filled
    ):
        return False
    if _is_list_or_code(first, filled, columns):
        return False
    full = sum(sum(map(bool, row)) > 1 for row in rows)
    if between_rules:
        return full >= _LEAST_FULL_ROWS_BETWEEN_RULES * len(rows)
    numbers = sum(bool(_NUMBER.match(cell)) for cell in filled) / len(filled)
    return full >= _LEAST_FULL_ROWS * len(rows) and numbers >= _LEAST_NUMBERS.get(columns, _LEAST_NUMBERS_OF_MANY)


def _is_list_or_code(first: Sequence[str], filled: Sequence[str], columns: int) -> bool:
    listed = sum(bool(_MARKER.match(cell)) for cell in first) > 0.5 * len(first) and columns == 2  # noqa: PLR2004
    code = sum(bool(_CODE.search(cell)) for cell in filled) > 0.2 * len(filled)
    return listed or code or any("…" in cell for cell in filled)


def _replaced(items: Sequence[Line | Table], found: Sequence[tuple[Table, list[int]]]) -> list[Line | Table]:
    first = {min(lines): table for table, lines in found}
    gone = {index for _, lines in found for index in lines}
    return [first.get(index, item) for index, item in enumerate(items) if index in first or index not in gone]
