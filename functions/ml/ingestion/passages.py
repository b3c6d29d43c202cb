"""Read and cut one file, in the process of the document: what stands here is the work that has limits.

The answer is lines of JSON: what is known of the document first, then a line per passage, then a line per stretch that
can be drawn, so that whoever takes them need not hold them all.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from functions.ml.ingestion.chunking import chunker_for
from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.recognised_text import with_recognised
from functions.ml.ingestion.text import full_text
from functions.ml.ingestion.views import stretches
from functions.ml.parsed import Block, ParsedDocument
from functions.ml.recognised import load_page
from functions.ml.storage import chunk_fields

MOST_VIEW_BYTES = 32 * 1024 * 1024
"""What is kept to draw a document; of a longer one the first part."""


def read_passages(
    path: Path,
    *,
    filename: str,
    limits: ParserLimits,
    strategy: str,
    parameters: Mapping[str, object],
    recognised: Mapping[str, str],
) -> Iterator[bytes]:
    """Yield the answer, line by line.

    Args:
        path: where the bytes are.
        filename: the name that the owner gave the file.
        limits: pages and expansion; memory and time are the process's own.
        strategy: how to cut, see `chunker_for`.
        parameters: of the strategy.
        recognised: pages by their number, each as `dump_page` writes it.

    Raises:
        Invalid, TooLarge: as `parse_file` and `chunker_for`.
    """
    cut = chunker_for(strategy, parameters)
    document = parse_file(path, filename=filename, limits=limits)
    pages = {int(number): load_page(page.encode()) for number, page in recognised.items()}
    whole = with_recognised(document, pages) if pages else document
    chunks = cut(whole)
    yield _line(
        {
            "pages": document.pages,
            "warnings": document.warnings,
            "unread_pages": document.unread_pages,
            "format": document.format,
            "unit": document.unit,
            "title": document.title,
            "characters": len(full_text(whole).text),
            "chunks": len(chunks),
        }
    )
    for chunk in chunks:
        yield _line(chunk_fields(chunk))
    del chunks
    yield from view_lines(whole)


def view_lines(document: ParsedDocument) -> Iterator[bytes]:
    """Yield the stretches of a document as lines, as many as are kept."""
    size = 0
    for stretch in stretches(document):
        line = _line(stretch)
        size += len(line)
        if size > MOST_VIEW_BYTES:
            return
        yield line


def warm_up() -> None:
    """Cut a constant once, so that what the libraries make on first use is there before a process is forked."""
    document = ParsedDocument((Block("heading", "A", level=1), Block("paragraph", "A sentence.")), 1, "section")
    for chunk in chunker_for("structure", {})(document):
        _line(chunk_fields(chunk))


def _line(value: Mapping[str, Any]) -> bytes:
    """Return a line; half of a character that a damaged file holds becomes a question mark."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", errors="replace") + b"\n"
