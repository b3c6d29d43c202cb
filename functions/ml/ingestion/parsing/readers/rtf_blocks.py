"""Paragraphs, tables, lists and notes of rich text as blocks."""

import re
from typing import NamedTuple

from functions.ml.ingestion.parsing.readers.docx_styles import heading_level, is_contents
from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.parsed import Block

_SPACES = re.compile(r"[^\S\n]+")
_NUMBERED = re.compile(r"\w")
_BODY_LEVEL = 9
_MOST_CELLS = 200


class _Style(NamedTuple):
    level: int
    is_contents: bool


class _Cell(NamedTuple):
    goes_on_above: bool
    goes_on_left: bool


class Blocks:
    """Gathers text into blocks.

    Attributes:
        found: in reading order.
    """

    def __init__(self) -> None:
        self.found: list[Block] = []
        self._buffers: dict[str, list[str]] = {}
        self._notes: list[Block] = []
        self._styles: dict[int, _Style] = {}
        self._style = 0
        self._style_level = 0
        self._reset_paragraph()
        self._cells: list[str] = []
        self._cell: list[str] = []
        self._layout: list[_Cell] = []
        self._mark = [False, False]
        self._rows: list[list[str]] = []
        self._has_header = False
        self._tables = 0

    def _reset_paragraph(self) -> None:
        self._in_table = False
        self._paragraph_style = 0
        self._outline: int | None = None
        self._is_listed = False

    def captured(self, target: str) -> str:
        """Return the text of a destination."""
        return "".join(self._buffers.get(target, ()))

    def enter(self, target: str) -> None:
        """Begin a destination whose text is kept apart."""
        self._buffers[target] = []

    def text(self, text: str, target: str) -> None:
        """Take text of a destination."""
        if target == "stylesheet":
            self._style_name(text)
        elif target != "fonttbl":
            self._buffers.setdefault(target, []).append(text)

    def leave(self, target: str) -> None:
        """End a destination: a note hangs on the paragraph that it stands in."""
        if target == "footnote":
            self._note("", target)
        elif target == "annotation":
            author = clean(self.captured("atnauthor"))
            self._note(f"Comment by {author}: " if author else "Comment: ", target)
        elif target in {"listtext", "pntext"}:
            self._is_listed = True
            label = clean("".join(self._buffers.pop(target, ())))
            if _NUMBERED.search(label):
                self._buffers.setdefault("body", []).insert(0, f"{label} ")

    def _note(self, before: str, target: str) -> None:
        if text := clean("".join(self._buffers.pop(target, ()))):
            self._notes.append(Block("note", before + text))

    def word(self, word: str, number: int | None, target: str) -> None:
        """Follow a control word that is about paragraphs, tables or styles."""
        if target == "stylesheet":
            self._style_word(word, number)
        elif target != "body":
            if word == "par":
                self.text(" ", target)
        elif word in {"par", "sect", "page"}:
            self._end_paragraph()
        elif word == "pard":
            self._reset_paragraph()
        elif word in {"cell", "row", "trowd", "cellx", "trhdr", "clvmrg", "clmrg"}:
            self._table_word(word)
        else:
            self._paragraph_word(word, number)

    def _style_word(self, word: str, number: int | None) -> None:
        if word == "s":
            self._style, self._style_level = number or 0, 0
        elif word == "outlinelevel" and number is not None:
            self._style_level = number + 1 if 0 <= number < _BODY_LEVEL else 0

    def _style_name(self, text: str) -> None:
        name = text.strip(" ;").lower()
        if name:
            level = heading_level(name) or self._style_level
            self._styles[self._style] = _Style(level, is_contents(name))
            self._style_level = 0

    def _paragraph_word(self, word: str, number: int | None) -> None:
        if word == "s":
            self._paragraph_style = number or 0
        elif word == "intbl":
            self._in_table = True
        elif word == "outlinelevel":
            self._outline = number
        elif word == "ls":
            self._is_listed = True

    def _table_word(self, word: str) -> None:
        if word == "cell":
            self._cell.append(self._taken())
            if len(self._cells) < _MOST_CELLS:
                self._cells.append(clean(" ".join(self._cell)))
            self._cell = []
        elif word == "row":
            self._end_row()
        elif word == "trowd":
            self._layout, self._mark = [], [False, False]
        elif word == "cellx":
            self._layout.append(_Cell(*self._mark))
            self._mark = [False, False]
        elif word == "trhdr":
            self._has_header = self._has_header or not self._rows
        else:
            self._mark[word == "clmrg"] = True

    def _end_row(self) -> None:
        above = self._rows[-1] if self._rows else []
        row = []
        for column, cell in enumerate(self._cells):
            layout = (
                self._layout[column] if column < len(self._layout) else _Cell(goes_on_above=False, goes_on_left=False)
            )
            goes_on = layout.goes_on_above and not cell and column < len(above)
            row.append(above[column] if goes_on else cell)
        self._cells = []
        self._rows.append(row)

    def _taken(self) -> str:
        return "".join(self._buffers.pop("body", ()))

    def _end_paragraph(self) -> None:
        if self._in_table:
            self._cell.append(self._taken())
            return
        self._end_table()
        lines = _SPACES.sub(" ", self._taken()).split("\n")
        text = "\n".join(line.strip() for line in lines).strip()
        style = self._styles.get(self._paragraph_style, _Style(0, is_contents=False))
        if text and not style.is_contents:
            self.found.append(self._block(text, style))
        self._end_notes()

    def _block(self, text: str, style: _Style) -> Block:
        level = style.level
        if self._outline is not None:
            level = self._outline + 1 if 0 <= self._outline < _BODY_LEVEL else 0
        if level:
            return Block("heading", clean(text), level=level)
        return Block("list_item" if self._is_listed else "paragraph", text)

    def _end_table(self) -> None:
        if self._cells or any(self._cell):  # a row that its program did not end
            self._cells.append(clean(" ".join(self._cell)))
            self._cell = []
            self._end_row()
        if self._rows:
            self.found += table_blocks(self._rows, table=self._tables, header=self._has_header or None)
            self._tables += 1
            self._rows, self._has_header = [], False
            self._end_notes()

    def _end_notes(self) -> None:
        self.found += self._notes
        self._notes = []

    def end(self) -> None:
        """Close what is still open."""
        self._in_table = False
        self._end_paragraph()
