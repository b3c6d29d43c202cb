"""A parsed document as JSON between the parser's process and ours.

JSON, because the process has read a hostile file and may send anything: nothing of what it sends can become code.
Each table's header is sent once, and the text of a row is left out where its cells say it.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

from functions.ml.ingestion.parsing.tables import row_text
from functions.ml.parsed import Block, BlockKind, ParsedDocument, Unit
from shared.contracts.boxes import Box
from shared.contracts.formats import file_formats
from shared.kernel.errors import Invalid, PlatformError, TooLarge

_KINDS = frozenset(get_args(BlockKind))
_UNITS = frozenset(get_args(Unit))
_ERRORS: Mapping[str, type[PlatformError]] = {
    "unsupported_type": Invalid,
    "empty_file": Invalid,
    "password_protected": Invalid,
    "no_text": Invalid,
    "unreadable": Invalid,
    "too_many_pages": TooLarge,
    "too_many_pixels": TooLarge,
    "parser_limit": TooLarge,
    "zip_bomb": TooLarge,
    "unknown_chunker": Invalid,
    "invalid_chunking": Invalid,
}
_LONGEST_MESSAGE = 500
UNUSABLE = (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OverflowError)
"""What taking apart a message of another shape may raise."""


def encode_document(document: ParsedDocument) -> bytes:
    """Return the message of a document."""
    headers: dict[tuple[str, ...], int] = {}
    blocks = [_block_fields(block, headers.setdefault(block.header, len(headers))) for block in document.blocks]
    message = {
        "blocks": blocks,
        "headers": list(headers),
        "pages": document.pages,
        "unit": document.unit,
        "title": document.title,
        "warnings": document.warnings,
        "unread_pages": document.unread_pages,
        "format": document.format,
    }
    return json.dumps(message, ensure_ascii=False).encode("utf-8", errors="replace")


def encode_error(error: PlatformError) -> bytes:
    """Return the message of a refusal."""
    return json.dumps({"error": {"code": error.code, "message": error.message}}).encode()


def decode(message: bytes) -> ParsedDocument:
    """Return the document of a message.

    Raises:
        Invalid: the message is a refusal, of one of the codes of the `Parser` port.
        TooLarge: the same.
        ValueError: the message is no message of ours.
    """
    try:
        found = json.loads(message)
        raise_refusal(found)
        headers = [_texts(header) for header in found["headers"]]
        return ParsedDocument(
            blocks=tuple(_block(fields, headers) for fields in found["blocks"]),
            pages=int(found["pages"]),
            unit=_one_of(found["unit"], _UNITS),
            title=str(found["title"]),
            warnings=_texts(found["warnings"]),
            unread_pages=tuple(map(int, found["unread_pages"])),
            format=known_format(found["format"]),
        )
    except UNUSABLE as error:
        raise ValueError("not a message of the parser") from error


def raise_refusal(found: Any) -> None:
    """Raise what a message refuses, if it does.

    Raises:
        Invalid: one of the codes of the `Parser` port.
        TooLarge: the same.
        KeyError, TypeError: a refusal of another shape.
    """
    if "error" in found:
        code = found["error"]["code"]
        raise _ERRORS[code](str(found["error"]["message"])[:_LONGEST_MESSAGE], code=code)


def whole_number(value: Any) -> int:
    """Return a count or a number of a message.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("not a whole number")
    return value


def known_format(value: Any) -> str:
    """Return the name of a published format, or the empty one. Raises ValueError."""
    return str(_one_of(value, _formats()))


def known_unit(value: Any) -> Unit:
    """Return what a page is. Raises ValueError."""
    unit: Unit = _one_of(value, _UNITS)
    return unit


def _block_fields(block: Block, header: int) -> list[Any]:
    text = None if block.cells and block.text == row_text(block.cells) else block.text
    return [
        block.kind, text, block.level, block.page, block.table, header, block.cells, block.row, block.sheet,
        block.boxes, block.member, block.unit,
    ]  # fmt: skip


def _block(fields: list[Any], headers: list[tuple[str, ...]]) -> Block:
    kind, text, level, page, table, header, cells, row, sheet, boxes, member, unit = fields
    cells = _texts(cells)
    return Block(
        kind=_one_of(kind, _KINDS),
        text=row_text(cells) if text is None else str(text),
        level=int(level),
        page=None if page is None else int(page),
        table=int(table),
        header=headers[header],
        cells=cells,
        row=None if row is None else int(row),
        sheet=None if sheet is None else str(sheet),
        boxes=tuple(_box(*box) for box in boxes),
        member=str(member),
        unit=None if unit is None else _one_of(unit, _UNITS),
    )


@cache
def _formats() -> frozenset[str]:
    return frozenset(("", *(item.name for item in file_formats())))


def _box(start: int, page: int, *sides: float) -> Box:
    return Box(int(start), int(page), *map(float, sides))


def _one_of(value: Any, allowed: frozenset[Any]) -> Any:
    if value not in allowed:
        raise ValueError("not a message of the parser")
    return value


def _texts(values: list[Any]) -> tuple[str, ...]:
    return tuple(map(str, values))
