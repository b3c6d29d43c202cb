"""PowerPoint presentations: slides in order, shapes in reading order with their places, notes after their slide."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import pptx
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PythonPptxError

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.charts import A, chart_blocks, diagram_blocks
from functions.ml.ingestion.parsing.readers.opc import DAMAGE, R, root_of
from functions.ml.ingestion.parsing.readers.pictures import described
from functions.ml.ingestion.parsing.readers.pptx_comments import authors, comments
from functions.ml.ingestion.parsing.readers.pptx_places import Placed, placed_shapes
from functions.ml.ingestion.parsing.readers.pptx_text import lines
from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.parsed import Block, ParsedDocument

_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.VERTICAL_TITLE)
_LEFT_OUT = (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.HEADER)
_LISTS = (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT)
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_FEW = 10


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a presentation; hidden slides and shapes are left out with a warning.

    Raises:
        Invalid: damaged, or of the Strict variant, which the library does not read (`unreadable`).
        TooLarge: more slides than pages allowed (`too_many_pages`).
    """
    try:
        presentation = pptx.Presentation(str(path))
        slides = list(presentation.slides)
        if len(slides) > limits.pages:
            raise refusals.too_many_pages(len(slides), limits.pages, "slide")
        deck = _Deck(presentation)
        blocks = [block for page, slide in enumerate(slides, start=1) for block in deck.slide(slide, page)]
        title = clean(presentation.core_properties.title or "")
    except (PythonPptxError, *DAMAGE) as error:
        raise refusals.unreadable("The presentation is damaged or of the Strict variant and cannot be read.") from error
    warnings = tuple(deck.warnings())
    return ParsedDocument(tuple(blocks), pages=max(len(slides), 1), unit="slide", title=title, warnings=warnings)


class _Deck:
    """One pass over the slides; counts tables and what is hidden."""

    def __init__(self, presentation: Any) -> None:
        self._size = presentation.slide_width or 0, presentation.slide_height or 0
        self._authors = authors(presentation)
        self._tables = 0
        self._hidden_slides: list[int] = []
        self._hidden_shapes = False

    def warnings(self) -> Iterator[str]:
        """Yield what was left out."""
        if self._hidden_slides:
            shown = ", ".join(map(str, self._hidden_slides[:_FEW]))
            rest = ", ..." if len(self._hidden_slides) > _FEW else ""
            yield f"Hidden slides were left out: {shown}{rest}."
        if self._hidden_shapes:
            yield "Hidden text on slides was left out."

    def slide(self, slide: Any, page: int) -> Iterator[Block]:
        """Yield the blocks of a slide: titles, shapes in reading order, notes, comments."""
        if slide._element.get("show") in {"0", "false"}:
            self._hidden_slides.append(page)
            return
        shapes = [placed for placed in placed_shapes(slide, *self._size) if self._is_shown(placed.shape)]
        titles = [placed for placed in shapes if _placeholder(placed.shape) in _TITLES]
        for placed in titles:
            text = " ".join(line.text for line in lines(placed.shape._element))
            if text:
                yield Block("heading", text, level=1, page=page, boxes=placed.boxes(page))
        for placed in shapes:
            if placed not in titles and _placeholder(placed.shape) not in _LEFT_OUT:
                yield from self._shape(placed, page)
        yield from _notes(slide, page)
        for text in comments(slide, self._authors):
            yield Block("note", text, page=page)

    def _is_shown(self, shape: Any) -> bool:
        hidden = any(part.get("hidden") in {"1", "true"} for part in _properties(shape))
        self._hidden_shapes = self._hidden_shapes or hidden
        return not hidden

    def _shape(self, placed: Placed, page: int) -> Iterator[Block]:
        shape = placed.shape
        if getattr(shape, "has_table", False):
            yield from self._table(placed, page)
        elif getattr(shape, "has_text_frame", False):
            yield from _text_blocks(placed, page)
        else:
            for block in self._graphic(shape, page):
                yield replace(block, boxes=placed.boxes(page))

    def _graphic(self, shape: Any, page: int) -> Iterator[Block]:
        """Yield what a frame shows that another part holds, and what a person wrote about a picture."""
        for text in filter(None, (described(part.get("descr", "")) for part in _properties(shape))):
            yield Block("caption", text, page=page)
        element = shape._element
        for pointer in element.iter(_CHART, _DIAGRAM):
            is_chart = pointer.tag == _CHART
            root = root_of(shape.part.related_part(pointer.get(f"{R}id" if is_chart else f"{R}dm")).blob)
            if is_chart:
                yield from chart_blocks(root, table=self._tables, page=page)
                self._tables += 1
            else:
                yield from diagram_blocks(root, page=page)

    def _table(self, placed: Placed, page: int) -> Iterator[Block]:
        table = placed.shape.table
        heights = [max(int(row.height or 0), 1) for row in table.rows]
        edges = [0.0, *(height / sum(heights) for height in accumulate(heights))]
        ordinal, self._tables = self._tables, self._tables + 1
        for block in table_blocks(_grid(table), table=ordinal, page=page, header=bool(table.first_row) or None):
            row = block.row or 1
            yield replace(block, boxes=placed.boxes(page, edges[row - 1], edges[row]))


def _placeholder(shape: Any) -> Any:
    return shape.placeholder_format.type if shape.is_placeholder else None


def _properties(shape: Any) -> list[Any]:
    return list(shape._element.xpath("./*/p:cNvPr"))


def _text_blocks(placed: Placed, page: int) -> Iterator[Block]:
    found = list(lines(placed.shape._element))
    is_list = _placeholder(placed.shape) in _LISTS and len(found) > 1
    for line in found:
        listed = is_list or line.level > 0 or line.numbered
        yield Block("list_item" if listed else "paragraph", line.text, page=page, boxes=placed.boxes(page))


def _grid(table: Any) -> list[list[str]]:
    """Return the cells, a wide one once and a tall one in each row that it stands in."""
    grid: list[list[str]] = []
    for row in table._tbl.tr_lst:
        line: list[str] = []
        for cell in row.iter(f"{A}tc"):
            goes_on = cell.get("vMerge") in {"1", "true"} and grid and len(line) < len(grid[-1])
            line.append(grid[-1][len(line)] if goes_on else " ".join(part.text for part in lines(cell)))
        grid.append(line)
    return grid


def _notes(slide: Any, page: int) -> Iterator[Block]:
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        for line in lines(slide.notes_slide.notes_text_frame._txBody):
            yield Block("note", line.text, page=page)
