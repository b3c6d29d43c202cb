"""Properties of paragraphs and characters in Word's binary format, and the styles that name headings.

Source: [MS-DOC] sections 2.6.1 and 2.6.2 (Sprm), 2.9.174 (PapxFkp), 2.9.33 (ChpxFkp), 2.9.271 (STSH).
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from functions.ml.ingestion.parsing.readers.doc_file import CHARACTERS, PARAGRAPHS, STYLES, DocFile
from functions.ml.ingestion.parsing.readers.docx_styles import heading_level, is_contents

_PAGE_BYTES = 512
_IN_TABLE, _ROW_END, _OUTLINE, _LIST, _DEPTH = 0x2416, 0x2417, 0x2640, 0x460B, 0x6649
_DELETED, _HIDDEN = 0x0800, 0x083C
_TABLE_DEFINITION, _TABS = 0xD608, 0xC615
_OPERAND_BYTES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_HEADINGS, _TITLE, _CONTENTS = range(1, 10), 62, range(19, 28)
_NO_STYLE = 0xFFF
_LONGEST_CHAIN = 12
_BODY_LEVEL = 9


@dataclass(frozen=True, slots=True)
class ParagraphProperties:
    """What is asked of a paragraph."""

    style: int = 0
    in_table: bool = False
    ends_row: bool = False
    level: int | None = None
    is_listed: bool = False
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Style:
    """What is asked of a style: the heading level, 0 for none, and whether it is of a table of contents."""

    level: int = 0
    is_contents: bool = False


class Paragraphs:
    """The properties of paragraphs by where these stand in the file."""

    def __init__(self, document: DocFile) -> None:
        runs = sorted(_paragraph_runs(document), key=lambda run: run[0])
        self._starts = [start for start, _ in runs]
        self._found = [properties for _, properties in runs]

    def at(self, offset: int) -> ParagraphProperties:
        """Return the properties of the paragraph that a byte of the main stream is in."""
        index = bisect_right(self._starts, offset) - 1
        return self._found[index] if index >= 0 else ParagraphProperties()


def _pages(document: DocFile, number: int) -> Iterator[bytes]:
    plc = document.part(number)
    count = max(len(plc) - 4, 0) // 8
    for index in range(count):
        (page,) = struct.unpack_from("<I", plc, 4 * (count + 1) + 4 * index)
        content = document.main[(page & 0x3FFFFF) * _PAGE_BYTES :][:_PAGE_BYTES]
        if len(content) == _PAGE_BYTES:
            yield content


def _paragraph_runs(document: DocFile) -> Iterator[tuple[int, ParagraphProperties]]:
    for page in _pages(document, PARAGRAPHS):
        count = min(page[511], (_PAGE_BYTES - 8) // 17)
        starts = struct.unpack_from(f"<{count + 1}I", page, 0)
        for index in range(count):
            at = 2 * page[4 * (count + 1) + 13 * index]
            yield starts[index], _paragraph(page, at) if at else ParagraphProperties()


def _paragraph(page: bytes, at: int) -> ParagraphProperties:
    size, start = 2 * page[at] - 1, at + 1
    if size < 0:
        size, start = 2 * page[at + 1], at + 2
    content = page[start : start + size]
    if len(content) < 2:  # noqa: PLR2004 - the number of the style
        return ParagraphProperties()
    values = dict(_settings(content[2:]))
    outline = values.get(_OUTLINE)
    return ParagraphProperties(
        style=struct.unpack_from("<H", content, 0)[0],
        in_table=bool(values.get(_IN_TABLE)),
        ends_row=bool(values.get(_ROW_END)),
        level=None if outline is None else 0 if outline >= _BODY_LEVEL else outline + 1,
        is_listed=values.get(_LIST, 0) > 0,
        depth=values.get(_DEPTH, 1),
    )


def _settings(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield the settings of a list of such with their operand; of those of any length, its first byte."""
    at = 0
    while at + 2 < len(content):
        (code,) = struct.unpack_from("<H", content, at)
        size = _OPERAND_BYTES.get(code >> 13)
        at += 2
        if size is None:
            yield code, content[at]
            at += struct.unpack_from("<H", content, at)[0] + 1 if code == _TABLE_DEFINITION else content[at] + 1
            if code == _TABS and content[at - 1 : at] == b"\xff":
                return
        else:
            yield code, int.from_bytes(content[at : at + size], "little")
            at += size


def left_out(document: DocFile) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the stretches of the main stream, in bytes, that are hidden, and those that are deleted."""
    hidden, deleted = [], []
    for page in _pages(document, CHARACTERS):
        count = min(page[511], (_PAGE_BYTES - 8) // 5)
        starts = struct.unpack_from(f"<{count + 1}I", page, 0)
        for index, (start, end) in enumerate(pairwise(starts)):
            at = 2 * page[4 * (count + 1) + index]
            values = dict(_settings(page[at + 1 : at + 1 + page[at]])) if at else {}
            if values.get(_HIDDEN) == 1:
                hidden.append((start, end))
            if values.get(_DELETED) == 1:
                deleted.append((start, end))
    return hidden, deleted


def styles(document: DocFile) -> dict[int, Style]:
    """Return the styles by their number; built-in ones are known in every language."""
    sheet = document.part(STYLES)
    if len(sheet) < 6:  # noqa: PLR2004 - the head of the sheet
        return {}
    head, count, base_bytes = struct.unpack_from("<HHH", sheet, 0)
    at, kinds, parents, names = 2 + head, {}, {}, {}
    for number in range(count):
        if at + 2 > len(sheet):
            break
        (size,) = struct.unpack_from("<H", sheet, at)
        entry = sheet[at + 2 : at + 2 + size]
        at += 2 + size + size % 2
        if len(entry) >= base_bytes + 2:
            kinds[number] = struct.unpack_from("<H", entry, 0)[0] & 0xFFF
            parents[number] = struct.unpack_from("<H", entry, 2)[0] >> 4
            (length,) = struct.unpack_from("<H", entry, base_bytes)
            names[number] = entry[base_bytes + 2 : base_bytes + 2 + 2 * length].decode("utf-16-le", "replace").lower()
    return {number: _style(number, kinds, parents, names) for number in kinds}


def _style(number: int, kinds: dict[int, int], parents: dict[int, int], names: dict[int, str]) -> Style:
    for _ in range(_LONGEST_CHAIN):
        if number in _HEADINGS:  # these numbers are kept for the headings, whatever a program calls them
            return Style(level=number)
        kind, name = kinds.get(number, 0), names.get(number, "")
        if kind in _HEADINGS or kind == _TITLE:
            return Style(level=kind if kind in _HEADINGS else 1)
        if kind in _CONTENTS or is_contents(name):
            return Style(is_contents=True)
        if level := heading_level(name):
            return Style(level=level)
        number = parents.get(number, _NO_STYLE)
        if number == _NO_STYLE:
            break
    return Style()
