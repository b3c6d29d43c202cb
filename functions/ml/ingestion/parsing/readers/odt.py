"""OpenDocument texts."""

from contextlib import closing
from pathlib import Path

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.docx import CHANGES, HIDDEN
from functions.ml.ingestion.parsing.readers.odf import DAMAGE, TEXT, Odf, open_odf
from functions.ml.ingestion.parsing.readers.odf_body import Body, breaks_page
from functions.ml.parsed import ParsedDocument


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a text; tables of contents, headers and footers are left out, hidden and deleted text with a warning.

    Raises:
        Invalid: damaged (`unreadable`) or locked (`password_protected`).
        TooLarge: more pages or cells than allowed (`too_many_pages`, `parser_limit`).
    """
    try:
        with closing(open_odf(path)) as document:
            return _read(document, limits)
    except DAMAGE as error:
        raise refusals.unreadable("The OpenDocument text is damaged and cannot be read.") from error


def _read(document: Odf, limits: ParserLimits) -> ParsedDocument:
    content = document.body("text")
    title, _ = document.meta
    pages = _pages(document)
    if pages > limits.pages:
        raise refusals.too_many_pages(pages, limits.pages, "page")
    body = Body(document, page=1 if pages > 1 else None, turning=True)
    blocks = tuple(body.blocks(content))
    changed = any(True for _ in content.iter(f"{TEXT}deletion"))
    warnings = (*([HIDDEN] * body.hidden), *([CHANGES] * changed))
    return ParsedDocument(blocks, pages=pages, unit="page" if pages > 1 else "section", title=title, warnings=warnings)


def _pages(document: Odf) -> int:
    """Return how many pages the program saw when it saved the text, 1 where its marks do not say where they begin."""
    _, said = document.meta
    marked = 1 + sum(1 for _ in document.content.iter(f"{TEXT}soft-page-break"))
    for element in document.body("text").iter(f"{TEXT}p", f"{TEXT}h"):
        marked += breaks_page(document, element.get(f"{TEXT}style-name", ""))
    return marked if marked == said else 1
