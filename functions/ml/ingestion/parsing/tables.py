"""Rows of cells as blocks, with the header found."""

import re
from collections.abc import Sequence

from functions.ml.parsed import Block

_SPACES = re.compile(r"\s+")
_NUMBER = re.compile(r"^[\s$€£¥%+\-–(.,\d]*\d[\s%\d.,)\-–:/TZ]*(?:[kKmMbB]n?|%)?$")
_YEAR = re.compile(r"^\(?(?:FY\s?)?(?:19|20)\d\d\)?$")
_LONGEST_HEADER_CELL = 120
_LEAST_NAMES = 2
CELL_SEPARATOR = " | "

Row = tuple[str, ...]


def clean(cell: str) -> str:
    """Return a cell on one line."""
    return _SPACES.sub(" ", cell).strip()


def trimmed(rows: Sequence[Sequence[str]]) -> list[Row]:
    """Return rows of equal width with cells on one line, without the columns that are empty throughout."""
    width = max((len(row) for row in rows), default=0)
    padded = [[clean(cell) for cell in row] + [""] * (width - len(row)) for row in rows]
    used = [column for column in range(width) if any(row[column] for row in padded)]
    return [tuple(row[column] for column in used) for row in padded]


def has_header(rows: Sequence[Row]) -> bool:
    """Guess whether the first row names the columns: mostly filled, short, distinct words over rows of data."""
    if len(rows) < 2 or len(rows[0]) < 2:  # noqa: PLR2004 - one row or one column has no header to tell from data
        return len(rows) > 1 and _single_column_header(rows)
    first = rows[0]
    filled = [cell for cell in first if cell]
    if (
        len(filled) < _LEAST_NAMES
        or len(filled) * 2 < len(first)
        or len({*filled}) < len(filled)
        or max(map(len, filled)) > _LONGEST_HEADER_CELL
    ):
        return False
    years = all(_YEAR.match(cell) for cell in first[1:] if cell) and not _YEAR.match(first[0])
    return years or not any(_NUMBER.match(cell) for cell in filled)


def _single_column_header(rows: Sequence[Row]) -> bool:
    first, rest = rows[0][:1], [row[0] for row in rows[1:] if row and row[0]]
    return bool(
        first and first[0] and not _NUMBER.match(first[0]) and rest and all(_NUMBER.match(cell) for cell in rest)
    )


def table_blocks(
    rows: Sequence[Sequence[str]],
    *,
    table: int,
    page: int | None = None,
    sheet: str | None = None,
    row_numbers: Sequence[int] = (),
    header: bool | None = None,
) -> list[Block]:
    """Make one block per row that holds text.

    Args:
        rows: cells as text; rows may differ in length.
        table: ordinal of the table in the document.
        page: page, slide or sheet that it stands on.
        sheet: name of the sheet.
        row_numbers: number of each row in its source, from 1; counted from 1 where omitted.
        header: whether the first row is the header; guessed where omitted.

    Returns:
        The rows after the header, each with the header's cells. The header is a row of its own only where the table has
        nothing else, or where one of its names stands over an empty column.
    """
    numbered = list(zip(row_numbers or range(1, len(rows) + 1), trimmed(rows), strict=True))
    numbered = [(number, row) for number, row in numbered if any(row)]
    head: Row = ()
    cells_only = [row for _, row in numbered]
    if len(numbered) > 1 and (has_header(cells_only) if header is None else header):
        head = cells_only[0]
        if _all_used(head, cells_only[1:]):
            numbered.pop(0)
    return [
        Block("table_row", row_text(row), page=page, table=table, header=head, cells=row, row=number, sheet=sheet)
        for number, row in numbered
    ]


def _all_used(header: Row, rows: Sequence[Row]) -> bool:
    """Tell whether every name stands over a value; one that does not would be said nowhere."""
    return all(any(row[column] for row in rows) for column, name in enumerate(header) if name)


def row_text(cells: Row) -> str:
    """Return a row's cells joined for reading."""
    return CELL_SEPARATOR.join(cells)
