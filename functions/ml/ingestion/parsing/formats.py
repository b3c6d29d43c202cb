"""The registry of formats: which parser reads what, loaded on first use."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path, PurePath
from typing import cast

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.archives import check_archive
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.sniffing import is_binary, sniff
from functions.ml.parsed import ParsedDocument

ParseFormat = Callable[[Path, ParserLimits], ParsedDocument]

EXTENSIONS = {
    "pdf": "pdf",
    "docx": "docx", "docm": "docx", "dotx": "docx",
    "pptx": "pptx", "pptm": "pptx", "ppsx": "pptx", "potx": "pptx",
    "xlsx": "xlsx", "xlsm": "xlsx", "xltx": "xlsx",
    "html": "html", "htm": "html", "xhtml": "html",
    "md": "markdown", "markdown": "markdown",
    "txt": "plain", "text": "plain",
    "csv": "delimited", "tsv": "delimited",
}  # fmt: skip
_TEXT_FORMATS = frozenset({"html", "markdown", "plain", "delimited"})
_ARCHIVES = frozenset({"docx", "pptx", "xlsx"})
_NAMES = {"pdf": "PDF", "docx": "Word document", "pptx": "PowerPoint presentation", "xlsx": "Excel workbook"}


def parse_file(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    """Parse a file by its content; the name decides only between the formats that are plain text.

    A PDF or Office file under another extension is read as what it is, with a warning. A file that is named as one of
    these but holds text is refused, because nobody can tell what it was meant to be.

    Args:
        path: where the bytes are.
        filename: the name that the owner gave it.
        limits: pages and expansion; memory and time are the caller's to enforce.

    Returns:
        At least one block that holds text.

    Raises:
        Invalid: see the `Parser` port.
        TooLarge: `too_many_pages` or `zip_bomb`.
    """
    name, extension = choose_format(path, filename)
    if name in _ARCHIVES:
        check_archive(path, limits)
    parsed = load(name)(path, limits)
    if not any(block.text.strip() for block in parsed.blocks):
        raise refusals.no_text()
    if extension and EXTENSIONS.get(extension) != name:
        note = f"The file is named .{extension} but holds a {_NAMES[name]}; it was read as that."
        parsed = replace(parsed, warnings=(note, *parsed.warnings))
    return parsed


def choose_format(path: Path, filename: str) -> tuple[str, str]:
    """Return the format's name and the extension (lower case, no dot).

    Raises:
        Invalid: `unsupported_type`, `empty_file`, `password_protected` or `unreadable`.
    """
    extension = PurePath(filename).suffix.lower().lstrip(".")
    content = sniff(path)
    if content != "text":
        return content, extension
    expected = EXTENSIONS.get(extension)
    if expected is None:
        raise refusals.unsupported_type(f".{extension}" if extension else "without an extension")
    if expected not in _TEXT_FORMATS:
        raise refusals.unreadable(f"The file is named .{extension}, but its content is not a {_NAMES[expected]}.")
    with path.open("rb") as stream:
        if is_binary(stream.read(8192)):
            raise refusals.unreadable(f"The file is named .{extension}, but its content is not text.")
    return expected, extension


def load(name: str) -> ParseFormat:
    """Return the parse function of a format, importing its library now."""
    return cast("ParseFormat", import_module(f"functions.ml.ingestion.parsing.{name}").parse)
