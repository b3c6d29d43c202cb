"""Markdown (CommonMark with tables) and the front matter that may stand before it."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from functions.ml.ingestion.parsing.encodings import decode
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.parsed import Block, BlockKind, ParsedDocument

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE_LINE = re.compile(r"^title\s*:\s*(.+)$", re.MULTILINE | re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^>]*>|<!--.*?-->", re.DOTALL)
_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a Markdown file.

    Raises:
        Invalid: the content is not text (`unreadable`).
    """
    del limits  # a Markdown file has no pages
    text = decode(path.read_bytes())
    front = _FRONT_MATTER.match(text)
    blocks: list[Block] = []
    title = ""
    if front:
        text = text[front.end() :]
        blocks = [Block("paragraph", front[1].strip())] if front[1].strip() else []
        named = _TITLE_LINE.search(front[1])
        title = named[1].strip().strip("\"'") if named else ""
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    blocks += _blocks(tokens)
    return ParsedDocument(tuple(blocks), pages=1, unit="section", title=title)


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    tables = 0
    rows: list[list[str]] = []
    kind: BlockKind = "paragraph"
    level = lists = 0
    for token in tokens:
        if token.type == "table_close":
            yield from table_blocks(rows, table=tables, header=True)
            tables, rows = tables + 1, []
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "heading_open":
            kind, level = "heading", int(token.tag[1])
        elif token.type == "heading_close":
            kind, level = "paragraph", 0
        elif token.type in ("list_item_open", "list_item_close"):
            lists += 1 if token.type == "list_item_open" else -1
        elif token.type == "inline" and rows:
            rows[-1].append(_inline(token))
        else:
            yield from _leaf(token, "list_item" if lists and kind == "paragraph" else kind, level)


def _leaf(token: Token, kind: BlockKind, level: int) -> Iterator[Block]:
    if token.type == "inline":
        text = _inline(token)
        if text.strip():
            yield Block(kind, clean(text) if kind == "heading" else text.strip(), level=level)
    elif token.type in ("fence", "code_block"):
        if token.content.strip():
            yield Block("code", token.content.rstrip("\n"))
    elif token.type == "html_block":
        text = _TAG.sub(" ", _BREAK_TAG.sub("\n", token.content))
        if text.strip():
            yield Block(kind, clean(text))


def _inline(token: Token) -> str:
    """Return the text of inline content: markup and addresses of links left out, descriptions of pictures kept."""
    pieces = []
    for child in token.children or ():
        if child.type in ("text", "code_inline", "text_special"):
            pieces.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            pieces.append("\n")
        elif child.type == "image":
            pieces.append(child.content)
        elif child.type == "html_inline" and _BREAK_TAG.match(child.content):
            pieces.append("\n")
    return "".join(pieces)
