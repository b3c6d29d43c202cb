"""The tables of LaTeX as rows of cells."""

from collections.abc import Sequence

from pylatexenc.latexwalker import LatexGroupNode, LatexMacroNode, LatexNode, LatexSpecialsNode

from functions.ml.ingestion.parsing.readers.latex_inline import inline_text

_MOST_COLUMNS = 200
_ROW_ENDS = frozenset({"\\", "tabularnewline", "cr"})


def table_cells(nodes: Sequence[LatexNode]) -> list[list[str]]:
    """Return the rows of a table: a wide cell once, a tall one in every row that it stands in."""
    rows: list[list[str]] = [[]]
    cell: list[LatexNode] = []
    tall: dict[int, tuple[int, str]] = {}
    for node in nodes:
        if isinstance(node, LatexMacroNode) and node.macroname in _ROW_ENDS:
            _close(rows[-1], cell, tall)
            rows.append([])
            cell = []
        elif isinstance(node, LatexSpecialsNode) and node.specials_chars == "&":
            _close(rows[-1], cell, tall)
            cell = []
        else:
            cell.append(node)
    _close(rows[-1], cell, tall)
    return [row for row in rows if any(text.strip() for text in row)]


def _close(row: list[str], cell: Sequence[LatexNode], tall: dict[int, tuple[int, str]]) -> None:
    text = inline_text(cell).strip()
    column = len(row)
    above = tall.pop(column, None)
    if above is not None and not text:
        text = above[1]
        if above[0] > 1:
            tall[column] = (above[0] - 1, text)
    for name, height in _spans(cell, "multirow"):
        if name and height > 1:
            tall[column] = (height - 1, text)
    row.append(text)
    width = next((width for _, width in _spans(cell, "multicolumn")), 1)
    row += [""] * (width - 1)


def _spans(cell: Sequence[LatexNode], name: str) -> list[tuple[str, int]]:
    found = []
    for node in cell:
        if isinstance(node, LatexMacroNode) and node.macroname == name and node.nodeargd:
            groups = [part for part in node.nodeargd.argnlist if isinstance(part, LatexGroupNode)]
            count = inline_text(groups[0].nodelist).strip() if groups else ""
            found.append((name, min(int(count), _MOST_COLUMNS) if count.isdecimal() else 1))
    return found
