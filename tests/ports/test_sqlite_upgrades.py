"""Files of earlier versions of the embedded engine go on as they are, with all that they hold."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from functions.ml.adapters.sqlite_index import SqliteIndex, schema, upgrades
from functions.ml.adapters.sqlite_index.index import SUFFIX
from functions.ml.documents import IndexedChunk, Metadata
from functions.ml.ports import Filters, Scope, StoredGeneration
from shared.kernel.errors import Unavailable
from tests.fakes.chunks import EVERYBODY, TENANT, make_chunk

SCOPE = Scope(TENANT, ("kb-1",), (EVERYBODY,))
VECTOR = (1.0, 0.0, 0.0)
FIRST_TOKENS = 1

SECOND_SCHEMA = """
CREATE TABLE shelf (
    id INTEGER PRIMARY KEY, kb_id TEXT NOT NULL, release_id TEXT NOT NULL, readers TEXT NOT NULL,
    dimensions INTEGER NOT NULL, UNIQUE (kb_id, release_id, readers));
CREATE TABLE chunk (
    row INTEGER PRIMARY KEY AUTOINCREMENT, chunk_id TEXT NOT NULL UNIQUE, shelf INTEGER NOT NULL REFERENCES shelf (id),
    document_id TEXT NOT NULL, generation INTEGER NOT NULL, text_key BLOB);
CREATE INDEX chunk_by_text ON chunk (text_key) WHERE text_key IS NOT NULL;
CREATE INDEX chunk_by_document ON chunk (document_id, generation);
CREATE INDEX chunk_by_shelf ON chunk (shelf);
CREATE TABLE body (row INTEGER PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE vector (row INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE removal (seq INTEGER PRIMARY KEY AUTOINCREMENT, row INTEGER NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(tokens, tokenize="ascii tokenchars '-._/,:''&@+#%'");
CREATE VIRTUAL TABLE lexicon USING fts5vocab(words, row);
"""
FIRST_SCHEMA = SECOND_SCHEMA.replace(", text_key BLOB", "").replace(
    "CREATE INDEX chunk_by_text ON chunk (text_key) WHERE text_key IS NOT NULL;", ""
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SqliteIndex]:
    engine = SqliteIndex(tmp_path)
    yield engine
    engine.close()


def old_body(chunk: IndexedChunk) -> str:
    place = {"unit": "page", "page": 1, "page_end": 1, "heading_path": ["Chapter", "Part"], "start": 0}
    names = ("chunk_id", "tenant_id", "kb_id", "document_id", "generation", "release_id", "readers", "filename")
    passage = {"ordinal": chunk.chunk.ordinal, "text": chunk.chunk.text, "kind": "text", "context": ""}
    return json.dumps([{name: getattr(chunk, name) for name in names}, passage, place | {"end": len(chunk.chunk.text)}])


def make_old(path: Path, tables: str, version: int, chunks: list[IndexedChunk]) -> None:
    """Write a file as version 1 or 2 of the schema did, with a row at its end that was deleted since."""
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.execute("PRAGMA journal_mode = WAL")
        old.executescript(f"{tables} PRAGMA user_version = {version};")
        old.execute("INSERT INTO shelf VALUES (1, 'kb-1', 'release-1', ?, 3)", (json.dumps([EVERYBODY]),))
        for row, chunk in enumerate([*chunks, make_chunk("gone", document_id="gone")], start=1):
            key = (row, chunk.chunk_id, 1, chunk.document_id, chunk.generation)
            old.execute("INSERT INTO chunk (row, chunk_id, shelf, document_id, generation) VALUES (?, ?, ?, ?, ?)", key)
            old.execute("INSERT INTO body VALUES (?, ?)", (row, old_body(chunk)))
            old.execute("INSERT INTO vector VALUES (?, ?)", (row, np.asarray(chunk.vector, "<f4").tobytes()))
            old.execute("INSERT INTO words (rowid, tokens) VALUES (?, ?)", (row, chunk.chunk.text))
        for table in ("chunk", "body", "vector"):
            old.execute(f"DELETE FROM {table} WHERE row = ?", (row,))
        old.execute("DELETE FROM words WHERE rowid = ?", (row,))


OLD = [
    make_chunk("kept as it was"),
    make_chunk("kept beside it", ordinal=1, vector=(0.0, 1.0, 0.0)),
    make_chunk("kept elsewhere", document_id="doc-2", generation=3, vector=(0.6, 0.8, 0.0)),
]


@pytest.mark.parametrize(("number", "tables"), [(1, FIRST_SCHEMA), (2, SECOND_SCHEMA)])
def test_a_file_of_an_earlier_version_is_brought_up_to_date_and_keeps_its_chunks(
    index: SqliteIndex, tmp_path: Path, number: int, tables: str
) -> None:
    make_old(tmp_path / f"{TENANT}{SUFFIX}", tables, number * 1000 + FIRST_TOKENS, OLD)
    found = index.search(SCOPE, text="kept", vector=VECTOR, limit=9)
    assert {hit.indexed for hit in found.lexical} == {replace(chunk, vector=()) for chunk in OLD}
    assert [hit.indexed.chunk_id for hit in found.dense] == ["doc-1#1#0", "doc-2#3#0", "doc-1#1#1"]
    assert list(index.generations(TENANT)) == [
        StoredGeneration("kb-1", "doc-1", 1, 2), StoredGeneration("kb-1", "doc-2", 3, 1)
    ]  # fmt: skip
    narrow = replace(SCOPE, filters=Filters(filenames=("doc-2.pdf",)))
    assert list(index.chunks(narrow, [chunk.chunk_id for chunk in OLD])) == ["doc-2#3#0"]


@pytest.mark.parametrize(("number", "tables"), [(1, FIRST_SCHEMA), (2, SECOND_SCHEMA)])
def test_an_upgraded_file_takes_and_gives_up_chunks(
    index: SqliteIndex, tmp_path: Path, number: int, tables: str
) -> None:
    path = tmp_path / f"{TENANT}{SUFFIX}"
    make_old(path, tables, number * 1000 + FIRST_TOKENS, OLD)
    fresh = replace(make_chunk("fresh", document_id="doc-3"), text_key="k", metadata=Metadata(format="pdf"))
    assert index.upsert([fresh]) == []
    with closing(sqlite3.connect(path)) as opened:
        # The row of the chunk that was deleted before the upgrade does not come again.
        assert opened.execute("SELECT max(row) FROM chunk").fetchone() == (5,)
    assert list(index.vectors(TENANT, ["k"])) == ["k"]
    assert index.delete(TENANT, "doc-1", through_generation=1) == 2
    found = index.search(SCOPE, text="kept fresh", vector=VECTOR, limit=9)
    assert {hit.indexed.document_id for hit in found.lexical} == {"doc-2", "doc-3"}
    assert len(found.dense) == 2


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(
    index: SqliteIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_old(tmp_path / f"{TENANT}{SUFFIX}", FIRST_SCHEMA, 1000 + FIRST_TOKENS, OLD)
    with monkeypatch.context() as broken:
        broken.setattr(upgrades, "edition_of", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            index.count(TENANT, "doc-1", 1)
    assert index.count(TENANT, "doc-1", 1) == 2


@pytest.mark.parametrize("version", [schema.VERSION + 1000, 9])
def test_a_file_of_a_version_that_nobody_knows_is_told(index: SqliteIndex, tmp_path: Path, version: int) -> None:
    make_old(tmp_path / f"{TENANT}{SUFFIX}", SECOND_SCHEMA, version, OLD)
    with pytest.raises(Unavailable) as told:
        index.count(TENANT, "doc-1", 1)
    assert told.value.code == "index_outdated"
