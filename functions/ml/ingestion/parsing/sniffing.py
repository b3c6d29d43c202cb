"""What a file is, by its content first and its name second."""

import zipfile
import zlib
from pathlib import Path

import olefile

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.encodings import wide_without_mark
from functions.ml.ingestion.parsing.format import Format, formats

TEXT = "text"
_HEAD_BYTES = 8 * 1024
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_CONTAINER = "zip"
_OLE_ENCRYPTED = "EncryptedPackage"
_OTHERS = (
    (b"\x1f\x8b", "gzip archive"),
    (b"7z\xbc\xaf", "7z archive"),
    (b"Rar!", "RAR archive"),
    (b"ID3", "MP3 audio"),
    (b"\x7fELF", "program"),
    (b"SQLite format 3", "SQLite database"),
)
_TEXT_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_CONTENT_TYPES_BYTES = 1024 * 1024
_MAIN_PARTS = (b"document", b"template", b"presentation", b"slideshow", b"sheet")


def sniff(path: Path) -> str:
    """Name the format of the content, `text` for anything that may be text.

    Raises:
        Invalid: the file is empty (`empty_file`), locked (`password_protected`), of a known type that no parser reads
            (`unsupported_type`) or damaged (`unreadable`).
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if not head:
        raise refusals.empty_file()
    for item in formats().values():
        if _is_signed(head, item):
            return item.name
    if head.startswith((_ZIP, _EMPTY_ZIP)):
        return _inside_zip(path)
    if head.startswith(olefile.MAGIC):
        return _inside_ole(path)
    for magic, name in _OTHERS:
        if head.startswith(magic):
            raise refusals.unsupported_type(name)
    return TEXT


def _is_signed(head: bytes, item: Format) -> bool:
    return any(
        0 <= head.find(signature) <= item.signature_within and (len(signature) > 2 or b"\x00" in head)  # noqa: PLR2004 - two bytes begin prose too
        for signature in item.signatures
    )


def is_binary(head: bytes) -> bool:
    """Tell whether bytes without a byte order mark hold zeros, and not as text in a wide encoding does."""
    return 0 in head and not head.startswith(_TEXT_MARKS) and wide_without_mark(head) is None


def _inside_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "[Content_Types].xml" in names:
                return _office_type(_start_of(archive, "[Content_Types].xml"))
            if "mimetype" in names:
                return _declared_type(_start_of(archive, "mimetype")[:100].decode("ascii", errors="replace").strip())
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise refusals.unreadable(
            "The file is damaged: it starts like an Office file or archive but is incomplete."
        ) from error
    if _CONTAINER in formats():
        return _CONTAINER
    raise refusals.unsupported_type("ZIP archive")


def _start_of(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as stream:
        return stream.read(_CONTENT_TYPES_BYTES)


def _declared_type(media_type: str) -> str:
    for item in formats().values():
        if media_type in item.zip_types:
            return item.name
    raise refusals.unsupported_type(media_type)


def _office_type(content_types: bytes) -> str:
    """Choose by the main part; a Word file may embed a workbook, so the order of parts does not count."""
    families = [(family.encode(), item.name) for item in formats().values() for family in item.zip_types]
    for family, name in families:
        if any(family + b"." + part + b".main+xml" in content_types for part in _MAIN_PARTS):
            return name
    for family, name in families:
        if family.startswith(b"ms-") and family in content_types:
            return name
    if b"ms-excel.sheet.binary" in content_types:
        raise refusals.unsupported_type("Excel binary workbook (.xlsb)")
    raise refusals.unsupported_type("Office file of another kind")


def _inside_ole(path: Path) -> str:
    """Tell the compound files apart: encrypted Office files, the formats before 2007, Outlook's messages."""
    try:
        with olefile.OleFileIO(str(path)) as container:
            if container.exists(_OLE_ENCRYPTED):
                raise refusals.password_protected()
            for item in formats().values():
                if any(container.exists(stream) for stream in item.ole_streams):
                    return item.name
    except (OSError, ValueError, IndexError, TypeError, AttributeError) as error:
        raise refusals.unreadable("The file is damaged: its inner folders cannot be read.") from error
    raise refusals.unsupported_type("old Office file of an unknown kind")
