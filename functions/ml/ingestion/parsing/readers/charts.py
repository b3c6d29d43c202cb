"""Charts of Word, PowerPoint and Excel as the table of the values that they show, and diagrams as their texts."""

from collections.abc import Iterable, Iterator
from typing import Any

from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.parsed import Block

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_D = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_MOST_POINTS = 20_000
_NOT_SHOWN = frozenset({"pres", "parTrans", "sibTrans", "doc"})


def chart_blocks(root: Any, *, table: int, page: int | None = None, sheet: str | None = None) -> list[Block]:
    """Return a chart as a caption with its titles, and a table: a row per category, a column per series.

    Args:
        root: of a chart's part; the values are the ones that the program kept when it saved the file.
        table: ordinal of the table in the document.
        page: page, slide or sheet that it stands on.
        sheet: name of the sheet.
    """
    titles = [clean(_text(title)) for title in root.iter(f"{C}title")]
    names = [title for title in dict.fromkeys(titles) if title]
    blocks = [Block("caption", " – ".join(names), page=page, sheet=sheet)] if names else []
    rows = _rows(list(root.iter(f"{C}ser")))
    return blocks + table_blocks(rows, table=table, page=page, sheet=sheet, header=True)


def diagram_blocks(root: Any, *, page: int | None = None) -> list[Block]:
    """Return the texts of a diagram (SmartArt), in the order in which they were typed."""
    return [
        Block("list_item", text, page=page)
        for point in root.iter(f"{_D}pt")
        if point.get("type") not in _NOT_SHOWN and (text := clean(_text(point)))
    ]


def _text(element: Any) -> str:
    paragraphs = ("".join(run.text or "" for run in part.iter(f"{A}t")) for part in element.iter(f"{A}p"))
    typed = " ".join(text for text in paragraphs if text.strip())
    return typed or " ".join(value.text or "" for value in element.iter(f"{C}v"))


def _rows(series: list[Any]) -> list[list[str]]:
    columns = [_points(part.find(f"{C}val") if part.find(f"{C}val") is not None else part.find(f"{C}yVal"))
               for part in series]  # fmt: skip
    categories: dict[int, str] = {}
    for part in series:
        for name in ("cat", "xVal"):
            categories = categories or _points(part.find(f"{C}{name}"))
    names = [clean(_text(part.find(f"{C}tx"))) if part.find(f"{C}tx") is not None else "" for part in series]
    used = sorted({index for column in columns for index in column} | set(categories))[:_MOST_POINTS]
    body = [[categories.get(i, ""), *(column.get(i, "") for column in columns)] for i in used]
    return [["", *names], *body] if body else []


def _points(element: Any) -> dict[int, str]:
    """Return the kept values of a series by their place; of categories in levels, the levels joined."""
    if element is None:
        return {}
    levels = list(element.iter(f"{C}lvl"))
    if not levels:
        return dict(_kept(element.iter(f"{C}pt")))
    return _joined([dict(_kept(level.iter(f"{C}pt"))) for level in reversed(levels)])


def _joined(levels: list[dict[int, str]]) -> dict[int, str]:
    """Join the levels of categories, the widest first; a wide one holds until the next of its kind."""
    found: dict[int, str] = {}
    current = [""] * len(levels)
    for index in sorted(levels[-1])[:_MOST_POINTS]:
        current = [level.get(index, before) for level, before in zip(levels, current, strict=True)]
        found[index] = " ".join(filter(None, current))
    return found


def _kept(points: Iterable[Any]) -> Iterator[tuple[int, str]]:
    for point in points:
        index, value = point.get("idx", ""), point.find(f"{C}v")
        if index.isdigit() and value is not None:
            yield int(index), _number(value.text or "")


def _number(text: str) -> str:
    """Write a number without the noise of its binary form."""
    try:
        return f"{float(text):.12g}" if "." in text or "E" in text else text
    except ValueError:
        return clean(text)
