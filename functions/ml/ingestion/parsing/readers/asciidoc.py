"""AsciiDoc: headings, lists, tables, code and admonitions; nothing is included from other files.

Source: docs.asciidoctor.org/asciidoc/latest (the syntax as Asciidoctor reads it).
"""

import re
from pathlib import Path

from functions.ml.ingestion.parsing.encodings import decode
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.line_blocks import LineBlocks
from functions.ml.ingestion.parsing.readers.asciidoc_inline import plain
from functions.ml.ingestion.parsing.readers.asciidoc_tables import has_named_header, table_grid
from functions.ml.parsed import ParsedDocument

_ATTRIBUTE = re.compile(r"^:(!?[\w][\w-]*!?):(?:\s+(.*))?$")
_HEADING = re.compile(r"^(={1,6}|#{1,6})\s+(\S.*)$")
_TITLE = re.compile(r"^\.([^\s.].*)$")
_BLOCK_ATTRIBUTES = re.compile(r"^\[(?!\[)(.*)\]$|^\[\[.*\]\]$")
_ITEM = re.compile(r"^\s*(?:[*-]{1,5}|\.{1,5}|\d+\.|[a-zA-Z]\.|<(?:\d+|\.)>)\s+(\S.*)$")
_TERM = re.compile(r"^\s*(\S.*?)(?::{2,4}|;;)(?:\s+(.*))?$")
_MACRO = re.compile(r"^(include|image|video|audio|toc|ifdef|ifndef|ifeval|endif)::(\S*?)\[(.*)\]$")
_CODE = re.compile(r"^(-{4,}|\.{4,}|`{3,}\w*|\+{4,})$")
_COMMENT = re.compile(r"^/{4,}$")
_TABLE = re.compile(r"^[|!,:]={3,}$")
_BARE_ROW = re.compile(r"^\|.*\|$")
_CONTAINER = re.compile(r"^(?:={4,}|\*{4,}|_{4,}|--|'{3,}|<{3,}|\+)$")


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse an AsciiDoc file; comments, attributes and anchors are left out.

    Raises:
        Invalid: the content is not text (`unreadable`).
    """
    del limits  # such a file has no pages
    reader = _Reader(decode(path.read_bytes()).split("\n"))
    reader.read()
    blocks = reader.found.blocks
    title = next((block.text for block in blocks if block.kind == "heading"), "")
    return ParsedDocument(tuple(blocks), pages=1, unit="section", title=title)


class _Reader:
    """One pass over the lines."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = [line.rstrip() for line in lines]
        self._at = 0
        self._attributes: dict[str, str] = {}
        self._options = ""  # of the block that follows
        self.found = LineBlocks(lambda text: plain(text, self._attributes))

    def read(self) -> None:
        """Read all lines."""
        while self._at < len(self._lines):
            line = self._lines[self._at]
            self._at += 1
            if not (self._delimited(line) or self._silent(line) or self._structural(line)):
                self._text(line)
        self.found.close()

    def _delimited(self, line: str) -> bool:
        """Take a block that runs to the line that opened it."""
        if _COMMENT.match(line):
            self._until(line)
        elif _CODE.match(line):
            self.found.code(self._until("```" if line.startswith("```") else line))
        elif _TABLE.match(line):
            rows = self._until(line)
            header = has_named_header(rows, self._options) if rows else None
            self.found.table(table_grid(rows, self._options, line[0]), header=header)
        elif _BARE_ROW.match(line) and not self.found.is_open:
            rows = [row.rstrip("|") for row in [line, *self._bare_rows()]]
            self.found.table(table_grid(rows, "", "|"), header=None)
        else:
            return False
        self._options = ""
        return True

    def _bare_rows(self) -> list[str]:
        """Take rows that nobody put between delimiters, as in Markdown."""
        start = self._at
        while self._at < len(self._lines) and _BARE_ROW.match(self._lines[self._at]):
            self._at += 1
        return self._lines[start : self._at]

    def _until(self, end: str) -> list[str]:
        try:
            stop = self._lines.index(end, self._at)
        except ValueError:
            stop = len(self._lines)  # nobody closed it: it runs to the end of the file
        inside = self._lines[self._at : stop]
        self._at = stop + 1
        return inside

    def _silent(self, line: str) -> bool:
        """Take what says nothing by itself: comments, attributes, delimiters, conditions."""
        if attribute := _ATTRIBUTE.match(line):
            self._attributes[attribute[1].strip("!").lower()] = attribute[2] or ""
        elif options := _BLOCK_ATTRIBUTES.match(line):
            self.found.close()
            self._options = options[1] or self._options
        elif macro := _MACRO.match(line):
            if macro[1] in {"image", "video"}:
                self.found.caption(macro[3].split(",")[0].strip('" ').partition("=")[0] if macro[3] else "")
        elif _CONTAINER.match(line):
            self.found.close()
        elif not line.startswith("//"):
            return False
        return True

    def _structural(self, line: str) -> bool:
        if heading := _HEADING.match(line):
            self.found.heading(heading[2], len(heading[1]))
        elif title := _TITLE.match(line):
            self.found.caption(title[1])
        elif item := _ITEM.match(line):
            self.found.begin("list_item", item[1])
        elif term := _TERM.match(line):
            self.found.begin("list_item", f"{term[1]}: {term[2]}" if term[2] else f"{term[1]}:")
        else:
            return False
        return True

    def _text(self, line: str) -> None:
        if not line.strip():
            self.found.close()
            return
        if not self.found.is_open and self._options.split(",")[0] in {"source", "listing", "literal"}:
            end = next((at for at in range(self._at, len(self._lines)) if not self._lines[at]), len(self._lines))
            self.found.code([line, *self._lines[self._at : end]])
            self._at = end
        elif not self.found.is_open and self._options.isupper() and self._options.isalpha():
            self.found.begin("paragraph", f"{self._options}: {line}")
        else:
            self.found.go_on(line.strip())
        self._options = ""
