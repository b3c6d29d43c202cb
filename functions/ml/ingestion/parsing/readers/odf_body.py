"""The body of OpenDocument files as blocks: paragraphs, lists, tables, and what hangs on them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from functions.ml.ingestion.parsing.readers.odf import (
    CHART,
    DRAW,
    FO,
    OFFICE,
    STYLE,
    SVG,
    TABLE,
    TEXT,
    Odf,
    comment_author,
    formula_text,
)  # fmt: skip
from functions.ml.ingestion.parsing.readers.odf_inline import Inline, Paragraph
from functions.ml.ingestion.parsing.readers.odf_lists import Lists
from functions.ml.ingestion.parsing.readers.odf_tables import grid_of, header_of
from functions.ml.ingestion.parsing.readers.pictures import described
from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.parsed import Block, BlockKind

_CONTENTS = frozenset({f"{TEXT}table-of-content", f"{TEXT}tracked-changes", f"{TEXT}sequence-decls", f"{OFFICE}forms"})
_SPACES = re.compile(r"[^\S\n]+")
_DEEPEST = 60
_DEEPEST_HEADING = 9
_TITLES = {"Title": 1, "Subtitle": 2}


class Body:
    """One pass over a text; counts pages, tables and lists.

    Attributes:
        page: the page that is being read.
        hidden: whether hidden text was left out.
    """

    def __init__(self, document: Odf, *, page: int | None = None, turning: bool = False) -> None:
        self.page = page
        self.hidden = False
        self.tables = 0
        self._document = document
        self._lists = Lists(document)
        self._turning = turning

    def blocks(self, parent: Any, depth: int = 0) -> Iterator[Block]:
        """Yield the blocks under an element that holds paragraphs, lists and tables."""
        for element in parent if depth < _DEEPEST else ():
            tag = element.tag
            if tag in {f"{TEXT}p", f"{TEXT}h"}:
                yield from self._paragraph(element, depth)
            elif tag == f"{TEXT}list":
                yield from self._list(element, element.get(f"{TEXT}style-name", ""), 1, depth)
            elif tag == f"{TABLE}table":
                yield from self._table(element, depth)
            elif tag == f"{TEXT}soft-page-break":
                self._turn(1)
            elif isinstance(tag, str) and tag.startswith(DRAW):
                yield from self.shape(element, depth)
            elif isinstance(tag, str) and tag not in _CONTENTS and not self._is_hidden_section(element):
                yield from self.blocks(element, depth + 1)

    def shape(self, shape: Any, depth: int = 0) -> Iterator[Block]:
        """Yield what a text box, picture, chart, formula or group holds."""
        if depth > _DEEPEST:
            return
        for name in ("title", "desc"):
            if text := described(shape.findtext(f"{SVG}{name}") or ""):
                yield Block("caption", text, page=self.page)
        embedded = self._document.embedded(shape)
        if embedded is not None:
            yield from self._object(embedded)
            return
        yield from self.blocks(shape, depth + 1)

    def _object(self, root: Any) -> Iterator[Block]:
        if text := formula_text(root):
            yield Block("paragraph", text, page=self.page)
        for chart in root.iter(f"{CHART}chart"):
            titles = [clean(" ".join(title.itertext())) for title in chart.iter(f"{CHART}title", f"{CHART}subtitle")]
            if any(titles):
                yield Block("caption", " – ".join(filter(None, titles)), page=self.page)
            for table in chart.iter(f"{TABLE}table"):
                yield from self._table(table, _DEEPEST - 10)

    def _turn(self, pages: int) -> None:
        if self._turning and self.page is not None:
            self.page += pages

    def _paragraph(self, element: Any, depth: int, label: str | None = None) -> Iterator[Block]:
        style = element.get(f"{TEXT}style-name", "")
        if self._is_hidden(style):
            self.hidden = self.hidden or bool("".join(element.itertext()).strip())
            return
        self._turn(breaks_page(self._document, style))
        found = Inline(self._document).read(element)
        self.hidden = self.hidden or found.hidden
        self._turn(int(found.leads))
        page, text = self.page, _tidy(found.text)
        self._turn(found.turns - int(found.leads))
        if text:
            yield self._text_block(element, style, text, label, page)
        yield from self._hanging(found, depth)

    def _text_block(self, element: Any, style: str, text: str, label: str | None, page: int | None) -> Block:
        names = [each.get(f"{STYLE}name", "") for each in self._document.chain("paragraph", style)]
        if element.tag == f"{TEXT}h":
            given = element.get(f"{TEXT}outline-level", "1")
            level = min(int(given) if given.isdigit() else 1, _DEEPEST_HEADING)
            number = "" if element.get(f"{TEXT}is-list-header") == "true" else self._lists.label("", level)
            return Block("heading", clean(f"{number} {text}"), level=max(level, 1), page=page)
        if level := next((_TITLES[name] for name in names if name in _TITLES), 0):
            return Block("heading", clean(text), level=level, page=page)
        if label is not None:
            return Block("list_item", f"{label} {text}".strip(), page=page)
        return Block(_kind(names), text, page=page)

    def _hanging(self, found: Paragraph, depth: int) -> Iterator[Block]:
        for shape in found.shapes:
            yield from self.shape(shape, depth + 1)
        for note in found.notes:
            yield from self.note(note, depth)

    def note(self, note: Any, depth: int = 0) -> Iterator[Block]:
        """Yield a footnote, an endnote or a comment with its author."""
        before, body = "", note.find(f"{TEXT}note-body")
        if note.tag == f"{OFFICE}annotation":
            author, body = comment_author(note), note
            before = f"Comment by {author}: " if author else "Comment: "
        if body is not None and (text := self.text_of(body, depth)):
            yield Block("note", before + text, page=self.page)

    def _list(self, element: Any, style: str, level: int, depth: int) -> Iterator[Block]:
        if level == 1:
            goes_on = element.get(f"{TEXT}continue-numbering") == "true" or bool(element.get(f"{TEXT}continue-list"))
            self._lists.begin(style, goes_on=goes_on)
        for item in element.iterchildren(f"{TEXT}list-item", f"{TEXT}list-header"):
            fresh = item.tag.endswith("list-item")
            for child in item if depth < _DEEPEST else ():
                if child.tag == f"{TEXT}list":
                    yield from self._list(child, child.get(f"{TEXT}style-name", "") or style, level + 1, depth + 1)
                elif child.tag in {f"{TEXT}p", f"{TEXT}h"}:
                    start = item.get(f"{TEXT}start-value", "")
                    label = self._lists.label(style, level, start) if fresh and child.tag.endswith("p") else ""
                    yield from self._paragraph(child, depth + 1, label)
                    fresh = False
                else:
                    yield from self.blocks([child], depth + 1)

    def _table(self, table: Any, depth: int) -> list[Block]:
        notes: list[Block] = []
        page = self.page

        def text_of(cell: Any) -> str:
            found = list(self.blocks(cell, depth + 1))
            notes.extend(block for block in found if block.kind == "note")
            return " ".join(block.text for block in found if block.kind != "note")

        ordinal, self.tables = self.tables, self.tables + 1
        inner = self.tables
        grid = grid_of(table, text_of)
        self.tables = inner
        rows = table_blocks(grid, table=ordinal, page=page, header=header_of(table))
        return [*rows, *(replace(note, page=page) for note in notes)]

    def text_of(self, element: Any, depth: int = 0) -> str:
        """Return the text under an element on one line."""
        return clean(" ".join(block.text for block in self.blocks(element, depth + 1)))

    def _is_hidden(self, style: str) -> bool:
        return self._document.says("paragraph", style, "text-properties", f"{TEXT}display") == "none"

    def _is_hidden_section(self, element: Any) -> bool:
        hidden: bool = element.tag == f"{TEXT}section" and element.get(f"{TEXT}display") == "none"
        self.hidden = self.hidden or hidden
        return hidden


def breaks_page(document: Odf, style: str) -> int:
    """Return 1 where a paragraph of this style begins a page, else 0."""
    own = document.chain("paragraph", style)[:1]
    if any(each.get(f"{STYLE}master-page-name") for each in own):
        return 1
    return int(document.says("paragraph", style, "paragraph-properties", f"{FO}break-before") == "page")


def _kind(names: list[str]) -> BlockKind:
    known = " ".join(names)
    if "Caption" in names:
        return "caption"
    return "code" if "Preformatted" in known or "Source_20_Text" in known else "paragraph"


def _tidy(text: str) -> str:
    return "\n".join(line.strip() for line in _SPACES.sub(" ", text).split("\n")).strip()
