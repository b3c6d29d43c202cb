"""XML files: documents (JATS, DocBook, TEI and their like) by their sections, data as records and named values."""

from pathlib import Path
from typing import Any

from functions.ml.ingestion.parsing.encodings import decode
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.xml_data import data_blocks
from functions.ml.ingestion.parsing.readers.xml_documents import article_blocks, is_article
from functions.ml.ingestion.parsing.xml_trees import xml_root
from functions.ml.parsed import ParsedDocument

_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse an XML file; a document type may be named, but is neither read nor followed.

    Raises:
        Invalid: the content is not well-formed (`unreadable`).
    """
    del limits  # an XML file has no pages
    root = _root(path.read_bytes())
    if is_article(root):
        title, blocks = article_blocks(root)
        return ParsedDocument(tuple(blocks), pages=1, unit="section", title=title)
    return ParsedDocument(tuple(data_blocks(root)), pages=1, unit="section")


def _root(data: bytes) -> Any:
    """Wide encodings often come without the mark or with a declaration that lies; ours are found by their zeros."""
    if data.startswith(_WIDE):
        text = decode(data).lstrip()
        if text.startswith("<?xml"):
            text = text[text.find("?>") + 2 :]
        data = text.encode()
    return xml_root(data.lstrip())
