"""The vectors of one knowledge base in memory: one matrix per length, exact cosine by one product."""

from collections.abc import Sequence
from typing import Any

import numpy as np

NOWHERE = -1
SCORE_DECIMALS = 6
GATHER_BELOW = 0.3
"""Below this share of visible rows, copying them out is cheaper than scoring all."""

Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Floats = np.ndarray[Any, np.dtype[np.float32]]


class Matrix:
    """Rows of one length, in growing row order; a removed row stays as a hole until there are too many."""

    def __init__(self, dimensions: int) -> None:
        self.size = 0
        self.rows: Ints = np.empty(0, dtype=np.int64)
        self.editions: Ints = np.empty(0, dtype=np.int64)
        self.vectors: Floats = np.empty((0, dimensions), dtype=np.float32)

    def append(self, rows: Sequence[int], editions: Sequence[int], blobs: Sequence[bytes]) -> None:
        """Add rows whose numbers are higher than all before."""
        fresh = np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(rows), self.vectors.shape[1])
        end = self.size + len(rows)
        if end > len(self.rows):
            self._grow(max(end, len(self.rows) * 3 // 2))
        self.rows[self.size : end] = rows
        self.editions[self.size : end] = editions
        self.vectors[self.size : end] = fresh
        self.size = end

    def _grow(self, capacity: int) -> None:
        """Make room without copying at each append."""
        for name in ("rows", "editions", "vectors"):
            old = getattr(self, name)
            new = np.empty((capacity, *old.shape[1:]), dtype=old.dtype)
            new[: self.size] = old[: self.size]
            setattr(self, name, new)

    def remove(self, rows: Ints) -> None:
        """Make holes of those rows that are here, and close them when they are more than half."""
        places = np.searchsorted(self.rows[: self.size], rows)
        places = places[places < self.size]
        places = places[np.isin(self.rows[places], rows)]
        self.editions[places] = NOWHERE
        kept = np.flatnonzero(self.editions[: self.size] != NOWHERE)
        if len(kept) < self.size // 2:
            self.rows, self.editions, self.vectors = self.rows[kept], self.editions[kept], self.vectors[kept]
            self.size = len(kept)

    def holds_any_of(self, passing: Flags) -> bool:
        """Does a row lie here whose edition passes?"""
        return bool(passing[self.editions[: self.size]].any())

    def scored(self, query: Floats, passing: Flags) -> tuple[Ints, Floats]:
        """Return the rows whose editions pass, and their cosines with a query of norm 1."""
        visible = np.flatnonzero(passing[self.editions[: self.size]])
        if len(visible) < self.size * GATHER_BELOW:
            scores = self.vectors[visible] @ query
        else:
            scores = (self.vectors[: self.size] @ query)[visible]
        # The last bits depend on where a row stands in the matrix: equal vectors must have equal scores.
        return self.rows[visible], np.clip(scores, -1.0, 1.0).round(SCORE_DECIMALS)


class KnowledgeBaseVectors:
    """All vectors of one knowledge base, by length."""

    def __init__(self) -> None:
        self.matrices: dict[int, Matrix] = {}

    def append(self, found: Sequence[tuple[int, int, bytes]]) -> None:
        """Add rows (row, edition, vector) in growing row order."""
        by_length: dict[int, list[tuple[int, int, bytes]]] = {}
        for item in found:
            by_length.setdefault(len(item[2]) // 4, []).append(item)
        for dimensions, items in by_length.items():
            rows, editions, blobs = zip(*items, strict=True)
            self.matrices.setdefault(dimensions, Matrix(dimensions)).append(rows, editions, blobs)

    def remove(self, rows: Sequence[int]) -> None:
        """Take rows away; those of other knowledge bases are ignored."""
        gone = np.asarray(rows, dtype=np.int64)
        for matrix in self.matrices.values():
            matrix.remove(gone)


def best(rows: Ints, scores: Floats, limit: int) -> list[tuple[int, float]]:
    """Return the rows with the highest scores, all that tie with the last one included, in no order."""
    if len(scores) > limit:
        worst = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        kept = scores >= worst
        rows, scores = rows[kept], scores[kept]
    return list(zip(rows.tolist(), scores.astype(np.float64).round(SCORE_DECIMALS).tolist(), strict=True))
