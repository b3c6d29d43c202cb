"""What lies over the cells of a sheet: comments, charts, text boxes, and which rows are the headers of tables."""

from collections.abc import Iterator
from typing import Any

from functions.ml.ingestion.parsing.readers.charts import A, chart_blocks
from functions.ml.ingestion.parsing.readers.opc import Package
from functions.ml.ingestion.parsing.readers.pictures import described
from functions.ml.ingestion.parsing.readers.xlsx_formats import S
from functions.ml.ingestion.parsing.readers.xlsx_sheet import area_of, rich_text
from functions.ml.ingestion.parsing.tables import clean
from functions.ml.parsed import Block

_THREADED = "{http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_COPY_OF_THREAD = "[Threaded comment]"


def header_rows(package: Package, part: str) -> set[int]:
    """Return the rows that name the columns of the sheet's formatted tables."""
    found = set()
    for target in package.targets(part, "table"):
        root = package.xml(target)
        if root.get("headerRowCount", "1") != "0":
            found.add(area_of(root.get("ref", ""))[0])
    return found


def drawn_blocks(package: Package, part: str, *, table: int, page: int, sheet: str, alone: bool) -> Iterator[Block]:
    """Yield text boxes, descriptions of pictures and charts.

    Of a chart among cells only the titles are given, because its values stand in the cells; of one that is `alone` on
    its sheet, the values too.
    """
    for drawing in package.targets(part, "drawing"):
        root = package.xml(drawing)
        yield from _texts(root, page, sheet)
        for chart in package.targets(drawing, "chart"):
            for block in chart_blocks(package.xml(chart), table=table, page=page, sheet=sheet):
                if alone or block.kind != "table_row":
                    yield block
            table += 1


def _texts(root: Any, page: int, sheet: str) -> Iterator[Block]:
    for body in root.iter(f"{_DRAWING}txBody"):
        for paragraph in body.iter(f"{A}p"):
            if text := clean("".join(part.text or "" for part in paragraph.iter(f"{A}t"))):
                yield Block("paragraph", text, page=page, sheet=sheet)
    for picture in root.iter(f"{_DRAWING}cNvPr"):
        if text := described(picture.get("descr", "")):
            yield Block("caption", text, page=page, sheet=sheet)


def comments(package: Package, part: str, people: dict[str, str], *, page: int, sheet: str) -> Iterator[Block]:
    """Yield the comments and notes on cells, with their cell and who wrote them."""
    for target in package.targets(part, "comments"):
        root = package.xml(target)
        authors = [clean(author.text or "") for author in root.iter(f"{S}author")]
        for comment in root.iter(f"{S}comment"):
            text = clean(rich_text(comment))
            if text and not text.startswith(_COPY_OF_THREAD):
                key = comment.get("authorId", "")
                author = authors[int(key)] if key.isdigit() and int(key) < len(authors) else ""
                yield _comment(comment.get("ref", ""), author, text.removeprefix(f"{author}:").strip(), page, sheet)
    for target in package.targets(part, "threadedComment"):
        for comment in package.xml(target).iter(f"{_THREADED}threadedComment"):
            if text := clean(comment.findtext(f"{_THREADED}text") or ""):
                yield _comment(comment.get("ref", ""), people.get(comment.get("personId", ""), ""), text, page, sheet)


def _comment(cell: str, author: str, text: str, page: int, sheet: str) -> Block:
    by = f" by {author}" if author else ""
    return Block("note", f"Comment on {cell}{by}: {text}", page=page, row=area_of(cell)[0] or None, sheet=sheet)


def people(package: Package, workbook: str) -> dict[str, str]:
    """Return the names of those who comment by their id."""
    found = {}
    for target in package.targets(workbook, "person"):
        for person in package.xml(target).iter(f"{_THREADED}person"):
            found[person.get("id", "")] = clean(person.get("displayName", ""))
    return found
