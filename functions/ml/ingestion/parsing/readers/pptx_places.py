"""Where the shapes of a slide stand, and in which order a person reads them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from pptx.shapes.group import GroupShape

from shared.contracts.boxes import Box

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DEEPEST_GROUP = 50
# Shapes whose tops differ by less than this (a tenth of an inch in EMU) stand side by side.
_SAME_LINE_EMU = 91_440


class Frame(NamedTuple):
    """How lengths inside a group become shares of the slide: shift and scale of each axis."""

    left: float
    top: float
    across: float
    down: float


class Placed(NamedTuple):
    """A shape with its rectangle in shares of the slide (left, top, right, bottom); None where it has none."""

    shape: Any
    sides: tuple[float, float, float, float] | None

    def boxes(self, page: int, above: float = 0.0, below: float = 1.0) -> tuple[Box, ...]:
        """Return the box of the part of the shape between two shares of its height."""
        if self.sides is None:
            return ()
        left, top, right, bottom = self.sides
        height = bottom - top
        found = Box(
            0, page, _inside(left), _inside(top + above * height), _inside(right), _inside(top + below * height)
        )
        return (found,) if found.left < found.right and found.top < found.bottom else ()


def placed_shapes(slide: Any, width: int, height: int) -> Iterator[Placed]:
    """Yield the shapes of a slide from top to bottom, then left to right, the shapes of a group together.

    What the library passes over, because newer programs wrapped it up with a picture of it for the older ones, is
    unwrapped first.

    Args:
        slide: of the library.
        width: of the slides, in EMU.
        height: of the slides, in EMU.
    """
    _unwrap(slide.shapes._spTree)
    yield from _ordered(slide.shapes, Frame(0.0, 0.0, 1 / max(width, 1), 1 / max(height, 1)), 0)


def _unwrap(tree: Any) -> None:
    for wrapper in list(tree.iter(f"{_MC}AlternateContent")):
        choice, parent = wrapper.find(f"{_MC}Choice"), wrapper.getparent()
        if choice is None or parent is None or not parent.tag.startswith(_P):
            continue
        place = parent.index(wrapper)
        parent.remove(wrapper)
        for offset, child in enumerate(list(choice)):
            parent.insert(place + offset, child)


def _ordered(shapes: Any, frame: Frame, depth: int) -> Iterator[Placed]:
    for shape in sorted(shapes, key=_place):
        if isinstance(shape, GroupShape) and depth < _DEEPEST_GROUP:
            yield from _ordered(shape.shapes, _frame_inside(shape, frame), depth + 1)
        else:
            yield Placed(shape, _sides(shape, frame))


def _place(shape: Any) -> tuple[bool, int, int]:
    """A shape without a place comes last."""
    return shape.top is None, (shape.top or 0) // _SAME_LINE_EMU, shape.left or 0


def _frame_inside(group: Any, frame: Frame) -> Frame:
    """Source: ISO/IEC 29500-1, 20.1.7.5 (grpSpPr/xfrm: off, ext, chOff, chExt)."""
    transform = group._element.grpSpPr.find(f"{{{group._element.nsmap['a']}}}xfrm")
    if transform is None or transform.chOff is None or transform.chExt is None:
        return frame
    across = frame.across * _ratio(group.width, transform.chExt.cx)
    down = frame.down * _ratio(group.height, transform.chExt.cy)
    left = frame.left + group.left * frame.across - transform.chOff.x * across
    top = frame.top + group.top * frame.down - transform.chOff.y * down
    return Frame(left, top, across, down)


def _ratio(outside: int, inside: int) -> float:
    return outside / inside if inside else 1.0


def _sides(shape: Any, frame: Frame) -> tuple[float, float, float, float] | None:
    if None in (shape.left, shape.top, shape.width, shape.height):
        return None
    left, top = frame.left + shape.left * frame.across, frame.top + shape.top * frame.down
    return left, top, left + shape.width * frame.across, top + shape.height * frame.down


def _inside(share: float) -> float:
    return round(min(max(share, 0.0), 1.0), 4)
