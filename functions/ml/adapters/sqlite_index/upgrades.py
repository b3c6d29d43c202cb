"""Bringing a file of an earlier version up to date, in one transaction: all of it or nothing."""

import sqlite3
from collections.abc import Callable, Mapping

from functions.ml.adapters.sqlite_index.rows import chunk_of
from functions.ml.adapters.sqlite_index.schema import EDITIONS, SCHEMA_VERSION, VERSION, version_of
from functions.ml.adapters.sqlite_index.writing import edition_of

_NOTHING_TOLD = (b"", b"", b"", b"", "[]")


def upgrade(connection: sqlite3.Connection) -> None:
    """Bring the file up to date when it can be, unless another process just did; else leave it as it is."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        schema, tokens = divmod(version_of(connection), 1000)
        if tokens == VERSION % 1000 and schema in _STEPS:
            for step in range(schema, SCHEMA_VERSION):
                _STEPS[step](connection)
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _add_text_keys(connection: sqlite3.Connection) -> None:
    """Make room for the keys of texts."""
    connection.execute("ALTER TABLE chunk ADD COLUMN text_key BLOB")


def _add_editions(connection: sqlite3.Connection) -> None:
    """Give every chunk an edition; nothing but the file's name is known of those that are there."""
    connection.execute("ALTER TABLE chunk RENAME TO chunk_before")
    connection.execute("DROP INDEX IF EXISTS chunk_by_text")
    for statement in filter(str.strip, EDITIONS.split(";")):
        connection.execute(statement)
    found = connection.execute(
        "SELECT row, chunk_id, shelf, text_key, content FROM chunk_before JOIN body USING (row) ORDER BY row"
    )
    for row, chunk_id, shelf, text_key, content in found:
        edition = edition_of(connection, chunk_of(content, _NOTHING_TOLD), shelf)
        connection.execute("INSERT INTO chunk VALUES (?, ?, ?, ?)", (row, chunk_id, edition, text_key))
    # A row number must not come again, even when the chunks that had the highest are gone.
    connection.execute("DELETE FROM sqlite_sequence WHERE name = 'chunk'")
    connection.execute("UPDATE sqlite_sequence SET name = 'chunk' WHERE name = 'chunk_before'")
    connection.execute("DROP TABLE chunk_before")


_STEPS: Mapping[int, Callable[[sqlite3.Connection], None]] = {1: _add_text_keys, 2: _add_editions}
"""By schema: what makes the next one of it."""
