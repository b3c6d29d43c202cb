"""Plain text: paragraphs between empty lines."""

import re
from pathlib import Path

from functions.ml.ingestion.parsing.encodings import decode
from functions.ml.ingestion.parsing.format import Format
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.parsed import Block, ParsedDocument

_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_BULLET = re.compile(r"^\s*(?:[-*•‣▪·]|\d{1,3}[.)])\s+\S")

_LONGEST_WRAPPED_LINE = 160

FORMAT = Format(
    name="plain",
    title="text file",
    extensions=("txt", "text", "log", ""),
    media_type="text/plain",
    reader=__name__,
    is_text=True,
)


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a text file of any encoding.

    Raises:
        Invalid: the content is not text (`unreadable`).
    """
    del limits  # a text file has no pages
    return ParsedDocument(tuple(text_blocks(decode(path.read_bytes()))), pages=1, unit="section")


def text_blocks(text: str) -> list[Block]:
    """Return the paragraphs and list items of a text."""
    paragraphs = (part.strip() for part in _BLANK_LINES.split(text))
    return [block for part in paragraphs if part for block in _blocks(part)]


def _blocks(paragraph: str) -> list[Block]:
    """Split a paragraph whose lines are all list items, or longer than anybody wraps them; keep any other whole."""
    lines = [line for line in paragraph.split("\n") if line.strip()]
    if len(lines) > 1 and max(map(len, lines)) > _LONGEST_WRAPPED_LINE:
        return [Block("paragraph", line.strip()) for line in lines]
    if len(lines) > 1 and all(_BULLET.match(line) for line in lines):
        return [Block("list_item", line.strip()) for line in lines]
    return [Block("paragraph", paragraph)]
