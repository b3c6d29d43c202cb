"""The tables of AsciiDoc as rows of cells, spans resolved."""

import csv
import re

_CELL = re.compile(
    r"(?:(?:^|(?<=\s))(?:(?:(\d+)?(?:\.(\d+))?\+)|(\d+)\*)?[<^>]?(?:\.[<^>])?[adehlmsv]?)?(?<!\\)\|", re.MULTILINE
)
_COLUMNS = re.compile(r"cols\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([\w*]+))")
_REPEATED = re.compile(r"^(\d+)\*")
_HEADER = re.compile(r"%[\w%]*header|options\s*=\s*\"?[\w,]*header", re.IGNORECASE)
_NO_HEADER = re.compile(r"%noheader|options\s*=\s*\"?[\w,]*noheader", re.IGNORECASE)
_HEADER_STYLE = re.compile(r"^\s*[<^>]?(?:\.[<^>])?h\|")
_MOST_COLUMNS = 200


def has_named_header(lines: list[str], options: str) -> bool | None:
    """Tell whether the first row is the header: said so, or set apart by an empty line; None when nothing tells."""
    if _NO_HEADER.search(options):
        return False
    filled = next((index for index, line in enumerate(lines) if line.strip()), len(lines))
    apart = filled == 0 and len(lines) > 1 and not lines[1].strip()
    styled = filled < len(lines) and _HEADER_STYLE.match(lines[filled])
    return True if _HEADER.search(options) or apart or styled else None


def table_grid(lines: list[str], options: str, delimiter: str) -> list[list[str]]:
    """Return the rows of a table; cells may run over lines, and rows over any number of them.

    Args:
        lines: what stands between the delimiters.
        options: the attributes of the block, for the number of columns.
        delimiter: first character of the delimiter: bar, exclamation mark of a nested table, comma or colon.
    """
    if delimiter in ",:":
        return list(csv.reader([line for line in lines if line.strip()], delimiter=delimiter))
    text = "\n".join(lines)
    if delimiter == "!":
        text = text.replace("!", "|")
    cells = _cells(text)
    first = next((line for line in lines if line.strip()), "")
    width = _declared_columns(options) or sum(
        cell[0] for cell in _cells(first.replace("!", "|") if delimiter == "!" else first)
    )
    return _rows(cells, min(max(width, 1), _MOST_COLUMNS))


def _cells(text: str) -> list[tuple[int, int, str]]:
    """Return the width, the height and the text of each cell in order; a repeated one as often as it says."""
    marks = list(_CELL.finditer(text))
    found = []
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        content = text[mark.end() : following.start() if following else len(text)].replace("\\|", "|").strip()
        width, height = min(int(mark[1] or 1), _MOST_COLUMNS), min(int(mark[2] or 1), _MOST_COLUMNS)
        found += [(width, height, content)] * min(int(mark[3] or 1), _MOST_COLUMNS)
    return found


def _declared_columns(options: str) -> int:
    found = _COLUMNS.search(options)
    if not found:
        return 0
    count = 0
    for part in (found[1] or found[2] or found[3]).replace(";", ",").split(","):
        repeated = _REPEATED.match(part.strip())
        count += int(repeated[1]) if repeated else 1
    return count


def _rows(cells: list[tuple[int, int, str]], width: int) -> list[list[str]]:
    """Lay cells into rows: a wide cell once, a tall one in every row that it stands in."""
    rows: list[list[str]] = []
    above: dict[int, tuple[int, str]] = {}
    row: list[str] = []
    for columns, height, text in cells:
        _fill(row, above)
        if len(row) >= width:
            rows.append(row)
            row = []
            _fill(row, above)
        for offset in range(columns):
            value = text if offset == 0 else ""
            if height > 1:
                above[len(row)] = (height - 1, value)
            row.append(value)
    _fill(row, above)
    return [*rows, row] if row else rows


def _fill(row: list[str], above: dict[int, tuple[int, str]]) -> None:
    while len(row) in above:
        left, text = above.pop(len(row))
        if left > 1:
            above[len(row)] = (left - 1, text)
        row.append(text)
