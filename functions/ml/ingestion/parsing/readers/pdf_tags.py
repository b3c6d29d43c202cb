"""What a tagged PDF says about its own structure: which pieces of content are headings."""

import ctypes
from collections.abc import Iterator

import pypdfium2.raw as pdfium

_LEVELS = {"Title": 1, "H": 1, "H1": 1, "H2": 2, "H3": 3, "H4": 4, "H5": 5, "H6": 6}
_TYPE_BYTES = 32
_DEEPEST = 30
_MOST_ELEMENTS = 5_000


def heading_levels(page: object) -> dict[int, int]:
    """Return the level of each piece of marked content of a page handle that is a heading."""
    tree = pdfium.FPDF_StructTree_GetForPage(page)
    if not tree:
        return {}
    try:
        found: dict[int, int] = {}
        left = _MOST_ELEMENTS
        stack = [(element, 0, 0) for element in _top(tree)]
        while stack and left:
            left -= 1
            element, level, depth = stack.pop()
            level = _LEVELS.get(_type(element), level)
            if level:
                found |= dict.fromkeys(_content(element), level)
            if depth < _DEEPEST:
                stack += [(child, level, depth + 1) for child in _children(element)]
        return found
    finally:
        pdfium.FPDF_StructTree_Close(tree)


def _top(tree: object) -> Iterator[object]:
    for index in range(max(pdfium.FPDF_StructTree_CountChildren(tree), 0)):
        if element := pdfium.FPDF_StructTree_GetChildAtIndex(tree, index):
            yield element


def _children(element: object) -> Iterator[object]:
    for index in range(max(pdfium.FPDF_StructElement_CountChildren(element), 0)):
        if child := pdfium.FPDF_StructElement_GetChildAtIndex(element, index):
            yield child


def _content(element: object) -> Iterator[int]:
    for index in range(max(pdfium.FPDF_StructElement_GetMarkedContentIdCount(element), 0)):
        number = pdfium.FPDF_StructElement_GetMarkedContentIdAtIndex(element, index)
        if number >= 0:
            yield number


def _type(element: object) -> str:
    buffer = ctypes.create_string_buffer(_TYPE_BYTES)
    length = pdfium.FPDF_StructElement_GetType(element, buffer, _TYPE_BYTES)
    return buffer.raw[: max(min(length, _TYPE_BYTES) - 2, 0)].decode("utf-16-le", errors="ignore")
