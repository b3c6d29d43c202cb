"""Tables of HTML as rows of cells, spans resolved."""

from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from functions.ml.ingestion.parsing.tables import clean

_WIDEST_SPAN = 100
_LONGEST_CELL = 2_000
# What is longer than this and holds headings or tables of its own is a part of the page, not a value.
_LONGEST_RICH_CELL = 300
_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "td", "th", "ul", "ol", "table", "dt", "dd", "pre", "section"})
_SILENT = frozenset({"script", "style", "noscript", "template"})
_SECTIONS = frozenset({"thead", "tbody", "tfoot"})
_CELLS = frozenset({"td", "th"})


def is_data_table(table: LexborNode) -> bool:
    """Tell a table of data from one that lays out a page.

    A layout says so, holds a form or a menu, or has cells as long as a page. One with headings or tables inside is data
    when it has rows and columns and every cell is short.
    """
    if (table.attributes.get("role") or "").lower() in {"presentation", "none"}:
        return False
    if table.css_first("nav, form") is not None:
        return False
    rows = [[cell for cell in row.iter() if cell.tag in _CELLS] for row in own_rows(table)]
    is_rich = len(table.css("table")) > 1 or table.css_first("h1, h2, h3") is not None
    if is_rich and (len(rows) <= 1 or max(map(len, rows)) <= 1):
        return False
    longest = _LONGEST_RICH_CELL if is_rich else _LONGEST_CELL
    return all(len(clean(cell.text())) <= longest for row in rows for cell in row)


def own_rows(table: LexborNode) -> Iterator[LexborNode]:
    """Yield the rows of a table without those of the tables inside it."""
    for child in table.iter():
        if child.tag == "tr":
            yield child
        elif child.tag in _SECTIONS:
            yield from (row for row in child.iter() if row.tag == "tr")


def table_rows(table: LexborNode) -> tuple[list[list[str]], bool | None]:
    """Return rows of cells and whether the first row is the header (None when the markup does not say).

    A cell that spans columns stands once, in a header in every column; one that spans rows stands in each row, so that
    each row can be read alone.
    """
    rows: list[list[str]] = []
    header: bool | None = None
    spans: dict[int, tuple[int, str]] = {}
    for row in own_rows(table):
        cells = [node for node in row.iter() if node.tag in _CELLS]
        if not rows and cells:
            names = all(cell.tag == "th" for cell in cells) or (row.parent is not None and row.parent.tag == "thead")
            header = True if names and len(cells) > 1 else None
        rows.append(_row(cells, spans, repeat=header is True and not rows))
    return rows, header


def _row(cells: list[LexborNode], spans: dict[int, tuple[int, str]], *, repeat: bool) -> list[str]:
    row: list[str] = []
    for cell in cells:
        _fill_from_above(row, spans)
        text = node_text(cell)
        width, height = _span(cell, "colspan"), _span(cell, "rowspan")
        for offset in range(width):
            value = text if offset == 0 or repeat else ""
            if height > 1:
                spans[len(row)] = (height - 1, value)
            row.append(value)
    _fill_from_above(row, spans)
    return row


def _fill_from_above(row: list[str], spans: dict[int, tuple[int, str]]) -> None:
    while len(row) in spans:
        left, value = spans.pop(len(row))
        if left > 1:
            spans[len(row)] = (left - 1, value)
        row.append(value)


def _span(cell: LexborNode, name: str) -> int:
    value = cell.attributes.get(name) or ""
    return min(max(int(value), 1), _WIDEST_SPAN) if value.isdecimal() else 1


def node_text(node: LexborNode) -> str:
    """Return the visible text under a node, block elements and pictures' descriptions set apart by spaces."""
    pieces = []
    for child in node.traverse(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            if child.parent is None or child.parent.tag not in _SILENT:
                pieces.append(child.text(deep=False))
        elif tag == "img":
            pieces.append(f" {child.attributes.get('alt') or ''} ")
        elif tag in _BLOCKS:
            pieces.append(" ")
    return "".join(pieces)
