"""The file of one tenant: its tables, how it is made, opened and how its failures are told.

shelf     what documents share: knowledge base, release, readers, length of the vector
edition   what the chunks of one generation of a document share: its shelf and all that a search is filtered by; an id
          is never used again, so that what a reader knows of it stays true
tag       the tags of editions, to filter by
chunk     which chunk lies where; `row` only ever grows, so that a reader finds news behind its last row; `text_key`
          finds the vector of a text that was embedded before; `length` counts its tokens and is missing while they are
          not yet among the postings, which no open file has
body      the chunk as it is handed out
vector    float32, little-endian, L2 norm 1
posting   which chunks hold a token; see `postings`
removal   rows taken away, so that a reader's matrix in memory can follow
"""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from functions.ml.retrieval.tokens import TOKENS_VERSION
from shared.kernel.errors import PlatformError, Unavailable
from shared.kernel.settings import SettingsError

SCHEMA_VERSION = 4
VERSION = SCHEMA_VERSION * 1000 + TOKENS_VERSION
OPEN_TIMEOUT_S = 20.0
"""How long an opening waits for a process that brings the file up to date."""
BUSY_TIMEOUT_S = 5.0
"""How long a write waits for others, which take milliseconds; after it people are told what a document waits for."""

# Names are kept as the bytes of their UTF-8, because a file's name may hold what is no text.
EDITIONS = """
CREATE TABLE edition (
    id INTEGER PRIMARY KEY AUTOINCREMENT, shelf INTEGER NOT NULL REFERENCES shelf (id),
    document_id TEXT NOT NULL, generation INTEGER NOT NULL, filename BLOB NOT NULL, folder BLOB NOT NULL,
    format BLOB NOT NULL, language BLOB NOT NULL, date BLOB NOT NULL, tags TEXT NOT NULL,
    UNIQUE (document_id, generation, shelf, filename, folder, format, language, date, tags));
CREATE INDEX edition_by_shelf ON edition (shelf);
CREATE INDEX edition_by_filename ON edition (filename);
CREATE INDEX edition_by_folder ON edition (folder);
CREATE TABLE tag (name BLOB NOT NULL, edition INTEGER NOT NULL, PRIMARY KEY (name, edition)) WITHOUT ROWID;
CREATE INDEX tag_by_edition ON tag (edition);
CREATE TABLE chunk (
    row INTEGER PRIMARY KEY AUTOINCREMENT, chunk_id TEXT NOT NULL UNIQUE,
    edition INTEGER NOT NULL REFERENCES edition (id), text_key BLOB, length INTEGER);
CREATE INDEX chunk_by_text ON chunk (text_key) WHERE text_key IS NOT NULL;
CREATE INDEX chunk_by_edition ON chunk (edition);
"""
POSTINGS = """
CREATE TABLE posting (block INTEGER NOT NULL, token TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (block, token))
    WITHOUT ROWID;
CREATE INDEX chunk_without_postings ON chunk (row) WHERE length IS NULL;
"""
_TABLES = f"""
CREATE TABLE shelf (
    id INTEGER PRIMARY KEY, kb_id TEXT NOT NULL, release_id TEXT NOT NULL, readers TEXT NOT NULL,
    dimensions INTEGER NOT NULL, UNIQUE (kb_id, release_id, readers));
{EDITIONS}
CREATE TABLE body (row INTEGER PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE vector (row INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE removal (seq INTEGER PRIMARY KEY AUTOINCREMENT, row INTEGER NOT NULL);
{POSTINGS}
PRAGMA user_version = {VERSION};
"""

_REBUILD = "Move the file away and process the documents again; they are kept in S3 and nothing is lost."


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Translate the engine's failures into ours.

    Raises:
        Unavailable: `index_unreadable`, `index_busy`, `index_full` or `index_failed`.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(error, path) from error
    except OSError as error:
        raise Unavailable(
            f"The search index {path.name} cannot be reached: {error.strerror}.", code="index_failed"
        ) from error


def _translated(error: sqlite3.Error, path: Path) -> PlatformError:
    """Choose our error by the engine's primary result code."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        message = f"The search index {path.name} cannot be read: the file is damaged. {_REBUILD}"
        return Unavailable(message, code="index_unreadable")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Unavailable("The search index is busy with other writes; try again shortly.", code="index_busy")
    if code == sqlite3.SQLITE_FULL:
        return Unavailable("The disk of the search index is full; free some space.", code="index_full")
    return Unavailable(f"The search index {path.name} failed: {error}.", code="index_failed")


def check_engine() -> None:
    """Refuse to start on a machine that would read our vectors the wrong way round.

    Raises:
        SettingsError: says what to use instead.
    """
    if sys.byteorder != "little":
        raise SettingsError("the embedded search index needs a little-endian machine; use OpenSearch")


def open_file(path: Path, upgrade: Callable[[sqlite3.Connection], None]) -> sqlite3.Connection:
    """Open an existing file, brought up to date by `upgrade`.

    Raises:
        Unavailable: the file is damaged (`index_unreadable`).
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=OPEN_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        if version_of(connection) == 0:
            message = f"The search index {path.name} cannot be read: the file is empty. {_REBUILD}"
            raise Unavailable(message, code="index_unreadable")
        upgrade(connection)
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000:.0f}")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """Commit on success, roll back on any failure."""
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file of another version, also when it became one while it was open.

    Raises:
        Unavailable: `index_outdated`.
    """
    if version_of(connection) != VERSION:
        message = f"The search index {path.name} was made by another version of the platform. {_REBUILD}"
        raise Unavailable(message, code="index_outdated")


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version that the file says it is of: schema and tokens."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def make_file(path: Path) -> None:
    """Make an empty index unless one is there; complete or not at all, whoever else tries at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.parent / f".{path.name}.{uuid4().hex}"
    connection = sqlite3.connect(draft, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_TABLES)
    finally:
        connection.close()
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
