"""ZIP archives: every file in them read as if it had come alone, nothing ever written to a path that they name."""

import stat
import zipfile
import zlib
from contextlib import suppress
from lzma import LZMAError
from pathlib import Path, PurePosixPath

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.containers import Budget, Members, opened
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Invalid

_CHUNK_BYTES = 256 * 1024
_ENCRYPTED = 0x1
_NAME_IS_UTF8 = 0x800
_SYSTEM_FILES = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
_BROKEN = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, NotImplementedError, OSError, ValueError, RuntimeError)


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse the members in the order of the archive; hidden and system files are passed over, links never followed.

    Raises:
        Invalid: damaged (`unreadable`), every member locked (`password_protected`), or none with text (`no_text`).
        TooLarge: more members, bytes or a higher ratio than allowed (`zip_bomb`).
    """
    members = Members(limits)
    with opened(limits) as budget:
        try:
            with zipfile.ZipFile(path) as archive:
                _read_members(archive, members, _Meter(budget, limits, path.stat().st_size))
        except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
            raise refusals.unreadable("The archive is damaged and cannot be opened.") from error
    if not members.blocks:
        raise _nothing_in_it(members)
    return ParsedDocument(tuple(members.blocks), pages=1, unit="section", warnings=members.warnings)


def _read_members(archive: zipfile.ZipFile, members: Members, meter: "_Meter") -> None:
    entries = archive.infolist()
    meter.budget.take(entries=len(entries))
    for entry in entries:
        name = _name_of(entry)
        if entry.is_dir() or _is_system_file(name):
            continue
        if entry.flag_bits & _ENCRYPTED:
            members.leave_out(name, "password_protected")
        elif stat.S_ISLNK(entry.external_attr >> 16):
            members.warn(f"{name} was left out: it is a link, and links in an archive are not followed.")
        elif _leads_out(name):
            members.warn(f"{name} was left out: its path leads out of the archive.")
        else:
            try:
                data = meter.inflate(archive, entry)
            except _BROKEN:
                members.leave_out(name, "unreadable")
            else:
                members.add(name, data)


class _Meter:
    """Counts what really comes out of one archive; what its headers say may be a lie."""

    def __init__(self, budget: Budget, limits: ParserLimits, stored_bytes: int) -> None:
        self.budget = budget
        self._floor_bytes = limits.zip_ratio_floor_bytes
        self._most_bytes = limits.zip_ratio * stored_bytes
        self._unfolded_bytes = 0

    def inflate(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
        """Return a member's bytes. Raises TooLarge (`zip_bomb`) as soon as there are too many."""
        pieces = []
        with archive.open(entry) as stream:
            while piece := stream.read(_CHUNK_BYTES):
                self.budget.take(unzipped_bytes=len(piece))
                self._unfolded_bytes += len(piece)
                if self._unfolded_bytes > max(self._floor_bytes, self._most_bytes):
                    raise refusals.zip_bomb()
                pieces.append(piece)
        return b"".join(pieces)


def _name_of(entry: zipfile.ZipInfo) -> str:
    """Return the path with slashes; without the flag for UTF-8 many programs write UTF-8 all the same."""
    name = entry.filename
    if not entry.flag_bits & _NAME_IS_UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return "".join(character for character in name.replace("\\", "/") if character.isprintable())


def _is_system_file(name: str) -> bool:
    return any(
        part.lower() in _SYSTEM_FILES or (part.startswith(".") and part not in {".", ".."})
        for part in PurePosixPath(name).parts
    )


def _leads_out(name: str) -> bool:
    inner = PurePosixPath(name)
    return inner.is_absolute() or ".." in inner.parts or (len(name) > 1 and name[1] == ":")


def _nothing_in_it(members: Members) -> Invalid:
    if members.refused and set(members.refused) == {"password_protected"}:
        return refusals.password_protected()
    found = " ".join(members.warnings[:3])
    return Invalid(
        f"No file in the archive could be read. {found} Unpack it and upload the files singly.".replace("  ", " "),
        code="no_text",
    )
