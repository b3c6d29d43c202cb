"""What every search engine must do; each test runs on every engine."""

import math
import threading
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.ml.documents import IndexedChunk
from functions.ml.ports import Candidates, Hit, Scope, SearchIndex, StoredGeneration
from shared.kernel.errors import Invalid
from tests.fakes.chunks import EVERYBODY, TENANT, make_chunk, make_chunks
from tests.fakes.search_index import MemorySearchIndex

SCOPE = Scope(TENANT, ("kb-1",), (EVERYBODY,))


def ids(hits: tuple[Hit, ...]) -> list[str]:
    return [hit.indexed.chunk_id for hit in hits]


def words(index: SearchIndex, text: str, scope: Scope = SCOPE, limit: int = 10) -> list[str]:
    return ids(index.search(scope, text=text, vector=None, limit=limit).lexical)


def near(index: SearchIndex, vector: tuple[float, ...], scope: Scope = SCOPE, limit: int = 10) -> list[str]:
    return ids(index.search(scope, text="", vector=vector, limit=limit).dense)


def test_an_empty_index_answers_nothing(index: SearchIndex) -> None:
    assert index.search(SCOPE, text="anything", vector=(1.0, 0.0), limit=5) == Candidates((), ())
    assert index.count(TENANT, "doc-1", 1) == 0
    assert index.delete(TENANT, "doc-1", through_generation=9) == 0
    assert list(index.generations(TENANT)) == []
    assert index.tenants() == []
    assert index.releases(TENANT, ["kb-1"]) == frozenset()
    assert index.upsert([]) == []


def test_a_chunk_comes_back_whole_but_without_its_vector(index: SearchIndex) -> None:
    chunk = make_chunk("Größe ⚖ \x00 \ud800 'quoted'", context="Title > Head", readers=("user:1", EVERYBODY))
    assert index.upsert([chunk]) == []
    found = index.search(SCOPE, text="head", vector=chunk.vector, limit=5)
    assert found.lexical[0].indexed == found.dense[0].indexed == replace(chunk, vector=())


def test_words_are_found_in_text_and_context_and_the_better_match_is_first(index: SearchIndex) -> None:
    index.upsert([
        *make_chunks(["solar panels and wind", "solar solar panels", "nothing of the kind", "quiet rooms"]),
        make_chunk("a bare line", ordinal=9, context="Solar handbook"),
    ])  # fmt: skip
    found = index.search(SCOPE, text="solar panels", vector=None, limit=10).lexical
    assert ids(found)[:2] == ["doc-1#1#1", "doc-1#1#0"]
    assert set(ids(found)) == {"doc-1#1#0", "doc-1#1#1", "doc-1#1#9"}
    assert all(hit.score > 0 for hit in found)
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)


def test_a_word_that_stands_everywhere_still_finds(index: SearchIndex) -> None:
    index.upsert(make_chunks(["policy one", "policy two", "policy three"]))
    assert words(index, "policy") == ["doc-1#1#0", "doc-1#1#1", "doc-1#1#2"]


def test_a_common_word_finds_where_the_rare_one_is_out_of_sight(index: SearchIndex) -> None:
    index.upsert(make_chunks(["policy on trips", "policy on lunch"]))
    index.upsert([make_chunk("policy on zeppelins", kb_id="kb-2", document_id="doc-2")])
    assert words(index, "zeppelin policy") == ["doc-1#1#0", "doc-1#1#1"]


def test_vectors_order_by_cosine_whatever_their_length(index: SearchIndex) -> None:
    vectors = [(0.0, 2.0, 0.0), (3.0, 3.0, 0.0), (0.5, 0.0, 0.0), (-1.0, 0.0, 0.0)]
    index.upsert([make_chunk(f"text {n}", ordinal=n, vector=vector) for n, vector in enumerate(vectors)])
    found = index.search(SCOPE, text="", vector=(10.0, 0.0, 0.0), limit=10).dense
    assert ids(found) == ["doc-1#1#2", "doc-1#1#1", "doc-1#1#0", "doc-1#1#3"]
    assert [hit.score for hit in found] == pytest.approx([1.0, 0.707107, 0.0, -1.0], abs=1e-6)


def test_each_list_keeps_its_limit_and_its_order(index: SearchIndex) -> None:
    chunks = [make_chunk("apple " * (n + 1), ordinal=n, vector=(1.0, n / 10, 0.0)) for n in range(30)]
    index.upsert(chunks)
    every = index.search(SCOPE, text="apple", vector=(1.0, 0.0, 0.0), limit=100)
    few = index.search(SCOPE, text="apple", vector=(1.0, 0.0, 0.0), limit=7)
    assert (len(every.lexical), len(every.dense)) == (30, 30)
    assert few == Candidates(every.lexical[:7], every.dense[:7])


def test_equal_scores_order_by_chunk_id_also_where_the_limit_cuts(index: SearchIndex) -> None:
    chunks = [make_chunk("same words", ordinal=n, vector=(0.3, 0.4, 0.1)) for n in (7, 2, 9, 0, 5, 1, 8, 3, 6, 4)]
    index.upsert(chunks)
    expected = [f"doc-1#1#{n}" for n in range(4)]
    assert words(index, "words", limit=4) == expected
    assert near(index, (0.1, 0.9, 0.2), limit=4) == expected


def test_equal_vectors_score_equally_wherever_they_lie(index: SearchIndex) -> None:
    vector = tuple(math.sin(n * 1.7) for n in range(384))
    index.upsert([make_chunk("same", ordinal=n, vector=vector) for n in reversed(range(203))])
    found = index.search(SCOPE, text="", vector=tuple(math.cos(n * 0.3) for n in range(384)), limit=300).dense
    assert len({hit.score for hit in found}) == 1
    assert ids(found) == sorted(ids(found))


def test_no_text_and_no_vector_give_empty_lists(index: SearchIndex) -> None:
    index.upsert([make_chunk()])
    assert index.search(SCOPE, text="", vector=None, limit=5) == Candidates((), ())
    assert index.search(SCOPE, text=" \n\t?!", vector=None, limit=5) == Candidates((), ())


@pytest.mark.parametrize(
    "query",
    ['"', "'", '"alpha', "alpha AND", "NEAR(alpha beta, 2)", "alpha*", "^alpha", "tokens:alpha", "alpha -beta", "(((",
     "NOT alpha", "alpha OR OR", "{alpha} : +", "alpha; DROP TABLE chunk; --", "\x00alpha\x00", "%_\\", "alpha\ud800"],
)  # fmt: skip
def test_operators_and_quotes_are_only_text(index: SearchIndex, query: str) -> None:
    index.upsert([*make_chunks(["alpha beta gamma", "delta", "epsilon"])])
    assert words(index, query) == (["doc-1#1#0"] if "alpha" in query else [])


def test_ten_thousand_characters_are_a_query(index: SearchIndex) -> None:
    index.upsert(make_chunks(["the zebra crossing", "other things"]))
    noise = " ".join(f"word{n}" for n in range(1200))[:9_990]
    assert words(index, f"{noise} zebra") == ["doc-1#1#0"]


@pytest.mark.parametrize(
    "word",
    ["Straße", "naïve", "слово", "λόγος", "كتاب", "שלום", "हिन्दी", "ภาษาไทย", "漢字", "ひらがな", "한국어", "𐌲𐌿𐍄",
     "𝒜𝒷𝒸", "𠀋𠀋", "\U00030000\U00030001", "AB-123", "3.5%", "C++17"],
)  # fmt: skip
def test_words_of_every_plane_and_script_are_found(index: SearchIndex, word: str) -> None:
    index.upsert(make_chunks([f"before {word} after", "something else", "and more"]))
    assert words(index, word) == ["doc-1#1#0"]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_any_text_is_a_query_and_a_passage(index: SearchIndex, text: str) -> None:
    index.upsert([make_chunk(text)])
    found = index.search(SCOPE, text=text, vector=(1.0, 0.0, 0.0), limit=3)
    assert ids(found.dense) == ["doc-1#1#0"]
    assert found.dense[0].indexed.chunk.text == text


def test_tenants_never_see_each_other(index: SearchIndex) -> None:
    index.upsert([make_chunk("secret plan")])
    index.upsert([make_chunk("secret plan", tenant_id="tenant-2", readers=(EVERYBODY,))])
    foreign = Scope("tenant-2", ("kb-1",), (EVERYBODY,))
    assert index.delete("tenant-2", "doc-1", through_generation=1) == 1
    assert index.search(foreign, text="secret", vector=(1.0, 0.0, 0.0), limit=5) == Candidates((), ())
    assert words(index, "secret") == ["doc-1#1#0"]
    assert index.tenants() == [TENANT]
    with pytest.raises(Invalid, match="one tenant"):
        index.upsert([make_chunk(), make_chunk(tenant_id="tenant-2")])


def test_a_knowledge_base_outside_the_scope_is_not_seen(index: SearchIndex) -> None:
    index.upsert([make_chunk("green tea"), make_chunk("green tea", kb_id="kb-2", document_id="doc-2")])
    assert words(index, "green") == near(index, (1.0, 0.0, 0.0)) == ["doc-1#1#0"]
    both = replace(SCOPE, kb_ids=("kb-2", "kb-1"))
    assert words(index, "green", both) == near(index, (1.0, 0.0, 0.0), both) == ["doc-1#1#0", "doc-2#1#0"]
    assert words(index, "green", replace(SCOPE, kb_ids=("kb-3",))) == []


def test_one_shared_principal_is_needed_and_enough(index: SearchIndex) -> None:
    index.upsert([make_chunk("green tea", readers=("user:1", "team:a"))])
    for readers, seen in ((("team:a", "user:9"), True), (("user:1",), True), (("user:2", EVERYBODY), False)):
        scope = replace(SCOPE, readers=readers)
        assert bool(words(index, "green", scope)) is seen
        assert bool(near(index, (1.0, 0.0, 0.0), scope)) is seen


def test_a_narrow_filter_still_fills_the_limit(index: SearchIndex) -> None:
    crowd = [make_chunk("tea tea tea", document_id="crowd", ordinal=n, vector=(1.0, 0.0, 0.0)) for n in range(200)]
    mine = [
        make_chunk(
            "tea once among many other words", document_id="mine", ordinal=n, readers=("user:1",), vector=(0, 1, 0)
        )
        for n in range(5)
    ]
    index.upsert(crowd + mine)
    scope = replace(SCOPE, readers=("user:1",))
    expected = [f"mine#1#{n}" for n in range(5)]
    assert words(index, "tea", scope, limit=5) == near(index, (1.0, 0.0, 0.0), scope, limit=5) == expected


def test_generations_are_counted_told_and_deleted_up_to_a_bound(index: SearchIndex) -> None:
    for generation, texts in ((1, ["one"]), (2, ["two", "three"]), (3, ["four"])):
        index.upsert([make_chunk(text, generation=generation, ordinal=n) for n, text in enumerate(texts)])
    index.upsert([make_chunk("other", document_id="doc-2")])
    assert [index.count(TENANT, "doc-1", generation) for generation in (0, 1, 2, 3)] == [0, 1, 2, 1]
    assert index.count(TENANT, "doc-1", None) == 4
    assert index.delete(TENANT, "doc-1", through_generation=2) == 3
    assert index.delete(TENANT, "doc-1", through_generation=2) == 0
    assert sorted(index.generations(TENANT), key=lambda one: one.document_id) == [
        StoredGeneration("kb-1", "doc-1", 3, 1),
        StoredGeneration("kb-1", "doc-2", 1, 1),
    ]
    assert words(index, "one two three four other") == ["doc-1#3#0", "doc-2#1#0"]
    assert sorted(near(index, (1.0, 0.0, 0.0))) == ["doc-1#3#0", "doc-2#1#0"]


def test_a_single_generation_is_deleted_between_others(index: SearchIndex) -> None:
    for generation in (1, 2, 3):
        index.upsert([make_chunk("text", generation=generation)])
    assert index.delete(TENANT, "doc-1", from_generation=2, through_generation=2) == 1
    assert [index.count(TENANT, "doc-1", generation) for generation in (1, 2, 3)] == [1, 0, 1]


def test_what_was_deleted_may_come_again(index: SearchIndex) -> None:
    index.upsert([make_chunk("phoenix")])
    assert words(index, "phoenix") == near(index, (1.0, 0.0, 0.0)) == ["doc-1#1#0"]
    index.delete(TENANT, "doc-1", through_generation=1)
    assert words(index, "phoenix") == near(index, (1.0, 0.0, 0.0)) == []
    assert index.tenants() == []
    index.upsert([make_chunk("phoenix")])
    assert words(index, "phoenix") == near(index, (1.0, 0.0, 0.0)) == ["doc-1#1#0"]


def test_writing_a_chunk_again_replaces_all_of_it(index: SearchIndex) -> None:
    index.upsert(
        [make_chunk("old words", vector=(1.0, 0.0, 0.0)), make_chunk("bystander", ordinal=1, vector=(0, 0, 1))]
    )
    near(index, (1.0, 0.0, 0.0))
    index.upsert([make_chunk("new text", vector=(0.0, 1.0, 0.0), readers=("user:1",))])
    scope = replace(SCOPE, readers=("user:1",))
    assert index.count(TENANT, "doc-1", 1) == 2
    assert words(index, "old") == []
    assert words(index, "new") == []
    assert words(index, "new", scope) == ["doc-1#1#0"]
    found = index.search(scope, text="", vector=(0.0, 1.0, 0.0), limit=5).dense
    assert [(hit.indexed.chunk_id, hit.score) for hit in found] == [("doc-1#1#0", 1.0)]


def test_one_write_that_names_a_chunk_twice_keeps_the_last(index: SearchIndex) -> None:
    index.upsert([make_chunk("first"), make_chunk("second")])
    assert index.count(TENANT, "doc-1", 1) == 1
    assert words(index, "first") == []
    assert words(index, "second") == ["doc-1#1#0"]


def test_vectors_of_another_release_are_never_compared(index: SearchIndex) -> None:
    index.upsert([
        make_chunk("one model", release_id="r-1", vector=(1.0, 0.0)),
        make_chunk("another model", document_id="doc-2", release_id="r-2", vector=(0.0, 0.0, 1.0)),
        make_chunk("same length, another model", document_id="doc-3", release_id="r-3", vector=(1.0, 0.0)),
    ])  # fmt: skip
    assert index.releases(TENANT, ["kb-1"]) == {"r-1", "r-2", "r-3"}
    found = index.search(SCOPE, text="model", vector=(1.0, 0.0), limit=5, releases=["r-1"])
    assert ids(found.dense) == ["doc-1#1#0"]
    assert len(found.lexical) == 3
    assert index.search(SCOPE, text="", vector=(1.0, 0.0), limit=5, releases=[]).dense == ()
    with pytest.raises(Invalid) as mismatch:
        index.search(SCOPE, text="", vector=(1.0, 0.0), limit=5)
    assert mismatch.value.code == "dimension_mismatch"
    index.delete(TENANT, "doc-2", through_generation=1)
    assert near(index, (1.0, 0.0)) == ["doc-1#1#0", "doc-3#1#0"]
    assert index.releases(TENANT, ["kb-1"]) == {"r-1", "r-3"}
    assert index.releases(TENANT, ["kb-2"]) == frozenset()


@pytest.mark.parametrize("vector", [(), (float("nan"), 0.0, 0.0), (float("inf"), 0.0, 0.0), (1.0, 0.0)])
def test_a_vector_that_cannot_be_compared_is_refused_alone(index: SearchIndex, vector: tuple[float, ...]) -> None:
    failures = index.upsert([make_chunk("good"), make_chunk("bad", ordinal=1, vector=vector)])
    assert [(failure.chunk_id, failure.temporary) for failure in failures] == [("doc-1#1#1", False)]
    assert failures[0].reason
    assert index.count(TENANT, "doc-1", 1) == 1


def test_a_zero_vector_is_near_to_nothing(index: SearchIndex) -> None:
    index.upsert([make_chunk("zero", vector=(0.0, 0.0, 0.0))])
    assert index.search(SCOPE, text="", vector=(1.0, 0.0, 0.0), limit=5).dense[0].score == 0.0


def test_readers_see_whole_writes_while_a_writer_works(index: SearchIndex) -> None:
    """Every write brings a generation of ten; a search that sees one of them sees all ten."""
    sizes: list[int] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            sizes.append(len(near(index, (1.0, 0.0, 0.0), limit=1000)))

    readers = [threading.Thread(target=read) for _ in range(0 if isinstance(index, MemorySearchIndex) else 2)]
    for reader in readers:
        reader.start()
    for generation in range(1, 25):
        index.upsert(_generation(generation))
    stop.set()
    for reader in readers:
        reader.join(60)
    assert [size for size in sizes if size % 10] == []
    assert len(near(index, (1.0, 0.0, 0.0), limit=1000)) == 240


def _generation(generation: int) -> list[IndexedChunk]:
    return [make_chunk(f"line {n}", generation=generation, ordinal=n) for n in range(10)]


@pytest.mark.parametrize("scope", [("", ("kb",), ("r",)), ("t", (), ("r",)), ("t", ("kb",), ()), ("t", ("",), ("r",))])
def test_there_is_no_scope_without_tenant_knowledge_bases_and_readers(
    scope: tuple[str, tuple[str, ...], tuple[str, ...]],
) -> None:
    with pytest.raises(Invalid) as refused:
        Scope(*scope)
    assert refused.value.code == "scope_incomplete"


def test_a_vector_is_found_by_the_key_of_its_text_until_its_last_chunk_is_gone(index: SearchIndex) -> None:
    one = replace(make_chunk("one", vector=(0.6, 0.8)), text_key="k1")
    same = replace(make_chunk("one", document_id="doc-2", vector=(0.6, 0.8)), text_key="k1")
    other = replace(make_chunk("two", ordinal=1, vector=(1.0, 0.0)), text_key="k2")
    without = make_chunk("three", ordinal=2, vector=(0.0, 1.0))
    assert index.upsert([one, same, other, without]) == []
    found = index.vectors(TENANT, ["k1", "k2", "unknown", ""])
    assert sorted(found) == ["k1", "k2"]
    assert found["k1"] == pytest.approx((0.6, 0.8), abs=1e-6)
    assert index.vectors("tenant-2", ["k1"]) == {}
    assert index.vectors(TENANT, []) == {}
    index.delete(TENANT, "doc-1", through_generation=9)
    assert list(index.vectors(TENANT, ["k1", "k2"])) == ["k1"]


def test_more_keys_than_one_statement_takes_are_all_looked_up(index: SearchIndex) -> None:
    chunks = [replace(make_chunk(str(n), ordinal=n, vector=(1.0, float(n))), text_key=f"k{n}") for n in range(1_200)]
    index.upsert(chunks)
    assert len(index.vectors(TENANT, [f"k{n}" for n in range(1_200)])) == 1_200


def test_a_chunk_written_again_under_another_key_is_found_by_that_alone(index: SearchIndex) -> None:
    chunk = replace(make_chunk("one"), text_key="old")
    index.upsert([chunk])
    index.upsert([replace(chunk, text_key="new")])
    assert list(index.vectors(TENANT, ["old", "new"])) == ["new"]
