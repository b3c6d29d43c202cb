"""JSON lines: records as a table, other values one after the other, broken lines as they stand."""

from pathlib import Path
from typing import Any

from functions.ml.ingestion.parsing.encodings import decode
from functions.ml.ingestion.parsing.json_blocks import JsonBlocks, is_records, loads, record_rows
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.parsed import Block, ParsedDocument


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a file of JSON lines.

    Raises:
        Invalid: the content is not text (`unreadable`).
    """
    del limits  # a file of lines has no pages
    return parse_lines(decode(path.read_bytes()))


def parse_lines(text: str) -> ParsedDocument:
    """Parse JSON lines that are already text; lines that hold no JSON stay text and are counted in a warning."""
    numbered: list[tuple[int, Any]] = []
    broken: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                numbered.append((number, loads(line)))
            except ValueError:
                broken.append(line.strip())
    values = [value for _, value in numbered]
    if len(values) > 1 and is_records(values):
        blocks = record_rows(values, table=0, row_numbers=[number for number, _ in numbered])
    else:
        blocks = list(JsonBlocks().of(values[0] if len(values) == 1 else values)) if values else []
    warnings = (f"{len(broken):,} line(s) hold no valid JSON and were kept as text.",) if broken else ()
    return ParsedDocument((*blocks, *(Block("code", line) for line in broken)), 1, "section", warnings=warnings)
