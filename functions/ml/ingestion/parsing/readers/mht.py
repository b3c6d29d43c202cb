"""Web archives: the page and the frames inside it; pictures, styles and scripts are left out."""

from dataclasses import replace
from pathlib import Path

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.mime import header, part_text, read_message
from functions.ml.ingestion.parsing.readers.html import parse_html
from functions.ml.parsed import ParsedDocument

_PAGES = frozenset({"text/html", "application/xhtml+xml"})


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a web archive.

    Raises:
        Invalid: it holds no page (`unreadable`).
    """
    del limits  # a web page has no pages
    message = read_message(path.read_bytes())
    parts = [part for part in message.walk() if part.get_content_type() in _PAGES]
    if not parts:
        raise refusals.unreadable("The web archive holds no page.")
    pages = [parse_html(part_text(part)) for part in parts]
    title = next((page.title for page in pages if page.title), "") or header(message, "Subject")
    blocks = []
    tables = 0
    for page in pages:
        blocks += [replace(block, table=block.table + tables if block.table >= 0 else -1) for block in page.blocks]
        tables += 1 + max((block.table for block in page.blocks), default=-1)
    return ParsedDocument(tuple(blocks), pages=1, unit="section", title=title)
