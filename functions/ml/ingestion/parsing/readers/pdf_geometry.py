"""From a PDF's own coordinates to the page as it is shown, upright: /Rotate, crop box and turned text."""

from collections.abc import Iterable
from ctypes import byref, c_int
from dataclasses import dataclass

import pypdfium2.raw as pdfium

from shared.contracts.boxes import Box

_UNITS = 1000  # parts of a point: PDFium answers in whole numbers
_PROBE_POINTS = 1000.0
_DIGITS = 4

Sides = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """A page as it is shown, in points from its upper left corner, y downwards.

    A point (x, y) of the file stands at (a x + c y + e, b x + d y + f).

    Attributes:
        width: of the page as it is shown.
        height: the same.
        matrix: a, b, c, d, e, f.
    """

    width: float
    height: float
    matrix: tuple[float, float, float, float, float, float]

    def shown(self, left: float, bottom: float, right: float, top: float) -> Sides:
        """Return left, top, right, bottom of a rectangle of the file."""
        a, b, c, d, e, f = self.matrix
        xs = (a * left + c * bottom + e, a * right + c * top + e)
        ys = (b * left + d * bottom + f, b * right + d * top + f)
        return min(xs), min(ys), max(xs), max(ys)

    def turned(self, sides: Sides, turn: int) -> Sides:
        """Return a shown rectangle as it stands when the page is turned until its text runs to the right.

        Args:
            sides: left, top, right, bottom as shown.
            turn: quarters by which the text is turned clockwise.
        """
        left, top, right, bottom = sides
        if turn == 1:
            return top, self.width - right, bottom, self.width - left
        if turn == 2:  # noqa: PLR2004 - upside down
            return self.width - right, self.height - bottom, self.width - left, self.height - top
        if turn == 3:  # noqa: PLR2004 - upwards
            return self.height - bottom, left, self.height - top, right
        return sides

    def box(self, start: int, page: int, sides: Sides, turn: int) -> Box:
        """Return the box of a rectangle that was turned by `turn` quarters, in shares of the page as it is shown."""
        if turn:
            width, height = (self.height, self.width) if turn % 2 else (self.width, self.height)
            sides = Frame(width, height, self.matrix).turned(sides, -turn % 4)
        left, top, right, bottom = sides
        across, down = self.width or 1.0, self.height or 1.0
        return Box(
            start, page, _share(left / across), _share(top / down), _share(right / across), _share(bottom / down)
        )


def _share(value: float) -> float:
    return 0.0 if value < 0 else 1.0 if value > 1 else round(value, _DIGITS)


def page_frame(page: object) -> Frame:
    """Return the frame of a page handle."""
    width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    origin_x, origin_y = _device(page, width, height, 0.0, 0.0)
    right_x, right_y = _device(page, width, height, _PROBE_POINTS, 0.0)
    up_x, up_y = _device(page, width, height, 0.0, _PROBE_POINTS)
    matrix = (
        (right_x - origin_x) / _PROBE_POINTS,
        (right_y - origin_y) / _PROBE_POINTS,
        (up_x - origin_x) / _PROBE_POINTS,
        (up_y - origin_y) / _PROBE_POINTS,
        origin_x,
        origin_y,
    )
    return Frame(width, height, matrix)


def _device(page: object, width: float, height: float, x: float, y: float) -> tuple[float, float]:
    found_x, found_y = c_int(), c_int()
    size = (round(width * _UNITS), round(height * _UNITS))
    pdfium.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, byref(found_x), byref(found_y))
    return found_x.value / _UNITS, found_y.value / _UNITS


def hull(rectangles: Iterable[Sides]) -> Sides:
    """Return the smallest rectangle around at least one."""
    lefts, tops, rights, bottoms = zip(*rectangles, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
