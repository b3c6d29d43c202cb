"""Word documents of the years 1997 to 2003, read without Word or LibreOffice."""

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers import doc_file
from functions.ml.ingestion.parsing.readers.doc_file import DocFile, places
from functions.ml.ingestion.parsing.readers.doc_properties import (
    ParagraphProperties,
    Paragraphs,
    Style,
    left_out,
    styles,
)
from functions.ml.ingestion.parsing.readers.docx import CHANGES, HIDDEN
from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.parsed import Block, ParsedDocument

_FIELD_BEGIN, _FIELD_RESULT, _FIELD_END = "\x13", "\x14", "\x15"
_CELL_END = "\x07"
_ENDS = re.compile("[\r\x07\x0c]")
_SIGNS = str.maketrans({"\x0b": "\n", "\x0e": "\n", "\x1e": "-", "\x1f": None, "\xa0": " ", "\t": " ",
                        **{chr(sign): None for sign in (*range(9), *range(15, 19), 0xFFFC)}})  # fmt: skip
_SPACES = re.compile(r"[^\S\n]+")
_COMMENT_BYTES = 30
_LEFT_OUT = "\0"
_MOST_CELLS = 200
DAMAGED = (struct.error, ValueError, IndexError, OSError, TypeError, KeyError, AttributeError, EOFError)


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a document; headers and footers are left out, hidden and deleted text with a warning.

    Raises:
        Invalid: damaged (`unreadable`), locked (`password_protected`) or from before 1997 (`unsupported_type`).
    """
    del limits  # the format does not say where its pages end
    try:
        return _Reader(DocFile(path)).read()
    except DAMAGED as error:
        raise refusals.unreadable("The Word document is damaged and cannot be read.") from error


class _Reader:
    """One pass over the text."""

    def __init__(self, document: DocFile) -> None:
        self._document = document
        self._paragraphs = Paragraphs(document)
        self._styles = styles(document)
        hidden, deleted = left_out(document)
        self._text, self._hidden = self._without(document.text, hidden)
        self._text, self._deleted = self._without(self._text, deleted)
        self._tables = 0

    def _without(self, text: str, stretches: list[tuple[int, int]]) -> tuple[str, bool]:
        """Blot stretches of the file out of the text, but for the ends of paragraphs; tell whether any was there."""
        pieces = self._document.offsets()
        signs = list(text) if stretches else []
        found = False
        for start, end in stretches:
            for number, (first, offset, width) in enumerate(pieces):
                last = pieces[number + 1][0] if number + 1 < len(pieces) else len(text)
                begin = first + max(start - offset, 0) // width
                for place in range(begin, min(last, first + max(end - offset, 0) // width)):
                    if not _ENDS.match(signs[place]):
                        found = found or signs[place].isalnum()
                        signs[place] = _LEFT_OUT
        return ("".join(signs) if stretches else text), found

    def read(self) -> ParsedDocument:
        """Return the body with its notes, then the text boxes."""
        lengths = self._document.lengths
        blocks = list(self._blocks(0, lengths.body, self._notes()))
        before_boxes = lengths.body + lengths.footnotes + lengths.headers + lengths.comments + lengths.endnotes
        blocks += self._blocks(before_boxes, before_boxes + lengths.boxes, {})
        warnings = (*([HIDDEN] * self._hidden), *([CHANGES] * self._deleted))
        title = clean(self._document.title)
        return ParsedDocument(tuple(blocks), pages=1, unit="section", title=title, warnings=warnings)

    def _notes(self) -> dict[int, list[Block]]:
        """Return footnotes, comments and endnotes by the place that they hang on."""
        document, lengths = self._document, self._document.lengths
        comments_at = lengths.body + lengths.footnotes + lengths.headers
        found: dict[int, list[Block]] = {}
        for refs, texts, base, size, data_bytes, before in (
            (doc_file.FOOTNOTE_REFS, doc_file.FOOTNOTES, lengths.body, lengths.footnotes, 2, ""),
            (doc_file.COMMENT_REFS, doc_file.COMMENTS, comments_at, lengths.comments, _COMMENT_BYTES, "Comment"),
            (doc_file.ENDNOTE_REFS, doc_file.ENDNOTES, comments_at + lengths.comments, lengths.endnotes, 2, ""),
        ):
            plc = document.part(refs)
            anchors, bounds = places(plc, data_bytes)[:-1], places(document.part(texts), 0)
            for number, (anchor, start, end) in enumerate(zip(anchors, bounds, bounds[1:], strict=False)):
                text = clean(_plain(self._text[base + start : base + min(end, size)]))
                head = f"{before}{_initials(plc, len(anchors), number)}: " if before else ""
                if text:
                    found.setdefault(anchor, []).append(Block("note", head + text))
        return found

    def _blocks(self, start: int, end: int, notes: dict[int, list[Block]]) -> Iterator[Block]:
        """Yield the blocks between two places; a note follows the paragraph or table that it hangs on."""
        anchors = sorted(notes)
        rows: list[list[str]] = []
        cells: list[str] = []
        cell: list[str] = []
        told = 0
        for at, stop in self._ends(start, end):
            text, ending = self._text[at:stop], self._text[stop : stop + 1]
            properties = self._paragraphs.at(self._document.offset_of(stop))
            if properties.ends_row and ending == _CELL_END:
                rows.append(cells[:_MOST_CELLS])
                cells, cell = [], []
                continue
            if properties.in_table or ending == _CELL_END:
                cell.append(_plain(text))
                if ending == _CELL_END:
                    cells.append(clean(" ".join(cell)))
                    cell = []
                continue
            yield from self._table([*rows, cells] if cells else rows)
            rows, cells, cell = [], [], []
            yield from self._paragraph(text, properties)
            upto = bisect_right(anchors, stop)
            for anchor in anchors[told:upto]:
                yield from notes[anchor]
            told = upto
        yield from self._table([*rows, cells] if cells else rows)
        for anchor in anchors[told:]:
            yield from notes[anchor]

    def _ends(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        at = start
        for found in _ENDS.finditer(self._text, start, min(end, len(self._text))):
            yield at, found.start()
            at = found.end()
        if at < min(end, len(self._text)):
            yield at, min(end, len(self._text))

    def _table(self, rows: list[list[str]]) -> Iterator[Block]:
        if rows:
            ordinal, self._tables = self._tables, self._tables + 1
            yield from table_blocks(rows, table=ordinal)

    def _paragraph(self, text: str, properties: ParagraphProperties) -> Iterator[Block]:
        plain = _plain(text)
        style = self._styles.get(properties.style, Style())
        if not plain or style.is_contents:
            return
        level = style.level if properties.level is None else properties.level
        if level:
            yield Block("heading", clean(plain), level=level)
        else:
            yield Block("list_item" if properties.is_listed else "paragraph", plain)


def _initials(plc: bytes, count: int, number: int) -> str:
    """Return who comments, as ` by XY`. Source: [MS-DOC] 2.9.5 (ATRDPre10)."""
    at = 4 * (count + 1) + _COMMENT_BYTES * number
    size = int.from_bytes(plc[at : at + 2], "little")
    name = plc[at + 2 : at + 2 + 2 * min(size, 9)].decode("utf-16-le", "replace")
    return f" by {clean(name)}" if name.strip() else ""


def _plain(text: str) -> str:
    """Return what is shown: of a field its result, of surrogates the sign that they make."""
    shown: list[str] = []
    codes = 0  # how many fields are open whose result has not begun
    for piece in re.split("([\x13\x14\x15])", text):
        if piece == _FIELD_BEGIN:
            codes += 1
        elif piece == _FIELD_RESULT or (piece == _FIELD_END and codes):
            codes = max(codes - 1, 0)
        elif not codes and piece != _FIELD_END:
            shown.append(piece)
    plain = "".join(shown).translate(_SIGNS).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return "\n".join(line.strip() for line in _SPACES.sub(" ", plain).split("\n")).strip()
