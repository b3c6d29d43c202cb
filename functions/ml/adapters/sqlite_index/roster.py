"""Where the chunks of one file stand in memory, and what the words' list and the vectors' list ask of each."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

BLOCK_ROWS = 2_048
"""Rows whose postings lie together in the file. Fewer make a small write cheaper, more make a search cheaper."""
NOWHERE = -1

Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Floats = np.ndarray[Any, np.dtype[np.float32]]
Doubles = np.ndarray[Any, np.dtype[np.float64]]


class Roster:
    """Edition and length of each chunk by its place: the block that its row is of, and where it stands in that.

    Attributes:
        slots: which blocks are here, and as which.
        editions: by place; `NOWHERE` where no chunk stands.
        lengths: tokens of the chunk, by place; 0 where no chunk stands.
    """

    def __init__(self) -> None:
        self.slots: dict[int, int] = {}
        self.editions: Ints = np.empty(0, dtype=np.int64)
        self.lengths: Ints = np.empty(0, dtype=np.int64)
        self.chunks = 0

    def append(self, found: Sequence[tuple[int, int, int]]) -> None:
        """Add chunks (row, edition, length) in growing row order."""
        if not found:
            return
        rows, editions, lengths = np.asarray(found, dtype=np.int64).T
        for block in np.unique(rows // BLOCK_ROWS).tolist():
            self.slots.setdefault(block, len(self.slots))
        self._grow(len(self.slots) * BLOCK_ROWS)
        places = self.places(rows)
        self.editions[places], self.lengths[places] = editions, lengths
        self.chunks += len(rows)

    def _grow(self, places: int) -> None:
        more = places - len(self.editions)
        if more:
            self.editions = np.concatenate([self.editions, np.full(more, NOWHERE)])
            self.lengths = np.concatenate([self.lengths, np.zeros(more, dtype=np.int64)])

    def remove(self, rows: Collection[int]) -> None:
        """Take chunks away; rows that were never here are ignored."""
        known = [row for row in rows if row // BLOCK_ROWS in self.slots]
        places = self.places(np.asarray(known, dtype=np.int64))
        self.chunks -= int(np.count_nonzero(self.editions[places] != NOWHERE))
        self.editions[places], self.lengths[places] = NOWHERE, 0

    def is_mostly_holes(self) -> bool:
        """Has so much gone that the roster is worth making anew?"""
        return len(self.editions) > 4 * self.chunks + 64 * BLOCK_ROWS

    def places(self, rows: Ints) -> Ints:
        """Return where these rows stand; their blocks must be here."""
        if not len(rows):
            return rows
        blocks, which = np.unique(rows // BLOCK_ROWS, return_inverse=True)
        slots = np.asarray([self.slots[block] for block in blocks.tolist()], dtype=np.int64)
        return slots[which] * BLOCK_ROWS + rows % BLOCK_ROWS

    def rows(self, places: Ints) -> Ints:
        """Return the rows that stand at these places."""
        blocks = np.asarray(list(self.slots), dtype=np.int64)
        return blocks[places // BLOCK_ROWS] * BLOCK_ROWS + places % BLOCK_ROWS
