"""PDFs made by hand for tests: pages of content streams in Helvetica (F1), its bold (F2) and slanted (F3) kin."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers import pdf
from functions.ml.parsed import ParsedDocument

WIDTH, HEIGHT = 600.0, 800.0
_FONTS = ("Helvetica", "Helvetica-Bold", "Helvetica-Oblique")


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        content: operators of its content stream.
        entries: more entries of its dictionary, as `/Rotate 90`.
        annotations: dictionaries of what stands on it.
    """

    content: str
    entries: str = ""
    annotations: tuple[str, ...] = ()


def text(words: str, left: float, top: float, *, size: float = 10, font: str = "F1", more: str = "") -> str:
    """Return the operators of one line whose letters stand `top` points under the page's upper side."""
    escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT {more} /{font} {size} Tf 1 0 0 1 {left} {HEIGHT - top - size} Tm ({escaped}) Tj ET\n"


def lines(rows: Sequence[str], left: float = 60, top: float = 100, *, step: float = 12, size: float = 10) -> str:
    """Return the operators of lines under each other."""
    return "".join(text(row, left, top + at * step, size=size) for at, row in enumerate(rows))


def rule(left: float, top: float, right: float, bottom: float) -> str:
    """Return the operators of a straight line."""
    return f"{left} {HEIGHT - top} m {right} {HEIGHT - bottom} l S\n"


def grid(xs: Sequence[float], ys: Sequence[float]) -> str:
    """Return the operators of a ruled grid."""
    across = "".join(rule(xs[0], y, xs[-1], y) for y in ys)
    return across + "".join(rule(x, ys[0], x, ys[-1]) for x in xs)


def picture(left: float = 0, top: float = 0, width: float = WIDTH, height: float = HEIGHT) -> str:
    """Return the operators of a grey picture."""
    at = f"{width} 0 0 {height} {left} {HEIGHT - top - height}"
    return f"q {at} cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q\n"


def pdf_bytes(pages: Sequence[Page], catalog: str = "", objects: Sequence[str] = ()) -> bytes:
    """Return a PDF; `objects` get the numbers from 10 on, pages those after them."""
    fonts = [f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>" for name in _FONTS]
    bodies = {3 + at: font for at, font in enumerate(fonts)} | {10 + at: body for at, body in enumerate(objects)}
    number = 10 + len(objects)
    kids = []
    for page in pages:
        annotations = []
        for annotation in page.annotations:
            bodies[number] = annotation
            annotations.append(f"{number} 0 R")
            number += 1
        bodies[number] = f"<< /Length {len(page.content.encode('latin-1'))} >>\nstream\n{page.content}\nendstream"
        bodies[number + 1] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {number} 0 R {page.entries} "
            f"/Annots [{' '.join(annotations)}] /Resources << /Font << /F1 3 0 R /F2 4 0 R /F3 5 0 R >> >> >>"
        )
        kids.append(f"{number + 1} 0 R")
        number += 2
    bodies[1] = f"<< /Type /Catalog /Pages 2 0 R {catalog} >>"
    bodies[2] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    out = b"%PDF-1.7\n"
    places = {}
    for key, body in sorted(bodies.items()):
        places[key] = len(out)
        out += f"{key} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {number}\n".encode()
    for key in range(number):
        out += f"{places[key]:010d} 00000 n \n".encode() if key in places else b"0000000000 65535 f \n"
    return out + f"trailer << /Root 1 0 R /Size {number} >>\nstartxref\n{start}\n%%EOF".encode()


def parse(folder: Path, *pages: Page | str, catalog: str = "", objects: Sequence[str] = ()) -> ParsedDocument:
    """Write a PDF of some pages and read it."""
    path = folder / "a.pdf"
    made = [page if isinstance(page, Page) else Page(page) for page in pages]
    path.write_bytes(pdf_bytes(made, catalog, objects))
    return pdf.parse(path, ParserLimits())


def shape(document: ParsedDocument) -> list[tuple[str, str]]:
    """Return kind and text of each block."""
    return [(block.kind, block.text) for block in document.blocks]
