"""PowerPoint presentations: slides in order, shapes in reading order, notes after their slide."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import pptx
from lxml.etree import LxmlError
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PythonPptxError
from pptx.shapes.group import GroupShape

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.parsed import Block, ParsedDocument

_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.VERTICAL_TITLE)
_LEFT_OUT = (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.HEADER)
_DEEPEST_GROUP = 50
# Shapes whose tops differ by less than this (a tenth of an inch in EMU) stand side by side.
_SAME_LINE_EMU = 91_440


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a presentation.

    Raises:
        Invalid: damaged (`unreadable`).
        TooLarge: more slides than pages allowed (`too_many_pages`).
    """
    try:
        presentation = pptx.Presentation(str(path))
        slides = list(presentation.slides)
        if len(slides) > limits.pages:
            raise refusals.too_many_pages(len(slides), limits.pages, "slide")
        blocks: list[Block] = []
        tables = 0
        for page, slide in enumerate(slides, start=1):
            found = list(_slide_blocks(slide, page, tables))
            tables += len({block.table for block in found if block.table >= 0})
            blocks += found
        title = clean(presentation.core_properties.title or "")
    except (
        PythonPptxError,
        LxmlError,
        BadZipFile,
        KeyError,
        AttributeError,
        ValueError,
        TypeError,
        IndexError,
    ) as error:
        raise refusals.unreadable("The presentation is damaged and cannot be read.") from error
    return ParsedDocument(tuple(blocks), pages=max(len(slides), 1), unit="slide", title=title)


def _slide_blocks(slide: Any, page: int, tables: int) -> Iterator[Block]:
    shapes = list(_in_reading_order(slide.shapes))
    titles = [shape for shape in shapes if _placeholder(shape) in _TITLES]
    for shape in titles:
        if text := clean(shape.text_frame.text):
            yield Block("heading", text, level=1, page=page)
    for shape in shapes:
        if shape in titles or _placeholder(shape) in _LEFT_OUT:
            continue
        if getattr(shape, "has_table", False):
            yield from _table(shape.table, tables, page)
            tables += 1
        elif getattr(shape, "has_text_frame", False):
            yield from _text_blocks(shape, page)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = (clean(paragraph.text) for paragraph in slide.notes_slide.notes_text_frame.paragraphs)
        yield from (Block("note", text, page=page) for text in notes if text)


def _in_reading_order(shapes: Iterable[Any], depth: int = 0) -> Iterator[Any]:
    """Yield shapes from top to bottom, then left to right, the shapes of a group together."""
    for shape in sorted(shapes, key=lambda shape: ((shape.top or 0) // _SAME_LINE_EMU, shape.left or 0)):
        if isinstance(shape, GroupShape) and depth < _DEEPEST_GROUP:
            yield from _in_reading_order(shape.shapes, depth + 1)
        else:
            yield shape


def _placeholder(shape: Any) -> Any:
    return shape.placeholder_format.type if shape.is_placeholder else None


def _text_blocks(shape: Any, page: int) -> Iterator[Block]:
    is_list = _placeholder(shape) in (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT)
    paragraphs = [(paragraph, clean(paragraph.text)) for paragraph in shape.text_frame.paragraphs]
    filled = [(paragraph, text) for paragraph, text in paragraphs if text]
    for paragraph, text in filled:
        listed = (is_list and len(filled) > 1) or paragraph.level > 0
        yield Block("list_item" if listed else "paragraph", text, page=page)


def _table(table: Any, ordinal: int, page: int) -> list[Block]:
    rows = [["" if cell.is_spanned else cell.text for cell in row.cells] for row in table.rows]
    return table_blocks(rows, table=ordinal, page=page, header=bool(table.first_row) or None)
