"""JSON files; what is not quite JSON (comments, cut off, several values) is kept as the text that it is."""

from pathlib import Path

from functions.ml.ingestion.parsing.encodings import decode
from functions.ml.ingestion.parsing.formats.code import code_blocks
from functions.ml.ingestion.parsing.json_blocks import JsonBlocks, loads
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.jsonl import parse_lines
from functions.ml.parsed import ParsedDocument


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a JSON file.

    Raises:
        Invalid: the content is not text (`unreadable`).
    """
    del limits  # a JSON file has no pages
    text = decode(path.read_bytes())
    try:
        value = loads(text)
    except ValueError:
        return _as_it_is(text)
    return ParsedDocument(tuple(JsonBlocks().of(value)), pages=1, unit="section")


def _as_it_is(text: str) -> ParsedDocument:
    by_line = parse_lines(text)
    if not by_line.warnings:
        return by_line
    warning = "The file is not valid JSON and was read as plain text."
    return ParsedDocument(
        tuple(code_blocks(text)), pages=1, unit="section", warnings=(warning,) if text.strip() else ()
    )
