"""Bringing a file of an earlier version up to date, with all that it holds."""

import sqlite3
from collections.abc import Callable, Mapping

from functions.ml.adapters.sqlite_index.postings import add_postings
from functions.ml.adapters.sqlite_index.rows import chunk_of, length_of, stored_tokens
from functions.ml.adapters.sqlite_index.schema import (
    EDITIONS,
    POSTINGS,
    SCHEMA_VERSION,
    VERSION,
    transaction,
    version_of,
)
from functions.ml.adapters.sqlite_index.writing import edition_of
from functions.ml.retrieval.tokens import TOKENS_VERSION

CUT_AT_ONCE = 500

_NOTHING_TOLD = (b"", b"", b"", b"", "[]")


def upgrade(connection: sqlite3.Connection) -> None:
    """Bring the file up to date when it can be, else leave it as it is.

    The tables change in one transaction, all of it or nothing. Words are cut anew in small ones, so that a large file
    gets there also when processes are ended again and again; no file is searched or written before all are done.
    """
    schema, tokens = divmod(version_of(connection), 1000)
    if (schema, tokens) != (SCHEMA_VERSION, TOKENS_VERSION):
        if tokens > TOKENS_VERSION or schema not in (*_STEPS, SCHEMA_VERSION):
            return
        with transaction(connection):
            _change_tables(connection)
    while connection.execute("SELECT EXISTS (SELECT 1 FROM chunk WHERE length IS NULL)").fetchone()[0]:
        with transaction(connection):
            _cut_words(connection)


def _change_tables(connection: sqlite3.Connection) -> None:
    """Make the present tables of earlier ones, unless another process just did."""
    version = version_of(connection)
    if version != VERSION:
        for schema in range(version // 1000, SCHEMA_VERSION):
            _STEPS[schema](connection)
        connection.execute("DELETE FROM posting")
        connection.execute("UPDATE chunk SET length = NULL")
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _cut_words(connection: sqlite3.Connection) -> None:
    """Index the words of some chunks that wait for it."""
    found = connection.execute(
        "SELECT row, content, language FROM chunk JOIN body USING (row) JOIN edition ON edition.id = edition "
        "WHERE length IS NULL ORDER BY row LIMIT ?",
        (CUT_AT_ONCE,),
    )
    counted = [(row, stored_tokens(content, language)) for row, content, language in found.fetchall()]
    add_postings(connection, counted)
    lengths = [(length_of(tokens), row) for row, tokens in counted]
    connection.executemany("UPDATE chunk SET length = ? WHERE row = ?", lengths)


def _add_text_keys(connection: sqlite3.Connection) -> None:
    """Make room for the keys of texts."""
    connection.execute("ALTER TABLE chunk ADD COLUMN text_key BLOB")


def _add_editions(connection: sqlite3.Connection) -> None:
    """Give every chunk an edition; nothing but the file's name is known of those that are there."""
    connection.execute("ALTER TABLE chunk RENAME TO chunk_before")
    connection.execute("DROP INDEX IF EXISTS chunk_by_text")
    _make(connection, EDITIONS.replace(", length INTEGER", ""))
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


def _add_postings(connection: sqlite3.Connection) -> None:
    """Make room for postings, which take the place of FTS5."""
    connection.execute("ALTER TABLE chunk ADD COLUMN length INTEGER")
    _make(connection, POSTINGS)
    connection.execute("DROP TABLE lexicon")
    connection.execute("DROP TABLE words")


def _make(connection: sqlite3.Connection, tables: str) -> None:
    """Make tables without ending the transaction."""
    for statement in filter(str.strip, tables.split(";")):
        connection.execute(statement)


_STEPS: Mapping[int, Callable[[sqlite3.Connection], None]] = {1: _add_text_keys, 2: _add_editions, 3: _add_postings}
"""By schema: what makes the next one of it."""
