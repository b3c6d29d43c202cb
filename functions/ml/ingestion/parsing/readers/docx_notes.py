"""What hangs on the paragraphs of a Word document: notes, comments, charts, diagrams."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from functions.ml.ingestion.parsing.readers.charts import chart_blocks, diagram_blocks
from functions.ml.ingestion.parsing.readers.docx_styles import W
from functions.ml.ingestion.parsing.readers.opc import Package
from functions.ml.ingestion.parsing.tables import clean
from functions.ml.parsed import Block

_KINDS = ("footnote", "endnote", "comment")
_NO_NOTES = frozenset({"separator", "continuationSeparator", "continuationNotice"})


class Notes:
    """The parts that a Word document's body points at, read when the first pointer comes."""

    def __init__(self, package: Package, main: str) -> None:
        self._package = package
        self._main = main

    def elements(self, references: Iterable[tuple[str, str]]) -> Iterator[tuple[Any, str]]:
        """Yield the element of each note, and the words to put before its text: who comments."""
        for kind, key in references:
            element = self._notes.get((kind, key))
            if element is not None:
                author = clean(element.get(f"{W}author", ""))
                before = (f"Comment by {author}: " if author else "Comment: ") if kind == "comment" else ""
                yield element, before

    def charts(self, keys: Iterable[str], *, table: int, page: int | None) -> list[Block]:
        """Return the charts of relationships, their tables numbered from `table`."""
        blocks: list[Block] = []
        for number, root in enumerate(self._roots(keys), start=table):
            blocks += chart_blocks(root, table=number, page=page)
        return blocks

    def diagrams(self, keys: Iterable[str], *, page: int | None) -> list[Block]:
        """Return the texts of the diagrams of relationships."""
        return [block for root in self._roots(keys) for block in diagram_blocks(root, page=page)]

    def _roots(self, keys: Iterable[str]) -> Iterator[Any]:
        for key in keys:
            link = self._package.links(self._main).get(key)
            if link is not None and self._package.has(link.target):
                yield self._package.xml(link.target)

    @cached_property
    def _notes(self) -> dict[tuple[str, str], Any]:
        found = {}
        for kind in _KINDS:
            part = self._package.target(self._main, f"{kind}s")
            for element in self._package.xml(part).iter(f"{W}{kind}") if part else ():
                if element.get(f"{W}type") not in _NO_NOTES:
                    found[kind, element.get(f"{W}id", "")] = element
        return found
