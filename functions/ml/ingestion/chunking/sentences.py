"""Where sentences end, in the punctuation of many scripts, and where to cut what is longer than a chunk."""

import re
from collections.abc import Iterator

from functions.ml.token_estimates import estimate_tokens

_CLOSERS = r"[\"'”’»)\]』」）】]*+"
# Possessive and bound to the first mark: a hostile run of a million points is passed over once, not a million times.
_END = re.compile(rf"(?:(?<![.!?…])[.!?…]++{_CLOSERS}(?=\s)|[。！？｡．؟۔।॥]++{_CLOSERS})\s*+")
# What ends with a point and goes on: titles, references, single initials, numbers of items.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[^\W\d_]|Dr|Mr|Mrs|Ms|Prof|St|Nr|No|Fig|Abb|Tab|Eq|Sec|Vol|vs|al|cf|ca|bzw|vgl|usw|etc|Inc|Ltd|Co|"
    r"e\.g|i\.e|z\.\s?B|d\.\s?h|u\.\s?a|p\.\s?ej|U\.S)\.$",
    re.IGNORECASE,
)
_LOOK_BACK = 12
_CLAUSE = re.compile(r"\n|[;:,，、；：،]\s?|\s")
_LEAST_SHARE = 0.6


def sentence_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the sentences of a stretch of text.

    Args:
        text: the whole text.
        start: first character of the stretch.
        end: one past its last character.

    Returns:
        Pairs (start, end) in order, without the spaces between them; together they hold all that is not space.
    """
    spans = []
    position = start
    cased = any(map(str.isupper, text[start:end]))  # a text all in small letters begins its sentences with them too
    for found in _END.finditer(text, start, end):
        if found.end() < end and not _goes_on(text, position, found, cased=cased):
            spans.append((position, position + len(text[position : found.end()].rstrip())))
            position = found.end()
    if position < end:
        spans.append((position, end))
    return spans


def _goes_on(text: str, start: int, found: re.Match[str], *, cased: bool) -> bool:
    """A small letter after the mark, or an abbreviation before it, and the sentence is not over."""
    if cased and text[found.end()].islower():
        return True
    mark_end = found.start() + 1
    if text[found.start()] == "." and text[start : found.start()].isdecimal():  # the number of an item
        return True
    return text[found.start()] == "." and bool(_ABBREVIATION.search(text[max(start, mark_end - _LOOK_BACK) : mark_end]))


def cut_to_size(text: str, start: int, end: int, most_tokens: float) -> Iterator[tuple[int, int]]:
    """Yield pieces of at most `most_tokens`, cut at a line, a clause or a space where there is one, else anywhere."""
    while start < end:
        stop = _reach(text, start, end, most_tokens)
        if stop < end:
            floor = start + int((stop - start) * _LEAST_SHARE)
            breaks = [found.end() for found in _CLAUSE.finditer(text, floor, stop)]
            stop = max(breaks, default=stop)
        piece = text[start:stop]
        left = start + len(piece) - len(piece.lstrip())
        right = start + len(piece.rstrip())
        if left < right:
            yield left, right
        start = stop


def _reach(text: str, start: int, end: int, most_tokens: float) -> int:
    """Return the furthest end whose piece stays within `most_tokens`; at least one character."""
    low, high = start + 1, min(end, start + int(4 * most_tokens) + 1)
    while low < high:
        middle = (low + high + 1) // 2
        if estimate_tokens(text[start:middle]) <= most_tokens:
            low = middle
        else:
            high = middle - 1
    return low
