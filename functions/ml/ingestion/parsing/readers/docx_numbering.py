"""The numbers that Word computes and shows before headings and list items but does not write into the text."""

import re
from dataclasses import dataclass, field
from typing import Any

from functions.ml.ingestion.parsing.readers.docx_styles import W, tag_value

_PLACE = re.compile(r"%(\d)")
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_LARGEST_ROMAN = 3999
_LEVELS = 9
_LONGEST_LABEL = 40


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    form: str
    text: str
    style: str
    legal: bool


@dataclass(slots=True)
class Numbering:
    """The lists of a document with how far each has counted; a document is walked once, in order."""

    _definitions: dict[str, dict[int, _Level]] = field(default_factory=dict)
    _lists: dict[str, tuple[str, dict[int, int]]] = field(default_factory=dict)
    _counts: dict[str, list[int]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, root: Any) -> "Numbering":
        """Read the part of the numberings; None where the document has none."""
        if root is None:
            return cls()
        definitions, linked, styled = {}, {}, {}
        for element in root.iter(f"{W}abstractNum"):
            key = element.get(f"{W}abstractNumId", "")
            definitions[key] = dict(_levels(element))
            if name := tag_value(element, "styleLink"):
                styled[name] = key
            if name := tag_value(element, "numStyleLink"):
                linked[key] = name
        for key, name in linked.items():
            definitions[key] = definitions.get(styled.get(name, ""), {})
        lists = {
            element.get(f"{W}numId", ""): (tag_value(element, "abstractNumId"), _restarts(element))
            for element in root.iter(f"{W}num")
        }
        return cls(definitions, lists)

    def level_of_style(self, number: str, style: str) -> int:
        """Return the level of a list that a paragraph style stands for, 0 where it stands for none."""
        levels = self._definitions.get(self._lists.get(number, ("", {}))[0], {})
        return next((depth for depth, level in levels.items() if level.style == style), 0)

    def label(self, number: str, depth: int) -> str | None:
        """Count one paragraph and return what Word writes before it.

        Args:
            number: id of the list.
            depth: level from 0.

        Returns:
            For instance `2.1.`; empty for a bullet; None where the paragraph is in no list.
        """
        if number not in self._lists:
            return None
        key, restarts = self._lists[number]
        levels = self._definitions.get(key, {})
        depth = min(max(depth, 0), _LEVELS - 1)
        if depth not in levels:
            return ""
        counts = self._counts.setdefault(key, [0] * _LEVELS)
        if restarts and number not in self._begun:
            for at, start in restarts.items():
                counts[at:] = [start - 1, *([0] * (_LEVELS - at - 1))]
        self._begun.add(number)
        _count(counts, levels, depth)
        return _written(counts, levels, depth)


def _levels(definition: Any) -> list[tuple[int, _Level]]:
    found = []
    for element in definition.iter(f"{W}lvl"):
        depth = _number(element.get(f"{W}ilvl", "0"))
        form, text = tag_value(element, "numFmt") or "decimal", tag_value(element, "lvlText")
        legal = element.find(f"{W}isLgl") is not None
        start = _number(tag_value(element, "start") or "0")
        found.append((depth, _Level(start, form, text, tag_value(element, "pStyle"), legal)))
    return found


def _restarts(element: Any) -> dict[int, int]:
    """Return the levels at which a list starts anew."""
    return {
        min(_number(override.get(f"{W}ilvl", "0")), _LEVELS - 1): _number(tag_value(override, "startOverride"))
        for override in element.iter(f"{W}lvlOverride")
        if tag_value(override, "startOverride")
    }


def _number(text: str) -> int:
    return min(int(text), 100_000) if text.isascii() and text.isdigit() else 0


def _count(counts: list[int], levels: dict[int, _Level], depth: int) -> None:
    for upper in range(depth):
        if not counts[upper]:
            counts[upper] = levels[upper].start if upper in levels else 1
    counts[depth] = max(counts[depth] + 1, levels[depth].start if not counts[depth] else 0)
    counts[depth + 1 :] = [0] * (_LEVELS - depth - 1)


def _written(counts: list[int], levels: dict[int, _Level], depth: int) -> str:
    level = levels[depth]
    if level.form in {"bullet", "none"} or not level.text:
        return ""

    def shown(found: re.Match[str]) -> str:
        at = int(found[1]) - 1
        form = levels[at].form if at in levels else "decimal"
        return formed(counts[at], "decimal" if level.legal else form) if 0 <= at < _LEVELS else ""

    return _PLACE.sub(shown, level.text).strip()[:_LONGEST_LABEL]


def formed(value: int, form: str) -> str:
    """Write a number in one of Word's forms; the forms of other scripts as digits."""
    if form in {"lowerLetter", "upperLetter"} and value > 0:
        letters = chr(ord("a") + (value - 1) % 26) * min((value - 1) // 26 + 1, 5)
        return letters.upper() if form == "upperLetter" else letters
    if form in {"lowerRoman", "upperRoman"} and 0 < value <= _LARGEST_ROMAN:
        return _roman(value).upper() if form == "upperRoman" else _roman(value)
    if form in {"none", "bullet"}:
        return ""
    return f"{value:02d}" if form == "decimalZero" else str(value)


def _roman(value: int) -> str:
    text = ""
    for worth, sign in _ROMAN:
        text += sign * (value // worth)
        value %= worth
    return text
