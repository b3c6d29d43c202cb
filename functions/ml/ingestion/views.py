"""A parsed document as stretches that can be drawn one by one. Pure, on plain data: it runs in the document's process.

A stretch is a page, slide, sheet or piece of text; a long one is parted, so that each fits into a response.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from functions.ml.ingestion.text import full_text
from functions.ml.parsed import Block, ParsedDocument

LONGEST_STRETCH = 20_000
"""Characters after which a stretch ends at the next block."""
MOST_BLOCKS = 400
"""Blocks and rows after which it ends, however short they are."""

Span = tuple[int, int]
Held = tuple[Block, Span]


def stretches(document: ParsedDocument) -> Iterator[dict[str, Any]]:
    """Yield the fields of each `ViewedPage`, in reading order; blocks without text are left out."""
    spans = full_text(document).spans
    held = [(block, span) for block, span in zip(document.blocks, spans, strict=True) if span[0] < span[1]]
    first = 0
    for ordinal, last in enumerate(_ends(held)):
        part = held[first:last]
        head = part[0][0]
        yield {
            "ordinal": ordinal,
            "unit": head.unit or document.unit,
            "page": head.page,
            "sheet": head.sheet,
            "member": head.member,
            "start": part[0][1][0],
            "end": part[-1][1][1],
            "continues": first > 0 and _page_of(held[first - 1][0]) == _page_of(head),
            "blocks": list(_blocks(part)),
        }
        first = last


def _ends(held: Sequence[Held]) -> Iterator[int]:
    """Yield where each stretch ends: at a new page, or where it is long enough."""
    if not held:
        return
    first = 0
    for at in range(1, len(held)):
        block, span = held[at]
        is_long = span[1] - held[first][1][0] > LONGEST_STRETCH or at - first >= MOST_BLOCKS
        if is_long or _page_of(block) != _page_of(held[at - 1][0]):
            yield at
            first = at
    yield len(held)


def _page_of(block: Block) -> tuple[object, ...]:
    return block.page, block.sheet, block.member


def _blocks(part: Sequence[Held]) -> Iterator[dict[str, Any]]:
    """Yield blocks, the rows of one table together."""
    for number, group in groupby(part, key=lambda held: held[0].table if held[0].kind == "table_row" else None):
        if number is None:
            for block, span in group:
                yield {"kind": block.kind, "text": block.text.strip(), "level": block.level, **_place(block, span)}
            continue
        table = list(group)
        rows = [
            {"cells": block.cells or (block.text.strip(),), "row": block.row, **_place(block, span)}
            for block, span in table
        ]
        edges = {"start": table[0][1][0], "end": table[-1][1][1]}
        yield {"kind": "table", "header": table[0][0].header, "rows": rows, **edges}


def _place(block: Block, span: Span) -> dict[str, Any]:
    boxes = [(span[0] + box[0], *box[1:]) for box in block.boxes]
    return {"start": span[0], "end": span[1], "boxes": boxes}
