"""PDF: the text layer page by page, paragraphs rebuilt, headings guessed."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.pdf_layout import Paragraph, paragraphs, without_running_lines
from functions.ml.ingestion.parsing.readers.pdf_lines import Line, page_lines
from functions.ml.ingestion.parsing.tables import clean
from functions.ml.parsed import Block, ParsedDocument

_LONGEST_HEADING = 150
_MOST_HEADING_LINES = 3
_LARGER = 1.15
_DEEPEST_LEVEL = 4
_MOST_HEADING_SHARE = 0.25
_NUMBERED = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+\S")
_NOT_A_HEADING = re.compile(r"[,;]$|\.\s*\.\s*\.|^\W*$|\w\.$")


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a PDF.

    Raises:
        Invalid: locked (`password_protected`) or damaged (`unreadable`).
        TooLarge: more pages than allowed (`too_many_pages`).
    """
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise refusals.password_protected() from error
        raise refusals.unreadable("The PDF is damaged and cannot be opened.") from error
    count = len(document)
    if count > limits.pages:
        raise refusals.too_many_pages(count, limits.pages, "page")
    pages, broken, pictures = _read(document, count)
    if len(broken) == count > 0:
        raise refusals.unreadable("No page of the PDF can be read.")
    found = [item for number, lines in enumerate(without_running_lines(pages), 1) for item in paragraphs(lines, number)]
    title = clean(document.get_metadata_value("Title") or "")
    return ParsedDocument(tuple(_blocks(found)), count, "page", title, _warnings(broken), tuple(pictures))


def _read(document: pypdfium2.PdfDocument, count: int) -> tuple[list[list[Line]], list[int], list[int]]:
    """Return the lines of every page, the pages that cannot be loaded, and those of pictures without a text layer."""
    pages: list[list[Line]] = []
    broken = []
    pictures = []
    for index in range(count):
        try:
            page = document[index]
            textpage = page.get_textpage()
        except pypdfium2.PdfiumError:
            broken.append(index + 1)
            pages.append([])
            continue
        pages.append(page_lines(textpage))
        if not pages[-1] and any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3)):
            pictures.append(index + 1)
        textpage.close()
        page.close()
    return pages, broken, pictures


def _warnings(broken: Sequence[int]) -> tuple[str, ...]:
    return (f"Page(s) {_listed(broken)} are damaged and were left out.",) if broken else ()


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:10]))
    return shown if len(numbers) <= 10 else f"{shown} and {len(numbers) - 10} more"  # noqa: PLR2004 - enough to go by


def _blocks(found: Sequence[Paragraph]) -> list[Block]:
    levels = _heading_levels(found)
    blocks = []
    for index, item in enumerate(found):
        level = levels.get(index, 0)
        kind = "heading" if level else "list_item" if item.listed else "paragraph"
        blocks.append(Block(kind, clean(item.text) if level else item.text, level=level, page=item.page))  # type: ignore[arg-type]
    return blocks


def _heading_levels(found: Sequence[Paragraph]) -> dict[int, int]:
    """Return the level of each paragraph that is larger than the body text, or bold and numbered or alone.

    Nothing is a heading when too much would be: then size and weight mean something else in this document.
    """
    sizes: Counter[float] = Counter()
    bold_characters = 0
    for item in found:
        sizes[round(item.size, 1)] += len(item.text)
        bold_characters += len(item.text) if item.bold else 0
    total = sizes.total()
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    weight_tells = bold_characters < _MOST_HEADING_SHARE * total
    chosen = {index: item for index, item in enumerate(found) if _may_head(item, body, weight_tells=weight_tells)}
    if not chosen or sum(len(item.text) for item in chosen.values()) > _MOST_HEADING_SHARE * total:
        return {}
    steps = sorted({round(item.size) for item in chosen.values() if item.size > body * _LARGER}, reverse=True)
    return {index: _level(item, steps, body) for index, item in chosen.items()}


def _may_head(item: Paragraph, body: float, *, weight_tells: bool) -> bool:
    if item.lines > _MOST_HEADING_LINES or len(item.text) > _LONGEST_HEADING or _NOT_A_HEADING.search(item.text):
        return False
    if not any(character.isalpha() for character in item.text):
        return False
    return item.size > body * _LARGER or (weight_tells and item.bold and item.size > body * 0.95)


def _level(item: Paragraph, steps: Sequence[int], body: float) -> int:
    if numbered := _NUMBERED.match(item.text):
        return min(numbered[1].count(".") + 1, _DEEPEST_LEVEL)
    rank = steps.index(round(item.size)) if item.size > body * _LARGER else len(steps)
    return min(rank + 1, _DEEPEST_LEVEL)
