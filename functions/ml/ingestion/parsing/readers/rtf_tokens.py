"""Rich text as tokens, and the code pages that its bytes are written in."""

import codecs
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["open", "close", "word", "symbol", "byte", "text"]

_TOKEN = re.compile(
    rb"(?P<open>\{)|(?P<close>\})|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})?[ ]?"
    rb"|\\'(?P<byte>[0-9a-fA-F]{2})|\\(?P<symbol>[^a-zA-Z])|(?P<text>[^\\{}\r\n]+)",
    re.DOTALL,
)
# Source: Rich Text Format Specification 1.9.1, "Font Table", \fcharset.
_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 78: "cp932", 128: "cp932", 129: "cp949", 130: "johab", 134: "cp936", 136: "cp950",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
    222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
PAGES = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}


class Token(NamedTuple):
    """One token: a brace, a control word with its number, a control symbol, a byte in hexadecimal, or text."""

    kind: Kind
    content: bytes
    number: int | None = None


def tokens(content: bytes) -> Iterator[Token]:
    """Yield the tokens of rich text; binary data is passed over."""
    position = 0
    while found := _TOKEN.search(content, position):
        position = found.end()
        kind: Kind = found.lastgroup if found.lastgroup != "number" else "word"  # type: ignore[assignment]
        number = int(found["number"]) if found["number"] else None
        if kind == "word" and found["word"] == b"bin":
            position += max(number or 0, 0)
            continue
        yield Token(kind, found[kind], number)


def charset_encoding(charset: int | None) -> str:
    """Return the encoding of a font's characters, empty where the document's own counts."""
    return _CHARSETS.get(charset if charset is not None else 1, "")


def page_encoding(page: int | None) -> str:
    """Return the encoding of a code page, Western European for one that nobody knows."""
    name = "utf-8" if page == 65001 else f"cp{page}"  # noqa: PLR2004 - the code page of UTF-8
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"
