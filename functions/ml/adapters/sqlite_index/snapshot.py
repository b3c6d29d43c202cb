"""What is kept in memory of one tenant's file, following what any process writes to it."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from functions.ml.adapters.sqlite_index.bm25 import norms
from functions.ml.adapters.sqlite_index.postings import known_tokens
from functions.ml.adapters.sqlite_index.roster import NOWHERE, Doubles, Ints, Roster
from functions.ml.adapters.sqlite_index.vectors import KnowledgeBaseVectors
from functions.ml.ports import Scope
from functions.ml.retrieval.tokens import language_marks

LOADED_AT_ONCE = 4_096
"""Vectors read before they are packed, so that loading holds little besides what stays."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What documents share; see `schema`."""

    kb_id: str
    release_id: str
    readers: frozenset[str]


@dataclass(slots=True)
class Snapshot:
    """What is kept in memory of one file, brought up to date at the start of each search.

    Attributes:
        row: the highest row seen; news lie behind it.
        removal: the highest removal seen.
        shelves: by id.
        shelf_of: the shelf of each edition, by its id; `NOWHERE` where there is none.
        roster: every chunk of the file.
        damping: of each place of the roster; see `bm25`.
        languages: those that any chunk has forms of; see `tokens`.
        vectors: by knowledge base, loaded when one is first searched.
    """

    row: int = 0
    removal: int = 0
    shelves: dict[int, Shelf] = field(default_factory=dict)
    shelf_of: Ints = field(default_factory=lambda: np.full(1, NOWHERE))
    roster: Roster = field(default_factory=Roster)
    damping: Doubles = field(default_factory=lambda: np.empty(0))
    languages: tuple[str, ...] = ()
    vectors: dict[str, KnowledgeBaseVectors] = field(default_factory=dict)

    def follow(self, connection: sqlite3.Connection) -> None:
        """Take in what was written since the last time, by whichever process."""
        seen = dict(connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
        row, removal = seen.get("chunk", 0), seen.get("removal", 0)
        if (row, removal) == (self.row, self.removal):
            return
        self.shelves = {
            key: Shelf(kb_id, release_id, frozenset(json.loads(readers)))
            for key, kb_id, release_id, readers in connection.execute(
                "SELECT id, kb_id, release_id, readers FROM shelf"
            )
        }
        self._follow_editions(connection)
        self._follow_chunks(connection, removal)
        self.damping = norms(self.roster)
        marks = language_marks()
        self.languages = tuple(sorted(marks[mark] for mark in known_tokens(connection, list(marks), self.roster.slots)))
        self.row, self.removal = row, removal

    def _follow_editions(self, connection: sqlite3.Connection) -> None:
        """Learn the editions made since; those that went are of no harm, because no chunk names them."""
        known = len(self.shelf_of) - 1
        fresh = connection.execute("SELECT id, shelf FROM edition WHERE id >= ?", (known,)).fetchall()
        if fresh:
            found = np.asarray(fresh, dtype=np.int64)
            # The place behind the last is nobody's: a hole, whose edition is -1, reads it.
            grown = np.full(int(found[:, 0].max()) + 2, NOWHERE)
            grown[:known] = self.shelf_of[:known]
            grown[found[:, 0]] = found[:, 1]
            self.shelf_of = grown

    def _follow_chunks(self, connection: sqlite3.Connection, removal: int) -> None:
        """Bring roster and loaded vectors up to date, or start them anew when too much was removed to follow."""
        gone = [row for (row,) in connection.execute("SELECT row FROM removal WHERE seq > ?", (self.removal,))]
        after = self.row
        if len(gone) < removal - self.removal or self.roster.is_mostly_holes():
            self.roster, self.vectors, after = Roster(), {}, 0
        self.roster.remove(gone)
        fresh = "SELECT row, edition, length FROM chunk WHERE row > ? ORDER BY row"
        self.roster.append(connection.execute(fresh, (after,)).fetchall())
        for kb_id, vectors in self.vectors.items():
            vectors.remove(gone)
            self._load(connection, vectors, kb_id, after=after)

    def vectors_of(self, connection: sqlite3.Connection, kb_id: str) -> KnowledgeBaseVectors:
        """Return a knowledge base's vectors, loaded on first use."""
        if kb_id not in self.vectors:
            fresh = KnowledgeBaseVectors()
            self._load(connection, fresh, kb_id, after=0)
            self.vectors[kb_id] = fresh
        return self.vectors[kb_id]

    def _load(self, connection: sqlite3.Connection, vectors: KnowledgeBaseVectors, kb_id: str, *, after: int) -> None:
        """Read (row, edition, vector) of one knowledge base, in row order."""
        found = connection.execute(
            "SELECT chunk.row, chunk.edition, vector.content FROM chunk CROSS JOIN vector ON vector.row = chunk.row "
            "CROSS JOIN edition ON edition.id = chunk.edition CROSS JOIN shelf ON shelf.id = edition.shelf "
            "WHERE chunk.row > ? AND shelf.kb_id = ? ORDER BY chunk.row",
            (after, kb_id),
        )
        for some in _portions(found):
            vectors.append(some)

    def visible(self, scope: Scope) -> dict[int, Shelf]:
        """Return the shelves a caller may see."""
        kb_ids, readers = set(scope.kb_ids), set(scope.readers)
        return {
            key: shelf
            for key, shelf in self.shelves.items()
            if shelf.kb_id in kb_ids and not readers.isdisjoint(shelf.readers)
        }


def _portions(found: sqlite3.Cursor) -> Iterator[list[tuple[int, int, bytes]]]:
    """Yield what a query finds in portions."""
    while some := found.fetchmany(LOADED_AT_ONCE):
        yield some
