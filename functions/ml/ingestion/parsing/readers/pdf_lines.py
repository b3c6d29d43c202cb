"""The lines of a PDF page with where they stand and how large they are, in few calls to the library."""

import ctypes
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median

import pypdfium2.raw as pdfium

from functions.ml.ingestion.parsing.readers.pdf_geometry import Frame, Sides, hull
from functions.ml.ingestion.parsing.readers.pdf_rtl import RIGHT_TO_LEFT, columns, rebuilt

# PDFium writes \x02 for a hyphen that breaks a word at the end of a line, and the next line follows at once.
_LINE_END = re.compile(r"\r\n|\r|\n|[\x02\ufffe](?:\r\n|\r|\n)?")
_BREAKS = "\x02\ufffe"
_WORD = re.compile(r"[^\s\x00]+")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\ufffe\uffff\ue000-\uf8ff]")
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
# The bullets and boxes of Symbol and Wingdings, which stand in the private use area.
_SIGNS = _LIGATURES | dict.fromkeys((0xF0B7, 0xF0A7, 0xF0D8, 0xF076, 0xF0A8, 0xF09F, 0xF0E0), "•") | {
    0xF0FC: "✓", 0xF0FE: "☒", 0xF06F: "☐", 0xF071: "☐", 0xF0E8: "➔",
}  # fmt: skip
_DOT_LEADER = re.compile(r"(?:\.[ \t]?){5,}")
_FONT_NAME_BYTES = 128
_BOLD = re.compile(rb"bold|black|heavy|semib|demi|cmbx|sfbx", re.IGNORECASE)
_SLANTED = re.compile(rb"italic|oblique", re.IGNORECASE)
_BOLD_WEIGHT = 600
_ITALIC = 1 << 6  # PDF 32000-1, table 123
_LONGEST_STYLED = 150
_SIGN = "•"
_OTHER_COLUMN = 2.2  # of the size: a gap in a line as wide as this parts columns
_LEAST_SIZE = 1.0
_LEAST_SPACE = 0.5  # points: a narrower space was put in by PDFium
_FIRST_WORDS = 3  # the longest of these tells the size: a line may begin with a raised number
_LEAST_TURN = 0.1  # radians: less is a scan that hangs

Word = tuple[str, float, float]
Span = tuple[int, int]
BoxOf = Callable[[int], Sides]


@dataclass(slots=True, eq=False)
class Line:
    """One line of text, or what of it stands in one column, turned upright: points from the upper left, y downwards.

    Attributes:
        text: printable, without the hyphen that broke its last word.
        left: of the first character.
        top: of the font's height.
        right: of the last character.
        bottom: of the font's depth.
        size: height of its letters.
        bold: whether its font is.
        turn: quarters by which it stands turned clockwise on the page as it is shown.
        broken: whether its last word goes on in the next line, after a hyphen.
        slanted: whether all of it is set in italics.
        mark: number that ties it to the document's structure, -1 without.
        words: each with its left and right end; emptied when the tables have been found.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool
    turn: int = 0
    broken: bool = False
    slanted: bool = False
    mark: int = -1
    words: list[Word] = field(default_factory=list)

    @property
    def sides(self) -> Sides:
        """Left, top, right, bottom."""
        return self.left, self.top, self.right, self.bottom


class PageText:
    """The characters of one page."""

    def __init__(self, handle: object, raw: str, frame: Frame, *, tagged: bool = False) -> None:
        """Take a text page's handle and its whole text."""
        self.handle, self.raw, self.frame, self.tagged = handle, raw, frame, tagged
        self._same = len(raw) == pdfium.FPDFText_CountChars(handle)
        self._plain = frame.matrix[1] == 0 and frame.matrix[2] == 0
        self._rect = pdfium.FS_RECTF()
        self._trusted: dict[float, bool] = {}
        self._numbers = [ctypes.c_double() for _ in range(4)]

    def lines(self) -> Iterator[Line]:
        """Yield the lines that hold text, in the order of the content."""
        start = 0
        for end, after, broken in self._line_ends():
            if words := list(_WORD.finditer(self.raw, start, end)):
                yield from self._lines(words, broken=broken)
            start = after

    def _line_ends(self) -> Iterator[tuple[int, int, bool]]:
        for found in _LINE_END.finditer(self.raw):
            yield found.start(), found.end(), found[0][0] in _BREAKS
        yield len(self.raw), len(self.raw), False

    def _lines(self, found: list[re.Match[str]], *, broken: bool) -> Iterator[Line]:
        first = self._index(found[0].start())
        turn, box = self._boxes(first)
        whole = self.raw[found[0].start() : found[-1].end()]
        if not whole.isascii() and RIGHT_TO_LEFT.search(whole):
            yield from self._right_to_left(found, turn, box)
            return
        spans = [(match.start(), match.end()) for match in found]
        places, heights = self._fast_places(spans) if box == self._loose and self._same else self._places(spans, box)
        begin = 0
        for at, (above, place, height) in enumerate(zip(places, places[1:], heights, strict=False), start=1):
            if not -2 * height < place[0] - above[2] < _OTHER_COLUMN * height:
                yield self._line(spans[begin:at], places[begin:at], heights[begin:at], turn, broken=False)
                begin = at
        yield self._line(spans[begin:], places[begin:], heights[begin:], turn, broken=broken)

    def _boxes(self, first: int) -> tuple[int, BoxOf]:
        """Return the turn of the line that begins here, and the function that gives a character's place in it."""
        turn = self._turn(first)
        if turn == 0 and self._plain:
            return turn, self._loose if self._loose_is_true(first) else self._tight
        upright_in_file = self._turn_in_file(first) == 0
        inside = self._loose_anyhow if upright_in_file else self._tight
        return turn, lambda index: self.frame.turned(inside(index), turn)

    def _places(self, spans: list[Span], box: BoxOf) -> tuple[list[Sides], list[float]]:
        """Return where words stand and the heights of their letters."""
        places, heights = [], []
        for start, end in spans:
            first = box(self._index(start))
            last = box(self._index(end - 1)) if end - start > 1 else first
            places.append((first[0], min(first[1], last[1]), last[2], max(first[3], last[3])))
            heights.append(max(first[3] - first[1], last[3] - last[1], _LEAST_SIZE))
        return places, heights

    def _fast_places(self, spans: list[Span]) -> tuple[list[Sides], list[float]]:
        """Do the same on a page that is not turned; most of the time of reading a PDF goes by in here.

        After the first words only the sides of the others and the height of their first letter are asked for.
        """
        get, handle, rect = pdfium.FPDFText_GetLooseCharBox, self.handle, self._rect
        a, _, _, d, e, f = self.frame.matrix
        places, heights = self._places(spans[:_FIRST_WORDS], self._loose)
        append, add = places.append, heights.append
        for start, end in spans[_FIRST_WORDS:]:
            get(handle, start, rect)
            left, top, bottom = a * rect.left + e, d * rect.top + f, d * rect.bottom + f
            if end - start > 1:
                get(handle, end - 1, rect)
            append((left, top, a * rect.right + e, bottom))
            add(bottom - top or _LEAST_SIZE)
        return places, heights

    def _line(self, spans: list[Span], places: list[Sides], heights: list[float], turn: int, *, broken: bool) -> Line:
        raw = self.raw
        start, end = spans[0][0], spans[-1][1]
        text = printable(raw[start:end])
        first = self._index(start)
        bold, slanted = self._style(first, end - 1) if len(text) <= _LONGEST_STYLED else (False, False)
        words = [(raw[at:to], place[0], place[2]) for (at, to), place in zip(spans, places, strict=True)]
        if not raw[start:end].isascii() or not raw[start:end].isprintable():
            words = [(printable(word), left, right) for word, left, right in words]
            if not words[0][0] and len(words) > 1:  # a sign of a font of signs: nobody can tell which, mostly a dot
                words[0] = (_SIGN, *words[0][1:])
                text = f"{_SIGN} {text.lstrip()}"
        chief = max(range(min(len(spans), _FIRST_WORDS)), key=lambda at: spans[at][1] - spans[at][0])
        mark = self._mark(first)
        return Line(text, *hull(places), heights[chief], bold, turn, broken, slanted, mark, words)

    def _right_to_left(self, found: list[re.Match[str]], turn: int, box: BoxOf) -> Iterator[Line]:
        glyphs = []
        for at in range(found[0].start(), found[-1].end()):
            place = box(self._index(at))
            if not self.raw[at].isspace() or place[2] - place[0] > _LEAST_SPACE:
                glyphs.append((self.raw[at], *place))
        words = rebuilt([glyph for glyph in glyphs if not glyph[0].isspace()], [g for g in glyphs if g[0].isspace()])
        first = self._index(found[0].start())
        short = found[-1].end() - found[0].start() <= _LONGEST_STYLED
        bold, slanted = self._style(first, found[-1].end() - 1) if short else (False, False)
        _, top, _, bottom = hull(glyph[1:] for glyph in glyphs)
        height = max(median(glyph[4] - glyph[2] for glyph in glyphs), _LEAST_SIZE)
        for column in columns(words, _OTHER_COLUMN * height):
            text = printable(" ".join(word[0] for word in column))
            left, right = min(word[1] for word in column), max(word[2] for word in column)
            yield Line(text, left, top, right, bottom, height, bold, turn, False, slanted, self._mark(first), column)

    def _index(self, position: int) -> int:
        return position if self._same else max(pdfium.FPDFText_GetCharIndexFromTextIndex(self.handle, position), 0)

    def _loose(self, index: int) -> Sides:
        rect = self._rect
        if not pdfium.FPDFText_GetLooseCharBox(self.handle, index, rect):
            return 0.0, 0.0, 0.0, 0.0
        a, _, _, d, e, f = self.frame.matrix
        return a * rect.left + e, d * rect.top + f, a * rect.right + e, d * rect.bottom + f

    def _tight_in_file(self, index: int) -> Sides:
        left, right, bottom, top = self._numbers
        if not pdfium.FPDFText_GetCharBox(self.handle, index, left, right, bottom, top):
            return 0.0, 0.0, 0.0, 0.0
        return left.value, bottom.value, right.value, top.value

    def _tight(self, index: int) -> Sides:
        return self.frame.shown(*self._tight_in_file(index))

    def _loose_is_true(self, index: int) -> bool:
        """PDFium reckons the loose box from the font alone, which some fonts lie about."""
        loose = self._loose(index)
        known = round(loose[3] - loose[1], 2)
        if (trusted := self._trusted.get(known)) is None:
            trusted = self._trusted[known] = self._holds_letter(loose, index)
        return trusted

    def _holds_letter(self, loose: Sides, index: int) -> bool:
        tight = self._tight(index)
        height = tight[3] - tight[1]
        return loose[1] - height <= tight[1] and tight[3] <= loose[3] + height and loose[3] - loose[1] < 400  # noqa: PLR2004

    def _loose_anyhow(self, index: int) -> Sides:
        rect = self._rect
        pdfium.FPDFText_GetLooseCharBox(self.handle, index, rect)
        return self.frame.shown(rect.left, rect.bottom, rect.right, rect.top)

    def _turn_in_file(self, index: int) -> int:
        angle = pdfium.FPDFText_GetCharAngle(self.handle, index)
        return 0 if angle < _LEAST_TURN else round(angle / (math.pi / 2)) % 4

    def _turn(self, index: int) -> int:
        """Return by how many quarters the text that begins here is turned clockwise on the shown page."""
        quarters = self._turn_in_file(index)
        if quarters == 0 and self._plain and self.frame.matrix[0] > 0:
            return 0
        a, b, c, d, _, _ = self.frame.matrix
        x, y = ((1, 0), (0, -1), (-1, 0), (0, 1))[quarters]  # the angle counts clockwise, y upwards
        x, y = round(a * x + c * y), round(b * x + d * y)
        return {(1, 0): 0, (0, 1): 1, (-1, 0): 2, (0, -1): 3}.get((x, y), 0)

    def _style(self, first: int, end: int) -> tuple[bool, bool]:
        """Return whether the line is bold, and whether it is slanted from its first character to its last."""
        name, slanted = self._font(first)
        heavy = pdfium.FPDFText_GetFontWeight(self.handle, first) >= _BOLD_WEIGHT
        return heavy or bool(_BOLD.search(name)), slanted and self._font(self._index(end))[1]

    def _font(self, index: int) -> tuple[bytes, bool]:
        """Return the name of a character's font, and whether it is slanted."""
        buffer = ctypes.create_string_buffer(_FONT_NAME_BYTES)
        flags = ctypes.c_int()
        length = pdfium.FPDFText_GetFontInfo(self.handle, index, buffer, _FONT_NAME_BYTES, flags)
        name = buffer.value if length else b""
        return name, bool(flags.value & _ITALIC or _SLANTED.search(name))

    def _mark(self, index: int) -> int:
        if not self.tagged:
            return -1
        found = pdfium.FPDFText_GetTextObject(self.handle, index)
        return int(pdfium.FPDFPageObj_GetMarkedContentID(found)) if found else -1


def printable(text: str) -> str:
    """Write ligatures out and drop characters without a meaning of their own."""
    if "..." in text or ". . " in text:
        text = _DOT_LEADER.sub(" … ", text)  # the dots of a table of contents carry nothing and cost tokens
    if text.isascii() and text.isprintable():
        return text
    return _UNPRINTABLE.sub("", text.translate(_SIGNS))
