"""The lines of a PDF page with where they stand and how large they are, in few calls to the library."""

import ctypes
import re
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

_NEWLINE = re.compile(r"\r\n|\r|\n")
# PDFium writes these for a hyphen that breaks a word at the end of a line.
_BREAKING_HYPHEN = re.compile(r"[\x02\ufffe\xad](?:\r\n|\r|\n)?(?P<next>.?)")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ue000-\uf8ff]")
_DOT_LEADER = re.compile(r"(?:\.[ \t]?){5,}")
_FONT_NAME_BYTES = 128
_BOLD = re.compile(rb"bold|black|heavy|semib|demi|cmbx|sfbx", re.IGNORECASE)
_BOLD_WEIGHT = 600
_LONGEST_BOLD_CHECK = 150


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text in page coordinates, in points, y upwards; `size` is the height of its first character."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float
    bold: bool


def page_lines(textpage: pypdfium2.PdfTextPage) -> list[Line]:
    """Return the lines that hold text, in the order of the content."""
    raw = textpage.get_text_range(errors="ignore")
    lines = []
    start = 0
    for end, after in _line_ends(raw):
        text = raw[start:end]
        stripped = text.strip()
        if stripped:
            first = start + len(text) - len(text.lstrip())
            lines.append(_line(textpage.raw, stripped, first, first + len(stripped) - 1))
        start = after
    return lines


def _line_ends(raw: str) -> list[tuple[int, int]]:
    ends = [(found.start(), found.end()) for found in _NEWLINE.finditer(raw)]
    return [*ends, (len(raw), len(raw))]


def _line(page: object, text: str, first: int, last: int) -> Line:
    start = max(pdfium.FPDFText_GetCharIndexFromTextIndex(page, first), 0)
    end = max(pdfium.FPDFText_GetCharIndexFromTextIndex(page, last), start)
    left, _, bottom, top = _box(page, start)
    _, right, _, _ = _box(page, end)
    bold = len(text) <= _LONGEST_BOLD_CHECK and _is_bold(page, start)
    return Line(printable(text), left, right, top, bottom, abs(top - bottom), bold)


def _box(page: object, index: int) -> tuple[float, float, float, float]:
    rect = pdfium.FS_RECTF()
    if not pdfium.FPDFText_GetLooseCharBox(page, index, rect):
        return 0.0, 0.0, 0.0, 0.0
    return rect.left, rect.right, rect.bottom, rect.top


def _is_bold(page: object, index: int) -> bool:
    if pdfium.FPDFText_GetFontWeight(page, index) >= _BOLD_WEIGHT:
        return True
    name = ctypes.create_string_buffer(_FONT_NAME_BYTES)
    length = pdfium.FPDFText_GetFontInfo(page, index, name, _FONT_NAME_BYTES, ctypes.c_int())
    return bool(length and _BOLD.search(name.value))


def printable(text: str) -> str:
    """Join words that were broken at a line end and drop characters without a meaning of their own."""
    text = _DOT_LEADER.sub(" … ", text)  # the dots of a table of contents carry nothing and cost tokens
    if text.isascii() and text.isprintable():
        return text
    return _UNPRINTABLE.sub("", _BREAKING_HYPHEN.sub(_join, text))


def _join(found: re.Match[str]) -> str:
    """A hyphen before a capital or a digit belongs to the word (`Schwarz-Weiß`); before a small letter it broke it."""
    following = found["next"]
    return following if following.islower() or not following.isalnum() else f"-{following}"
