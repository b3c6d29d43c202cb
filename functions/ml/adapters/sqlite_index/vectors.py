"""The vectors of one knowledge base in memory, a byte for each number: which rows an exact search must look at.

A vector is kept as bytes times a scale, with the length of what that leaves out. By the inequality of Cauchy and
Schwarz the cosine with a query of norm 1 is off by that length at most. So the rows whose cosine cannot be among the
best are known, and the few others are read from the file and compared exactly: a quarter of the memory, no result lost.
"""

from collections.abc import Sequence

import numpy as np

from functions.ml.adapters.sqlite_index.roster import NOWHERE, Doubles, Flags, Floats, Ints

SCORE_DECIMALS = 6
GATHER_BELOW = 0.3
"""Below this share of visible rows, copying them out is cheaper than scoring all."""
ROWS_AT_ONCE = 512
"""As many rows as fit the processor's cache when they are widened, and too few for the linear algebra to start threads
for: of some thousand rows these cost more processor time than they save."""
ROUNDING = 1e-5
"""More than what multiplying in 32 bits can be off by, for vectors of up to some thousand numbers."""


class Matrix:
    """Rows of one length, in growing row order; a removed row stays as a hole until there are too many."""

    _COLUMNS = ("rows", "editions", "bytes", "scales", "left_out")

    def __init__(self, dimensions: int) -> None:
        self.size = 0
        self.rows: Ints = np.empty(0, dtype=np.int64)
        self.editions: Ints = np.empty(0, dtype=np.int64)
        self.bytes = np.empty((0, dimensions), dtype=np.int8)
        self.scales: Floats = np.empty(0, dtype=np.float32)
        self.left_out: Floats = np.empty(0, dtype=np.float32)

    def append(self, rows: Sequence[int], editions: Sequence[int], blobs: Sequence[bytes]) -> None:
        """Add rows whose numbers are higher than all before."""
        fresh = np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(rows), self.bytes.shape[1])
        end = self.size + len(rows)
        if end > len(self.rows):
            self._grow(max(end, len(self.rows) * 5 // 4))
        new = slice(self.size, end)
        scales = np.abs(fresh).max(axis=1) / np.float32(127)
        packed = np.rint(fresh / np.where(scales > 0, scales, 1)[:, None])
        self.rows[new], self.editions[new] = rows, editions
        self.bytes[new], self.scales[new] = packed, scales
        self.left_out[new] = np.linalg.norm(fresh - packed * scales[:, None], axis=1)
        self.size = end

    def _grow(self, capacity: int) -> None:
        """Make room without copying at each append."""
        for name in self._COLUMNS:
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
            for name in self._COLUMNS:
                setattr(self, name, getattr(self, name)[kept])
            self.size = len(kept)

    def holds_any_of(self, passing: Flags) -> bool:
        """Does a row lie here whose edition passes?"""
        return bool(passing[self.editions[: self.size]].any())

    def candidates(self, query: Floats, passing: Flags, limit: int) -> Ints:
        """Return the rows whose editions pass and that may be among the `limit` nearest to a query of norm 1.

        All that are among them are returned, those that tie with the last one included.
        """
        visible = np.flatnonzero(passing[self.editions[: self.size]])
        if len(visible) <= limit:
            return self.rows[visible]
        if len(visible) < self.size * GATHER_BELOW:
            near = self._multiplied(self.bytes[visible], query)
        else:
            near = self._multiplied(self.bytes[: self.size], query)[visible]
        near *= self.scales[visible]
        off = self.left_out[visible] + ROUNDING
        at_least = np.partition(near - off, len(visible) - limit)[len(visible) - limit]
        possible: Ints = self.rows[visible[near + off >= at_least]]
        return possible

    def _multiplied(self, packed: np.ndarray, query: Floats) -> Floats:
        """Multiply rows of bytes with a query, some at a time."""
        products = np.empty(len(packed), dtype=np.float32)
        wide = np.empty((ROWS_AT_ONCE, packed.shape[1]), dtype=np.float32)
        for start in range(0, len(packed), ROWS_AT_ONCE):
            some = packed[start : start + ROWS_AT_ONCE]
            np.copyto(wide[: len(some)], some)
            np.dot(wide[: len(some)], query, out=products[start : start + len(some)])
        return products


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


def exact(vectors: Sequence[bytes], query: Floats) -> Doubles:
    """Return the cosines of stored vectors with a query of norm 1."""
    stored = np.frombuffer(b"".join(vectors), dtype="<f4").reshape(len(vectors), len(query))
    # The last bits depend on where a row stands in the matrix: equal vectors must have equal scores.
    cosines: Doubles = np.clip((stored @ query).astype(np.float64), -1.0, 1.0).round(SCORE_DECIMALS)
    return cosines


def best(rows: Ints, scores: Floats | Doubles, limit: int) -> list[tuple[int, float]]:
    """Return the rows with the highest scores, all that tie with the last one included, in no order."""
    scores = scores.astype(np.float64).round(SCORE_DECIMALS)
    if len(scores) > limit:
        worst = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        kept = scores >= worst
        rows, scores = rows[kept], scores[kept]
    return list(zip(rows.tolist(), scores.tolist(), strict=True))
