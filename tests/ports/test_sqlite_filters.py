"""A search of the embedded engine is narrowed before its limit applies, and exactly as `Filters.keep` says."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.ml.adapters.sqlite_index import SqliteIndex
from functions.ml.adapters.sqlite_index.index import SUFFIX
from functions.ml.documents import IndexedChunk, Metadata
from functions.ml.ports import Filters, Scope
from tests.fakes.chunks import EVERYBODY, TENANT, make_chunk

SCOPE = Scope(TENANT, ("kb-1",), (EVERYBODY,))
VECTOR = (1.0, 0.0, 0.0)

NAMES = ("", "a", "a.pdf", "A.pdf", "ä", "a\x00b", "%", "\ud800", "日本")
FOLDERS = ("", "a", "a/b", "a/b/c", "ab", "a-b", "a0", "/a", "a/", "ä/b", "%", "\ud800/x")
DATES = ("", "2024-01-01", "2024-06-30", "2025-01-01", "2026-11-23")
DOCUMENTS = ("doc-1", "doc-2", "doc-3", "\ud800", "' OR 1 = 1 --")
TAGS = ("red", "green", "blue", "\ud800", "r'ed", "")


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


told = st.builds(
    Metadata, folder=st.sampled_from(FOLDERS), format=st.sampled_from(NAMES), language=st.sampled_from(NAMES),
    date=st.sampled_from(DATES), tags=some(TAGS),
)  # fmt: skip
wanted = st.builds(
    Filters, document_ids=some(DOCUMENTS), filenames=some(NAMES), folders=some(FOLDERS), formats=some(NAMES),
    languages=some(NAMES), tags=some(TAGS), since=st.sampled_from(DATES), until=st.sampled_from(DATES),
)  # fmt: skip
# Most filters of every field at once keep nothing; one or two fields tell more.
narrow = st.tuples(wanted, st.sets(st.sampled_from(list(Filters.__slots__)), min_size=1, max_size=2)).map(
    lambda pair: Filters(**{field: getattr(pair[0], field) for field in pair[1]})
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SqliteIndex]:
    engine = SqliteIndex(tmp_path)
    yield engine
    engine.close()


def described(n: int, filename: str, metadata: Metadata) -> IndexedChunk:
    chunk = make_chunk("tea", document_id=f"doc-{n % 3 + 1}", ordinal=n, vector=(1.0, n / 10, 0.0))
    return replace(chunk, filename=filename, metadata=metadata)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(NAMES), told), min_size=1, max_size=12), wanted | narrow)
def test_both_lists_and_the_reading_by_id_keep_what_the_filters_keep(
    index: SqliteIndex, documents: list[tuple[str, Metadata]], filters: Filters
) -> None:
    for n in (1, 2, 3):
        index.delete(TENANT, f"doc-{n}", through_generation=1)
    chunks = [described(n, filename, metadata) for n, (filename, metadata) in enumerate(documents)]
    assert index.upsert(chunks) == []
    scope = replace(SCOPE, filters=filters)
    expected = {chunk.chunk_id: replace(chunk, vector=()) for chunk in chunks if filters.keep(chunk)}
    found = index.search(scope, text="tea", vector=VECTOR, limit=100)
    assert {hit.indexed.chunk_id: hit.indexed for hit in found.lexical} == expected
    assert {hit.indexed.chunk_id: hit.indexed for hit in found.dense} == expected
    assert index.chunks(scope, [chunk.chunk_id for chunk in chunks]) == expected


def test_a_filter_that_leaves_three_of_many_finds_those_three(index: SqliteIndex) -> None:
    crowd = [make_chunk("tea tea tea", document_id="crowd", ordinal=n) for n in range(3_000)]
    few = [
        replace(
            make_chunk("much that is not about it but for tea", document_id="few", ordinal=n, vector=(0.0, 1.0, 0.0)),
            metadata=Metadata(tags=("mine",)),
        )
        for n in range(3)
    ]
    index.upsert(crowd + few)
    scope = replace(SCOPE, filters=Filters(tags=("mine",)))
    found = index.search(scope, text="tea", vector=VECTOR, limit=5)
    expected = [chunk.chunk_id for chunk in few]
    assert [hit.indexed.chunk_id for hit in found.lexical] == expected
    assert [hit.indexed.chunk_id for hit in found.dense] == expected


def test_what_is_told_of_a_document_changes_when_its_chunks_are_written_again(index: SqliteIndex) -> None:
    chunk = make_chunk("tea")
    for tag in ("draft", "final"):
        index.upsert([replace(chunk, metadata=Metadata(tags=(tag,)))])
        index.search(SCOPE, text="tea", vector=VECTOR, limit=1)
    for tag, count in (("draft", 0), ("final", 1)):
        scope = replace(SCOPE, filters=Filters(tags=(tag,)))
        found = index.search(scope, text="tea", vector=VECTOR, limit=9)
        assert (len(found.lexical), len(found.dense)) == (count, count)


def test_nothing_that_was_told_of_a_deleted_document_stays_behind(index: SqliteIndex, tmp_path: Path) -> None:
    for generation in (1, 2):
        chunk = make_chunk("tea", generation=generation)
        index.upsert([replace(chunk, filename="secret.pdf", metadata=Metadata(folder="secret", tags=("secret",)))])
    index.delete(TENANT, "doc-1", through_generation=2)
    with closing(sqlite3.connect(tmp_path / f"{TENANT}{SUFFIX}")) as opened:
        for table in ("shelf", "edition", "tag", "chunk", "body", "vector"):
            assert opened.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_chunks_are_read_by_id_only_where_the_scope_may_see_them(index: SqliteIndex) -> None:
    mine, hidden = make_chunk("mine"), make_chunk("hidden", document_id="doc-2", readers=("user:1",))
    elsewhere = make_chunk("elsewhere", document_id="doc-3", kb_id="kb-2")
    index.upsert([mine, hidden, elsewhere])
    every = [mine.chunk_id, hidden.chunk_id, elsewhere.chunk_id, "unknown#1#1", "\ud800"]
    assert index.chunks(SCOPE, every) == {mine.chunk_id: replace(mine, vector=())}
    assert index.chunks(replace(SCOPE, tenant_id="tenant-2"), every) == {}
    assert index.chunks(SCOPE, []) == {}
