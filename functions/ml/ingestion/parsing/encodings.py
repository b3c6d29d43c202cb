"""Text of any encoding."""

import codecs
import re

from functions.ml.ingestion.parsing import refusals

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_GUESS_BYTES = 64 * 1024
_CONTROL_SHARE = 0.02
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
_NEWLINES = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def decode(data: bytes, *, declared: bool = False) -> str:
    r"""Return text with `\\n` line ends, decoded by byte order mark, UTF-8, declaration or best guess, in this order.

    Args:
        data: the whole file.
        declared: look for an HTML `charset` declaration.

    Raises:
        Invalid: what comes out is not text (`unreadable`).
    """
    return tidied(_decoded(data, declared=declared))


def decode_as(data: bytes, encoding: str) -> str | None:
    """Return the text as `decode` does, in the encoding that somebody declared; None when it cannot be in that.

    Raises:
        Invalid: what comes out is not text (`unreadable`).
    """
    try:
        return tidied(data.decode(_known_as(encoding)))
    except (LookupError, UnicodeError, ValueError):
        return None


def tidied(text: str) -> str:
    r"""Return text with `\\n` line ends and without control characters.

    Raises:
        Invalid: it is not text (`unreadable`).
    """
    text = text.removeprefix("\ufeff")
    if len(_CONTROLS.findall(text)) > _CONTROL_SHARE * len(text):
        raise refusals.unreadable("The file should hold text, but its content is not text in any encoding.")
    return _CONTROLS.sub("", _NEWLINES.sub("\n", text))


def _known_as(encoding: str) -> str:
    """Return the codec of a declared name: what calls itself Latin-1 is Windows-1252, and visual order is a marking."""
    name = encoding.strip().strip("\"'").lower()
    return {
        "iso-8859-1": "cp1252",
        "latin-1": "cp1252",
        "us-ascii": "utf-8",
        "gb2312": "gb18030",
        "gbk": "gb18030",
    }.get(name, name.removesuffix("-i").removesuffix("-e") if name.startswith("iso-8859-8") else name)


def _decoded(data: bytes, *, declared: bool) -> str:
    encoding = _by_mark(data) or _utf16_without_mark(data)
    if encoding:
        return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    name = _declared(data) if declared else None
    return data.decode(name or _guessed(data), errors="replace")


def _by_mark(data: bytes) -> str | None:
    return next((encoding for mark, encoding in _BOMS if data.startswith(mark)), None)


def _utf16_without_mark(data: bytes) -> str | None:
    """Latin text in UTF-16 has a zero in every other byte: no other encoding has."""
    head = data[:2048]
    pairs = len(head) // 2
    if not pairs:
        return None
    if head[1::2].count(0) > 0.7 * pairs and head[::2].count(0) < 0.1 * pairs:
        return "utf-16-le"
    if head[::2].count(0) > 0.7 * pairs and head[1::2].count(0) < 0.1 * pairs:
        return "utf-16-be"
    return None


def _declared(data: bytes) -> str | None:
    found = _DECLARED.search(data[:4096])
    if not found:
        return None
    try:
        return codecs.lookup(found[1].decode("ascii")).name
    except LookupError:
        return None


def _guessed(data: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - only the rare file that is not UTF-8 needs it

    best = from_bytes(data[:_GUESS_BYTES]).best()
    return best.encoding if best else "cp1252"
