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
# Letters, digits and marks of the scripts that people write, space and line ends.
_ORDINARY = re.compile(
    "[\t\n\r -~\xa0-\u024f\u0370-\u06ff\u0900-\u0e7f\u10a0-\u10ff\u1e00-\u1eff\u2010-\u2060\u20a0-\u20bf\u2100-\u22ff"
    "\u2500-\u27bf\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffee\ud800-\udfff\ufeff]"
)
_SPACES = re.compile("[ \n\r\t\u3000-\u3002\uff0c]")
_LEAST_ORDINARY = 0.95
_JAPANESE_ESCAPES = (b"\x1b$B", b"\x1b$@")
_CERTAIN = 0.9
_LIKELY = 0.5
_MARKS_ONLY = 0.5
_MANY_BYTES = 0.35  # of text in Chinese, Japanese or Korean, too, which is two bytes per character
_FEW_BYTES = 0.05
_SOME_BYTES = 0.15
_MULTI_BYTE = frozenset(
    "shift_jis cp932 euc_jp euc_jis_2004 shift_jis_2004 gb2312 gbk gb18030 big5 big5hkscs cp950 euc_kr cp949 "
    "johab".split()
)
_XML_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_:.-]{2,40})""")
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
    encoding = _by_mark(data) or wide_without_mark(data) or _by_escapes(data)
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


def wide_without_mark(data: bytes) -> str | None:
    """Return the encoding of text in UTF-16 that does not begin with its mark: the one in which it reads as text."""
    head = data[:4096]
    head = head[: len(head) // 2 * 2]
    if 0 not in head:
        return None
    best = max((_wide_score(head, encoding), encoding) for encoding in ("utf-16-le", "utf-16-be"))
    return best[1] if best[0] > 1 else None


def _wide_score(head: bytes, encoding: str) -> float:
    """Return 1 and the share of spaces and line ends where nearly all is ordinary text, 0 where it is not."""
    try:
        text = head[:-2].decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    if len(_ORDINARY.findall(text)) < _LEAST_ORDINARY * len(text):
        return 0.0
    return 1 + len(_SPACES.findall(text)) / max(len(text), 1)


def _by_escapes(data: bytes) -> str | None:
    """Japanese mail is in ASCII bytes, escapes telling which alphabet they stand for."""
    return "iso2022_jp" if any(mark in data[:_GUESS_BYTES] for mark in _JAPANESE_ESCAPES) else None


def _declared(data: bytes) -> str | None:
    found = _XML_DECLARED.search(data[:1024]) or _DECLARED.search(data[:4096])
    if not found:
        return None
    try:
        return codecs.lookup(_known_as(found[1].decode("ascii"))).name
    except LookupError:
        return None


def _guessed(data: bytes) -> str:
    from functions.ml.ingestion.parsing.single_byte import best_single_byte, high_share  # noqa: PLC0415 - as below

    head = data[:_GUESS_BYTES]
    score, encoding = best_single_byte(head)
    high = high_share(head)
    if (score >= _CERTAIN and high < _MANY_BYTES) or (score >= _MARKS_ONLY and high < _FEW_BYTES):
        return encoding
    from charset_normalizer import from_bytes  # noqa: PLC0415 - only the rare file that is not UTF-8 needs it

    best = from_bytes(head).best()
    if best is not None and best.encoding in _MULTI_BYTE and high > _SOME_BYTES:
        return best.encoding
    return encoding if score >= _LIKELY or best is None else best.encoding
