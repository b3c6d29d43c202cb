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
_CONTENTS = re.compile(r"^toc \d$")
_BODY_LEVEL = 9
_LONGEST_CHAIN = 20


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    parent: str
    outline: str
    number: str
    depth: str


@dataclass(frozen=True, slots=True)
class Styles:
    """The paragraph styles by their id."""

    by_id: dict[str, _Style] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    default: str = ""

    @classmethod
    def of(cls, root: Any) -> "Styles":
        """Read the part of the styles; None where the document has none."""
        found, hidden, default = {}, set(), ""
        for element in root.iter(f"{W}style") if root is not None else ():
            style = element.get(f"{W}styleId", "")
            properties = element.find(f"{W}pPr")
            numbering = properties.find(f"{W}numPr") if properties is not None else None
            found[style] = _Style(
                name=tag_value(element, "name").lower(),
                parent=tag_value(element, "basedOn"),
                outline=tag_value(properties, "outlineLvl"),
                number=tag_value(numbering, "numId"),
                depth=tag_value(numbering, "ilvl"),
            )
            if is_on(element.find(f"{W}rPr"), "vanish"):
                hidden.add(style)
            if element.get(f"{W}type") == "paragraph" and element.get(f"{W}default") in {"1", "true"}:
                default = style
        return cls(found, frozenset(hidden), default)

    def level(self, style: str, own_outline: str) -> int:
        """Return the heading level from 1, 0 for body text; the paragraph's own outline level counts first."""
        if own_outline.isdigit():
            return 0 if int(own_outline) >= _BODY_LEVEL else int(own_outline) + 1
        for entry in self._chain(style):
            if named := heading_level(entry.name):
                return named
            if entry.outline.isdigit():
                return 0 if int(entry.outline) >= _BODY_LEVEL else int(entry.outline) + 1
        return 0

    def is_list(self, style: str) -> bool:
        """Tell whether the style or one that it is based on makes list items."""
        return any(entry.number not in {"", "0"} or entry.name.startswith("list ") for entry in self._chain(style))

    def numbering(self, style: str) -> tuple[str, str, str]:
        """Return the list that a style counts in: its id, the level and the style that says so; empty for none."""
        for entry_style, entry in self._named_chain(style):
            if entry.number:
                return ("", "", "") if entry.number == "0" else (entry.number, entry.depth, entry_style)
        return "", "", ""

    def is_contents(self, style: str) -> bool:
        """Tell whether the style is of an entry in a table of contents."""
        return style in self.by_id and is_contents(self.by_id[style].name)

    def kind(self, style: str) -> BlockKind:
        """Return what a paragraph of this style is when it is neither heading nor list."""
        name = self.by_id[style].name if style in self.by_id else ""
        if name == "caption":
            return "caption"
        return "code" if "code" in name or "preformatted" in name else "paragraph"

    def _chain(self, style: str) -> list[_Style]:
        return [entry for _, entry in self._named_chain(style)]

    def _named_chain(self, style: str) -> list[tuple[str, _Style]]:
        chain: list[tuple[str, _Style]] = []
        while style in self.by_id and len(chain) < _LONGEST_CHAIN:
            chain.append((style, self.by_id[style]))
            style = self.by_id[style].parent
        return chain


def heading_level(name: str) -> int:
    """Return the heading level that the name of a style (lower case) says, 0 for none."""
    if name in _TITLE:
        return 1
    named = _HEADING.match(name)
    return max(int(named[1]), 1) if named else 0


def is_contents(name: str) -> bool:
    """Tell whether a style of this name (lower case) is of an entry in a table of contents."""
    return bool(_CONTENTS.match(name))


def tag_value(parent: Any, name: str) -> str:
    """Return the `w:val` of a child element, empty when there is none."""
    child = parent.find(f"{W}{name}") if parent is not None else None
    return (child.get(f"{W}val") or "") if child is not None else ""


def is_on(parent: Any, name: str) -> bool:
    """Tell whether a switch is set: it is there, and its value does not say no."""
    child = parent.find(f"{W}{name}") if parent is not None else None
    return child is not None and child.get(f"{W}val", "1") not in {"0", "false", "off"}
