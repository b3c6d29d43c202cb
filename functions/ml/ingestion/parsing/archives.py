"""The guard before an Office file is opened: it is a ZIP of XML, and both can be made to explode."""

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.limits import ParserLimits

_CHUNK_BYTES = 256 * 1024
_MARKS = ("<!DOCTYPE", "<!ENTITY")
_DTD = tuple(mark.encode(encoding) for mark in _MARKS for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_LONGEST_MARK = max(map(len, _DTD))
_ENCRYPTED = 0x1
_XML = (".xml", ".rels", ".vml")


def check_archive(path: Path, limits: ParserLimits, *, allows_dtd: bool = False) -> None:
    """Unfold an archive once, counting what really comes out, and refuse what no Office program writes.

    Raises:
        TooLarge: more entries, bytes or a higher ratio than allowed (`zip_bomb`).
        Invalid: locked (`password_protected`), or broken, with links, paths that lead out, or a DTD (`unreadable`).
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > limits.zip_entries:
                raise refusals.zip_bomb()
            total = 0
            for entry in entries:
                _check_entry(entry)
                is_checked = not allows_dtd and entry.filename.lower().endswith(_XML)
                total += _unfold(archive, entry, total, path.stat().st_size, limits, is_checked=is_checked)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise refusals.unreadable("The file is damaged: its inner archive cannot be unpacked.") from error


def _check_entry(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise refusals.password_protected()
    inner = PurePosixPath(entry.filename.replace("\\", "/"))
    if stat.S_ISLNK(entry.external_attr >> 16) or inner.is_absolute() or ".." in inner.parts:
        raise refusals.unreadable("The file holds links or paths that lead out of it, which no Office program writes.")


def _unfold(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    before: int,
    stored: int,
    limits: ParserLimits,
    *,
    is_checked: bool,
) -> int:
    """Return the bytes that the entry really unfolds to; its header may lie."""
    count, tail = 0, b""
    with archive.open(entry) as stream:
        while piece := stream.read(_CHUNK_BYTES):
            count += len(piece)
            _check_size(before + count, stored, limits)
            if is_checked:
                window = tail + piece
                if any(mark in window for mark in _DTD):
                    raise refusals.unreadable(
                        "The file holds a document type definition, which no Office program writes."
                    )
                tail = window[-_LONGEST_MARK:]
    return count


def _check_size(unfolded: int, stored: int, limits: ParserLimits) -> None:
    over_ratio = unfolded > limits.zip_ratio_floor_bytes and unfolded > limits.zip_ratio * stored
    if unfolded > limits.unzipped_bytes or over_ratio:
        raise refusals.zip_bomb()
