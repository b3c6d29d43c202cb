"""How near a parsed text is to the expected one: words, table cells, headings and their order."""

import re
import sys
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(f"[{_CJK}]|[^\\W_{_CJK}]+")
_FORMULA = re.compile(r"\$\$?([^$\n]+)\$\$?")
_COMMAND = re.compile(r"\\(?:begin|end)\{[^}]*\}|\\[A-Za-z]+")
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)[ T]00:00:00(?:\.0+)?")
_LIST_MARKER = re.compile(r"^\s*(?:[-*+\u2022]\s+|\d{1,3}[.)]\s+)")
_LEADING_NUMBERS = re.compile(r"^(?:\d+\s)+(?=\D)")


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a text in reading order; every engine's output and every expectation is brought to this form.

    Attributes:
        kind: what it is.
        text: as a person would read it; empty for a row.
        cells: of a row, from left to right.
        table: of a row, the ordinal of its table.
    """

    kind: Literal["text", "heading", "row"]
    text: str = ""
    cells: tuple[str, ...] = ()
    table: int = -1


@dataclass(frozen=True, slots=True)
class Scores:
    """How a text compares with the expected one; None where the expectation has nothing of the kind.

    Attributes:
        recall: share of the expected tokens that were found, counted with repetition.
        precision: share of the found tokens that were expected, counted with repetition.
        cells: share of the expected table cells that are cells of the found tables.
        rows: share of the expected table rows whose cells all stand in one found row.
        headings: share of the expected headings that are headings.
        order: of the tokens that occur once in both texts, the longest share that stands in the same order.
        missing: expected tokens that were not found.
        surplus: found tokens that were not expected.
    """

    recall: float | None = None
    precision: float | None = None
    cells: float | None = None
    rows: float | None = None
    headings: float | None = None
    order: float | None = None
    missing: Counter[str] = field(default_factory=Counter)
    surplus: Counter[str] = field(default_factory=Counter)


def score(expected: Sequence[Piece], found: Sequence[Piece]) -> Scores:
    """Compare a text with the expected one.

    Whether a merged cell's text is repeated in every place that it covers is taste: what must be found is the
    expectation without such repetitions, what may be found is the expectation with them.

    Args:
        expected: in reading order.
        found: in reading order; empty when the file was refused, which scores 0 where something was expected.

    Returns:
        Shares in [0, 1].
    """
    once_expected, once_found = without_repeated_cells(expected), without_repeated_cells(found)
    required, present = Counter(tokens_of(once_expected)), Counter(tokens_of(found))
    allowed, offered = Counter(tokens_of(expected)), Counter(tokens_of(once_found))
    return Scores(
        recall=_share(required & present, required),
        precision=_share(offered & allowed, offered) if required else None,
        cells=_found(map(_cell_keys, _rows(once_expected)), map(_cell_keys, _rows(found))),
        rows=row_recall(once_expected, found),
        headings=_found([_headings(expected)], [_headings(found)]),
        order=order_agreement(list(tokens_of(expected)), list(tokens_of(found))) if found else None,
        missing=required - present,
        surplus=offered - allowed,
    )


def tokens(text: str) -> list[str]:
    """Return the words of a text (NFKC, case-folded, without invisible signs and accents that stand alone).

    Chinese and Japanese count by character, an underscore separates, the midnight of a date without a time is left
    out, and so are the names of commands in a formula between dollar signs.
    """
    plain = _FORMULA.sub(lambda found: _COMMAND.sub(" ", found[1]), text) if "$" in text else text
    plain = _MIDNIGHT.sub(r"\1", plain)
    return _TOKEN.findall(unicodedata.normalize("NFKC", plain).casefold().translate(_invisible()))


def tokens_of(pieces: Iterable[Piece]) -> Iterator[str]:
    """Yield the tokens of a whole text in reading order; a marker that opens a list item is none."""
    for piece in pieces:
        if piece.kind == "row":
            for cell in piece.cells:
                yield from tokens(cell)
        elif piece.kind == "heading":
            yield from tokens(piece.text)
        else:
            for line in piece.text.splitlines():
                yield from tokens(_LIST_MARKER.sub("", line))


def without_repeated_cells(pieces: Sequence[Piece]) -> list[Piece]:
    """Empty each cell that repeats its neighbour on the left or above in the same table."""
    result: list[Piece] = []
    above: Piece | None = None
    for piece in pieces:
        if piece.kind != "row":
            result.append(piece)
            continue
        over = above.cells if above is not None and above.table == piece.table else ()
        above = piece
        kept = tuple(
            "" if (i and cell == piece.cells[i - 1]) or (i < len(over) and cell == over[i]) else cell
            for i, cell in enumerate(piece.cells)
        )
        result.append(Piece("row", cells=kept, table=piece.table))
    return result


def row_recall(expected: Sequence[Piece], found: Sequence[Piece]) -> float | None:
    """Return the share of the expected rows whose cells all stand in one found row, in any order."""
    wanted = [keys for keys in map(_cell_keys, _rows(expected)) if keys]
    offered = [_cell_keys(row) for row in _rows(found)]
    by_key: dict[str, list[int]] = {}
    for number, keys in enumerate(offered):
        for key in keys:
            by_key.setdefault(key, []).append(number)
    if not wanted:
        return None
    return sum(any(keys <= offered[i] for i in by_key.get(min(keys), ())) for keys in wanted) / len(wanted)


def order_agreement(expected: Sequence[str], found: Sequence[str]) -> float | None:
    """Return the longest share of the tokens unique in both texts that keeps its order; None for fewer than two.

    Source:
        Longest increasing subsequence by patience sorting (Fredman, "On computing the length of longest increasing
        subsequences", Discrete Mathematics 11, 1975).
    """
    once, places = Counter(expected), Counter(found)
    position = {token: place for place, token in enumerate(found) if places[token] == 1 and once[token] == 1}
    sequence = [position[token] for token in expected if token in position]
    if len(sequence) < 2:
        return None
    tails: list[int] = []
    for place in sequence:
        i = bisect_left(tails, place)
        tails[i : i + 1] = [place]
    return len(tails) / len(sequence)


def _rows(pieces: Iterable[Piece]) -> Iterator[Piece]:
    return (piece for piece in pieces if piece.kind == "row")


def _cell_keys(row: Piece) -> Counter[str]:
    # Without spaces, because where a line breaks inside a cell is no part of what the cell says.
    keys = ("".join(tokens(cell)) or "".join(cell.split()) for cell in row.cells)
    return Counter(key for key in keys if key)


def _headings(pieces: Iterable[Piece]) -> Counter[str]:
    texts = (" ".join(tokens(piece.text)) for piece in pieces if piece.kind == "heading")
    return Counter(_LEADING_NUMBERS.sub("", text) for text in texts if text)


def _found(expected: Iterable[Counter[str]], found: Iterable[Counter[str]]) -> float | None:
    wanted = Counter(key for keys in expected for key in keys.elements())
    return _share(wanted & Counter(key for keys in found for key in keys.elements()), wanted)


def _share(part: Counter[str], whole: Counter[str]) -> float | None:
    return part.total() / whole.total() if whole else None


@cache
def _invisible() -> dict[int, None]:
    return {c: None for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)) in {"Cf", "Mn"}}
