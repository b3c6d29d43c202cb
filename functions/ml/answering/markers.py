"""Citation markers in an answer: `[1]`, `[1, 2]`, `[1][2]`, `[^1]`, and `【1】` as some models write it."""

import re

_MARKER = re.compile(r"[\[【]\^?(?P<numbers>\d{1,4}(?:\s?[,;]\s?\d{1,4})*)[\]】](?:\([^)\s]*\))?")
_LEADING = re.compile(rf"\s*(?:{_MARKER.pattern}[\s.,;]*)+".replace("?P<numbers>", "?:"))
_SPACE_BEFORE_END = re.compile(r"[ \t]+([.,;:!?。！？])")


def cited_numbers(text: str) -> tuple[int, ...]:
    """Return the numbers a text cites, each once, in order of first use."""
    found = [int(number) for match in _MARKER.finditer(text) for number in re.findall(r"\d+", match["numbers"])]
    return tuple(dict.fromkeys(found))


def without_markers(text: str) -> str:
    """Return the text without its markers and the spaces that stood before them."""
    return _SPACE_BEFORE_END.sub(r"\1", _MARKER.sub("", text)).strip()


def leading_markers(text: str) -> int:
    """Return how many characters of markers a text begins with: they belong to the sentence before it."""
    match = _LEADING.match(text)
    return match.end() if match else 0
