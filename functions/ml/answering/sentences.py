"""Cuts a passage into units that can be quoted: sentences of prose, rows of a table, lines of a list.

Offsets are kept, so that a quote is always the exact slice of the passage.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_CHARACTERS = 600
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof st vs etc e.g i.e al fig figs no nos vol pp p approx inc ltd co corp dept est jan feb
    mar apr jun jul aug sep sept oct nov dec gen col sgt rev hon jr sr u.s u.k z.b d.h bzw usw ca nr abs bspw
    evtl ggf inkl max min u.a o.ä str tel vgl art cf ed eds
    """.split()
)
_AFTER_ORDINALS = tuple(
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember Jahrhundert Klasse".split()
)
_END = re.compile(
    r"""(?P<wide>[。！？｡]+[」』”’"')）]*)      # no space follows in Chinese and Japanese
      | (?P<narrow>[.!?…؟۔।॥]+["'”’»)\]]*(?=\s|$))""",
    re.VERBOSE,
)
_WORD_BEFORE = re.compile(r"([^\s(\[\"'“]+)$")
_BREAK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*•–·]|\d{1,3}[.)]|#{1,6}|\|)\s)|(?<=[|])\s*\n|\n(?=[^\n]*\s\|\s)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A unit of a passage: `text` is exactly the passage from `start` to `end` (code points)."""

    text: str
    start: int
    end: int


def _ends_here(text: str, match: re.Match[str]) -> bool:
    """Tell a full stop from an abbreviation, an initial or an ordinal number (`3. Mai`)."""
    if match["wide"] or not match.group().startswith("."):
        return True
    before = _WORD_BEFORE.search(text, max(0, match.start() - 40), match.start())
    if before is None:
        return True
    word = before.group(1)
    following = text[match.end() : match.end() + 20].lstrip()
    if word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word.isupper()):
        return not following
    if following[:1].islower():
        return False
    numbered = word.isdecimal() and len(word) <= 2  # noqa: PLR2004 - days, and the numbers of lists
    begins_item = not text[: match.start() - len(word)].rpartition("\n")[2].strip()
    return not (numbered and (begins_item or following.startswith(_AFTER_ORDINALS)))


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Yield the paragraphs, list items and rows."""
    start = 0
    for match in _BREAK.finditer(text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)


def _wrap(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut what has no end (code, logs, broken text) at a space, so that a quote stays readable."""
    while end - start > MAX_CHARACTERS:
        cut = text.rfind(" ", start + MAX_CHARACTERS // 2, start + MAX_CHARACTERS)
        cut = cut if cut > 0 else start + MAX_CHARACTERS
        yield start, cut
        start = cut
    yield start, end


def _spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begin = start
    for match in _END.finditer(text, start, end):
        if _ends_here(text, match):
            yield from _wrap(text, begin, match.end())
            begin = match.end()
    yield from _wrap(text, begin, end)


def _trimmed(text: str, start: int, end: int) -> Sentence | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    piece = piece.strip()
    return Sentence(piece, start, start + len(piece)) if any(sign.isalnum() for sign in piece) else None


def _rows(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield start, start + len(line)
        start += len(line)


def split_sentences(text: str, *, kind: str = "text") -> list[Sentence]:
    """Cut a passage into sentences; in a table every row is one.

    Args:
        text: the passage.
        kind: `text` or `table`.

    Returns:
        Units in reading order that do not overlap, none empty, each at most 600 characters in prose.
    """
    if kind == "table":
        spans: Iterator[tuple[int, int]] = _rows(text)
    else:
        spans = (span for start, end in _stretches(text) for span in _spans(text, start, end))
    return [sentence for start, end in spans if (sentence := _trimmed(text, start, end))]
