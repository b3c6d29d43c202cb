"""OpenDocument presentations: slides in order, shapes in reading order with their places, notes after their slide."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.odf import DAMAGE, DRAW, OFFICE, SHOW, SVG, Odf, length, open_odf
from functions.ml.ingestion.parsing.readers.odf_body import Body
from functions.ml.parsed import Block, ParsedDocument
from shared.contracts.boxes import Box

_LEFT_OUT = frozenset({"header", "footer", "date-time", "page-number"})
_NO_SHAPES = frozenset({f"{SHOW}notes", f"{OFFICE}annotation", f"{OFFICE}forms"})
_DEEPEST_GROUP = 50
_SAME_LINE_CM = 0.25
_LONGEST_TITLE = 120
_TITLE_ABOVE = 0.3
_FEW = 10


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a presentation; hidden slides are left out with a warning.

    Raises:
        Invalid: damaged (`unreadable`) or locked (`password_protected`).
        TooLarge: more slides or cells than allowed (`too_many_pages`, `parser_limit`).
    """
    try:
        with closing(open_odf(path)) as document:
            return _read(document, limits)
    except DAMAGE as error:
        raise refusals.unreadable("The presentation is damaged and cannot be read.") from error


def _read(document: Odf, limits: ParserLimits) -> ParsedDocument:
    slides = document.body("presentation").findall(f"{DRAW}page")
    if len(slides) > limits.pages:
        raise refusals.too_many_pages(len(slides), limits.pages, "slide")
    size = document.slide_size()
    body = Body(document)
    blocks: list[Block] = []
    hidden = []
    for page, slide in enumerate(slides, start=1):
        if _visibility(document, slide) == "hidden":
            hidden.append(page)
            continue
        body.page = page
        blocks += _slide(body, slide, size)
    shown = ", ".join(map(str, hidden[:_FEW])) + (", ..." if len(hidden) > _FEW else "")
    warnings = (f"Hidden slides were left out: {shown}.",) if hidden else ()
    title, _ = document.meta
    return ParsedDocument(tuple(blocks), pages=max(len(slides), 1), unit="slide", title=title, warnings=warnings)


def _visibility(document: Odf, slide: Any) -> str:
    style = slide.get(f"{DRAW}style-name", "")
    return document.says("drawing-page", style, "drawing-page-properties", f"{SHOW}visibility")


def _slide(body: Body, slide: Any, size: tuple[float, float]) -> Iterator[Block]:
    shapes = [shape for shape in _in_reading_order(slide, 0) if not _is_prompt(shape)]
    found = [(shape, list(body.shape(shape))) for shape in shapes]
    title = _title(found, size)
    for number, (shape, blocks) in enumerate(found):
        boxes = _boxes(shape, body.page or 1, size)
        if number == title:
            text = " ".join(block.text for block in blocks)
            yield Block("heading", text, level=1, page=body.page, boxes=boxes)
        else:
            yield from (replace(block, boxes=boxes) for block in blocks)
    for annotation in slide.iterchildren(f"{OFFICE}annotation"):
        yield from body.note(annotation)
    for frame in slide.iterfind(f"{SHOW}notes/{DRAW}frame"):
        if frame.get(f"{SHOW}class") == "notes" and not _is_prompt(frame):
            yield from (replace(block, kind="note") for block in body.shape(frame) if block.text)


def _in_reading_order(parent: Any, depth: int) -> Iterator[Any]:
    """Yield shapes from top to bottom, then left to right, the shapes of a group together."""
    shapes = [child for child in parent if isinstance(child.tag, str) and child.tag.startswith(DRAW)]
    for shape in sorted(shapes, key=_place):
        if shape.tag == f"{DRAW}g" and depth < _DEEPEST_GROUP:
            yield from _in_reading_order(shape, depth + 1)
        elif shape.tag not in _NO_SHAPES:
            yield shape


def _place(shape: Any) -> tuple[float, float]:
    places = [shape] if shape.tag != f"{DRAW}g" else [child for child in shape.iter() if child.get(f"{SVG}y")]
    top = min((length(each.get(f"{SVG}y")) for each in places), default=0.0)
    return top // _SAME_LINE_CM, min((length(each.get(f"{SVG}x")) for each in places), default=0.0)


def _is_prompt(shape: Any) -> bool:
    return shape.get(f"{SHOW}placeholder") == "true" or shape.get(f"{SHOW}class") in _LEFT_OUT


def _title(found: list[tuple[Any, list[Block]]], size: tuple[float, float]) -> int:
    """Return which shape is the title: the one that says so, or a short line at the top; -1 for none.

    Presentations that came from PowerPoint do not say so.
    """
    for number, (shape, blocks) in enumerate(found):
        if shape.get(f"{SHOW}class") == "title" and blocks:
            return number
    filled = [number for number, (_, blocks) in enumerate(found) if blocks]
    if not filled:
        return -1
    shape, blocks = found[filled[0]]
    is_short = len(blocks) == 1 and blocks[0].kind == "paragraph" and len(blocks[0].text) <= _LONGEST_TITLE
    is_high = length(shape.get(f"{SVG}y")) <= _TITLE_ABOVE * size[1]
    return filled[0] if is_short and is_high and shape.get(f"{SVG}y") else -1


def _boxes(shape: Any, page: int, size: tuple[float, float]) -> tuple[Box, ...]:
    left, top, width, height = (length(shape.get(f"{SVG}{name}")) for name in ("x", "y", "width", "height"))
    if not (all(size) and width and height):
        return ()
    sides = (left / size[0], top / size[1], (left + width) / size[0], (top + height) / size[1])
    box = Box(0, page, *(round(min(max(side, 0.0), 1.0), 4) for side in sides))
    return (box,) if box.left < box.right and box.top < box.bottom else ()
