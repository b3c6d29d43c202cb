"""Markdown as pieces: how expectations and the output of other parsers are read for measuring."""

import html
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

from benchmarks.document_measures import Piece

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HTML_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL | re.IGNORECASE)
_ADDRESS = r"\((?:[^()\n]|\([^()\n]*\))*\)"
_LINK = re.compile(rf"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\]{_ADDRESS}")
_TAG = re.compile(r"</?(?:br|u|b|i|em|strong|sub|sup|s|del|p|div|span|a|img|small|mark|ins)\b[^<>]*>", re.IGNORECASE)
_EMPHASIS = re.compile(r"(\*{1,3}|~~|`+)(?=\S)(.+?)(?<=\S)\1")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE = re.compile(r"^\s*(```|~~~)")
_CHECKBOX = re.compile(r"(?<!\S)\[[ xX]\](?=\s)")
_SEPARATOR = re.compile(r"^\|(?:\s*:?-+:?\s*\|)+$")
_CELL_END = re.compile(r"(?<!\\)\|")


def markdown_pieces(text: str) -> list[Piece]:
    """Return the pieces of a Markdown text in order: headings, rows of pipe and HTML tables, and lines.

    Comments, image placeholders, addresses of links, boxes to tick and marks of emphasis are no text; inside code
    nothing is a mark.
    """
    result: list[Piece] = []
    rest = _COMMENT.sub(" ", text)
    tables = 0
    position = 0
    for found in _HTML_TABLE.finditer(rest):
        result += _lines(rest[position : found.start()], tables)
        tables = 1 + max((piece.table for piece in result), default=-1)
        result += _html_rows(found[0], tables)
        tables += 1
        position = found.end()
    return [*result, *_lines(rest[position:], tables)]


def _lines(text: str, table: int) -> Iterator[Piece]:
    in_code = in_table = False
    for line in text.splitlines():
        stripped = line.strip()
        if _FENCE.match(line):
            in_code = not in_code
        elif in_code:
            yield Piece("text", line)
        elif len(stripped) > 1 and stripped.startswith("|") and stripped.endswith("|"):
            in_table = True
            if not _SEPARATOR.match(stripped):
                yield Piece("row", cells=tuple(map(inline, _CELL_END.split(stripped)[1:-1])), table=table)
            continue
        elif heading := _HEADING.match(line):
            yield Piece("heading", inline(heading[2]))
        elif stripped:
            yield Piece("text", inline(line.lstrip(" >")))
        table += in_table
        in_table = False


def inline(text: str) -> str:
    """Return a line as a person reads it."""
    shown = _TAG.sub(" ", _LINK.sub(r"\1", _LINK.sub(r"\1", _CHECKBOX.sub(" ", text))))
    for _ in range(3):
        shown = _EMPHASIS.sub(r"\2", shown)
    return html.unescape(_ESCAPE.sub(r"\1", shown)).strip()


def _html_rows(markup: str, table: int) -> Iterator[Piece]:
    for row in LexborHTMLParser(markup).css("tr"):
        cells = tuple(cell.text(separator=" ", strip=True) for cell in row.css("td, th"))
        yield Piece("row", cells=cells, table=table)
