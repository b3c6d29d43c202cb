"""One PDF page as lines and tables, read and let go before the next one is opened."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2

from functions.ml.ingestion.parsing.readers.pdf_fields import with_fields
from functions.ml.ingestion.parsing.readers.pdf_geometry import Frame, page_frame
from functions.ml.ingestion.parsing.readers.pdf_lines import Line, PageText
from functions.ml.ingestion.parsing.readers.pdf_order import in_order
from functions.ml.ingestion.parsing.readers.pdf_rules import Drawings, drawings
from functions.ml.ingestion.parsing.readers.pdf_tables import Item, with_tables
from functions.ml.ingestion.parsing.readers.pdf_tags import heading_levels

# Private use, replacement and control characters: what comes out when a font does not say which letters it shows.
_GARBAGE = re.compile("[\x00\x01\x03-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff\uffff\U000f0000-\U0010ffff]")
_MOST_GARBAGE = 0.5
_FEW_LETTERS = 30
_PICTURE = 0.4  # of the page
_PICTURE_ALONE = 0.05
_DRAWN_LETTERS = 200  # shapes on a page without any text: the letters may be among them
_EMPTY = Frame(1.0, 1.0, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0))


@dataclass(frozen=True, slots=True)
class PageContent:
    """What is kept of a page.

    Attributes:
        items: lines and tables in reading order, without their words' places.
        frame: the page's size and turn.
        comments: what people wrote on it.
        unread: whether its text is a picture, or letters that nobody can tell.
        broken: whether it cannot be opened.
    """

    items: list[Item]
    frame: Frame = _EMPTY
    comments: tuple[Line, ...] = ()
    unread: bool = False
    broken: bool = False


def read_page(document: pypdfium2.PdfDocument, index: int, *, tagged: bool) -> PageContent:
    """Read one page and close it.

    Args:
        document: open.
        index: of the page, from 0.
        tagged: whether the document says which of its text is a heading.
    """
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return PageContent([], broken=True)
    try:
        textpage = page.get_textpage()
    except pypdfium2.PdfiumError:
        page.close()
        return PageContent([], broken=True)
    try:
        return _content(document, page, textpage, tagged=tagged)
    finally:
        textpage.close()
        page.close()


def _content(
    document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, textpage: pypdfium2.PdfTextPage, *, tagged: bool
) -> PageContent:
    frame = page_frame(page.raw)
    raw = textpage.get_text_range(errors="ignore")
    drawn = drawings(page.raw, frame)
    letters = len(raw) - raw.count(" ") - raw.count("\r") - raw.count("\n")
    garbled = letters > 0 and len(_GARBAGE.findall(raw)) > _MOST_GARBAGE * letters
    found = [] if garbled else PageText(textpage.raw, raw, frame, tagged=tagged).lines()
    lines = [line for line in found if line.text and _is_shown(line, frame)]
    if tagged:
        levels = heading_levels(page.raw)
        for line in lines:
            line.mark = levels.get(line.mark, 0)
    lines, comments = with_fields(document, page, frame, lines)
    pictured = letters < _FEW_LETTERS and drawn.pictures >= (_PICTURE if letters else _PICTURE_ALONE)
    outlined = letters == 0 and drawn.strokes >= _DRAWN_LETTERS
    items = list(_items(lines, drawn, frame))
    return PageContent(items, frame, comments, unread=(garbled or pictured or outlined))


def _is_shown(line: Line, frame: Frame) -> bool:
    """Tell whether any of a line stands inside the page: what the crop box cuts off nobody sees."""
    width, height = (frame.height, frame.width) if line.turn % 2 else (frame.width, frame.height)
    return line.right > 0 and line.left < width and line.bottom > 0 and line.top < height


def _items(lines: list[Line], drawn: Drawings, frame: Frame) -> Iterator[Item]:
    """Yield lines and tables, each turn of the text by itself."""
    for turn in dict.fromkeys(line.turn for line in lines):
        same = [line for line in lines if line.turn == turn]
        for item in in_order(with_tables(same, _turned(drawn, frame, turn))):
            if isinstance(item, Line):
                item.words = []
            yield item


def _turned(drawn: Drawings, frame: Frame, turn: int) -> Drawings:
    if turn == 0:
        return drawn
    flat = [frame.turned((left, y, right, y), turn) for y, left, right in drawn.level]
    high = [frame.turned((x, top, x, bottom), turn) for x, top, bottom in drawn.upright]
    if turn % 2:
        flat, high = high, flat
    return Drawings(
        [(top, left, right) for left, top, right, _ in flat], [(left, top, low) for left, top, _, low in high]
    )
