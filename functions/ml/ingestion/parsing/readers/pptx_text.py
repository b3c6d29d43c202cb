"""The paragraphs of a shape on a slide, with the numbers that PowerPoint computes."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from functions.ml.ingestion.parsing.readers import omml
from functions.ml.ingestion.parsing.readers.charts import A
from functions.ml.ingestion.parsing.tables import clean

_FORMULA = "{http://schemas.microsoft.com/office/drawing/2010/main}m"
_LEVELS = 9


class Line(NamedTuple):
    """A paragraph: its text, its level from 0, and whether it is numbered."""

    text: str
    level: int
    numbered: bool


def lines(body: Any) -> Iterator[Line]:
    """Yield the paragraphs of a text body that hold text."""
    counts = [0] * _LEVELS
    for paragraph in body.iter(f"{A}p"):
        text = clean("".join(_pieces(paragraph)))
        properties = paragraph.find(f"{A}pPr")
        level = _level(properties)
        numbering = properties.find(f"{A}buAutoNum") if properties is not None else None
        if not text:
            continue
        counts[level + 1 :] = [0] * (_LEVELS - level - 1)
        if numbering is None:
            counts[level] = 0
            yield Line(text, level, numbered=False)
            continue
        start = numbering.get("startAt", "1")
        counts[level] = counts[level] + 1 if counts[level] else int(start) if start.isdigit() else 1
        yield Line(f"{_label(counts[level], numbering.get('type', ''))} {text}", level, numbered=True)


def _level(properties: Any) -> int:
    text = properties.get("lvl", "0") if properties is not None else "0"
    return min(int(text), _LEVELS - 1) if text.isdigit() else 0


def _label(number: int, form: str) -> str:
    """Source: ISO/IEC 29500-1, 20.1.10.61 (ST_TextAutonumberScheme)."""
    sign = str(number)
    if form.startswith("alpha"):
        sign = chr(ord("a") + (number - 1) % 26)
        sign = sign.upper() if form.startswith("alphaUc") else sign
    return f"({sign})" if form.endswith("ParenBoth") else f"{sign})" if form.endswith("ParenR") else f"{sign}."


def _pieces(paragraph: Any) -> Iterator[str]:
    for child in paragraph:
        if child.tag in {f"{A}r", f"{A}fld"}:
            yield from (part.text or "" for part in child.iter(f"{A}t"))
        elif child.tag == f"{A}br":
            yield " "
        elif child.tag == _FORMULA:
            yield f" {omml.linear(child)} "
