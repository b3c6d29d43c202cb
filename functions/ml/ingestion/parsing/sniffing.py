"""What a file is, by its content first and its name second."""

import zipfile
from pathlib import Path

from functions.ml.ingestion.parsing import refusals

_HEAD_BYTES = 8 * 1024
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OTHERS = (
    (b"\x89PNG", "PNG picture"),
    (b"\xff\xd8\xff", "JPEG picture"),
    (b"GIF8", "GIF picture"),
    (b"II*\x00", "TIFF picture"),
    (b"MM\x00*", "TIFF picture"),
    (b"BM", "BMP picture"),
    (b"{\\rtf", "rich text (.rtf)"),
    (b"\x1f\x8b", "gzip archive"),
    (b"7z\xbc\xaf", "7z archive"),
    (b"Rar!", "RAR archive"),
    (b"ID3", "MP3 audio"),
    (b"\x7fELF", "program"),
    (b"SQLite format 3", "SQLite database"),
)
_OOXML = ((b"wordprocessingml", "docx"), (b"presentationml", "pptx"), (b"spreadsheetml", "xlsx"))
_TEXT_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_CONTENT_TYPES_BYTES = 1024 * 1024


def sniff(path: Path) -> str:
    """Name the format of the content: `pdf`, `docx`, `pptx`, `xlsx`, or `text` for anything that may be text.

    Raises:
        Invalid: the file is empty (`empty_file`), locked (`password_protected`), of a known type that no parser reads
            (`unsupported_type`) or damaged (`unreadable`).
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if not head:
        raise refusals.empty_file()
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _inside_zip(path)
    if head.startswith(_OLE):
        raise _ole_refusal(path)
    for magic, name in _OTHERS:
        if head.startswith(magic) and (len(magic) > 2 or b"\x00" in head):  # noqa: PLR2004 - two bytes occur in prose
            raise refusals.unsupported_type(name)
    return "text"


def is_binary(head: bytes) -> bool:
    """Tell whether bytes without a byte order mark hold zeros that no 8-bit text has."""
    if head.startswith(_TEXT_MARKS):
        return False
    zeros = head.count(0)
    wide = max(head[::2].count(0), head[1::2].count(0))
    return zeros > 0 and wide < 0.7 * (len(head) // 2)


def _inside_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "[Content_Types].xml" in names:
                return _office_type(_start_of(archive, "[Content_Types].xml"))
            if "mimetype" in names:
                kind = _start_of(archive, "mimetype")[:100].decode("ascii", errors="replace").strip()
                raise refusals.unsupported_type(kind)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        raise refusals.unreadable(
            "The file is damaged: it starts like an Office file or archive but is incomplete."
        ) from error
    raise refusals.unsupported_type("ZIP archive")


def _start_of(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as stream:
        return stream.read(_CONTENT_TYPES_BYTES)


def _office_type(content_types: bytes) -> str:
    """Choose by the main part; a Word file may embed a workbook, so the order of parts does not count."""
    for family, name in _OOXML:
        if b"." + family + b"." in content_types and b".main+xml" in content_types and _is_main(content_types, family):
            return name
    for mark, name in ((b"ms-word", "docx"), (b"ms-powerpoint", "pptx"), (b"ms-excel.sheet.macroEnabled", "xlsx")):
        if mark in content_types:
            return name
    if b"ms-excel.sheet.binary" in content_types:
        raise refusals.unsupported_type("Excel binary workbook (.xlsb)")
    raise refusals.unsupported_type("Office file of another kind")


def _is_main(content_types: bytes, family: bytes) -> bool:
    return any(
        family + b"." + part + b".main+xml" in content_types
        for part in (b"document", b"template", b"presentation", b"slideshow", b"sheet")
    )


def _ole_refusal(path: Path) -> Exception:
    """Tell an encrypted Office file from the formats before 2007; both are the same kind of container."""
    data = path.read_bytes()
    if _OLE_ENCRYPTED in data:
        return refusals.password_protected()
    return refusals.unsupported_type("old Office or Outlook file (.doc, .xls, .ppt, .msg)")
