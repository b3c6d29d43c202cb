"""What people wrote into and onto a PDF: values of form fields, free text and comments."""

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from functions.ml.ingestion.parsing.readers.pdf_geometry import Frame, Sides
from functions.ml.ingestion.parsing.readers.pdf_lines import Line, printable

_MOST_ANNOTATIONS = 2_000
_LONGEST_BYTES = 20_000
_CHECKED, _UNCHECKED = "☒", "☐"
_COMMENTS = frozenset(
    {
        pdfium.FPDF_ANNOT_TEXT,
        pdfium.FPDF_ANNOT_FREETEXT,
        pdfium.FPDF_ANNOT_HIGHLIGHT,
        pdfium.FPDF_ANNOT_UNDERLINE,
        pdfium.FPDF_ANNOT_SQUIGGLY,
        pdfium.FPDF_ANNOT_STRIKEOUT,
        pdfium.FPDF_ANNOT_CARET,
    }
)
_WRITTEN = frozenset({pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX})
_TICKED = frozenset({pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON})
_HIDDEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW


@dataclass(frozen=True, slots=True)
class _Found:
    text: str
    place: Sides
    is_comment: bool


def with_fields(
    document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, frame: Frame, lines: list[Line]
) -> tuple[list[Line], tuple[Line, ...]]:
    """Return the lines with the values of form fields beside their labels, and the comments apart.

    Args:
        document: open; its forms are opened when the first field is met.
        page: the page.
        frame: its size and turn.
        lines: its text.
    """
    count = pdfium.FPDFPage_GetAnnotCount(page.raw)
    if count <= 0:
        return lines, ()
    found = list(_annotations(document, page.raw, min(count, _MOST_ANNOTATIONS), frame))
    comments = tuple(_line(item) for item in found if item.is_comment)
    for item in found:
        if not item.is_comment:
            value = _line(item)
            lines.insert(_position(lines, value), value)
    return lines, comments


def _annotations(document: pypdfium2.PdfDocument, page: object, count: int, frame: Frame) -> Iterator[_Found]:
    form = document.formenv.raw if document.formenv else None
    for index in range(count):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            kind = pdfium.FPDFAnnot_GetSubtype(annotation)
            if pdfium.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
                continue
            if kind == pdfium.FPDF_ANNOT_WIDGET and form:
                text = _value(form, annotation)
            elif kind in _COMMENTS:
                text = _comment(annotation, signed=kind != pdfium.FPDF_ANNOT_FREETEXT)
            else:
                continue
            if text:
                yield _Found(text, _place(annotation, frame), kind != pdfium.FPDF_ANNOT_WIDGET)
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)


def _value(form: object, annotation: object) -> str:
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in _TICKED:
        return _CHECKED if pdfium.FPDFAnnot_IsChecked(form, annotation) else _UNCHECKED
    if kind not in _WRITTEN:
        return ""
    if pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation) & pdfium.FPDF_FORMFLAG_TEXT_PASSWORD:
        return ""
    return _text(lambda buffer, size: pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, buffer, size))


def _comment(annotation: object, *, signed: bool) -> str:
    text = _text(lambda buffer, size: pdfium.FPDFAnnot_GetStringValue(annotation, b"Contents", buffer, size))
    author = _text(lambda buffer, size: pdfium.FPDFAnnot_GetStringValue(annotation, b"T", buffer, size))
    return f"{author}: {text}" if text and author and signed else text


def _text(read: Callable[[object, int], int]) -> str:
    size = min(read(None, 0), _LONGEST_BYTES)
    if size <= 2:  # noqa: PLR2004 - the two zero bytes at the end
        return ""
    buffer = ctypes.create_string_buffer(size)
    read(ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return " ".join(printable(buffer.raw[: size - 2].decode("utf-16-le", errors="ignore").replace("\r", " ")).split())


def _place(annotation: object, frame: Frame) -> Sides:
    rect = pdfium.FS_RECTF()
    pdfium.FPDFAnnot_GetRect(annotation, rect)
    return frame.shown(rect.left, min(rect.bottom, rect.top), rect.right, max(rect.bottom, rect.top))


def _line(found: _Found) -> Line:
    left, top, right, bottom = found.place
    width = (right - left) / max(len(found.text), 1)
    words, at = [], 0
    for word in found.text.split():
        words.append((word, left + at * width, left + (at + len(word)) * width))
        at += len(word) + 1
    return Line(found.text, left, top, right, bottom, min(bottom - top, 12.0) or 1.0, bold=False, words=words)


def _position(lines: Sequence[Line], value: Line) -> int:
    """Return the index after the nearest line to the left at the same height, else after the last line above."""
    middle = (value.top + value.bottom) / 2
    beside = [
        (value.left - line.right, index)
        for index, line in enumerate(lines)
        if line.turn == 0 and line.top <= middle <= line.bottom and line.left <= value.left
    ]
    if beside:
        return min(beside)[1] + 1
    above = [(value.top - line.bottom, index) for index, line in enumerate(lines) if line.bottom <= middle]
    return min(above)[1] + 1 if above else 0
