"""Word's binary format: the file's head, its pieces of text, and where each character stands in the file.

Source: [MS-DOC] Word (.doc) Binary File Format, sections 2.4.1 (text), 2.5 (Fib), 2.8 (Plc), 2.9.38 (Clx).
"""

import struct
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import olefile

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.readers.rtf_tokens import page_encoding

_PROPERTIES = "\x05SummaryInformation"
_CODE_PAGE, _TITLE = 1, 2
_MOST_PROPERTIES = 200
_LONGEST_TITLE = 1_000
_SIGNATURE = 0xA5EC
_WORD_97 = 0xC1
_ENCRYPTED, _SECOND_TABLE = 0x0100, 0x0200
_PAIRS_AT = 0x9A
_COMPRESSED = 0x40000000
_MOST_CHARACTERS = 30_000_000
# Places of the pairs (offset, length) that are read, counted from the first.
STYLES, FOOTNOTE_REFS, FOOTNOTES, COMMENT_REFS, COMMENTS = 1, 2, 3, 4, 5
CHARACTERS, PARAGRAPHS, CLX, ENDNOTE_REFS, ENDNOTES = 12, 13, 33, 46, 47


class _Piece(NamedTuple):
    first: int
    offset: int
    width: int


@dataclass(frozen=True, slots=True)
class Lengths:
    """How many characters each part of the text has; the parts stand one after the other."""

    body: int
    footnotes: int
    headers: int
    comments: int
    endnotes: int
    boxes: int


class DocFile:
    """A Word file of the years 1997 to 2003.

    Attributes:
        text: every UTF-16 unit of all parts as one character, so that places count as the format counts them.
        main: the stream of the text.
        lengths: of the parts.
        title: from the properties.
    """

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            Invalid: older than 1997 (`unsupported_type`), encrypted (`password_protected`).
            struct.error, ValueError, IndexError, OSError: damaged.
        """
        with olefile.OleFileIO(str(path)) as container:
            self.main = container.openstream("WordDocument").read()
            flags = self._check_head()
            table = "1Table" if flags & _SECOND_TABLE else "0Table"
            self._table = container.openstream(table).read()
            self.title = title_of(container)
        counts = struct.unpack_from("<8i", self.main, 0x4C)
        body, footnotes, headers, _, comments, endnotes, boxes, _ = (max(count, 0) for count in counts)
        self.lengths = Lengths(body, footnotes, headers, comments, endnotes, boxes)
        self._pieces: list[_Piece] = []
        self.text = "".join(self._read_pieces())

    def _check_head(self) -> int:
        signature, version = struct.unpack_from("<HH", self.main, 0)
        flags: int = struct.unpack_from("<H", self.main, 0x0A)[0]
        if signature != _SIGNATURE or version < _WORD_97:
            raise refusals.unsupported_type("Word document from before 1997")
        if flags & _ENCRYPTED:
            raise refusals.password_protected()
        return flags

    def part(self, number: int) -> bytes:
        """Return a part of the table stream by the number of its pair, empty where the file has none."""
        (pairs,) = struct.unpack_from("<H", self.main, _PAIRS_AT - 2)
        if number >= pairs:
            return b""
        offset, length = struct.unpack_from("<II", self.main, _PAIRS_AT + 8 * number)
        return self._table[offset : offset + length]

    def _read_pieces(self) -> list[str]:
        clx, at = self.part(CLX), 0
        while clx[at] == 1:
            at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
        (length,) = struct.unpack_from("<I", clx, at + 1)
        plc = clx[at + 5 : at + 5 + length]
        count = (len(plc) - 4) // 12
        places = struct.unpack_from(f"<{count + 1}I", plc, 0)
        if places[-1] > _MOST_CHARACTERS:
            raise ValueError("more text than a file holds")
        texts = []
        for number, (first, end) in enumerate(pairwise(places)):
            (stored,) = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * number + 2)
            texts.append(self._piece(first, end, stored))
        return texts

    def _piece(self, first: int, end: int, stored: int) -> str:
        if end < first:
            raise ValueError("pieces out of order")
        offset = stored & (_COMPRESSED - 1)
        if stored & _COMPRESSED:
            self._pieces.append(_Piece(first, offset // 2, 1))
            return self.main[offset // 2 : offset // 2 + end - first].decode("cp1252", "replace").ljust(end - first)
        self._pieces.append(_Piece(first, offset, 2))
        raw = self.main[offset : offset + 2 * (end - first)]
        return "".join(map(chr, struct.unpack(f"<{len(raw) // 2}H", raw[: len(raw) // 2 * 2]))).ljust(end - first)

    def offset_of(self, place: int) -> int:
        """Return where a character stands in the main stream, in bytes."""
        piece = self._pieces[max(bisect_right(self._pieces, place, key=lambda each: each.first) - 1, 0)]
        return piece.offset + (place - piece.first) * piece.width

    def offsets(self) -> list[tuple[int, int, int]]:
        """Return the pieces as (first character, offset in bytes, bytes per character)."""
        return [(piece.first, piece.offset, piece.width) for piece in self._pieces]


def title_of(container: "olefile.OleFileIO[Any]") -> str:
    """Return the title from the properties of a compound file, empty where it cannot be read.

    The library's own reader believes whatever count a damaged file names, and works on it for hours.

    Source: [MS-OLEPS] Object Linking and Embedding (OLE) Property Set Data Structures, sections 2.20 and 2.21.
    """
    try:
        content = container.openstream(_PROPERTIES).read() if container.exists(_PROPERTIES) else b""
        (start,) = struct.unpack_from("<I", content, 44)
        (count,) = struct.unpack_from("<I", content, start + 4)
        pairs = (struct.unpack_from("<II", content, start + 8 + 8 * at) for at in range(min(count, _MOST_PROPERTIES)))
        places_of = dict(pairs)
        (page,) = struct.unpack_from("<H", content, start + places_of[_CODE_PAGE] + 4)
        (size,) = struct.unpack_from("<I", content, start + places_of[_TITLE] + 4)
        first = start + places_of[_TITLE] + 8
    except (OSError, ValueError, IndexError, TypeError, KeyError, struct.error):
        return ""
    return content[first : first + min(size, _LONGEST_TITLE)].decode(page_encoding(page), "replace").strip("\0 ")


def places(plc: bytes, data_bytes: int) -> list[int]:
    """Return the places of a Plc whose entries have `data_bytes` each; one more than entries."""
    count = max(len(plc) - 4, 0) // (4 + data_bytes)
    return list(struct.unpack_from(f"<{count + 1}I", plc, 0)) if len(plc) >= 4 else []  # noqa: PLR2004
