"""Writing into one tenant's file. Every function here runs inside one transaction of its caller."""

import hashlib
import json
import math
import sqlite3
from collections.abc import Iterable, Sequence

from functions.ml.adapters.sqlite_index.rows import body_of, stored_text, tokens_of, unit_vector
from functions.ml.documents import IndexedChunk
from functions.ml.ports import ItemFailure

KEPT_REMOVALS = 50_000
"""How many removals are remembered; a reader that missed more than this loads its matrices again."""

_EDITION = "(document_id, generation, shelf, filename, folder, format, language, date, tags)"

Row = tuple[IndexedChunk, str, str, bytes]


def prepared(chunk: IndexedChunk) -> Row:
    """Do what needs no lock: serialise, cut into tokens, normalise the vector."""
    return chunk, body_of(chunk), tokens_of(chunk), unit_vector(chunk.vector).tobytes()


def refusal(chunk: IndexedChunk) -> ItemFailure | None:
    """Say why a chunk cannot be taken by any index, None when it can."""
    if not chunk.vector:
        return ItemFailure(chunk.chunk_id, temporary=False, reason="the chunk has no vector")
    if not all(map(math.isfinite, chunk.vector)):
        return ItemFailure(chunk.chunk_id, temporary=False, reason="the vector holds a number that is not finite")
    return None


def write_rows(connection: sqlite3.Connection, rows: Sequence[Row]) -> list[ItemFailure]:
    """Write prepared chunks, replacing those of the same id; returns those whose vector does not fit their release."""
    failures = []
    lengths = dict(connection.execute("SELECT release_id, max(dimensions) FROM shelf GROUP BY release_id").fetchall())
    for row in rows:
        chunk = row[0]
        expected = lengths.setdefault(chunk.release_id, len(chunk.vector))
        if expected != len(chunk.vector):
            reason = f"the vector has {len(chunk.vector)} numbers, those of its release have {expected}"
            failures.append(ItemFailure(chunk.chunk_id, temporary=False, reason=reason))
            continue
        write_row(connection, row)
    return failures


def write_row(connection: sqlite3.Connection, row: Row) -> None:
    """Write one chunk under a row number never used before."""
    chunk, body, tokens, vector = row
    remove_rows(
        connection, connection.execute("SELECT row FROM chunk WHERE chunk_id = ?", (chunk.chunk_id,)).fetchall()
    )
    key = connection.execute(
        "INSERT INTO chunk (chunk_id, edition, text_key) VALUES (?, ?, ?)",
        (chunk.chunk_id, edition_of(connection, chunk, _shelf(connection, chunk)), stored_key(chunk.text_key)),
    ).lastrowid
    connection.execute("INSERT INTO body VALUES (?, ?)", (key, body))
    connection.execute("INSERT INTO vector VALUES (?, ?)", (key, vector))
    connection.execute("INSERT INTO words (rowid, tokens) VALUES (?, ?)", (key, tokens))


def stored_key(text_key: str) -> bytes | None:
    """Return a key as the file holds it: any text may be one."""
    return hashlib.sha256(text_key.encode()).digest()[:16] if text_key else None


def _shelf(connection: sqlite3.Connection, chunk: IndexedChunk) -> int:
    """Find or make the shelf of a chunk."""
    identity = (chunk.kb_id, chunk.release_id, json.dumps(sorted(set(chunk.readers))))
    found = connection.execute(
        "SELECT id FROM shelf WHERE (kb_id, release_id, readers) = (?, ?, ?)", identity
    ).fetchone()
    if found:
        return int(found[0])
    made = connection.execute(
        "INSERT INTO shelf (kb_id, release_id, readers, dimensions) VALUES (?, ?, ?, ?)", (*identity, len(chunk.vector))
    )
    return int(made.lastrowid or 0)


def edition_of(connection: sqlite3.Connection, chunk: IndexedChunk, shelf: int) -> int:
    """Find or make the edition of a chunk that lies on this shelf."""
    told = chunk.metadata
    texts = (chunk.filename, told.folder, told.format, told.language, told.date)
    identity = (chunk.document_id, chunk.generation, shelf, *map(stored_text, texts), json.dumps(told.tags))
    marks = ", ".join("?" * len(identity))
    found = connection.execute(f"SELECT id FROM edition WHERE {_EDITION} = ({marks})", identity).fetchone()  # noqa: S608
    if found:
        return int(found[0])
    made = connection.execute(f"INSERT INTO edition {_EDITION} VALUES ({marks})", identity).lastrowid or 0  # noqa: S608
    tags = {(stored_text(tag), made) for tag in told.tags}
    connection.executemany("INSERT INTO tag (name, edition) VALUES (?, ?)", tags)
    return made


def remove_rows(connection: sqlite3.Connection, keys: Sequence[tuple[int]]) -> int:
    """Take rows away and remember that; returns how many."""
    if not keys:
        return 0
    find = "SELECT edition FROM chunk WHERE row = ?"
    editions = {connection.execute(find, key).fetchone() for key in keys}
    for table in ("chunk", "body", "vector"):
        connection.executemany(f"DELETE FROM {table} WHERE row = ?", keys)  # noqa: S608 - names from the line above
    connection.executemany("DELETE FROM words WHERE rowid = ?", keys)
    connection.executemany("INSERT INTO removal (row) VALUES (?)", keys)
    connection.execute("DELETE FROM removal WHERE seq <= (SELECT max(seq) FROM removal) - ?", (KEPT_REMOVALS,))
    _remove_unused_editions(connection, editions)
    return len(keys)


def _remove_unused_editions(connection: sqlite3.Connection, editions: Iterable[tuple[int]]) -> None:
    """Forget those of these editions that hold nothing, so that no name of a file stays behind."""
    unused = "NOT EXISTS (SELECT 1 FROM chunk WHERE chunk.edition = ?1)"
    for edition in editions:
        connection.execute(f"DELETE FROM tag WHERE edition = ?1 AND {unused}", edition)  # noqa: S608 - from above
        connection.execute(f"DELETE FROM edition WHERE id = ?1 AND {unused}", edition)  # noqa: S608 - from above


def remove_unused_shelves(connection: sqlite3.Connection) -> None:
    """Forget shelves that hold nothing, so that readers' names and dead releases do not stay behind."""
    connection.execute("DELETE FROM shelf WHERE NOT EXISTS (SELECT 1 FROM edition WHERE edition.shelf = shelf.id)")
