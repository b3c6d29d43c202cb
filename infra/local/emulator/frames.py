"""Framed records in an append-only file: each carries its length and checksum, so that a torn end is recognised."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PREFIX = struct.Struct(">II")
LARGEST_BYTES = 1 << 30

HEAD, SERVICE, ROWS, CLEARED, MESSAGES, END = b"H", b"S", b"R", b"C", b"M", b"E"


@dataclass(frozen=True)
class Frame:
    """One record: what it is (one of the constants of this module) and its content, JSON where not said otherwise."""

    kind: bytes
    content: bytes


@dataclass(frozen=True)
class Damage:
    """Where a file stops being readable; `torn` when only its unfinished last record is missing."""

    offset_bytes: int
    torn: bool


def encode(kind: bytes, content: bytes) -> bytes:
    """Frame one record.

    Args:
        kind: one of this module's constants, a single byte.
        content: the record.

    Returns:
        Length and CRC-32 of the record (two big-endian 32-bit numbers), then the record.
    """
    record = kind + content
    return PREFIX.pack(len(record), zlib.crc32(record)) + record


def read_frames(path: Path) -> Iterator[Frame | Damage]:
    """Yield the records of a file in order, ending with a `Damage` where the rest cannot be read.

    Args:
        path: a journal or a snapshot.

    Yields:
        Frames; a `Damage` at most once, as the last element.
    """
    data = path.read_bytes()
    offset = 0
    while offset < len(data):
        start = offset + PREFIX.size
        if start > len(data):
            yield Damage(offset, torn=True)
            return
        length, checksum = PREFIX.unpack_from(data, offset)
        record = data[start : start + length]
        if length > LARGEST_BYTES or len(record) < length or zlib.crc32(record) != checksum:
            yield Damage(offset, torn=start + length >= len(data) and length <= LARGEST_BYTES)
            return
        yield Frame(record[:1], record[1:])
        offset = start + length
