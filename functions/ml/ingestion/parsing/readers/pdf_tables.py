"""Tables on a PDF page: ruled ones by their lines, others by columns that stay apart over several lines."""

from collections.abc import Sequence
from statistics import median

from functions.ml.ingestion.parsing.readers.pdf_columns import column_tables
from functions.ml.ingestion.parsing.readers.pdf_geometry import Sides, hull
from functions.ml.ingestion.parsing.readers.pdf_grids import Grid, grids
from functions.ml.ingestion.parsing.readers.pdf_lines import Line
from functions.ml.ingestion.parsing.readers.pdf_rows import Table, TableRow, cell_text
from functions.ml.ingestion.parsing.readers.pdf_rules import Drawings

_MOST_WORDS = 45  # in the middle one of the filled cells: more is a page laid out in boxes
_LEAST_FILLED = 0.25
_LEAST_CELLS = 3
_LEAST_SHARED = 0.55  # of the rows hold more than one cell
_LEAST_SPLIT = 3  # two lines may as well be one cell that was wrapped
_LONGEST_SPLIT = 20.0  # characters, on average
_SAME_HEIGHT = 0.4  # of the size

Item = Line | Table


def with_tables(lines: Sequence[Line], drawn: Drawings) -> list[Item]:
    """Put each table in the place of its first line.

    Args:
        lines: of one page and one turn, in order.
        drawn: the lines that are drawn, turned as the text is.

    Returns:
        Lines and tables in order. What a table holds is no longer a line.
    """
    items: list[Item] = list(lines)
    for grid in grids(drawn.level, drawn.upright):
        items = _with_grid(items, grid)
    return column_tables(items, drawn.level)


def _with_grid(items: list[Item], grid: Grid) -> list[Item]:
    left, top, right, bottom = grid.sides
    inside = [
        index
        for index, item in enumerate(items)
        if isinstance(item, Line)
        and top <= (item.top + item.bottom) / 2 <= bottom
        and left <= (item.left + item.right) / 2 <= right
    ]
    lines = [item for index in inside if isinstance(item := items[index], Line)]
    table = _ruled(lines, grid) if len(lines) >= _LEAST_CELLS else None
    if table is None:
        return items
    chosen = set(inside)
    kept: list[Item] = [item for index, item in enumerate(items) if index not in chosen or index == inside[0]]
    kept[inside[0]] = table
    return kept


def _ruled(lines: Sequence[Line], grid: Grid) -> Table | None:
    cells: dict[tuple[int, int], list[Line]] = {}
    for line in lines:
        for piece, cell in _pieces(line, grid):
            cells.setdefault(cell, []).append(piece)
    used = [[place for place in dict.fromkeys(row) if place in cells] for row in grid.owner]
    wide = sum(len({*row}) > 1 for row in grid.owner)
    places = len({place for row in grid.owner for place in row})
    if wide < 2 or len(cells) < max(_LEAST_CELLS, _LEAST_FILLED * places):  # noqa: PLR2004 - rows
        return None
    if median(sum(len(piece.words) for piece in found) for found in cells.values()) > _MOST_WORDS:
        return None
    texts = {place: cell_text(found) for place, found in cells.items()}
    rows = []
    for row, places_in_row in enumerate(used):
        if places_in_row:
            rows += _split(grid, row, cells) or [_row(grid, row, texts, cells)]
    rows = [row for row in rows if any(row.cells)]
    if sum(sum(map(bool, row.cells)) > 1 for row in rows) < _LEAST_SHARED * len(rows):
        return None
    return Table(rows, grid.xs[0], grid.xs[-1], lines[0].turn)


def _split(grid: Grid, row: int, cells: dict[tuple[int, int], list[Line]]) -> list[TableRow]:
    """Part a ruled row whose cells hold the same number of short lines at the same heights: rows without lines between.

    Nothing is returned where the row is one.
    """
    owners = [place for place in dict.fromkeys(grid.owner[row]) if place in cells]
    columns = [_levels(cells[place]) for place in owners]
    count = max(map(len, columns))
    full = [levels for levels in columns if len(levels) == count]
    if count < _LEAST_SPLIT or len(full) < max(2, 0.5 * len(columns)):
        return []
    texts = [line.text for levels in full for level in levels for line in level]
    if sum(map(len, texts)) > _LONGEST_SPLIT * len(texts):
        return []
    heights = [max(levels[number][0].bottom for levels in full) for number in range(count)]
    off = max(abs(levels[number][0].bottom - heights[number]) for levels in full for number in range(count))
    return (
        []
        if off > _SAME_HEIGHT * full[0][0][0].size
        else _split_rows(grid, row, dict(zip(owners, columns, strict=True)), heights)
    )


def _levels(lines: Sequence[Line]) -> list[list[Line]]:
    """Group a cell's lines by their height on the page."""
    found: list[list[Line]] = []
    for line in sorted(lines, key=lambda item: (item.bottom, item.left)):
        if found and line.bottom - found[-1][0].bottom < _SAME_HEIGHT * line.size:
            found[-1].append(line)
        else:
            found.append([line])
    return found


def _split_rows(
    grid: Grid, row: int, cells: dict[tuple[int, int], list[list[Line]]], heights: Sequence[float]
) -> list[TableRow]:
    rows = []
    for number, height in enumerate(heights):
        values, places, bold = [], [], True
        for column, owner in enumerate(grid.owner[row]):
            levels = cells.get(owner, [])
            new = column == 0 or grid.owner[row][column - 1] != owner
            if len(levels) == len(heights):
                pieces = levels[number]
            elif len(levels) == 1:
                pieces = levels[0]  # one value for all of these rows
            else:
                pieces = [line for level in levels for line in level if _nearest(heights, line.bottom) == number]
            values.append(cell_text(pieces) if new and pieces else "")
            places += [piece.sides for piece in pieces if abs(piece.bottom - height) < piece.size]
            bold = bold and all(piece.bold for piece in pieces)
        _, top, _, bottom = hull(places)
        rows.append(TableRow(tuple(values), (grid.xs[0], top, grid.xs[-1], bottom), bold))
    return rows


def _nearest(heights: Sequence[float], at: float) -> int:
    return min(range(len(heights)), key=lambda number: abs(heights[number] - at))


def _pieces(line: Line, grid: Grid) -> list[tuple[Line, tuple[int, int]]]:
    """Part a line where it goes over from one cell into another."""
    middle = (line.top + line.bottom) / 2
    parts: list[tuple[list[tuple[str, float, float]], tuple[int, int]]] = []
    for word in line.words:
        x = min(max((word[1] + word[2]) / 2, grid.xs[0] + 0.1), grid.xs[-1] - 0.1)
        cell = grid.cell_at(x, middle)
        if cell is None:
            continue
        if parts and parts[-1][1] == cell:
            parts[-1][0].append(word)
        else:
            parts.append(([word], cell))
    if len(parts) == 1:
        return [(line, parts[0][1])]
    return [(_part(line, words), cell) for words, cell in parts]


def _part(line: Line, words: list[tuple[str, float, float]]) -> Line:
    left, right = min(word[1] for word in words), max(word[2] for word in words)
    text = " ".join(word[0] for word in words)
    return Line(text, left, line.top, right, line.bottom, line.size, line.bold, line.turn, words=words)


def _row(grid: Grid, row: int, texts: dict[tuple[int, int], str], cells: dict[tuple[int, int], list[Line]]) -> TableRow:
    """A cell over several rows stands in each of them, one over several columns in the first."""
    owners = grid.owner[row]
    values = [
        texts.get(owner, "") if column == 0 or owners[column - 1] != owner else ""
        for column, owner in enumerate(owners)
    ]
    own: list[Sides] = [piece.sides for owner in dict.fromkeys(owners) for piece in cells.get(owner, ())]
    _, top, _, bottom = hull(own)
    place = (grid.xs[0], max(grid.ys[row], top - 1), grid.xs[-1], min(grid.ys[row + 1], bottom + 1))
    if place[1] >= place[3]:
        place = (grid.xs[0], grid.ys[row], grid.xs[-1], grid.ys[row + 1])
    return TableRow(tuple(values), place, bold=all(piece.bold for owner in owners for piece in cells.get(owner, ())))
