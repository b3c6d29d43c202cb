"""Markdown (CommonMark with tables) and the front matter that may stand before it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from functions.ml.ingestion.parsing.encodings import decode
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.html import parse_html
from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.parsed import Block, BlockKind, ParsedDocument

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE_LINE = re.compile(r"^title\s*:\s*(.+)$", re.MULTILINE | re.IGNORECASE)
_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a Markdown file.

    Raises:
        Invalid: the content is not text (`unreadable`).
    """
    del limits  # a Markdown file has no pages
    return parse_markdown(decode(path.read_bytes()))


def parse_markdown(text: str) -> ParsedDocument:
    """Parse Markdown that is already text."""
    front = _FRONT_MATTER.match(text)
    blocks: list[Block] = []
    title = ""
    if front:
        text = text[front.end() :]
        blocks = [Block("paragraph", front[1].strip())] if front[1].strip() else []
        named = _TITLE_LINE.search(front[1])
        title = named[1].strip().strip("\"'") if named else ""
    blocks += _blocks(_reader().parse(text))
    return ParsedDocument(tuple(blocks), pages=1, unit="section", title=title)


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": True, "maxNesting": _DEEPEST}).enable(["table", "strikethrough"])
    return reader.use(footnote_plugin).use(deflist_plugin)


_DEEPEST = 100
_KINDS: dict[str, BlockKind] = {"list_item": "list_item", "dt": "list_item", "dd": "list_item", "footnote": "note"}


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    tables = 0
    rows: list[list[str]] = []
    level = 0
    inside: list[BlockKind] = []
    for token in tokens:
        name, _, turn = token.type.rpartition("_")
        if token.type == "table_close":
            yield from table_blocks(rows, table=tables, header=True)
            tables, rows = tables + 1, []
        elif token.type == "tr_open":
            rows.append([])
        elif name == "heading":
            level = int(token.tag[1]) if turn == "open" else 0
        elif name in _KINDS and turn in ("open", "close"):
            inside = [*inside, _KINDS[name]] if turn == "open" else inside[:-1]
        elif token.type == "inline" and rows:
            rows[-1].append(_inline(token))
        elif token.type == "html_block":
            found = [_moved(block, tables) for block in parse_html(token.content).blocks]
            tables = 1 + max((block.table for block in found), default=tables - 1)
            yield from found
        else:
            yield from _leaf(token, "heading" if level else inside[-1] if inside else "paragraph", level)


def _moved(block: Block, tables: int) -> Block:
    return replace(block, table=block.table + tables) if block.table >= 0 else block


def _leaf(token: Token, kind: BlockKind, level: int) -> Iterator[Block]:
    if token.type == "inline":
        text = _inline(token)
        if text.strip():
            yield Block(kind, clean(text) if kind == "heading" else text.strip(), level=level)
    elif token.type in ("fence", "code_block") and token.content.strip():
        yield Block("code", token.content.rstrip("\n"))


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
