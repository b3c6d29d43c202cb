"""The shapes of a slide in PowerPoint's binary format: where they stand and what is written in them."""

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from functions.ml.ingestion.parsing.readers.ppt_records import PptFile, Record, Sides

HEADER, CHARACTERS, BYTES, OUTLINE_REFERENCE = 0x0F9F, 0x0FA0, 0x0FA8, 0x0F9E
_DRAWING, _GROUPS, _GROUP, _SHAPE = 0x040C, 0xF002, 0xF003, 0xF004
_GROUP_SIDES, _ANCHOR, _CHILD_ANCHOR, _TEXT_BOX, _MORE_OPTIONS = 0xF009, 0xF010, 0xF00F, 0xF00D, 0xF122
_TABLE_PROPERTY = 0x039F
_IS_TABLE = 0x1
_DEEPEST = 50
OTHER = 4


class Text(NamedTuple):
    """A text: its type (0 title, 1 body, 2 notes, 4 other, 6 title in the middle, ...) and its paragraphs as one."""

    kind: int
    text: str


class Shape(NamedTuple):
    """A shape that holds text, or a table of such.

    Attributes:
        text: what is written in it.
        sides: where it stands, None where nothing says so.
        table: of a table the texts by row and column, empty otherwise.
    """

    text: Text
    sides: Sides | None
    table: tuple[tuple[str, ...], ...] = ()


def texts(document: PptFile, records: Sequence[Record]) -> Iterator[Text]:
    """Yield the texts among records that stand one after the other: each a header and its characters."""
    kind = OTHER
    for record in records:
        if record.kind == HEADER:
            kind = struct.unpack_from("<I", document.content(record), 0)[0]
        elif record.kind == CHARACTERS:
            yield Text(kind, document.content(record).decode("utf-16-le", "replace"))
        elif record.kind == BYTES:
            yield Text(kind, document.content(record).decode("latin-1"))


def shapes(document: PptFile, slide: Record, outline: Sequence[Text]) -> Iterator[Shape]:
    """Yield the shapes of a slide that hold text.

    Args:
        document: the file.
        slide: the record of a slide or of notes.
        outline: the texts of its placeholders, which stand with the list of slides.
    """
    group = document.first(slide, _DRAWING, _GROUPS, _GROUP)
    if group is not None:
        yield from _inside(document, group, outline, None, 0)


def _inside(
    document: PptFile, group: Record, outline: Sequence[Text], frame: tuple[Sides, Sides] | None, depth: int
) -> Iterator[Shape]:
    for record in document.inside(group) if depth < _DEEPEST else ():
        if record.kind == _SHAPE:
            if shape := _shape(document, record, outline, frame):
                yield shape
        elif record.kind == _GROUP:
            inner = _frame(document, record, frame)
            found = list(_inside(document, record, outline, inner, depth + 1))
            if _is_table(document, record) and found:
                yield _as_table(found)
            else:
                yield from found


def _shape(
    document: PptFile, record: Record, outline: Sequence[Text], frame: tuple[Sides, Sides] | None
) -> Shape | None:
    sides = _sides(document, record, frame)
    box = document.first(record, _TEXT_BOX)
    if box is None:
        return None
    parts = list(document.inside(box))
    found = list(texts(document, parts))
    for part in parts:
        if part.kind == OUTLINE_REFERENCE:
            (index,) = struct.unpack_from("<I", document.content(part), 0)
            found += outline[index : index + 1]
    text = "\r".join(each.text for each in found)
    return Shape(Text(found[0].kind, text), sides) if text.strip() else None


def _sides(document: PptFile, record: Record, frame: tuple[Sides, Sides] | None) -> Sides | None:
    if anchor := document.first(record, _ANCHOR):
        return Sides.of(document.content(anchor), is_child=False)
    child = document.first(record, _CHILD_ANCHOR)
    if child is None:
        return None
    found = Sides.of(document.content(child), is_child=True)
    return _placed(found, *frame) if frame else found


def _frame(document: PptFile, group: Record, outer: tuple[Sides, Sides] | None) -> tuple[Sides, Sides] | None:
    """Return how a group maps its own units: the rectangle in these, and the one on the slide."""
    own = document.first(group, _SHAPE, _GROUP_SIDES)
    head = document.first(group, _SHAPE)
    outside = _sides(document, head, outer) if head else None
    return (Sides.of(document.content(own), is_child=True), outside) if own and outside else None


def _placed(sides: Sides, inside: Sides, outside: Sides) -> Sides:
    across = (outside.right - outside.left) / max(inside.right - inside.left, 1)
    down = (outside.bottom - outside.top) / max(inside.bottom - inside.top, 1)
    return Sides(
        round(outside.left + (sides.left - inside.left) * across),
        round(outside.top + (sides.top - inside.top) * down),
        round(outside.left + (sides.right - inside.left) * across),
        round(outside.top + (sides.bottom - inside.top) * down),
    )


def _is_table(document: PptFile, group: Record) -> bool:
    options = document.first(group, _SHAPE, _MORE_OPTIONS)
    if options is None:
        return False
    content = document.content(options)
    for at in range(0, min(6 * options.instance, len(content) - 5), 6):
        code, value = struct.unpack_from("<HI", content, at)
        if code & 0x3FFF == _TABLE_PROPERTY:
            return bool(value & _IS_TABLE)
    return False


def _as_table(cells: Sequence[Shape]) -> Shape:
    """Make rows and columns of the shapes by where they stand."""
    placed = [(cell, cell.sides) for cell in cells if cell.sides]
    tops = sorted({sides.top for _, sides in placed})
    lefts = sorted({sides.left for _, sides in placed})
    grid = [[""] * len(lefts) for _ in tops] if len(tops) * len(lefts) <= 100 * max(len(placed), 1) else []
    for cell, sides in placed if grid else ():
        grid[tops.index(sides.top)][lefts.index(sides.left)] = cell.text.text
    whole = Sides(*(pick(getattr(sides, name) for _, sides in placed) for name, pick in
                    (("left", min), ("top", min), ("right", max), ("bottom", max)))) if placed else None  # fmt: skip
    return Shape(Text(OTHER, "\r".join(cell.text.text for cell in cells)), whole, tuple(map(tuple, grid)))
