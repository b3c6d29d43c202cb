"""What is drawn on a PDF page beside its text: the straight lines that rule tables, and how much is picture."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field

import pypdfium2.raw as pdfium

from functions.ml.ingestion.parsing.readers.pdf_geometry import Frame, Sides

_MOST_OBJECTS = 20_000
_MOST_RULES = 3_000
_MOST_SEGMENTS = 400
_DEEPEST_FORM = 3
_THIN = 3.0  # points: a filled shape no thicker is drawn as a line
_SHORTEST = 8.0
_STRAIGHT = 1.0

Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(slots=True)
class Drawings:
    """What is drawn on a page, as it is shown, in points from its upper left corner.

    Attributes:
        level: horizontal lines as (y, left, right).
        upright: vertical lines as (x, top, bottom).
        pictures: share of the page that pictures cover, 1 at most.
        strokes: how many shapes are drawn; letters may be drawn too.
    """

    level: list[tuple[float, float, float]] = field(default_factory=list)
    upright: list[tuple[float, float, float]] = field(default_factory=list)
    pictures: float = 0.0
    strokes: int = 0


def drawings(page: object, frame: Frame) -> Drawings:
    """Return the rules and pictures of a page handle; of a page with very many shapes, those of the first."""
    found = Drawings()
    sides = (ctypes.c_float(), ctypes.c_float(), ctypes.c_float(), ctypes.c_float())
    for shape, kind, matrix in _objects(page):
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            found.pictures += _share(shape, matrix, frame)
            continue
        found.strokes += 1
        if len(found.level) + len(found.upright) < _MOST_RULES and pdfium.FPDFPageObj_GetBounds(shape, *sides):
            left, bottom, right, top = (side.value for side in sides)
            if right - left >= _SHORTEST or top - bottom >= _SHORTEST:
                _add(found, shape, (left, bottom, right, top), matrix, frame)
    found.pictures = min(found.pictures, 1.0)
    return found


def _objects(page: object) -> Iterator[tuple[object, int, Matrix]]:
    """Yield the paths and pictures, those inside forms with the matrix that places them."""
    count = min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)
    get, get_type = pdfium.FPDFPage_GetObject, pdfium.FPDFPageObj_GetType
    for index in range(count):
        item = get(page, index)
        kind = get_type(item)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            continue
        if kind == pdfium.FPDF_PAGEOBJ_FORM:
            yield from _inside(item, _IDENTITY, 1)
        elif kind in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE):
            yield item, kind, _IDENTITY


def _inside(form: object, outer: Matrix, depth: int) -> Iterator[tuple[object, int, Matrix]]:
    matrix = _times(_matrix(form), outer)
    for index in range(min(max(pdfium.FPDFFormObj_CountObjects(form), 0), _MOST_OBJECTS)):
        item = pdfium.FPDFFormObj_GetObject(form, index)
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST_FORM:
            yield from _inside(item, matrix, depth + 1)
        elif kind in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE):
            yield item, kind, matrix


def _matrix(item: object) -> Matrix:
    found = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(item, found):
        return _IDENTITY
    return found.a, found.b, found.c, found.d, found.e, found.f


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (
        a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u,
    )  # fmt: skip


def _placed(sides: Sides, matrix: Matrix, frame: Frame) -> Sides:
    left, bottom, right, top = sides
    if matrix is not _IDENTITY:
        a, b, c, d, e, f = matrix
        xs = (a * left + c * bottom + e, a * right + c * top + e)
        ys = (b * left + d * bottom + f, b * right + d * top + f)
        left, bottom, right, top = min(xs), min(ys), max(xs), max(ys)
    return frame.shown(left, bottom, right, top)


def _share(picture: object, matrix: Matrix, frame: Frame) -> float:
    sides = (ctypes.c_float(), ctypes.c_float(), ctypes.c_float(), ctypes.c_float())
    if not pdfium.FPDFPageObj_GetBounds(picture, *sides):
        return 0.0
    left, top, right, bottom = _placed(tuple(side.value for side in sides), matrix, frame)  # type: ignore[arg-type]
    width = min(right, frame.width) - max(left, 0.0)
    height = min(bottom, frame.height) - max(top, 0.0)
    return max(width, 0.0) * max(height, 0.0) / max(frame.width * frame.height, 1.0)


def _add(found: Drawings, shape: object, bounds: Sides, matrix: Matrix, frame: Frame) -> None:
    left, top, right, bottom = _placed(bounds, matrix, frame)
    if bottom - top <= _THIN or right - left <= _THIN:
        _add_rule(found, left, top, right, bottom)
        return
    count = pdfium.FPDFPath_CountSegments(shape)
    if not 2 <= count <= _MOST_SEGMENTS:  # noqa: PLR2004 - a point to start from and one to go to
        return
    inner = _times(_matrix(shape), matrix)
    for piece in _segments(shape, count):
        placed = _placed(piece, inner, frame)
        if placed[3] - placed[1] <= _STRAIGHT or placed[2] - placed[0] <= _STRAIGHT:
            _add_rule(found, *placed)


def _segments(shape: object, count: int) -> Iterator[Sides]:
    x, y = ctypes.c_float(), ctypes.c_float()
    at = begin = (0.0, 0.0)
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(shape, index)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        to = (x.value, y.value)
        if kind == pdfium.FPDF_SEGMENT_LINETO:
            yield (*at, *to)
        elif kind == pdfium.FPDF_SEGMENT_MOVETO:
            begin = to
        at = to
        if kind == pdfium.FPDF_SEGMENT_LINETO and pdfium.FPDFPathSegment_GetClose(segment):
            yield (*at, *begin)


def _add_rule(found: Drawings, left: float, top: float, right: float, bottom: float) -> None:
    if right - left >= max(_SHORTEST, bottom - top):
        found.level.append(((top + bottom) / 2, left, right))
    elif bottom - top >= _SHORTEST:
        found.upright.append(((left + right) / 2, top, bottom))
