"""Tables of HTML as rows of cells, spans resolved."""

from selectolax.lexbor import LexborNode

_WIDEST_SPAN = 100
_LONGEST_CELL = 2_000
_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "td", "th", "ul", "ol", "table"})
_SILENT = frozenset({"script", "style", "noscript", "template"})


def is_data_table(table: LexborNode) -> bool:
    """Tell a table of data from one that lays out a page: no table or heading inside, no cell as long as a page."""
    if table.css_first("table table, h1, h2, h3, nav, form") is not None:
        return False
    return all(len(cell.text()) <= _LONGEST_CELL for cell in table.css("td"))


def table_rows(table: LexborNode) -> tuple[list[list[str]], bool | None]:
    """Return rows of cells and whether the first row is the header (None when the markup does not say).

    A cell that spans columns stands once, in a header in every column; one that spans rows stands in each row, so that
    each row can be read alone.
    """
    rows: list[list[str]] = []
    header: bool | None = None
    spans: dict[int, tuple[int, str]] = {}
    for row in table.css("tr"):
        cells = [node for node in row.iter() if node.tag in ("td", "th")]
        if not rows and cells:
            first_names = all(cell.tag == "th" for cell in cells)
            header = True if first_names and len(cells) > 1 else None
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
