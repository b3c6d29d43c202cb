"""PDF: the text layer page by page, with its structure and where each piece of it stands."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.pdf_blocks import blocks_of, put_together
from functions.ml.ingestion.parsing.readers.pdf_headings import bookmarks, mark_headings
from functions.ml.ingestion.parsing.readers.pdf_layout import Passage, passages
from functions.ml.ingestion.parsing.readers.pdf_lines import Line
from functions.ml.ingestion.parsing.readers.pdf_pages import PageContent, read_page
from functions.ml.ingestion.parsing.readers.pdf_rows import Table
from functions.ml.ingestion.parsing.readers.pdf_running import without_running_lines
from functions.ml.ingestion.parsing.readers.pdf_tables import Item
from functions.ml.ingestion.parsing.tables import clean
from functions.ml.parsed import ParsedDocument


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a PDF.

    Returns:
        Blocks with the boxes of their text; no block at all where every page is unread.

    Raises:
        Invalid: locked (`password_protected`), damaged (`unreadable`), or with neither text nor pictures (`no_text`).
        TooLarge: more pages than allowed (`too_many_pages`).
    """
    document = _opened(path)
    count = len(document)
    if count > limits.pages:
        raise refusals.too_many_pages(count, limits.pages, "page")
    tagged = bool(pdfium.FPDFCatalog_IsTagged(document.raw))
    pages = [read_page(document, index, tagged=tagged) for index in range(count)]
    broken = [number for number, page in enumerate(pages, 1) if page.broken]
    unread = tuple(number for number, page in enumerate(pages, 1) if page.unread)
    if len(broken) == count:
        raise refusals.unreadable("No page of the PDF can be read.")
    if not unread and not any(page.items or page.comments for page in pages):
        raise refusals.no_text()
    parts = put_together(_passages(pages))
    tabled = sum(
        len(cell) for part in parts if not isinstance(part, Passage) for _, row in part.rows for cell in row.cells
    )
    mark_headings([part for part in parts if isinstance(part, Passage)], bookmarks(document), tabled=tabled)
    blocks = blocks_of(parts, [page.frame for page in pages])
    title = clean(document.get_metadata_value("Title") or "")
    return ParsedDocument(tuple(blocks), count, "page", title, _warnings(broken), unread)


def _opened(path: Path) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise refusals.password_protected() from error
        raise refusals.unreadable("The PDF is damaged and cannot be opened.") from error
    if document.get_formtype() != pdfium.FORMTYPE_NONE:
        document.init_forms()
    return document


def _passages(pages: Sequence[PageContent]) -> list[list[Passage | Table]]:
    kept = without_running_lines([page.items for page in pages], [page.frame.height for page in pages])
    body = _body_size(kept)
    found = []
    for number, (items, page) in enumerate(zip(kept, pages, strict=True), start=1):
        comments: list[Passage | Table] = [Passage([(number, line)], "note") for line in page.comments]
        found.append(passages(items, number, body) + comments)
    return found


def _body_size(pages: Sequence[Sequence[Item]]) -> float:
    sizes: Counter[float] = Counter()
    for items in pages:
        for item in items:
            if isinstance(item, Line):
                sizes[round(item.size, 1)] += len(item.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _warnings(broken: Sequence[int]) -> tuple[str, ...]:
    return (f"Page(s) {_listed(broken)} are damaged and were left out.",) if broken else ()


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:10]))
    return shown if len(numbers) <= 10 else f"{shown} and {len(numbers) - 10} more"  # noqa: PLR2004 - enough to go by
