"""Choose the parser of a file by its content, then by its name, and run it."""

from dataclasses import replace
from pathlib import Path, PurePath

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.archives import check_archive
from functions.ml.ingestion.parsing.format import Format, by_extension, formats
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.sniffing import TEXT, is_binary, sniff
from functions.ml.parsed import ParsedDocument


def parse_file(path: Path, *, filename: str, limits: ParserLimits) -> ParsedDocument:
    """Parse a file by its content; the name decides only between the formats that are plain text.

    A PDF or Office file under another extension is read as what it is, with a warning. A file that is named as one of
    these but holds text is refused, because nobody can tell what it was meant to be.

    Args:
        path: where the bytes are.
        filename: the name that the owner gave it.
        limits: pages and expansion; memory and time are the caller's to enforce.

    Returns:
        At least one block that holds text, or at least one page that is a picture of text.

    Raises:
        Invalid: see the `Parser` port.
        TooLarge: `too_many_pages` or `zip_bomb`.
    """
    found, extension = choose_format(path, filename)
    if found.zip_types:
        check_archive(path, limits, allows_dtd=found.allows_dtd)
    parsed = found.parse(path, limits)
    if not parsed.unread_pages and not any(block.text.strip() for block in parsed.blocks):
        raise refusals.no_text()
    if extension and by_extension().get(extension) is not found:
        note = f"The file is named .{extension} but holds a {found.title}; it was read as that."
        parsed = replace(parsed, warnings=(note, *parsed.warnings))
    return replace(parsed, format=found.name)


def choose_format(path: Path, filename: str) -> tuple[Format, str]:
    """Return the format and the extension (lower case, no dot).

    Raises:
        Invalid: `unsupported_type`, `empty_file`, `password_protected` or `unreadable`.
    """
    extension = PurePath(filename).suffix.lower().lstrip(".")
    content = sniff(path)
    if content != TEXT:
        return formats()[content], extension
    expected = by_extension().get(extension)
    if expected is None:
        raise refusals.unsupported_type(f".{extension}" if extension else "without an extension")
    if not expected.is_text:
        raise refusals.unreadable(f"The file is named .{extension}, but its content is not a {expected.title}.")
    with path.open("rb") as stream:
        if is_binary(stream.read(8192)):
            raise refusals.unreadable(f"The file is named {extension or filename}, but its content is not text.")
    return expected, extension
