"""What a document says on a page, read by other means than the platform's: the words of plain library calls."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

WORD = re.compile(r"\w+")
CONTROL = re.compile(r"[\x80-\x9f]")


def missing(quote: str, path: Path, page: int | None) -> set[str]:
    """Return the words of a quote that a file, or its page, slide or sheet (from 1), does not hold.

    Libraries cut words differently at line ends and raised digits, so that a word counts as there when its letters
    stand in a row.
    """
    there = "".join(WORD.findall(CONTROL.sub("", _READERS[path.suffix](path, page))))
    return {word for word in WORD.findall(quote) if word not in there}


def _pdf(path: Path, page: int | None) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        text = str(document[(page or 1) - 1].get_textpage().get_text_bounded())
    finally:
        document.close()
    return text


def _docx(path: Path, _page: int | None) -> str:
    import zipfile

    with zipfile.ZipFile(path) as parts:
        body = parts.read("word/document.xml").decode()
    return re.sub(r"<[^>]+>", "", re.sub(r"</w:(?:p|tc|tr)>|<w:(?:br|tab)/>", "\n", body))


def _pptx(path: Path, page: int | None) -> str:
    import zipfile

    with zipfile.ZipFile(path) as parts:
        body = parts.read(f"ppt/slides/slide{page}.xml").decode()
    return re.sub(r"<[^>]+>", "", body.replace("</a:p>", "\n"))


def _xlsx(path: Path, page: int | None) -> str:
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(path) as book:
        rows = book.get_sheet_by_index((page or 1) - 1).to_python()
    cells = [cell for row in rows for cell in row]
    return " ".join(str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell) for cell in cells)


def _text(path: Path, _page: int | None) -> str:
    content = path.read_bytes()
    if b"\x00\x00\x00" in content:
        return content.decode("utf-32")
    if b"\x00" in content:
        return content.decode("utf-16-le")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _tex(path: Path, page: int | None) -> str:
    return re.sub(r"\\[A-Za-z]+", "", _text(path, page))


def _zip(path: Path, page: int | None) -> str:
    with ZipFile(path) as archive, TemporaryDirectory() as folder:
        archive.extractall(folder)
        members = [member for member in sorted(Path(folder).rglob("*")) if member.suffix in _READERS]
        return "\n".join(_READERS[member.suffix](member, page) for member in members)


_READERS = {
    ".pdf": _pdf, ".docx": _docx, ".pptx": _pptx, ".xlsx": _xlsx, ".md": _text, ".txt": _text, ".html": _text,
    ".csv": _text, ".tsv": _text, ".tex": _tex, ".jsonl": _text, ".ndjson": _text, ".json": _text, ".xml": _text,
    ".rst": _text, ".org": _text, ".asciidoc": _text, ".srt": _text, ".vtt": _text, ".go": _text, ".zip": _zip,
}  # fmt: skip
