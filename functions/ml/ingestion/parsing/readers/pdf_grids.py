"""Grids of ruled lines on a PDF page, and the cells between them."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from functions.ml.ingestion.parsing.readers.pdf_geometry import Sides

_NEAR = 3.0  # points by which lines may miss each other and still meet
_MOST_LINES = 500
_OPEN_SIDE = 10.0  # points that level lines reach beyond the outermost upright one, where a side is left open

Rule = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Grid:
    """The lines of one table.

    Attributes:
        xs: left to right, where columns end and begin.
        ys: top to bottom, where rows end and begin.
        owner: for each row and column the (row, column) that it is merged into; itself where it is not.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    owner: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def sides(self) -> Sides:
        """Left, top, right, bottom."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Return the cell that holds a point, None outside."""
        column, row = bisect_right(self.xs, x) - 1, bisect_right(self.ys, y) - 1
        inside = 0 <= column < len(self.xs) - 1 and 0 <= row < len(self.ys) - 1
        return self.owner[row][column] if inside else None


def grids(level: Sequence[Rule], upright: Sequence[Rule]) -> list[Grid]:
    """Find the grids of at least two columns and two rows.

    Args:
        level: horizontal lines as (y, left, right).
        upright: vertical lines as (x, top, bottom).
    """
    if not upright or len(level) < 2:  # noqa: PLR2004 - a row has two sides
        return []
    across, down = joined(level), joined(upright)
    if len(across) + len(down) > _MOST_LINES:
        return []
    found = []
    for some_across, some_down in _connected(across, down):
        grid = _grid(some_across, some_down)
        if grid and len(grid.xs) > 2 and len(grid.ys) > 2:  # noqa: PLR2004 - two columns have three sides
            found.append(grid)
    return found


def joined(rules: Sequence[Rule]) -> list[Rule]:
    """Make one line of those that lie on each other or go on where another ends."""
    found: list[list[float]] = []
    open_rules: list[list[float]] = []
    for at, start, end in sorted(rules):
        open_rules = [rule for rule in open_rules if at - rule[0] <= _NEAR]
        for rule in open_rules:
            if start <= rule[2] + _NEAR and end >= rule[1] - _NEAR:
                rule[1], rule[2] = min(rule[1], start), max(rule[2], end)
                break
        else:
            rule = [at, start, end]
            found.append(rule)
            open_rules.append(rule)
    return [(rule[0], rule[1], rule[2]) for rule in found]


def _connected(across: Sequence[Rule], down: Sequence[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Part the lines into sets that meet."""
    parent = list(range(len(across) + len(down)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for row, (y, left, right) in enumerate(across):
        for column, (x, top, bottom) in enumerate(down, start=len(across)):
            if left - _NEAR <= x <= right + _NEAR and top - _NEAR <= y <= bottom + _NEAR:
                parent[root(row)] = root(column)
    sets: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for index, rule in enumerate((*across, *down)):
        sets.setdefault(root(index), ([], []))[index >= len(across)].append(rule)
    return [found for found in sets.values() if len(found[0]) > 1 and found[1]]


def _grid(across: Sequence[Rule], down: Sequence[Rule]) -> Grid | None:
    xs, ys = _positions(down), _positions(across)
    left, right = min(rule[1] for rule in across), max(rule[2] for rule in across)
    top, bottom = min(rule[1] for rule in down), max(rule[2] for rule in down)
    xs = [*([left] if left < xs[0] - _OPEN_SIDE else []), *xs, *([right] if right > xs[-1] + _OPEN_SIDE else [])]
    ys = [*([top] if top < ys[0] - _OPEN_SIDE else []), *ys, *([bottom] if bottom > ys[-1] + _OPEN_SIDE else [])]
    if len(xs) < 2 or len(ys) < 2:  # noqa: PLR2004 - one cell has two sides
        return None
    return Grid(tuple(xs), tuple(ys), _owners(xs, ys, across, down))


def _positions(rules: Sequence[Rule]) -> list[float]:
    found: list[float] = []
    for at in sorted(rule[0] for rule in rules):
        if not found or at - found[-1] > _NEAR:
            found.append(at)
    return found


def _owners(
    xs: Sequence[float], ys: Sequence[float], across: Sequence[Rule], down: Sequence[Rule]
) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Merge cells between which no line is drawn."""
    owner = [[(row, column) for column in range(len(xs) - 1)] for row in range(len(ys) - 1)]
    for row in range(len(ys) - 1):
        middle = (ys[row] + ys[row + 1]) / 2
        for column in range(1, len(xs) - 1):
            if not _drawn(down, xs[column], middle):
                owner[row][column] = owner[row][column - 1]
    for row in range(1, len(ys) - 1):
        for column in range(len(xs) - 1):
            own_column = owner[row][column][1]
            same_width = owner[row - 1][column][1] == own_column
            if same_width and not _drawn(across, ys[row], (xs[column] + xs[column + 1]) / 2):
                owner[row][column] = owner[row - 1][column]
    return tuple(tuple(cells) for cells in owner)


def _drawn(rules: Sequence[Rule], at: float, through: float) -> bool:
    return any(abs(rule[0] - at) <= _NEAR and rule[1] - _NEAR <= through <= rule[2] + _NEAR for rule in rules)
