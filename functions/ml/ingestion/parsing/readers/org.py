"""Org files: headings, lists, tables and code; nothing is included from other files.

Source: orgmode.org/worg/org-syntax.html.
"""

import re
from collections.abc import Callable
from pathlib import Path

from functions.ml.ingestion.parsing.encodings import decode
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.line_blocks import LineBlocks
from functions.ml.parsed import ParsedDocument

_HEADING = re.compile(
    r"^(\*+)\s+(?:(?:TODO|DONE|NEXT|WAITING|CANCELLED)\s+)?(?:\[#\w\]\s+)?(.*?)(?:\s+:[\w@#%:]+:)?\s*$"
)
_KEYWORD = re.compile(r"^\s*#\+([\w-]+)(?:\[[^\]]*\])?:\s*(.*)$")
_BEGIN = re.compile(r"^\s*#\+begin_(\w+)", re.IGNORECASE)
_END = re.compile(r"^\s*#\+end_\w+", re.IGNORECASE)
_DRAWER = re.compile(r"^\s*:[\w-]+:\s*$")
_ITEM = re.compile(r"^(?:\s*(?:[-+]|\d+[.)]|[A-Za-z][.)])|\s+\*)\s+(?:\[@\d+\]\s*)?(\S.*)$")
_TERM = re.compile(r"^(.*?)\s+::(?:\s+(.*))?$")
_NOTE = re.compile(r"^\[fn:([^\]:]+)\]\s*(.*)$")
_LINK = re.compile(r"\[\[[^\]]*\]\[([^\]]*)\]\]")
_BARE_LINK = re.compile(r"\[\[(?:file:)?([^\]]*)\]\]")
_EMPHASIS = re.compile(r"(?<![\w*/=~+])([*/=~+])(?=\S)([^\n]*?\S)\1(?![\w*/=~+])")
_RULE_ROW = re.compile(r"^\s*\|[-+|]*$")
_COMMENT = re.compile(r"^\s*#(?:\s|$)")
_LONGEST = 50_000  # nobody marks up a paragraph of this size, and looking for the ends of marks in it takes minutes
_CODE = frozenset({"src", "example", "export"})


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse an Org file; comments, drawers and settings are left out.

    Raises:
        Invalid: the content is not text (`unreadable`).
    """
    del limits  # such a file has no pages
    reader = _Reader(decode(path.read_bytes()).split("\n"))
    reader.read()
    blocks = reader.found.blocks
    title = reader.title or next((block.text for block in blocks if block.kind == "heading"), "")
    return ParsedDocument(tuple(blocks), pages=1, unit="section", title=title)


def plain(text: str) -> str:
    """Return a text without its inline markup."""
    if len(text) > _LONGEST:
        return text
    return _EMPHASIS.sub(r"\2", _BARE_LINK.sub(r"\1", _LINK.sub(r"\1", text)))


class _Reader:
    """One pass over the lines."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = [line.rstrip() for line in lines]
        self._at = 0
        self.found = LineBlocks(plain)
        self.title = ""

    def read(self) -> None:
        """Read all lines."""
        while self._at < len(self._lines):
            line = self._lines[self._at]
            self._at += 1
            if not (self._silent(line) or self._block(line) or self._structural(line)):
                self.found.go_on(line.strip())
        self.found.close()

    def _silent(self, line: str) -> bool:
        if keyword := _KEYWORD.match(line):
            self._keyword(keyword[1].lower(), keyword[2])
        elif _DRAWER.match(line) and line.strip().upper() != ":END:":
            stop = self._find(lambda inner: inner.strip().upper() == ":END:", len(self._lines))
            self._at = stop + 1 if stop < len(self._lines) else self._at
        elif not line.strip() or _END.match(line) or _DRAWER.match(line):
            self.found.close()
        else:
            return bool(_COMMENT.match(line))
        return True

    def _keyword(self, name: str, value: str) -> None:
        if name == "title":
            self.title = plain(value).strip()
            self.found.heading(value, 1)
        elif name in {"author", "date"}:
            self.found.begin("paragraph", f"{name.capitalize()}: {value}")
            self.found.close()
        elif name == "caption":
            self.found.caption(value)

    def _block(self, line: str) -> bool:
        if begin := _BEGIN.match(line):
            name = begin[1].lower()
            if name in _CODE or name == "comment":
                stop = self._find(lambda inner: bool(_END.match(inner)), len(self._lines))
                if name != "comment":
                    self.found.code(self._lines[self._at : stop])
                self._at = stop + 1
            else:
                self.found.close()
        elif line.lstrip().startswith("|"):
            self._table()
        elif line.lstrip().startswith(": "):
            stop = self._find(lambda inner: not inner.lstrip().startswith(":"), len(self._lines))
            self.found.code([inner.lstrip()[2:] for inner in self._lines[self._at - 1 : stop]])
            self._at = stop
        else:
            return False
        return True

    def _table(self) -> None:
        start = self._at - 1
        stop = self._find(lambda inner: not inner.lstrip().startswith("|"), len(self._lines))
        lines = self._lines[start:stop]
        self._at = stop
        filled = [index for index, line in enumerate(lines) if not _RULE_ROW.match(line)]
        rows = [[cell.strip() for cell in lines[index].strip().strip("|").split("|")] for index in filled]
        ruled = bool(filled) and filled[0] + 1 < len(lines) - 1 and bool(_RULE_ROW.match(lines[filled[0] + 1]))
        self.found.table(rows, header=ruled or None)

    def _structural(self, line: str) -> bool:
        if heading := _HEADING.match(line):
            self.found.heading(heading[2], len(heading[1]) + bool(self.title))
        elif note := _NOTE.match(line):
            self.found.begin("note", f"{note[1]} {note[2]}")
        elif item := _ITEM.match(line):
            term = _TERM.match(item[1])
            self.found.begin("list_item", f"{term[1]}: {term[2] or ''}" if term else item[1])
        else:
            return False
        return True

    def _find(self, wanted: Callable[[str], bool], otherwise: int) -> int:
        return next((at for at in range(self._at, len(self._lines)) if wanted(self._lines[at])), otherwise)
