"""Files made to harm whoever reads them, each written to a folder when a test asks for it."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

MIB = 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument."
_WORD = "wordprocessingml.document"
_SHEET = "spreadsheetml.sheet"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_WORDS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DEEP = 1_000_000


def _office(path: Path, kind: str, main: str, parts: dict[str, Iterator[bytes] | bytes]) -> None:
    """Write an Office file whose main part is named, streaming what is long."""
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{main}" ContentType="{_OFFICE}{kind}.main+xml"/></Types>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{_RELATIONS}/officeDocument" Target="{main}"/></Relationships>'
    )
    every = {"[Content_Types].xml": types.encode(), "_rels/.rels": relations.encode(), **parts}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in every.items():
            with archive.open(name, "w") as stream:
                for piece in [content] if isinstance(content, bytes) else content:
                    stream.write(piece)


def _word(path: Path, document: Iterator[bytes] | bytes) -> None:
    _office(path, _WORD, "word/document.xml", {"word/document.xml": document})


def _workbook(path: Path, rows: Iterator[bytes]) -> None:
    sheet = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">'
        '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    )

    def content() -> Iterator[bytes]:
        yield f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode()
        yield from rows
        yield b"</sheetData></worksheet>"

    parts: dict[str, Iterator[bytes] | bytes] = {
        "xl/workbook.xml": sheet.encode(),
        "xl/_rels/workbook.xml.rels": relations.encode(),
        "xl/worksheets/sheet1.xml": content(),
    }
    _office(path, _SHEET, "xl/workbook.xml", parts)


def bomb_of_zeros(path: Path) -> None:
    """Ten gigabytes in ten megabytes."""
    squeezed = zlib.compressobj(1, zlib.DEFLATED, -15)
    stored = squeezed.compress(bytes(64 * MIB)) + squeezed.flush(zlib.Z_FULL_FLUSH)
    data = stored * 160 + zlib.compressobj(1, zlib.DEFLATED, -15).flush()
    _lying_zip(path, [("a.txt", data, 10 * 1024 * MIB & 0xFFFFFFFF)])


def bomb_that_lies(path: Path) -> None:
    """A header that says ten bytes over a stream of a gigabyte."""
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = squeezed.compress(bytes(1024 * MIB)) + squeezed.flush()
    _lying_zip(path, [("a.txt", data, 10)])


def bomb_of_overlaps(path: Path) -> None:
    """Every one of 1,500 entries unfolds the same two megabytes."""
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = squeezed.compress(bytes(2 * MIB)) + squeezed.flush()
    _lying_zip(path, [("a.txt", data, 2 * MIB)], times=1_500)


def _lying_zip(path: Path, entries: list[tuple[str, bytes, int]], times: int = 1) -> None:
    local, central = io.BytesIO(), io.BytesIO()
    for name, data, said in entries:
        at, encoded = local.tell(), name.encode()
        fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, zlib.crc32(b""), len(data), said, len(encoded), 0)
        local.write(b"PK\x03\x04" + fields + encoded + data)
        for _ in range(times):
            central.write(
                b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, at) + encoded
            )
    directory = central.getvalue()
    end = struct.pack("<HHHHIIH", 0, 0, times, times, len(directory), local.tell(), 0)
    path.write_bytes(local.getvalue() + directory + b"PK\x05\x06" + end)


def bomb_in_bombs(path: Path) -> None:
    """Archives in archives, sixteen in each of five layers."""
    inner = b"0" * MIB
    for layer in range(5):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(16):
                archive.writestr(f"{number}.{'zip' if layer else 'txt'}", inner)
        inner = stream.getvalue()
    path.write_bytes(inner)


_LAUGHS = (
    '<!DOCTYPE a [<!ENTITY l0 "lol">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    + "]><a>&l11;</a>"
).encode()
_QUADRATIC = b'<!DOCTYPE a [<!ENTITY b "' + b"b" * 100_000 + b'">]><a>' + b"&b;" * 100_000 + b"</a>"
_EXTERNAL = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>text &b;</a>'


def pdf(objects: dict[int, str]) -> bytes:
    """Return a PDF of the given objects, the first of which is the catalogue."""
    out, places = io.BytesIO(), {}
    out.write(b"%PDF-1.7\n")
    for number, body in objects.items():
        places[number] = out.tell()
        out.write(f"{number} 0 obj\n{body}\nendobj\n".encode())
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    for number in sorted(places):
        out.write(f"{places[number]:010} 00000 n \n".encode())
    out.write(f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


_CATALOGUE = "<</Type/Catalog/Pages 2 0 R>>"
_PAGE = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]{}>>"
_PAGES = "<</Type/Pages/Kids[3 0 R]/Count {}>>"
_FORM = (
    "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 4 0 R>>>>/Length 4>>stream\n/F Do\nendstream"
)
_IMAGE = (
    "<</Type/XObject/Subtype/Image/Width 2000000/Height 2000000/BitsPerComponent 8/ColorSpace/DeviceRGB/Length 1>>"
    "stream\nx\nendstream"
)
_DRAWS = "/Contents 5 0 R/Resources<</XObject<</F 4 0 R>>>>"
_CONTENT = "<</Length 10>>stream\n/F Do /F Do\nendstream"
PDFS = {
    "cyclic-pages.pdf": {1: _CATALOGUE, 2: "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"},
    "cyclic-parents.pdf": {1: _CATALOGUE, 2: _PAGES.format(1), 3: "<</Type/Pages/Kids[2 0 R]/Count 1/Parent 2 0 R>>"},
    "cyclic-forms.pdf": {1: _CATALOGUE, 2: _PAGES.format(1), 3: _PAGE.format(_DRAWS), 4: _FORM, 5: _CONTENT},
    "million-pages.pdf": {1: _CATALOGUE, 2: _PAGES.format(1_000_000), 3: _PAGE.format("")},
    "minus-pages.pdf": {1: _CATALOGUE, 2: _PAGES.format(-1), 3: _PAGE.format("")},
    "huge-image.pdf": {1: _CATALOGUE, 2: _PAGES.format(1), 3: _PAGE.format(_DRAWS), 4: _IMAGE, 5: _CONTENT},
    "itself.pdf": {1: _CATALOGUE, 2: "2 0 R"},
    "deep-array.pdf": {1: _CATALOGUE, 2: _PAGES.format(1), 3: _PAGE.format(f"/A {'[' * 500_000}")},
}


def _png(path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(64 * MIB), 1)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))


def _line(before: bytes = b"", after: bytes = b"") -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with path.open("wb") as stream:
            stream.write(before)
            for _ in range(100):
                stream.write(b"word " * (MIB // 5))
            stream.write(after)

    return write


def _rows() -> Iterator[bytes]:
    for row in range(1, 10_001):
        yield (
            b'<row r="%d">' % row
            + b"".join(b'<c t="n"><v>%d</v></c>' % (row * column) for column in range(1, 101))
            + b"</row>"
        )


def _nested(opening: bytes, middle: bytes, closing: bytes) -> Callable[[Path], None]:
    return lambda path: _ignore(path.write_bytes(opening * DEEP + middle + closing * DEEP))


def _bytes(data: bytes) -> Callable[[Path], None]:
    return lambda path: _ignore(path.write_bytes(data))


def _ignore(_written: int) -> None:
    return None


def _deep_word(path: Path) -> None:
    opening, closing = b"<w:sdt><w:sdtContent>", b"</w:sdtContent></w:sdt>"
    text = b"<w:p><w:r><w:t>deep</w:t></w:r></w:p>"
    start = f"<w:document {_WORDS}><w:body>".encode()
    _word(path, start + opening * 100_000 + text + closing * 100_000 + b"</w:body></w:document>")


_FAR_CELL = b'<row r="1048576"><c r="XFD1048576" t="n"><v>7</v></c></row>'

_NOTEBOOK = {"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "# " * 500_000}]}

FILES: dict[str, Callable[[Path], None]] = {
    "zeros.zip": bomb_of_zeros, "lies.zip": bomb_that_lies, "overlaps.zip": bomb_of_overlaps,
    "nested.zip": bomb_in_bombs,
    "zeros.docx": bomb_of_zeros, "overlaps.xlsx": bomb_of_overlaps,
    "laughs.xml": _bytes(_LAUGHS), "external.xml": _bytes(_EXTERNAL), "quadratic.xml": _bytes(_QUADRATIC),
    "laughs.docx": lambda path: _word(path, _LAUGHS), "laughs.html": _bytes(_LAUGHS),
    "deep.xml": _nested(b"<a>", b"x", b"</a>"), "deep.html": _nested(b"<div>", b"x", b"</div>"),
    "deep-tables.html": _nested(b"<table><tr><td>", b"x", b"</td></tr></table>"),
    "deep.json": _nested(b"[", b"1", b"]"), "deep-objects.json": _nested(b'{"a":', b"1", b"}"),
    "deep.md": _nested(b"> ", b"x", b""), "deep-list.md": _nested(b"- ", b"x", b""),
    "deep.rtf": _nested(b"{\\rtf1", b"x", b"}"),
    "deep.docx": _deep_word,
    "line.txt": _line(), "line.csv": _line(), "line.md": _line(), "line.json": _line(b'{"a": "', b'"}'),
    "line.html": _line(b"<p>", b"</p>"), "line.xml": _line(b"<a>", b"</a>"), "line.eml": _line(b"Subject: a\r\n\r\n"),
    "million.xlsx": lambda path: _workbook(path, _rows()), "far.xlsx": lambda path: _workbook(path, iter([_FAR_CELL])),
    "million.csv": _bytes(b",".join([b"7"] * 100) + (b"\n" + b",".join([b"7"] * 100)) * 9_999),
    "wide.csv": _bytes(b"a," * 1_000_000 + b"\n" + b"b," * 1_000_000),
    "quote.csv": _bytes(b'"' + b"a,\n" * 300_000), "pixels.png": _png,
    "heading.ipynb": _bytes(json.dumps(_NOTEBOOK).encode()),
    **{name: _bytes(pdf(objects)) for name, objects in PDFS.items()},
}  # fmt: skip
"""Every file by its name, with the function that writes it."""

_UNITS = (
    b"a", b" ", b"*", b"[", b"![", b"](", b"`", b"<", b"<!--", b"<a ", b"&", b"|", b"| - ", b"_a", b"\\", b"{", b"$",
    b"\\begin{a}", b"=", b"::", b"- ", b"1.", b".. ", b"\t", b"\n", b"a\n\n", b"http://", b"a@", b"=?utf-8?q?", b"%",
    b"00:00:00.000 --> ", b"'", b'"', b",;", b"+-", b"[[", b"a  ", b"~", b"*a ", b"#+begin_src\n",
)  # fmt: skip
PATTERNS = tuple(unit * (20_000 // len(unit)) for unit in _UNITS)
"""Texts of 20,000 bytes that patterns with nested repetition choke on; what is only quadratic ends in a second."""
