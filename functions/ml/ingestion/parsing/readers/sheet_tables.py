"""The cells of a sheet as tables: every island of cells is one, whichever program wrote the sheet."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from functions.ml.ingestion.parsing.tables import CELL_SEPARATOR, table_blocks
from functions.ml.parsed import Block

Cells = Mapping[int, Mapping[int, str]]
_Rows = list[tuple[int, Mapping[int, str]]]
# An island of so many places, of which so small a share is filled, is no table but scattered cells.
_MOST_PLACES = 4_000_000
_LEAST_FILLED = 0.02
_LEAST_OF_A_TABLE = 2
_LAST = 1_000_000  # no sheet has so many columns


def sheet_blocks(
    cells: Cells, *, table: int, page: int, sheet: str, header_rows: Collection[int] = ()
) -> Iterator[Block]:
    """Yield the blocks of a sheet; the cost grows with its filled cells, however far apart they stand.

    Args:
        cells: text by row from 1 and column from 1, only filled ones.
        table: ordinal of the first table in the document.
        page: number of the sheet from 1.
        sheet: its name.
        header_rows: rows that are known to name the columns of the table below.
    """
    rows: _Rows = sorted((number, row) for number, row in cells.items() if row)
    for ordinal, island in enumerate(_islands(rows), start=table):
        yield from _island_blocks(island, ordinal, page, sheet, header_rows)


def _islands(rows: _Rows) -> Iterator[_Rows]:
    for run in _runs(rows):
        for part in _side_by_side(run):
            for rows_of_part in _runs(part) if len(part) < len(run) else [part]:
                yield from _corner_to_corner(rows_of_part)


def _runs(rows: _Rows) -> Iterator[_Rows]:
    """Yield runs of rows between empty ones."""
    start = 0
    for index, ((above, _), (below, _)) in enumerate(pairwise(rows), start=1):
        if below > above + 1:
            yield rows[start:index]
            start = index
    if rows:
        yield rows[start:]


def _corner_to_corner(run: _Rows) -> Iterator[_Rows]:
    """Part tables of which one begins where the other ends, to the right or left of all of it."""
    after = [(0, 0)] * len(run)
    low, high = _LAST, 0
    for index in range(len(run) - 1, -1, -1):
        low, high = min(low, *run[index][1]), max(high, *run[index][1])
        after[index] = low, high
    start, low, high = 0, _LAST, 0
    for index, (_, row) in enumerate(run):
        is_apart = index >= start + _LEAST_OF_A_TABLE and (high < after[index][0] or low > after[index][1])
        if is_apart and high > low and after[index][1] > after[index][0] and index + 1 < len(run):
            yield run[start:index]
            start, low, high = index, _LAST, 0
        low, high = min(low, *row), max(high, *row)
    yield run[start:]


def _side_by_side(run: _Rows) -> list[_Rows]:
    """Part tables that stand beside each other; an empty column inside one table, whose sides are as tall, parts none.

    Returns:
        The parts from left to right, or the run itself.
    """
    extents: dict[int, tuple[int, int]] = {}
    for number, row in run:
        for column in row:
            extents[column] = (extents.get(column, (number,))[0], number)
    groups: list[list[int]] = []
    for column in sorted(extents):
        if groups and column == groups[-1][-1] + 1:
            groups[-1].append(column)
        else:
            groups.append([column])
    heights = {(min(extents[c][0] for c in group), max(extents[c][1] for c in group)) for group in groups}
    if len(groups) != len(heights) or len(groups) == 1 or min(map(len, groups)) < _LEAST_OF_A_TABLE:
        return [run]
    return [list(_columns(run, group[0], group[-1])) for group in groups]


def _columns(run: _Rows, first: int, last: int) -> Iterator[tuple[int, Mapping[int, str]]]:
    for number, row in run:
        if part := {column: text for column, text in row.items() if first <= column <= last}:
            yield number, part


def _island_blocks(island: _Rows, table: int, page: int, sheet: str, header_rows: Collection[int]) -> Iterator[Block]:
    """Make leading rows of one cell captions, so that the header is found below them."""
    start = 0
    while start + 1 < len(island) and _is_title(island, start):
        number, row = island[start]
        yield Block("caption", _only(row), page=page, row=number, sheet=sheet)
        start += 1
    rest = island[start:]
    if len(rest) == 1 and len(rest[0][1]) == 1:
        yield Block("paragraph", _only(rest[0][1]), page=page, row=rest[0][0], sheet=sheet)
        return
    columns = sorted({column for _, row in rest for column in row})
    if _is_scattered(rest, len(columns)):
        yield from _scattered(rest, table, page, sheet)
        return
    header = True if rest[0][0] in header_rows and len(rest) > 1 else None
    grid = [[row.get(column, "") for column in columns] for _, row in rest]
    numbers = [number for number, _ in rest]
    yield from table_blocks(grid, table=table, page=page, sheet=sheet, row_numbers=numbers, header=header)


def _is_title(island: _Rows, at: int) -> bool:
    """A row of one cell over a row of several is a title."""
    return len(island[at][1]) == 1 and any(len(row) > 1 for _, row in island[at + 1 :])


def _only(row: Mapping[int, str]) -> str:
    return next(iter(row.values()))


def _is_scattered(rows: Sequence[tuple[int, Mapping[int, str]]], columns: int) -> bool:
    places = len(rows) * columns
    return places > _MOST_PLACES and sum(len(row) for _, row in rows) < _LEAST_FILLED * places


def _scattered(rows: _Rows, table: int, page: int, sheet: str) -> Iterator[Block]:
    for number, row in rows:
        cells = tuple(row[column] for column in sorted(row))
        yield Block("table_row", CELL_SEPARATOR.join(cells), page=page, table=table, cells=cells, row=number,
                    sheet=sheet)  # fmt: skip
