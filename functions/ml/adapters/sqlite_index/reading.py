"""Reading from one tenant's file: a snapshot with the state in memory that follows the file."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from functions.ml.adapters.sqlite_index.filters import passing_editions
from functions.ml.adapters.sqlite_index.rows import EDITION_FIELDS, chunk_of, stored_text, unit_vector
from functions.ml.adapters.sqlite_index.vectors import NOWHERE, Flags, Ints, KnowledgeBaseVectors, best
from functions.ml.documents import IndexedChunk
from functions.ml.ports import Candidates, Filters, Hit, Scope, Vector
from functions.ml.retrieval.tokens import query_tokens
from shared.kernel.errors import Invalid

MAX_QUERY_TOKENS = 64
COMMON_SHARE = 0.5
PRUNED_FROM_CHUNKS = 2_000
"""In an index of this size, words of more than half the chunks are left out: FTS5 gives them no weight (its idf is cut
off at 1e-6), yet ranking all that hold them takes most of the time."""
# FTS5 fixes k1 at 1.2; a column weight of w acts as k1 = 1.2 / w, because w multiplies the term frequency.
BM25_WEIGHT = 1.2 / 1.5
BATCH = 500

Scored = list[tuple[int, float]]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Shelf:
    """What chunks share; see `schema`."""

    kb_id: str
    release_id: str
    readers: frozenset[str]


@dataclass(slots=True)
class Snapshot:
    """What is kept in memory of one file, brought up to date at the start of each search.

    Attributes:
        row: the highest row seen; news lie behind it.
        removal: the highest removal seen.
        chunks: how many chunks the file holds.
        shelves: by id.
        shelf_of: the shelf of each edition, by its id; `NOWHERE` where there is none.
        vectors: by knowledge base, loaded when one is first searched.
        frequencies: in how many chunks a token stands, as far as asked.
    """

    row: int = 0
    removal: int = 0
    chunks: int = 0
    shelves: dict[int, Shelf] = field(default_factory=dict)
    shelf_of: Ints = field(default_factory=lambda: np.full(1, NOWHERE))
    vectors: dict[str, KnowledgeBaseVectors] = field(default_factory=dict)
    frequencies: dict[str, int] = field(default_factory=dict)

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
        self._follow_vectors(connection, removal)
        (self.chunks,) = connection.execute("SELECT count(*) FROM chunk").fetchone()
        self.frequencies = {}
        self.row, self.removal = row, removal

    def _follow_editions(self, connection: sqlite3.Connection) -> None:
        """Learn the editions made since; those that went are of no harm, because no chunk names them."""
        known = len(self.shelf_of) - 1
        fresh = connection.execute("SELECT id, shelf FROM edition WHERE id >= ?", (known,)).fetchall()
        if fresh:
            found = np.asarray(fresh, dtype=np.int64)
            # The place behind the last is nobody's: a hole in a matrix, whose edition is -1, reads it.
            grown = np.full(int(found[:, 0].max()) + 2, NOWHERE)
            grown[:known] = self.shelf_of[:known]
            grown[found[:, 0]] = found[:, 1]
            self.shelf_of = grown

    def _follow_vectors(self, connection: sqlite3.Connection, removal: int) -> None:
        """Bring the loaded matrices up to date, or drop them when too much was removed to follow."""
        gone = connection.execute("SELECT row FROM removal WHERE seq > ?", (self.removal,)).fetchall()
        if len(gone) < removal - self.removal:
            self.vectors = {}
        for kb_id, vectors in self.vectors.items():
            vectors.remove([row for (row,) in gone])
            vectors.append(self._load(connection, kb_id, after=self.row))

    def vectors_of(self, connection: sqlite3.Connection, kb_id: str) -> KnowledgeBaseVectors:
        """Return a knowledge base's vectors, loaded on first use."""
        if kb_id not in self.vectors:
            fresh = KnowledgeBaseVectors()
            fresh.append(self._load(connection, kb_id, after=0))
            self.vectors[kb_id] = fresh
        return self.vectors[kb_id]

    def _load(self, connection: sqlite3.Connection, kb_id: str, *, after: int) -> list[tuple[int, int, bytes]]:
        """Read (row, edition, vector) of one knowledge base, in row order."""
        return connection.execute(
            "SELECT chunk.row, chunk.edition, vector.content FROM chunk CROSS JOIN vector ON vector.row = chunk.row "
            "CROSS JOIN edition ON edition.id = chunk.edition CROSS JOIN shelf ON shelf.id = edition.shelf "
            "WHERE chunk.row > ? AND shelf.kb_id = ? ORDER BY chunk.row",
            (after, kb_id),
        ).fetchall()

    def visible(self, scope: Scope) -> dict[int, Shelf]:
        """Return the shelves a caller may see."""
        kb_ids, readers = set(scope.kb_ids), set(scope.readers)
        return {
            key: shelf
            for key, shelf in self.shelves.items()
            if shelf.kb_id in kb_ids and not readers.isdisjoint(shelf.readers)
        }


@dataclass(frozen=True, slots=True)
class Search:
    """One search inside one read transaction."""

    connection: sqlite3.Connection
    snapshot: Snapshot
    scope: Scope

    def __call__(self, text: str, vector: Vector | None, limit: int, releases: Collection[str] | None) -> Candidates:
        """Find the best by words and by vector."""
        shelves = self.snapshot.visible(self.scope)
        lexical = self._lexical(text, shelves, limit) if shelves else []
        dense = self._dense(vector, shelves, limit, releases) if vector is not None and shelves else []
        found = self._bodies({row for row, _ in (*lexical, *dense)})
        return Candidates(_hits(lexical, found, limit), _hits(dense, found, limit))

    def _lexical(self, text: str, shelves: Collection[int], limit: int) -> Scored:
        """Rank by BM25; a word that stands in most chunks counts only when no other finds anything."""
        known = self._known(query_tokens(text))
        common = max(COMMON_SHARE * self.snapshot.chunks, PRUNED_FROM_CHUNKS / 2)
        telling = [token for token, chunks in known if chunks <= common]
        found = self._matches(telling[:MAX_QUERY_TOKENS], shelves, limit)
        if not found and len(telling) < len(known):
            found = self._matches([token for token, _ in known[:MAX_QUERY_TOKENS]], shelves, limit)
        return found

    def _known(self, tokens: Sequence[str]) -> list[tuple[str, int]]:
        """Return those tokens that any chunk holds, the rarest first, with the number of chunks."""
        cached = self.snapshot.frequencies
        for token in tokens:
            if token not in cached:
                counted = self.connection.execute("SELECT doc FROM lexicon WHERE term = ?", (token,)).fetchone()
                cached[token] = counted[0] if counted else 0
        return sorted(((token, cached[token]) for token in tokens if cached[token]), key=lambda pair: pair[1])

    def _matches(self, tokens: Sequence[str], shelves: Collection[int], limit: int) -> Scored:
        """Ask FTS5 for the chunks of these shelves that hold any of the tokens."""
        if not tokens:
            return []
        passing, values = passing_editions(shelves, self.scope.filters)
        return self.connection.execute(
            f"SELECT words.rowid, -bm25(words, {BM25_WEIGHT}) AS score "  # noqa: S608 - values are bound
            f"FROM words CROSS JOIN chunk ON chunk.row = words.rowid "
            f"WHERE words MATCH ? AND chunk.edition IN ({passing}) ORDER BY score DESC, chunk.chunk_id LIMIT ?",
            (" OR ".join(f'"{token}"' for token in tokens), *values, limit),
        ).fetchall()

    def _dense(self, vector: Vector, shelves: dict[int, Shelf], limit: int, releases: Collection[str] | None) -> Scored:
        """Rank by cosine within the releases that the vector may be compared with."""
        compared = [key for key, one in shelves.items() if releases is None or one.release_id in releases]
        passing = self._passing(compared)
        query = unit_vector(vector)
        found: Scored = []
        for kb_id in sorted({shelves[key].kb_id for key in compared}):
            for dimensions, matrix in self.snapshot.vectors_of(self.connection, kb_id).matrices.items():
                if dimensions == len(vector):
                    found += best(*matrix.scored(query, passing), limit)
                elif matrix.holds_any_of(passing):
                    raise _mismatch(len(vector), dimensions)
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


def _hits(scored: Scored, found: dict[int, IndexedChunk], limit: int) -> tuple[Hit, ...]:
    """Order by score and chunk id."""
    hits = [Hit(found[row], score) for row, score in scored]
    return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.indexed.chunk_id))[:limit])


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
