"""A page without a text layer as pixels, for text recognition. Runs, like parsing, in the sandbox's child."""

import struct
from importlib import import_module
from pathlib import Path

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.files import choose_format
from functions.ml.ingestion.parsing.limits import ParserLimits

_READERS = "functions.ml.ingestion.parsing.readers"
_PDF = "pdf"
_PICTURES = f"{_READERS}.picture"
_HEAD = struct.Struct(">4sII")
_MARK = b"RGB\n"


def draw_page(path: Path, *, filename: str, limits: ParserLimits, page: int) -> bytes:
    """Draw one page of a PDF or of a picture.

    Args:
        path: where the bytes are.
        filename: the name that the owner gave it.
        limits: of resolution and size.
        page: from 1.

    Returns:
        What `read_pixels` reads: raw pixels, so that whoever takes them decodes nothing that the file made.

    Raises:
        Invalid: the page cannot be drawn (`unreadable`, `unsupported_type`).
        TooLarge: the picture is too large (`too_many_pixels`).
    """
    found, _ = choose_format(path, filename)
    if found.name != _PDF and found.reader != _PICTURES:
        raise refusals.unsupported_type(found.title)
    reader = f"{_READERS}.pdf_drawing" if found.name == _PDF else found.reader
    drawn = import_module(reader).draw(path, limits, page)
    return _HEAD.pack(_MARK, drawn.width, drawn.height) + bytes(drawn.tobytes())


def read_pixels(message: bytes) -> tuple[int, int, bytes] | None:
    """Return width, height and pixels (three bytes each, row by row) of a drawn page; None for any other message."""
    if len(message) < _HEAD.size or not message.startswith(_MARK):
        return None
    _, width, height = _HEAD.unpack_from(message)
    pixels = message[_HEAD.size :]
    return (width, height, pixels) if len(pixels) == width * height * 3 > 0 else None
