"""What every search engine must do with filters, and with chunks that are asked for by id."""

import random
from dataclasses import fields, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ml.documents import IndexedChunk, Metadata
from functions.ml.ports import Candidates, Filters, Hit, Scope, SearchIndex
from tests.fakes.chunks import EVERYBODY, TENANT, make_chunk

SCOPE = Scope(TENANT, ("kb-1",), (EVERYBODY,))
VECTOR = (1.0, 0.0, 0.0)

FILENAMES = ("", "a", "a.pdf", "A.pdf", "ä.pdf", "a\x00b", "*", "日本\U00020000", "\ud800", "n" * 600)
FOLDERS = ("", "a", "a/b", "a/b/c", "ab", "a-b", "/a", "a/", "a//b", "ä/b", "*", "\ud800/x", "f/" * 300)
FORMATS = ("", "pdf", "docx", "html")
LANGUAGES = ("", "en", "de", "ar")
DATES = ("", "2024-01-01", "2024-06-30", "2025-01-01", "2026-11-23")
TAGS = ("red", "green", "blue", "\ud800", 'r"ed', "")
DOCUMENTS = ("doc-0", "doc-1", "doc-2", "doc-9", "\ud800")


def _corpus() -> list[IndexedChunk]:
    """Sixty chunks that differ in everything a filter looks at."""
    draw = random.Random(7)
    chunks = []
    for n in range(60):
        told = Metadata(
            folder=draw.choice(FOLDERS),
            format=draw.choice(FORMATS),
            language=draw.choice(LANGUAGES),
            date=draw.choice(DATES),
            tags=tuple(draw.sample(TAGS, draw.randint(0, 3))),
        )
        chunk = make_chunk("green tea", document_id=f"doc-{n % 3}", ordinal=n, vector=(1.0, n / 100, 0.0))
        chunks.append(replace(chunk, filename=draw.choice(FILENAMES), metadata=told))
    return chunks


CORPUS = _corpus()


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


every_field = st.builds(
    Filters, document_ids=some(DOCUMENTS), filenames=some(FILENAMES), folders=some(FOLDERS), formats=some(FORMATS),
    languages=some(LANGUAGES), tags=some(TAGS), since=st.sampled_from(DATES), until=st.sampled_from(DATES),
)  # fmt: skip
# Most filters of every field at once keep nothing; one or two fields tell more.
few_fields = st.tuples(every_field, st.sets(st.sampled_from([one.name for one in fields(Filters)]), max_size=2)).map(
    lambda pair: Filters(**{name: getattr(pair[0], name) for name in pair[1]})
)


def whole(hits: tuple[Hit, ...]) -> dict[str, IndexedChunk]:
    return {hit.indexed.chunk_id: hit.indexed for hit in hits}


def agrees(index: SearchIndex, filters: Filters) -> None:
    """Both lists and the reading by id hold what `Filters.keep` keeps."""
    scope = replace(SCOPE, filters=filters)
    expected = {chunk.chunk_id: replace(chunk, vector=()) for chunk in CORPUS if filters.keep(chunk)}
    found = index.search(scope, text="tea", vector=VECTOR, limit=100)
    assert whole(found.lexical) == expected
    assert whole(found.dense) == expected
    assert index.chunks(scope, [chunk.chunk_id for chunk in CORPUS]) == expected


def test_an_engine_keeps_exactly_what_the_filters_keep(index: SearchIndex) -> None:
    assert index.upsert(CORPUS) == []

    @settings(deadline=None, max_examples=50, database=None)
    @given(every_field | few_fields)
    def check(filters: Filters) -> None:
        agrees(index, filters)

    check()


def test_filters_may_keep_everything_or_nothing(index: SearchIndex) -> None:
    index.upsert(CORPUS)
    for filters, kept in (
        (Filters(), 60),
        (Filters(since="0000", until="9999"), sum(bool(chunk.metadata.date) for chunk in CORPUS)),
        (Filters(document_ids=("doc-0", "doc-1", "doc-2")), 60),
        (Filters(filenames=("no such file",)), 0),
        (Filters(document_ids=("doc-9",)), 0),
        (Filters(formats=("pdf",), languages=("xx",)), 0),
        (Filters(since="2025-01-01", until="2024-01-01"), 0),
    ):
        found = index.search(replace(SCOPE, filters=filters), text="tea", vector=VECTOR, limit=100)
        assert (len(found.lexical), len(found.dense)) == (kept, kept), filters


NARROW = (
    Filters(document_ids=("mine",)), Filters(filenames=("mine.pdf",)), Filters(folders=("here",)),
    Filters(formats=("pdf",)), Filters(languages=("de",)), Filters(tags=("kept", "other")),
    Filters(since="2026-01-01"), Filters(until="2026-12-31"),
)  # fmt: skip


def test_each_field_narrows_before_the_limit_applies(index: SearchIndex) -> None:
    told = Metadata(folder="here/below", format="pdf", language="de", date="2026-11-23", tags=("kept",))
    other = Metadata(folder="hereafter", format="html", language="en", date="", tags=("lost",))
    crowd = [replace(make_chunk("tea tea", document_id="crowd", ordinal=n), metadata=other) for n in range(50)]
    mine = [make_chunk("much else and tea", document_id="mine", ordinal=n, vector=(0.0, 1.0, 0.0)) for n in range(3)]
    index.upsert(crowd + [replace(chunk, filename="mine.pdf", metadata=told) for chunk in mine])
    assert {one.name for one in fields(Filters)} == {
        one.name for filters in NARROW for one in fields(Filters) if getattr(filters, one.name)
    }
    for filters in NARROW:
        found = index.search(replace(SCOPE, filters=filters), text="tea", vector=VECTOR, limit=3)
        expected = [f"mine#1#{n}" for n in range(3)]
        assert [hit.indexed.chunk_id for hit in found.lexical] == expected, filters
        assert [hit.indexed.chunk_id for hit in found.dense] == expected, filters


def test_filters_never_widen_a_scope(index: SearchIndex) -> None:
    index.upsert([make_chunk("secret", readers=("user:1",)), make_chunk("other", kb_id="kb-2", document_id="doc-2")])
    index.upsert([make_chunk("foreign", tenant_id="tenant-2", document_id="doc-3", readers=(EVERYBODY,))])
    filters = Filters(document_ids=("doc-1", "doc-2", "doc-3"))
    scope = replace(SCOPE, filters=filters)
    assert index.search(scope, text="secret other foreign", vector=VECTOR, limit=9) == Candidates((), ())
    assert index.chunks(scope, ["doc-1#1#0", "doc-2#1#0", "doc-3#1#0"]) == {}


def test_chunks_are_read_by_id_as_far_as_the_scope_sees_them(index: SearchIndex) -> None:
    mine = replace(make_chunk("mine", context="Head"), text_key="k", metadata=Metadata(tags=("a", "b")))
    hidden = make_chunk("hidden", ordinal=1, readers=("user:1",))
    elsewhere = make_chunk("elsewhere", document_id="doc-2", kb_id="kb-2")
    index.upsert([mine, hidden, elsewhere])
    asked = [mine.chunk_id, hidden.chunk_id, elsewhere.chunk_id, "doc-1#1#7", "", "\ud800"]
    assert index.chunks(SCOPE, asked) == {mine.chunk_id: replace(mine, vector=(), text_key="")}
    assert index.chunks(SCOPE, []) == {}
    assert index.chunks(replace(SCOPE, tenant_id="tenant-2"), asked) == {}
    assert set(index.chunks(replace(SCOPE, readers=("user:1", EVERYBODY)), asked)) == {mine.chunk_id, hidden.chunk_id}


def test_more_chunks_than_one_query_names_are_all_read(index: SearchIndex) -> None:
    chunks = [make_chunk(f"line {n}", ordinal=n) for n in range(1_300)]
    index.upsert(chunks)
    found = index.chunks(SCOPE, [chunk.chunk_id for chunk in chunks])
    assert len(found) == 1_300
    assert {chunk.chunk.text for chunk in found.values()} == {f"line {n}" for n in range(1_300)}
