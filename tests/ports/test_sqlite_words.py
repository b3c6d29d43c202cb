"""The embedded engine ranks words by BM25 exactly, whatever was written, replaced and deleted before."""

import random
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.ml.adapters.sqlite_index import SqliteIndex, bm25, postings, roster
from functions.ml.documents import IndexedChunk, Metadata
from functions.ml.ports import Scope
from tests.fakes.chunks import EVERYBODY, TENANT, make_chunk
from tests.fakes.search_index import MemorySearchIndex

SCOPE = Scope(TENANT, ("kb-1",), (EVERYBODY,))


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SqliteIndex]:
    engine = SqliteIndex(tmp_path)
    yield engine
    engine.close()


def found(index: SqliteIndex | MemorySearchIndex, text: str, *, limit: int = 10) -> list[tuple[str, float]]:
    hits = index.search(SCOPE, text=text, vector=None, limit=limit).lexical
    return [(hit.indexed.chunk_id, round(hit.score, 5)) for hit in hits]


def zipf(chance: random.Random, size: int) -> str:
    """Write numbers, which have no other forms, some much more often than others."""
    return " ".join(str(int(chance.paretovariate(0.8)) % 500) for _ in range(size))


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000))
def test_ten_best_are_those_of_the_formula_after_writes_and_deletes(tmp_path: Path, seed: int) -> None:
    chance, exact = random.Random(seed), MemorySearchIndex()
    index = SqliteIndex(Path(tempfile.mkdtemp(dir=tmp_path)))
    for _ in range(6):
        document = f"d{chance.randrange(4)}"
        chunks = [
            make_chunk(zipf(chance, chance.randrange(1, 80)), document_id=document, ordinal=chance.randrange(12))
            for _ in range(chance.randrange(1, 15))
        ]
        gone = f"d{chance.randrange(4)}"
        for engine in (index, exact):
            engine.upsert(chunks)
            engine.delete(TENANT, gone, through_generation=1)
        query = zipf(chance, 12)
        scores = [score for _, score in found(exact, query)]
        assert [score for _, score in found(index, query)] == pytest.approx(scores, abs=2e-5)
        every = dict(found(exact, query, limit=100))
        assert dict(found(index, query, limit=100)) == pytest.approx(every, abs=2e-5)
    index.close()


def test_chunks_of_many_blocks_are_ranked_and_deleted_like_those_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(11)
    chunks = [make_chunk(zipf(chance, 30), document_id=f"d{n // 7}", ordinal=n % 7) for n in range(210)]
    queries = [zipf(chance, 8) for _ in range(20)]
    seen = []
    for rows in (roster.BLOCK_ROWS, 16):
        for module in (roster, postings):
            monkeypatch.setattr(module, "BLOCK_ROWS", rows)
        index = SqliteIndex(tmp_path / str(rows))
        for start in range(0, 210, 21):
            index.upsert(chunks[start : start + 21])
            index.search(SCOPE, text="1", vector=None, limit=1)
        for n in (0, 1, 2, 3, 9, 29):
            index.delete(TENANT, f"d{n}", through_generation=1)
        seen.append([found(index, query, limit=50) for query in queries])
        index.close()
    assert seen[0] == seen[1]


def test_of_a_long_query_the_rarest_words_count(index: SqliteIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bm25, "MAX_QUERY_TOKENS", 3)
    common = " ".join(str(n) for n in range(20))
    index.upsert([make_chunk(common, ordinal=n) for n in range(5)])
    index.upsert([make_chunk(f"{common} zebra", ordinal=9), make_chunk("quagga", ordinal=10)])
    assert [one for one, _ in found(index, f"{common} zebra quagga")][:2] == ["doc-1#1#10", "doc-1#1#9"]


def test_an_emoji_alone_finds_the_passages_that_hold_it(index: SqliteIndex) -> None:
    index.upsert([make_chunk(text, ordinal=n) for n, text in enumerate(["fine 👍🏽", "well 👍 done", "no 👎", "🇫🇷"])])
    assert {one for one, _ in found(index, "👍")} == {"doc-1#1#0", "doc-1#1#1"}
    assert [one for one, _ in found(index, "🇫🇷")] == ["doc-1#1#3"]
    assert found(index, "🦓") == []


GERMAN = "Die Krankenversicherung ist nicht teuer und das Haus der Versicherung steht in der Stadt."
ENGLISH = "The insurance of the house is not in the city and it was not expensive for them."


def test_one_passage_in_another_language_is_not_drawn_to_the_top_by_its_forms(index: SqliteIndex) -> None:
    english = [make_chunk(ENGLISH, ordinal=n) for n in range(30)]
    best = make_chunk("The insurances, the insurance and the houses of the insurance in this city", ordinal=30)
    index.upsert([*english, best, make_chunk(f"{GERMAN} insurance", ordinal=31)])
    assert found(index, "insurance houses", limit=1)[0][0] == best.chunk_id


def german_table(language: str) -> IndexedChunk:
    return replace(make_chunk("Mietkosten 2023 Verwaltungskosten"), metadata=Metadata(language=language))


def test_the_language_of_a_document_helps_a_passage_that_does_not_tell(index: SqliteIndex) -> None:
    index.upsert([german_table("")])
    assert found(index, "Kosten") == []
    index.upsert([german_table("de")])
    assert [one for one, _ in found(index, "Kosten")] == ["doc-1#1#0"]
    index.delete(TENANT, "doc-1", through_generation=1)
    assert found(index, "Kosten") == []
