"""Word documents: paragraphs and tables in the order of the body, headings by style or outline level."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import docx
from docx.opc.exceptions import OpcError
from lxml.etree import LxmlError

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.docx_styles import Styles, W, tag_value
from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.parsed import Block, BlockKind, ParsedDocument

_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXT = frozenset({f"{W}t", _MATH_TEXT})
_SEPARATORS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_SKIPPED = frozenset({f"{W}del", f"{W}moveFrom", f"{W}pPr", f"{W}rPr", f"{W}instrText", _FALLBACK})
_BOX = f"{W}txbxContent"
_CONTAINERS = frozenset({f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins", f"{W}moveTo", f"{W}smartTag"})
_SPACES = re.compile(r"[^\S\n]+")
_DEEPEST = 100


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a document; headers, footers and deleted text are left out, text boxes follow their paragraph.

    Raises:
        Invalid: damaged, or in the Strict variant that the library does not read (`unreadable`).
    """
    del limits  # a Word file does not say where its pages end
    try:
        document = docx.Document(str(path))
        body = document.element.body
        blocks = list(_Walk(Styles.of(document)).blocks(body)) if body is not None else []
        title = clean(document.core_properties.title or "")
    except (OpcError, LxmlError, BadZipFile, KeyError, AttributeError, ValueError, TypeError, IndexError) as error:
        raise refusals.unreadable(
            "The Word document is damaged or of the Strict variant and cannot be read."
        ) from error
    return ParsedDocument(tuple(blocks), pages=1, unit="section", title=title)


class _Walk:
    """One pass over a body; counts the tables."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._tables = 0

    def blocks(self, parent: Any, depth: int = 0) -> Iterator[Block]:
        """Yield the blocks under an element that holds paragraphs and tables."""
        if depth > _DEEPEST:
            return
        for element in parent:
            if element.tag == f"{W}p":
                yield from self._paragraph(element, depth)
            elif element.tag == f"{W}tbl":
                yield from self._table(element)
            elif element.tag in _CONTAINERS:
                yield from self.blocks(element, depth + 1)

    def _paragraph(self, element: Any, depth: int) -> Iterator[Block]:
        boxes: list[Any] = []
        text = _tidy("".join(_pieces(element, boxes)))
        if text:
            kind, level = self._kind(element)
            yield Block(kind, clean(text) if kind == "heading" else text, level=level)
        for box in boxes:
            yield from self.blocks(box, depth + 1)

    def _kind(self, element: Any) -> tuple[BlockKind, int]:
        properties = element.find(f"{W}pPr")
        style = tag_value(properties, "pStyle")
        level = self._styles.level(style, tag_value(properties, "outlineLvl"))
        if level:
            return "heading", level
        numbered = properties is not None and properties.find(f"{W}numPr") is not None
        if numbered or self._styles.is_list(style):
            return "list_item", 0
        return self._styles.kind(style), 0

    def _table(self, element: Any) -> list[Block]:
        rows = list(_rows(element))
        ordinal, self._tables = self._tables, self._tables + 1
        above: list[str] = []
        cells: list[list[str]] = []
        for row in rows:
            above = _cells(row, above)
            cells.append(above)
        marked = bool(rows) and rows[0].find(f"{W}trPr/{W}tblHeader") is not None
        return table_blocks(cells, table=ordinal, header=marked or None)


def _rows(table: Any) -> Iterator[Any]:
    for element in table:
        if element.tag == f"{W}tr":
            yield element
        elif element.tag in _CONTAINERS:
            yield from _rows(element)


def _cells(row: Any, above: list[str]) -> list[str]:
    """Return a row's cells by grid column: a wide cell once, a tall cell in every row that it stands in."""
    cells: list[str] = []
    for cell in row.iter(f"{W}tc"):
        if next(cell.iterancestors(f"{W}tr")) is not row:
            continue  # of a table inside a cell, which is text of that cell
        properties = cell.find(f"{W}tcPr")
        merge = properties.find(f"{W}vMerge") if properties is not None else None
        width = int(tag_value(properties, "gridSpan") or 1)
        if merge is not None and merge.get(f"{W}val") != "restart" and len(cells) < len(above):
            cells.append(above[len(cells)])
        else:
            cells.append(_cell_text(cell))
        cells += [""] * (min(width, 100) - 1)
    return cells


def _cell_text(cell: Any) -> str:
    boxes: list[Any] = []
    texts = ["".join(_pieces(paragraph, boxes)) for paragraph in cell.iter(f"{W}p")]
    return " ".join(text for text in texts if text.strip())


def _pieces(element: Any, boxes: list[Any], depth: int = 0) -> Iterable[str]:
    """Yield the visible text under a paragraph and collect its text boxes."""
    for child in element:
        tag = child.tag
        if tag in _TEXT:
            yield child.text or ""
        elif tag in _SEPARATORS:
            yield _SEPARATORS[tag]
        elif tag == _BOX:
            boxes.append(child)
        elif tag not in _SKIPPED and len(child) and depth < _DEEPEST:
            yield from _pieces(child, boxes, depth + 1)


def _tidy(text: str) -> str:
    return "\n".join(line.strip() for line in _SPACES.sub(" ", text).split("\n")).strip()
