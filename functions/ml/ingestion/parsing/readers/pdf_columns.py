"""Tables without ruled columns: short cells that keep the same distance over several lines.

Careful on purpose: prose in columns, lists and tables of contents line up as well, and must stay what they are.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from statistics import mean, median

from functions.ml.ingestion.parsing.readers.pdf_bands import (
    GAP,
    Band,
    bands_of,
    by_rule,
    framed,
    is_prose,
    stretches,
    text_spans,
)
from functions.ml.ingestion.parsing.readers.pdf_geometry import hull
from functions.ml.ingestion.parsing.readers.pdf_lines import Line
from functions.ml.ingestion.parsing.readers.pdf_rows import Table, TableRow

_LEAST_ROWS = 3
_LEAST_ROWS_BETWEEN_RULES = 3
_GAP_BETWEEN_RULES = 0.6
_ROW_DISTANCE = 2.4  # of the row's height
_LONGEST_CELL = 32.0  # characters, on average
_LONGEST_CELL_BETWEEN_RULES = 45.0
_LEAST_FILLED = 0.55
_MOST_WORDS = 6  # in the middle one of the filled cells
_LEAST_NUMBERS = {2: 0.4, 3: 0.25}
_LEAST_NUMBERS_OF_MANY = 0.15
_MOST_SIZES = 1.5  # the largest row to the smallest
_LEAST_FULL_ROWS = 0.8
_LEAST_FULL_ROWS_BETWEEN_RULES = 0.5
_RULED_ROWS = 0.7  # level lines per row from which on each row is ruled
_MOST_HEADER_LINES = 3
_MOST_HEADER_WORDS = 14
_REACH = 4.0  # points that text may stand out over the lines
_NUMBER = re.compile(r"^[\s$€£¥%+\-–—(.,\d]*\d[\s%\d.,)\-–:/×*†]*[a-zA-Z%]?$|^[^\s•]$|^[nN]/[aA]$")
_MARKER = re.compile(r"^(?:[•‣▪●○◦■□–—*·-]|\(?[\da-zA-Z]{1,3}[.)]|\[\d+\]|\d{1,2}(?:\.\d{1,2})*)$")
_LEADER = re.compile(r"…|(?:\. ?){5}")
_CODE = re.compile(r"[{};]$|^(?:def|if|for|return|import|class|public|private|else)\b")


def column_tables(items: Sequence[Line | Table], rules: Sequence[tuple[float, float, float]]) -> list[Line | Table]:
    """Put each table that is set in columns in the place of its first line.

    Args:
        items: lines and the tables found so far, in order.
        rules: level lines as (y, left, right).
    """
    found: list[tuple[Table, list[int]]] = []
    taken: set[int] = set()
    whole = bands_of(items, range(len(items)))
    for frame in framed(rules):
        if table := _between_rules([band for band in whole if not taken & {*band.lines}], items, frame):
            found.append(table)
            taken.update(table[1])
    for stretch in stretches(items):
        own = bands_of(items, [index for index in stretch if index not in taken])
        for run in _runs(own):
            if table := _table(run, items, own[: own.index(run[0])], between_rules=False):
                found.append(table)
                taken.update(table[1])
    return _replaced(items, found) if found else list(items)


def _between_rules(
    bands: Sequence[Band], items: Sequence[Line | Table], frame: tuple[list[float], float, float]
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
        kept = by_rule(kept, heights)
    return _table(kept, items, between_rules=True)


def _runs(bands: Sequence[Band]) -> list[list[Band]]:
    """Return the stretches of bands close to each other in which nearly every one has a wide gap."""
    runs: list[list[Band]] = []
    run: list[Band] = []
    for band in bands:
        near = run and band.top - run[-1].bottom < (_ROW_DISTANCE - 1) * max(band.size, run[-1].size)
        gap = band.has_gap()
        if not gap or not near:
            runs.append(run)
            run = []
        if gap:
            run.append(band)
    return [found for found in (*runs, run) if len(found) >= _LEAST_ROWS]


def _header(bands: Sequence[Band], above: Sequence[Band], gutters: Sequence[float]) -> Band | None:
    """Return the names over the columns, which may stand on several lines and leave the first column free."""
    found: list[Band] = []
    top = bands[0].top
    for band in reversed([band for band in above if band.bottom <= top + band.size / 2][-_MOST_HEADER_LINES:]):
        size = max(band.size, bands[0].size)
        crossing = any(left < gutter < right for left, right in text_spans(band, GAP) for gutter in gutters)
        if top - band.bottom > (_ROW_DISTANCE - 1) * size or crossing or _is_long(band):
            break
        found.insert(0, band)
        top = band.top
    if not found:
        return None
    merged = replace(found[0], lines=[at for band in found for at in band.lines], bottom=found[-1].bottom)
    merged.words = [word for band in found for word in band.words]
    return merged if sum(map(bool, _cells(merged, gutters))) > 1 else None


def _is_long(band: Band) -> bool:
    return any(len(word[0]) > _LONGEST_CELL for word in band.words) or len(band.words) > _MOST_HEADER_WORDS


def _table(
    bands: Sequence[Band], items: Sequence[Line | Table], above: Sequence[Band] = (), *, between_rules: bool
) -> tuple[Table, list[int]] | None:
    least = _LEAST_ROWS_BETWEEN_RULES if between_rules else _LEAST_ROWS
    if len(bands) < least:
        return None
    sizes = [band.size for band in bands]
    lines = [index for band in bands for index in band.lines]
    if not between_rules and max(sizes) > _MOST_SIZES * min(sizes):
        return None
    if between_rules and is_prose([item for index in lines if isinstance(item := items[index], Line)]):
        return None
    gutters = _gutters(bands, _GAP_BETWEEN_RULES if between_rules else GAP)
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


def _gutters(bands: Sequence[Band], least: float) -> list[float]:
    """Return the middles of the stretches that are free in nearly all bands."""
    size = median(band.size for band in bands)
    allowed = max(len(bands) // 8, int(len(bands) > _LEAST_ROWS and least == _GAP_BETWEEN_RULES))
    edges = sorted(
        edge
        for band in bands
        for left, right in text_spans(band, least * 0.6)
        for edge in ((left, 1), (right - 0.01, -1))
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


def _cells(band: Band, gutters: Sequence[float]) -> tuple[str, ...]:
    cells: list[list[str]] = [[] for _ in range(len(gutters) + 1)]
    for text, left, right in band.words:
        cells[sum(gutter < (left + right) / 2 for gutter in gutters)].append(text)
    return tuple(" ".join(cell) for cell in cells)


def _place(band: Band, items: Sequence[Line | Table]) -> tuple[float, float, float, float]:
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
    return listed or code or any(map(_LEADER.search, filled))


def _replaced(items: Sequence[Line | Table], found: Sequence[tuple[Table, list[int]]]) -> list[Line | Table]:
    first = {min(lines): table for table, lines in found}
    gone = {index for _, lines in found for index in lines}
    return [first.get(index, item) for index, item in enumerate(items) if index in first or index not in gone]
