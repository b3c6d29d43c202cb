"""Office files made for the tests, part by part, so that each holds the one thing that is tested."""

import struct
import zipfile
from pathlib import Path

from lxml import etree

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{}</Types>'
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR = 512


def relationships(links: dict[str, tuple[str, str]]) -> str:
    found = (
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for key, (kind, target) in links.items()
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{"".join(found)}'
        f"</Relationships>"
    )


def package(path: Path, main: str, content_type: str, parts: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml", _TYPES.format(f'<Override PartName="/{main}" ContentType="{content_type}"/>')
        )
        archive.writestr(
            "_rels/.rels",
            relationships({"m": ("officeDocument", main), "p": ("extended-properties", "docProps/app.xml")}),
        )
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def word(path: Path, body: str, **parts: str) -> Path:
    """Make a Word file of the XML in its body; `styles`, `numbering`, `footnotes`, `comments`, `header`, `pages`."""
    root = f'xmlns:w="{_W}" xmlns:r="{_OFFICE}" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    made = {"word/document.xml": f"<w:document {root}><w:body>{body}</w:body></w:document>"}
    kinds = {
        "styles": "styles",
        "numbering": "numbering",
        "footnotes": "footnotes",
        "comments": "comments",
        "header": "hdr",
    }
    links = {}
    for name, content in parts.items():
        if name == "pages":
            made["docProps/app.xml"] = f"<Properties><Pages>{content}</Pages></Properties>"
        else:
            made[f"word/{name}.xml"] = f"<w:{kinds[name]} {root}>{content}</w:{kinds[name]}>"
            links[f"{name}1"] = (name, f"{name}.xml")
    made["word/_rels/document.xml.rels"] = relationships(links)
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return package(path, "word/document.xml", kind, made)


def p(text: str, properties: str = "", run: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def excel(path: Path, sheets: dict[str, str], *, styles: str = "", states: dict[str, str] | None = None) -> Path:
    """Make a workbook of the XML inside each worksheet."""
    entries, links, made = [], {}, {}
    for number, (name, content) in enumerate(sheets.items(), start=1):
        state = f' state="{states[name]}"' if states and name in states else ""
        entries.append(f'<sheet name="{name}" sheetId="{number}" r:id="s{number}"{state}/>')
        links[f"s{number}"] = ("worksheet", f"worksheets/sheet{number}.xml")
        made[f"xl/worksheets/sheet{number}.xml"] = f'<worksheet xmlns="{_S}">{content}</worksheet>'
    made["xl/workbook.xml"] = (
        f'<workbook xmlns="{_S}" xmlns:r="{_OFFICE}"><sheets>{"".join(entries)}</sheets></workbook>'
    )
    if styles:
        made["xl/styles.xml"] = f'<styleSheet xmlns="{_S}">{styles}</styleSheet>'
        links["st"] = ("styles", "styles.xml")
    made["xl/_rels/workbook.xml.rels"] = relationships(links)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    return package(path, "xl/workbook.xml", kind, made)


def rows(*lines: list[str | float | None], attributes: dict[int, str] | None = None) -> str:
    """Return the data of a worksheet: texts and numbers by row."""
    found = []
    for number, line in enumerate(lines, start=1):
        cells = "".join(
            _cell(f"{chr(65 + column)}{number}", value) for column, value in enumerate(line) if value is not None
        )
        found.append(f'<row r="{number}" {(attributes or {}).get(number, "")}>{cells}</row>')
    return f"<sheetData>{''.join(found)}</sheetData>"


def _cell(place: str, value: str | float) -> str:
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def odf(path: Path, kind: str, body: str, *, styles: str = "", extra: dict[str, str] | None = None) -> Path:
    """Make an OpenDocument file: `text`, `spreadsheet` or `presentation`."""
    short = ("office", "text", "table", "style", "presentation", "chart", "meta")
    names = {name: f"{_ODF}{name}:1.0" for name in short} | {
        "draw": f"{_ODF}drawing:1.0", "svg": f"{_ODF}svg-compatible:1.0", "fo": f"{_ODF}xsl-fo-compatible:1.0",
        "xlink": "http://www.w3.org/1999/xlink", "dc": "http://purl.org/dc/elements/1.1/",
    }  # fmt: skip
    root = " ".join(f'xmlns:{name}="{address}"' for name, address in names.items())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}", compress_type=zipfile.ZIP_STORED)
        archive.writestr(
            "content.xml",
            f"<office:document-content {root}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
        )
        for name, content in (extra or {}).items():
            archive.writestr(name, content.replace("ROOT", root))
    return path


def flat(path: Path, source: Path) -> Path:
    """Make one XML file of an OpenDocument archive, as LibreOffice does."""
    with zipfile.ZipFile(source) as archive:
        roots = [etree.fromstring(archive.read(f"{name}.xml")) for name in ("meta", "styles", "content")]
        for held in roots[-1].iter(f"{{{_ODF}drawing:1.0}}object"):
            name = held.attrib.pop("{http://www.w3.org/1999/xlink}href").removeprefix("./")
            held.append(etree.fromstring(archive.read(f"{name}/content.xml")))
    names = {prefix: address for root in roots for prefix, address in root.nsmap.items()}
    whole = etree.Element(f"{{{_ODF}office:1.0}}document", nsmap=names)
    for root in roots:
        whole.extend(root)
    path.write_bytes(etree.tostring(whole, xml_declaration=True, encoding="UTF-8"))
    return path


def compound(path: Path, streams: dict[str, bytes]) -> Path:
    """Write a compound file whose streams are all long enough to stand in sectors of their own.

    Source: [MS-CFB] Compound File Binary File Format, sections 2.2 (header), 2.3 (FAT), 2.6 (directory).
    """
    contents = [content.ljust(4096, b"\0") for content in streams.values()]
    counts = [-(-len(content) // _SECTOR) for content in contents]
    directory_sectors = -(-(len(streams) + 1) // 4)
    total = sum(counts) + directory_sectors
    fat_sectors = 1
    while (total + fat_sectors) > fat_sectors * 128:
        fat_sectors += 1
    fat = [_FAT] * fat_sectors
    starts = []
    for count in [directory_sectors, *counts]:
        starts.append(len(fat))
        fat += [*range(len(fat) + 1, len(fat) + count), _END]
    fat += [_FREE] * (fat_sectors * 128 - len(fat))
    entries = [_entry("Root Entry", 5, _END, 0, child=1 if streams else _FREE)]
    for number, (name, content) in enumerate(zip(streams, contents, strict=True), start=1):
        right = number + 1 if number < len(streams) else _FREE
        entries.append(_entry(name, 2, starts[number], len(content), right=right))
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII", bytes.fromhex("d0cf11e0a1b11ae1"), b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, fat_sectors,
        starts[0], 0, 4096, _END, 0, _END, 0,
    )  # fmt: skip
    header += struct.pack("<109I", *range(fat_sectors), *[_FREE] * (109 - fat_sectors))
    body = struct.pack(f"<{len(fat)}I", *fat) + b"".join(entries).ljust(directory_sectors * _SECTOR, b"\0")
    body += b"".join(content.ljust(count * _SECTOR, b"\0") for content, count in zip(contents, counts, strict=True))
    path.write_bytes(header + body)
    return path


def _entry(name: str, kind: int, start: int, size: int, *, child: int = _FREE, right: int = _FREE) -> bytes:
    wide = name.encode("utf-16-le") + b"\0\0"
    return struct.pack("<64sHBBIII16sIQQIQ", wide, len(wide), kind, 1, _FREE, right, child, b"", 0, 0, 0, start, size)


def old_word(
    path: Path,
    text: str,
    paragraphs: list[tuple[int, bytes]],
    *,
    hidden: tuple[int, int] = (0, 0),
    footnote: str = "",
    encrypted: bool = False,
) -> Path:
    """Make a Word 97 file of one piece.

    Args:
        path: where to.
        text: the body; a footnote hangs on each \\x02.
        paragraphs: length, style and settings of each paragraph.
        hidden: first and last character of hidden text.
        footnote: text of the one footnote.
        encrypted: whether the head says so.
    """
    whole = text + footnote
    start = 0x400
    fib = bytearray(start)
    struct.pack_into("<HH", fib, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", fib, 0x0A, 0x0200 | (0x0100 if encrypted else 0))
    struct.pack_into("<ii", fib, 0x4C, len(text), len(footnote))
    struct.pack_into("<H", fib, 0x98, 93)
    content = bytes(fib) + whole.encode("utf-16-le")
    content = content.ljust(-(-len(content) // 512) * 512, b"\0")
    ends, at = [start], 0
    for length, _ in paragraphs:
        at += length
        ends.append(start + 2 * at)
    page = bytearray(512)
    struct.pack_into(f"<{len(ends)}I", page, 0, *ends)
    free = 510
    for number, (_, given) in enumerate(paragraphs):
        settings = given + b"\0" * (1 - len(given) % 2)
        free -= len(settings) + 1
        free -= free % 2
        page[free] = (len(settings) + 1) // 2
        page[free + 1 : free + 1 + len(settings)] = settings
        page[4 * len(ends) + 13 * number] = free // 2
    page[511] = len(paragraphs)
    characters = bytearray(512)
    struct.pack_into("<4I", characters, 0, start, start + 2 * hidden[0], start + 2 * hidden[1], start + 2 * len(whole))
    characters[16:19] = bytes((0, 200, 0))
    characters[400:404] = bytes((3, 0x3C, 0x08, 1))
    characters[511] = 3
    first = len(content) // 512
    table = bytearray()

    def part(number: int, data: bytes) -> None:
        struct.pack_into("<II", main, 0x9A + 8 * number, len(table), len(data))
        table.extend(data)

    main = bytearray(content + bytes(page) + bytes(characters))
    part(33, b"\x02" + struct.pack("<I", 16) + struct.pack("<IIHIH", 0, len(whole), 0, start, 0))
    part(13, struct.pack("<III", start, ends[-1], first))
    part(12, struct.pack("<III", start, ends[-1], first + 1))
    if footnote:
        anchor = text.index("\x02")
        part(2, struct.pack("<IIH", anchor, len(text), 1))
        part(3, struct.pack("<III", 0, len(footnote), len(footnote)))
    return compound(path, {"WordDocument": bytes(main), "1Table": bytes(table)})


def record(kind: int, content: bytes, *, instance: int = 0, container: bool = False) -> bytes:
    return struct.pack("<HHI", (instance << 4) | (0xF if container else 0), kind, len(content)) + content


def old_slides(path: Path, slides: list[tuple[bytes, bytes]], *, encrypted: bool = False) -> Path:
    """Make a PowerPoint 97 file: of each slide the texts in the list of slides, and what its record holds."""
    stream = b""
    places = {}
    entries = b""
    for number, (outline, inside) in enumerate(slides, start=2):
        places[number] = len(stream)
        stream += record(0x03EE, inside, container=True)
        entries += record(0x03F3, struct.pack("<5I", number, 0, 0, 254 + number, 0)) + outline
    places[1] = len(stream)
    atom = record(0x03E9, struct.pack("<2i", 5760, 4320) + bytes(32))
    stream += record(0x03E8, atom + record(0x0FF0, entries, container=True), container=True)
    directory = len(stream)
    stream += record(
        0x1772,
        struct.pack("<I", 1 | len(places) << 20) + b"".join(struct.pack("<I", places[key]) for key in sorted(places)),
    )
    edit = len(stream)
    stream += record(0x0FF5, struct.pack("<IIIIII", 0, 0, 0, directory, 1, len(places)) + bytes(4))
    user = record(0x0FF6, struct.pack("<III", 20, 0xF3D1C4DF if encrypted else 0xE391C05F, edit))
    return compound(path, {"PowerPoint Document": stream, "Current User": user})


def placed_text(kind: int, text: str, top: int, left: int) -> bytes:
    """Return a shape of a slide with its place and text."""
    box = record(0x0F9F, struct.pack("<I", kind)) + record(0x0FA0, text.encode("utf-16-le"))
    anchor = record(0xF010, struct.pack("<4h", top, left, left + 2880, top + 432))
    return record(0xF004, anchor + record(0xF00D, box, container=True), container=True)


def drawing(*shapes: bytes) -> bytes:
    group = record(0xF003, b"".join(shapes), container=True)
    return record(0x040C, record(0xF002, group, container=True), container=True)
