"""The properties of an Outlook message, as they lie in its compound file.

Source: MS-OXMSG (streams, property entries), MS-OXPROPS (tags), MS-OXCDATA (types).
"""

import struct
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.ml.ingestion.parsing.encodings import decode, decode_as, tidied

SUBJECT, SENDER_NAME, SENDER_ADDRESS, SENDER_SMTP = 0x0037, 0x0C1A, 0x0C1F, 0x5D01
TO, CC, BCC, SENT_AT, DELIVERED_AT, HEADERS = 0x0E04, 0x0E03, 0x0E02, 0x0039, 0x0E06, 0x007D
BODY, HTML, RTF = 0x1000, 0x1013, 0x1009
MESSAGE_CLASS = 0x001A
DATA, LONG_NAME, SHORT_NAME, DISPLAY_NAME, MEDIA_TYPE = 0x3701, 0x3707, 0x3704, 0x3001, 0x370E
HIDDEN, CONTENT_ID = 0x7FFE, 0x3712
_CODEPAGES = (0x3FDE, 0x3FFD)
_WIDE, _NARROW, _BYTES, _STORAGE = 0x001F, 0x001E, 0x0102, 0x000D
_PROPERTIES = "__properties_version1.0"
_ENTRY = struct.Struct("<HHI8s")
_HEADER_BYTES = {"message": 32, "embedded": 24, "attachment": 8}
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_TICKS_PER_MICROSECOND = 10
_UTF8_CODEPAGE = 65001


class Properties:
    """The properties of one message or attachment inside a compound file."""

    def __init__(self, file: Any, folder: tuple[str, ...], kind: str) -> None:
        """Read the fixed-size properties; `kind` is `message`, `embedded` or `attachment`."""
        self._file = file
        self.folder = folder
        self._fixed: dict[int, bytes] = {}
        raw = self._stream(_PROPERTIES)[_HEADER_BYTES[kind] :]
        for _type, number, _flags, value in _ENTRY.iter_unpack(raw[: len(raw) // _ENTRY.size * _ENTRY.size]):
            self._fixed[number] = value

    def text(self, number: int) -> str:
        """Return a property of text, empty when there is none."""
        wide = self._value(number, _WIDE)
        if wide:
            return tidied(wide.decode("utf-16-le", errors="replace").rstrip("\x00"))
        narrow = self._value(number, _NARROW)
        if not narrow:
            return ""
        found = decode_as(narrow, self._codepage())
        return decode(narrow) if found is None else found

    def raw(self, number: int) -> bytes:
        """Return a property of bytes, empty when there is none."""
        return self._value(number, _BYTES)

    def html(self) -> str:
        """Return the page of a body, which is bytes in one of the message's encodings, or text."""
        raw = self.raw(HTML)
        if not raw:
            return self.text(HTML)
        found = decode_as(raw, self._codepage())
        return decode(raw, declared=True) if found is None else found

    def flag(self, number: int) -> bool:
        """Return a truth."""
        return any(self._fixed.get(number, b"\0")[:2])

    def time(self, number: int) -> str:
        """Return a time in UTC as people read it, empty when there is none or it is no time."""
        ticks = int.from_bytes(self._fixed.get(number, b""), "little")
        try:
            at = _EPOCH + timedelta(microseconds=ticks // _TICKS_PER_MICROSECOND)
        except OverflowError:
            return ""
        return f"{at:%a, %d %b %Y %H:%M:%S} UTC" if ticks else ""

    def embedded(self) -> tuple[str, ...] | None:
        """Return the folder of the message that an attachment is, None when it is a file."""
        folder = (*self.folder, _stream_name(DATA, _STORAGE))
        return folder if self._file.exists([*folder, _PROPERTIES]) else None

    def folders(self, prefix: str) -> list[tuple[str, ...]]:
        """Return the folders right inside this one whose names begin so, in order."""
        depth = len(self.folder)
        entries = (tuple(entry) for entry in self._file.listdir(streams=False, storages=True))
        return sorted(
            entry
            for entry in entries
            if len(entry) == depth + 1 and entry[:depth] == self.folder and entry[-1].startswith(prefix)
        )

    def _codepage(self) -> str:
        for number in _CODEPAGES:
            if page := int.from_bytes(self._fixed.get(number, b"")[:4], "little"):
                return "utf-8" if page == _UTF8_CODEPAGE else f"cp{page}"
        return "cp1252"

    def _value(self, number: int, kind: int) -> bytes:
        return self._stream(_stream_name(number, kind))

    def _stream(self, name: str) -> bytes:
        path = [*self.folder, name]
        return bytes(self._file.openstream(path).read()) if self._file.exists(path) else b""


def _stream_name(number: int, kind: int) -> str:
    return f"__substg1.0_{number:04X}{kind:04X}"
