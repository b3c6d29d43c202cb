"""Word documents: paragraphs and tables in the order of the body, headings by style or outline level."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.docx_body import Body
from functions.ml.ingestion.parsing.readers.docx_notes import Notes
from functions.ml.ingestion.parsing.readers.docx_numbering import Numbering
from functions.ml.ingestion.parsing.readers.docx_styles import Styles, W, is_on
from functions.ml.ingestion.parsing.readers.opc import DAMAGE, Package, R
from functions.ml.ingestion.parsing.tables import clean
from functions.ml.parsed import Block, ParsedDocument

_MAIN = "word/document.xml"
_PAGES = re.compile(rb"<(?:\w+:)?Pages>\s*(\d{1,6})\s*<")
_TURN = f"{W}lastRenderedPageBreak"
# Word and its counter may differ by a page of a table; a larger difference means that one of them is from before.
_TOLERATED_SHARE = 0.02
HIDDEN = "Hidden text was left out."
CHANGES = "The document has tracked changes: what was deleted is left out, what was inserted is read."


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a document.

    Notes and comments follow the paragraph that they hang on, text boxes too. Left out: headers and footers but for the
    one of a first page, tables of contents, and, with a warning, hidden and deleted text.

    Raises:
        Invalid: damaged (`unreadable`).
        TooLarge: more pages than allowed (`too_many_pages`).
    """
    try:
        with closing(Package(path)) as package:
            return _read(package, limits)
    except DAMAGE as error:
        raise refusals.unreadable("The Word document is damaged and cannot be read.") from error


def _read(package: Package, limits: ParserLimits) -> ParsedDocument:
    main = package.target("", "officeDocument") or _MAIN
    root = package.xml(main)
    pages = _pages(package, root)
    if pages > limits.pages:
        raise refusals.too_many_pages(pages, limits.pages, "page")
    styles, numbering = Styles.of(_part(package, main, "styles")), Numbering.of(_part(package, main, "numbering"))
    body = Body(styles, numbering, Notes(package, main), paged=pages > 1)
    content = root.find(f"{W}body")
    blocks = [*_letterhead(package, main, root), *(body.blocks(content) if content is not None else ())]
    warnings = [HIDDEN] * body.hidden + [CHANGES] * body.changed
    return ParsedDocument(
        tuple(blocks),
        pages=pages,
        unit="page" if pages > 1 else "section",
        title=clean(package.title()),
        warnings=tuple(warnings),
    )


def _part(package: Package, main: str, kind: str) -> Any:
    part = package.target(main, kind)
    return package.xml(part) if part else None


def _pages(package: Package, root: Any) -> int:
    """Return how many pages Word saw when it saved the document; 1 where it left no marks or they cannot be trusted."""
    part = package.target("", "extended-properties")
    said = _PAGES.search(package.content(part)) if part else None
    if said is None:
        return 1
    marked = 1 + sum(1 for _ in root.iter(_TURN))
    return marked if abs(int(said[1]) - marked) <= _TOLERATED_SHARE * marked else 1


def _letterhead(package: Package, main: str, root: Any) -> Iterator[Block]:
    """Yield the header of the first page where it differs from the others': it stands once, and says who writes."""
    section = next(root.iter(f"{W}sectPr"), None)
    if section is None or not is_on(section, "titlePg"):
        return
    for reference in section.iter(f"{W}headerReference"):
        link = package.links(main).get(reference.get(f"{R}id", ""))
        if reference.get(f"{W}type") == "first" and link and package.has(link.target):
            header = Body(Styles(), Numbering(), Notes(package, link.target), paged=False)
            for block in header.blocks(package.xml(link.target)):
                yield Block("note", block.text)
