"""PowerPoint presentations of the years 1997 to 2003, read without PowerPoint or LibreOffice."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.doc import DAMAGED
from functions.ml.ingestion.parsing.readers.ppt_records import PptFile, Record, Sides
from functions.ml.ingestion.parsing.readers.ppt_shapes import BYTES, CHARACTERS, HEADER, Shape, Text, shapes, texts
from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.parsed import Block, ParsedDocument
from shared.contracts.boxes import Box

_DOCUMENT_ATOM, _SLIDE_LIST, _SLIDE_ENTRY, _SLIDE_ATOM, _SHOW = 0x03E9, 0x0FF0, 0x03F3, 0x03EF, 0x03F9
_SLIDES, _NOTES = 0, 2
_TITLES, _BODIES, _NOTE_TEXT = frozenset({0, 6}), frozenset({1, 5, 7, 8}), 2
_HIDDEN = 0x04
_SAME_LINE = 58  # a tenth of an inch in the format's units, 576 to the inch
_FEW = 10


class _Entry(NamedTuple):
    key: int
    slide_id: int
    outline: tuple[Text, ...]


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a presentation; hidden slides are left out with a warning.

    Raises:
        Invalid: damaged (`unreadable`) or locked (`password_protected`).
        TooLarge: more slides than pages allowed (`too_many_pages`).
    """
    try:
        return _Reader(PptFile(path)).read(limits)
    except DAMAGED as error:
        raise refusals.unreadable("The presentation is damaged and cannot be read.") from error


class _Reader:
    """One pass over the slides; counts the tables."""

    def __init__(self, document: PptFile) -> None:
        self._document = document
        atom = document.first(document.document, _DOCUMENT_ATOM)
        self._size = struct.unpack_from("<2i", document.content(atom), 0) if atom else (0, 0)
        self._tables = 0

    def read(self, limits: ParserLimits) -> ParsedDocument:
        """Return the slides in order, each with its notes."""
        slides = list(self._entries(_SLIDES))
        if len(slides) > limits.pages:
            raise refusals.too_many_pages(len(slides), limits.pages, "slide")
        notes = {entry.slide_id: entry for entry in self._entries(_NOTES)}
        blocks: list[Block] = []
        hidden = []
        for page, entry in enumerate(slides, start=1):
            record = self._document.persisted(entry.key)
            if self._is_hidden(record):
                hidden.append(page)
                continue
            blocks += self._slide(record, entry, page)
            blocks += self._notes(record, notes, page)
        shown = ", ".join(map(str, hidden[:_FEW])) + (", ..." if len(hidden) > _FEW else "")
        warnings = (f"Hidden slides were left out: {shown}.",) if hidden else ()
        title = clean(self._document.title)
        return ParsedDocument(tuple(blocks), pages=max(len(slides), 1), unit="slide", title=title, warnings=warnings)

    def _entries(self, instance: int) -> Iterator[_Entry]:
        """Yield the slides or notes of the list of such, with the texts of their placeholders."""
        document = self._document
        for part in document.inside(document.document):
            if part.kind != _SLIDE_LIST or part.instance != instance:
                continue
            heads: list[tuple[int, int]] = []
            outlines: list[list[Record]] = []
            for record in document.inside(part):
                if record.kind == _SLIDE_ENTRY:
                    key, _, _, slide_id = struct.unpack_from("<4I", document.content(record), 0)
                    heads.append((key, slide_id))
                    outlines.append([])
                elif outlines and record.kind in {HEADER, CHARACTERS, BYTES}:
                    outlines[-1].append(record)
            for (key, slide_id), outline in zip(heads, outlines, strict=True):
                yield _Entry(key, slide_id, tuple(_by_header(document, outline)))

    def _is_hidden(self, slide: Record) -> bool:
        show = self._document.first(slide, _SHOW)
        content = self._document.content(show) if show else b""
        return len(content) > 10 and bool(content[10] & _HIDDEN)  # noqa: PLR2004 - where the flags stand

    def _slide(self, slide: Record, entry: _Entry, page: int) -> Iterator[Block]:
        found = sorted(shapes(self._document, slide, entry.outline), key=_place)
        written = {shape.text.text for shape in found}
        # A placeholder whose shape does not point at its text has it in the list of slides alone.
        found += [Shape(text, None) for text in entry.outline if text.text.strip() and text.text not in written]
        titles = [shape for shape in found if shape.text.kind in _TITLES]
        for shape in [*titles, *(shape for shape in found if shape not in titles)]:
            yield from self._shape(shape, page)

    def _shape(self, shape: Shape, page: int) -> Iterator[Block]:
        boxes = self._boxes(shape.sides, page)
        if shape.table:
            ordinal, self._tables = self._tables, self._tables + 1
            rows = [[_plain(cell) for cell in row] for row in shape.table]
            for block in table_blocks(rows, table=ordinal, page=page):
                yield Block(block.kind, block.text, page=page, table=ordinal, header=block.header, cells=block.cells,
                            row=block.row, boxes=boxes)  # fmt: skip
            return
        if shape.text.kind in _TITLES:
            yield Block("heading", _plain(shape.text.text), level=1, page=page, boxes=boxes)
            return
        lines = [line for part in shape.text.text.split("\r") if (line := _plain(part))]
        listed = shape.text.kind in _BODIES and len(lines) > 1
        for line in lines:
            yield Block("list_item" if listed else "paragraph", line, page=page, boxes=boxes)

    def _boxes(self, sides: Sides | None, page: int) -> tuple[Box, ...]:
        width, height = self._size
        if sides is None or width <= 0 or height <= 0:
            return ()
        shares = (sides.left / width, sides.top / height, sides.right / width, sides.bottom / height)
        box = Box(0, page, *(round(min(max(share, 0.0), 1.0), 4) for share in shares))
        return (box,) if box.left < box.right and box.top < box.bottom else ()

    def _notes(self, slide: Record, notes: dict[int, _Entry], page: int) -> Iterator[Block]:
        atom = self._document.first(slide, _SLIDE_ATOM)
        key = struct.unpack_from("<I", self._document.content(atom), 16)[0] if atom else 0
        if key not in notes:
            return
        entry = notes[key]
        found = shapes(self._document, self._document.persisted(entry.key), entry.outline)
        for shape in found:
            if shape.text.kind == _NOTE_TEXT:
                for part in shape.text.text.split("\r"):
                    if text := _plain(part):
                        yield Block("note", text, page=page)


def _by_header(document: PptFile, records: list[Record]) -> Iterator[Text]:
    """Yield one text per header, empty where none follows, because shapes point at them by their number."""
    waiting: Text | None = None
    for record in records:
        if record.kind == HEADER:
            if waiting is not None:
                yield waiting
            waiting = Text(struct.unpack_from("<I", document.content(record), 0)[0], "")
        else:
            found = next(texts(document, [record]))
            waiting = Text(waiting.kind if waiting else found.kind, found.text)
    if waiting is not None:
        yield waiting


def _place(shape: Shape) -> tuple[bool, int, int]:
    """A shape without a place comes last."""
    sides = shape.sides or Sides(0, 0, 0, 0)
    return shape.sides is None, sides.top // _SAME_LINE, sides.left


def _plain(text: str) -> str:
    return clean(text.replace("\x0b", " ").translate(dict.fromkeys(range(9))))
