"""Notebooks: text cells as Markdown, code as code, and what it printed; pictures are left out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.encodings import decode
from functions.ml.ingestion.parsing.json_blocks import loads
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.html import parse_html
from functions.ml.ingestion.parsing.readers.markdown import parse_markdown
from functions.ml.parsed import Block, ParsedDocument

_COLOURS = re.compile(r"\x1b?\[[0-9;]*m")


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a notebook of version 3 or 4.

    Raises:
        Invalid: it is no notebook (`unreadable`).
    """
    del limits  # a notebook has no pages
    try:
        notebook = loads(decode(path.read_bytes()))
        blocks: list[Block] = []
        tables = 0
        for cell in _cells(notebook):
            found = [_moved(block, tables) for block in _cell_blocks(cell)]
            tables = 1 + max((block.table for block in found), default=tables - 1)
            blocks += found
        title = _text(notebook.get("metadata", {}).get("title", ""))
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise refusals.unreadable("The notebook is damaged and cannot be read.") from error
    return ParsedDocument(tuple(blocks), pages=1, unit="section", title=title)


def _cells(notebook: Any) -> Iterator[Mapping[str, Any]]:
    if "cells" not in notebook and "worksheets" not in notebook:
        raise ValueError("neither cells nor worksheets")
    yield from notebook.get("cells", ())
    for sheet in notebook.get("worksheets", ()):
        yield from sheet.get("cells", ())


def _cell_blocks(cell: Mapping[str, Any]) -> Iterator[Block]:
    source = _text(cell.get("source", cell.get("input", "")))
    kind = cell.get("cell_type")
    if kind == "markdown":
        yield from parse_markdown(source).blocks
    elif kind == "heading":
        yield Block("heading", source.strip(), level=int(cell.get("level", 1)))
    elif source.strip():
        yield Block("code", source.strip("\n").rstrip())
    tables = 0
    for output in cell.get("outputs", ()):
        found = [_moved(block, tables) for block in _output_blocks(output)]
        tables = 1 + max((block.table for block in found), default=tables - 1)
        yield from found


def _output_blocks(output: Mapping[str, Any]) -> Iterator[Block]:
    data = output.get("data", output)
    page = _text(data.get("text/html", data.get("html", "")))
    if "<table" in page:
        yield from parse_html(page).blocks
        return
    said = _text(data.get("text/markdown", ""))
    if said:
        yield from parse_markdown(said).blocks
        return
    text = _text(output.get("text", "")) or _text(data.get("text/plain", ""))
    if output.get("output_type") in {"error", "pyerr"}:
        text = f"{output.get('ename', '')}: {output.get('evalue', '')}"
    text = _COLOURS.sub("", text).strip("\n").rstrip()
    if text:
        yield Block("code", text)


def _text(value: Any) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _moved(block: Block, tables: int) -> Block:
    return replace(block, table=block.table + tables) if block.table >= 0 else block
