"""Searching one tenant's file inside one read transaction."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from functions.ml.adapters.sqlite_index.bm25 import bm25
from functions.ml.adapters.sqlite_index.filters import passing_editions
from functions.ml.adapters.sqlite_index.roster import Flags, Floats, Ints
from functions.ml.adapters.sqlite_index.rows import EDITION_FIELDS, chunk_of, stored_text, unit_vector
from functions.ml.adapters.sqlite_index.snapshot import Shelf, Snapshot
from functions.ml.adapters.sqlite_index.vectors import best, exact
from functions.ml.documents import IndexedChunk
from functions.ml.ports import Candidates, Filters, Hit, Scope, Vector
from functions.ml.retrieval.tokens import asked_tokens
from shared.kernel.errors import Invalid

BATCH = 500

Scored = list[tuple[int, float]]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Search:
    """One search inside one read transaction."""

    connection: sqlite3.Connection
    snapshot: Snapshot
    scope: Scope

    def __call__(self, text: str, vector: Vector | None, limit: int, releases: Collection[str] | None) -> Candidates:
        """Find the best by words and by vector."""
        shelves = self.snapshot.visible(self.scope)
        if not shelves:
            return Candidates((), ())
        lexical = self._cut(self._lexical(text, shelves, limit), limit)
        dense = self._cut(self._dense(vector, shelves, limit, releases), limit) if vector is not None else []
        found = self._bodies({row for row, _ in (*lexical, *dense)})
        return Candidates(_hits(lexical, found), _hits(dense, found))

    def _lexical(self, text: str, shelves: Collection[int], limit: int) -> Scored:
        """Rank by BM25; what a word weighs depends on all chunks of the tenant, whoever may see them."""
        query = asked_tokens(text, self.snapshot.languages)
        if not query:
            return []
        roster = self.snapshot.roster
        scores = bm25(self.connection, roster, self.snapshot.damping, query)
        places = np.flatnonzero((scores > 0) & self._passing(shelves)[roster.editions])
        return best(roster.rows(places), scores[places], limit)

    def _cut(self, scored: Scored, limit: int) -> Scored:
        """Leave the first of those that tie at the limit, by chunk id."""
        if len(scored) <= limit:
            return scored
        worst = sorted((score for _, score in scored), reverse=True)[limit - 1]
        better = [(row, score) for row, score in scored if score > worst]
        tied = json.dumps([row for row, score in scored if score == worst])
        first = self.connection.execute(
            "SELECT row FROM chunk WHERE row IN (SELECT value FROM json_each(?)) ORDER BY chunk_id LIMIT ?",
            (tied, limit - len(better)),
        )
        return better + [(row, worst) for (row,) in first]

    def _dense(self, vector: Vector, shelves: dict[int, Shelf], limit: int, releases: Collection[str] | None) -> Scored:
        """Rank by cosine within the releases that the vector may be compared with."""
        compared = [key for key, one in shelves.items() if releases is None or one.release_id in releases]
        passing = self._passing(compared)
        query = unit_vector(vector)
        found: Scored = []
        for kb_id in sorted({shelves[key].kb_id for key in compared}):
            for dimensions, matrix in self.snapshot.vectors_of(self.connection, kb_id).matrices.items():
                if dimensions == len(vector):
                    found += self._exact(matrix.candidates(query, passing, limit), query, limit)
                elif matrix.holds_any_of(passing):
                    raise _mismatch(len(vector), dimensions)
        return found

    def _exact(self, rows: Ints, query: Floats, limit: int) -> Scored:
        """Rank rows by the cosine of their stored vectors."""
        found: Scored = []
        for batch in _batches(rows.tolist()):
            marks = ",".join("?" * len(batch))
            read = f"SELECT row, content FROM vector WHERE row IN ({marks})"  # noqa: S608 - only marks are put in
            stored = self.connection.execute(read, batch).fetchall()
            scores = exact([content for _, content in stored], query)
            found += best(np.asarray([row for row, _ in stored]), scores, limit)
        return found

    def _passing(self, shelves: Collection[int]) -> Flags:
        """Say of each edition, by its id, whether it lies on one of these shelves and passes the filters."""
        shelf_of = self.snapshot.shelf_of
        if self.scope.filters == Filters():
            return np.isin(shelf_of, list(shelves))
        passing = np.zeros(len(shelf_of), dtype=bool)
        query, values = passing_editions(shelves, self.scope.filters)
        passing[[key for (key,) in self.connection.execute(query, values)]] = True
        return passing

    def chunks(self, chunk_ids: Collection[str]) -> dict[str, IndexedChunk]:
        """Return those of these chunks that may be seen."""
        query, values = passing_editions(self.snapshot.visible(self.scope), self.scope.filters)
        keys = sorted({stored_text(one) for one in chunk_ids})
        rows: list[int] = []
        for batch in _batches(keys):
            marks = ",".join(["CAST(? AS TEXT)"] * len(batch))
            found = self.connection.execute(
                f"SELECT row FROM chunk WHERE chunk_id IN ({marks}) AND edition IN ({query})",  # noqa: S608 - marks
                (*batch, *values),
            )
            rows += [row for (row,) in found]
        return {one.chunk_id: one for one in self._bodies(rows).values()}

    def _bodies(self, rows: Collection[int]) -> dict[int, IndexedChunk]:
        """Read the chunks of rows."""
        found: dict[int, IndexedChunk] = {}
        for batch in _batches(sorted(rows)):
            marks = ",".join("?" * len(batch))
            query = (
                f"SELECT row, content, {EDITION_FIELDS} FROM body JOIN chunk USING (row) "  # noqa: S608 - only marks
                f"JOIN edition ON edition.id = chunk.edition WHERE row IN ({marks})"
            )
            found |= {row: chunk_of(content, told) for row, content, *told in self.connection.execute(query, batch)}
        return found


def _hits(scored: Scored, found: dict[int, IndexedChunk]) -> tuple[Hit, ...]:
    """Order by score and chunk id."""
    hits = [Hit(found[row], score) for row, score in scored]
    return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.indexed.chunk_id)))


def _batches(items: list[Item]) -> Iterator[list[Item]]:
    """Cut into pieces that fit one statement."""
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def _mismatch(given: int, stored: int) -> Invalid:
    """Tell that two models were mixed."""
    return Invalid(
        f"The query's vector has {given} numbers and the index holds vectors of {stored}: another embedding model is "
        "at work than the one the documents were processed with. Process the documents again with this release.",
        code="dimension_mismatch",
    )


def stored_vectors(connection: sqlite3.Connection, keys: Sequence[bytes | None]) -> Iterator[tuple[bytes, Vector]]:
    """Yield (key of a text as it is stored, its vector) for those that the file holds."""
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        marks = ",".join("?" * len(batch))
        found = connection.execute(
            "SELECT chunk.text_key, vector.content FROM chunk JOIN vector ON vector.row = chunk.row "  # noqa: S608
            f"WHERE chunk.text_key IN ({marks}) GROUP BY chunk.text_key",
            batch,
        )
        for key, content in found.fetchall():
            yield key, tuple(np.frombuffer(content, dtype="<f4").tolist())
