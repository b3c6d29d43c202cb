"""PowerPoint's binary format: records in records, and the directory that says which of them count.

Source: [MS-PPT] PowerPoint (.ppt) Binary File Format, sections 2.1 (streams), 2.3 (persist objects).
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

import olefile

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.readers.doc_file import title_of

_HEADER_BYTES = 8
_CONTAINER = 0xF
_ENCRYPTED = 0xF3D1C4DF
_DIRECTORY = 0x1772
_MOST_EDITS = 10_000
_MOST_RECORDS = 2_000_000


class Record(NamedTuple):
    """A record: its kind, its instance, whether it holds records, and where its content stands in the stream."""

    kind: int
    instance: int
    is_container: bool
    start: int
    end: int


class PptFile:
    """A PowerPoint file of the years 1997 to 2003.

    Attributes:
        document: the record of the whole presentation.
        title: from the properties.
    """

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            Invalid: encrypted (`password_protected`).
            struct.error, ValueError, IndexError, OSError, KeyError: damaged.
        """
        with olefile.OleFileIO(str(path)) as container:
            self._stream = container.openstream("PowerPoint Document").read()
            token, edit = struct.unpack_from("<II", container.openstream("Current User").read(), 12)
            self.title = title_of(container)
        if token == _ENCRYPTED:
            raise refusals.password_protected()
        self._read = 0
        self._places: dict[int, int] = {}
        document = self._read_edits(edit)
        self.document = self.persisted(document)

    def _read_edits(self, edit: int) -> int:
        """Read the directories from the newest edit to the oldest; return the id of the document."""
        document, seen = 0, set[int]()
        while edit not in seen and len(seen) < _MOST_EDITS:
            seen.add(edit)
            record = self.record(edit)
            before, directory, newest = struct.unpack_from("<III", self._stream, record.start + 8)
            document = document or newest
            for key, place in self._entries(self.record(directory)):
                self._places.setdefault(key, place)
            if not before:
                break
            edit = before
        return document

    def _entries(self, directory: Record) -> Iterator[tuple[int, int]]:
        if directory.kind != _DIRECTORY:
            raise ValueError("no directory")
        at = directory.start
        while at + 4 <= directory.end:
            (head,) = struct.unpack_from("<I", self._stream, at)
            first, count = head & 0xFFFFF, head >> 20
            yield from enumerate(struct.unpack_from(f"<{count}I", self._stream, at + 4), start=first)
            at += 4 + 4 * count

    def persisted(self, key: int) -> Record:
        """Return a record by its number in the directory.

        Raises:
            KeyError: there is none.
        """
        return self.record(self._places[key])

    def record(self, at: int) -> Record:
        """Return the record that begins at a place."""
        version, kind, length = struct.unpack_from("<HHI", self._stream, at)
        start = at + _HEADER_BYTES
        end = min(start + length, len(self._stream))
        return Record(kind, version >> 4, version & 0xF == _CONTAINER, start, end)

    def content(self, record: Record) -> bytes:
        """Return the content of a record."""
        return self._stream[record.start : record.end]

    def inside(self, record: Record) -> Iterator[Record]:
        """Yield the records in a container, not those in these.

        Raises:
            ValueError: more records than any presentation holds were read from this file.
        """
        at = record.start
        while at + _HEADER_BYTES <= record.end:
            found = self.record(at)
            self._read += 1
            if self._read > _MOST_RECORDS:
                raise ValueError("more records than a presentation holds")
            yield found._replace(end=min(found.end, record.end))
            at = found.end

    def first(self, record: Record, *kinds: int) -> Record | None:
        """Return the record at a path of kinds below another one, None where there is none."""
        found: Record | None = record
        for kind in kinds:
            found = next((child for child in self.inside(found) if child.kind == kind), None) if found else None
        return found


class Sides(NamedTuple):
    """A rectangle in the presentation's units."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def of(cls, content: bytes, *, is_child: bool) -> Self:
        """Read an anchor; the ones of slides begin with the top, the ones in groups with the left side."""
        if is_child or len(content) >= 16:  # noqa: PLR2004 - four numbers of four bytes
            first = struct.unpack_from("<4i", content, 0)
        else:
            first = struct.unpack_from("<4h", content, 0)
        return cls(*first) if is_child else cls(first[1], first[0], first[2], first[3])
