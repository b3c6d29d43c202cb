"""Which paragraph styles of a Word document are headings, lists or code."""

import re
from dataclasses import dataclass, field
from typing import Any

from functions.ml.parsed import BlockKind

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

_HEADING = re.compile(
    r"^(?:heading|überschrift|titre|título|titolo|kop|rubrik|overskrift|nagłówek|заголовок|見出し|标题|標題|제목)\s*(\d)"
)
_TITLE = frozenset({"title", "titel", "titre"})
_BODY_LEVEL = 9
_LONGEST_CHAIN = 20


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    parent: str
    outline: str
    numbered: bool


@dataclass(frozen=True, slots=True)
class Styles:
    """The paragraph styles by their id."""

    by_id: dict[str, _Style] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Any) -> "Styles":
        """Read the styles of an opened document."""
        found = {}
        for element in document.styles.element.iter(f"{W}style"):
            properties = element.find(f"{W}pPr")
            found[element.get(f"{W}styleId", "")] = _Style(
                name=tag_value(element, "name").lower(),
                parent=tag_value(element, "basedOn"),
                outline=tag_value(properties, "outlineLvl"),
                numbered=properties is not None and properties.find(f"{W}numPr") is not None,
            )
        return cls(found)

    def level(self, style: str, own_outline: str) -> int:
        """Return the heading level from 1, 0 for body text; the paragraph's own outline level counts first."""
        if own_outline.isdigit():
            return 0 if int(own_outline) >= _BODY_LEVEL else int(own_outline) + 1
        for entry in self._chain(style):
            if entry.name in _TITLE:
                return 1
            if named := _HEADING.match(entry.name):
                return max(int(named[1]), 1)
            if entry.outline.isdigit():
                return 0 if int(entry.outline) >= _BODY_LEVEL else int(entry.outline) + 1
        return 0

    def is_list(self, style: str) -> bool:
        """Tell whether the style or one that it is based on makes list items."""
        return any(entry.numbered or entry.name.startswith("list ") for entry in self._chain(style))

    def kind(self, style: str) -> BlockKind:
        """Return what a paragraph of this style is when it is neither heading nor list."""
        name = self.by_id[style].name if style in self.by_id else ""
        if name == "caption":
            return "caption"
        return "code" if "code" in name or "preformatted" in name else "paragraph"

    def _chain(self, style: str) -> list[_Style]:
        chain: list[_Style] = []
        while style in self.by_id and len(chain) < _LONGEST_CHAIN:
            chain.append(self.by_id[style])
            style = self.by_id[style].parent
        return chain


def tag_value(parent: Any, name: str) -> str:
    """Return the `w:val` of a child element, empty when there is none."""
    child = parent.find(f"{W}{name}") if parent is not None else None
    return (child.get(f"{W}val") or "") if child is not None else ""
