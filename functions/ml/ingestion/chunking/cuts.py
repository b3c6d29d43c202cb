"""Where a run of pieces that is longer than a chunk is best cut: evenly, and where its topic changes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from functions.ml.ingestion.chunking.pieces import Piece

_WORD = re.compile(r"[^\W\d_]{4,}")
_STEM = 6
_COMPARED_CHARACTERS = 400
_COMPARED_PLACES = 8
_LEAST_SHARE = 0.5
# What a cut costs there; an error of half a target in the size costs 1. Chosen on benchmarks/chunking.py.
_IN_BLOCK = 1.0
_IN_LIST = 0.3
_AFTER_HEADING = 100.0
_BEFORE_HEADING = -0.5
_COHESION = 3.0
_SIZE = 4.0


@dataclass(frozen=True, slots=True)
class Cuts:
    """Cuts runs of pieces into parts of about the same size.

    Parts of one size serve search best: a reader of a long part gets much that was not asked for, and a short one lacks
    what would find it. So a run is not filled up to the brim with a remainder at its end; it is divided.

    Attributes:
        target_tokens: about how large a part becomes.
        max_tokens: size that no part exceeds, unless a piece alone does.
    """

    target_tokens: int
    max_tokens: int

    def __call__(self, text: str, pieces: Sequence[Piece]) -> list[list[Piece]]:
        """Cut one run.

        Args:
            text: the document's text.
            pieces: consecutive, at least one.

        Returns:
            The pieces in parts; a run that fits stays one part.
        """
        ends = _ends(pieces)
        parts: list[list[Piece]] = []
        first = 0
        while first < len(pieces):
            stop = self._stop(text, pieces, ends, first)
            parts.append(list(pieces[first:stop]))
            first = stop
        return parts

    def _stop(self, text: str, pieces: Sequence[Piece], ends: Sequence[float], first: int) -> int:
        """Return the index of the piece that the next part begins with."""
        before = ends[first - 1] if first else 0.0
        rest = ends[-1] - before
        if rest <= self.max_tokens:
            return len(pieces)
        wanted = rest / max(ceil(rest / self.max_tokens), round(rest / self.target_tokens))
        costs: list[tuple[float, int]] = []
        for index in range(first + 1, len(pieces)):
            size = ends[index - 1] - before
            if size > self.max_tokens and costs:
                break
            if size >= wanted * _LEAST_SHARE or size + pieces[index].tokens > self.max_tokens:
                error = (size - wanted) / self.target_tokens
                costs.append((_SIZE * error * error + _place_cost(pieces[index - 1], pieces[index]), index))
            if size > self.max_tokens:
                break
        if not costs:
            return len(pieces)
        best = sorted(costs)[:_COMPARED_PLACES]
        return min((cost + _COHESION * _cohesion(text, pieces[index].start), index) for cost, index in best)[1]


def _ends(pieces: Sequence[Piece]) -> list[float]:
    """Return the tokens up to the end of each piece."""
    total, ends = 0.0, []
    for piece in pieces:
        total += piece.tokens
        ends.append(total)
    return ends


def _place_cost(above: Piece, below: Piece) -> float:
    """Return how bad a cut between two neighbours is for who reads one part alone."""
    if above.level:
        return _AFTER_HEADING
    if below.level:
        return _BEFORE_HEADING
    if above.block is below.block:
        return _IN_BLOCK
    return _IN_LIST if "list_item" in (above.block.kind, below.block.kind) else 0.0


def _cohesion(text: str, place: int) -> float:
    """Return the share of words that the text before a place has in common with the text after it, in [0, 1].

    Source:
        The idea of M. Hearst, "TextTiling", Computational Linguistics 23(1), 1997: where a topic changes, so do the
        words. Words under four letters say nothing of a topic in the scripts that have letters.
    """
    above = _stems(text[max(0, place - _COMPARED_CHARACTERS) : place])
    below = _stems(text[place : place + _COMPARED_CHARACTERS])
    return len(above & below) / (1 + min(len(above), len(below)))


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.lower())}
