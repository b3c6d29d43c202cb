"""Fusion: properties that hold for any two rankings."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ml.ports import Candidates, Hit, Ranker
from functions.ml.retrieval.fusion import ConvexRanker, ReciprocalRanker, fuse_ranks, fuse_scores, plain, scale_scores
from shared.kernel.errors import Invalid
from tests.fakes.chunks import make_chunk

ANY_DEADLINE = settings(deadline=None, max_examples=150)
ORDINALS = st.integers(0, 25)
LEXICAL = st.dictionaries(ORDINALS, st.floats(0.001, 60.0), max_size=20)
DENSE = st.dictionaries(ORDINALS, st.floats(-1.0, 1.0), max_size=20)
WEIGHTS = st.floats(0.0, 1.0)
RANKERS = st.one_of(WEIGHTS.map(ConvexRanker), st.integers(0, 100).map(ReciprocalRanker))


def hits(scores: dict[int, float]) -> tuple[Hit, ...]:
    made = [Hit(make_chunk(f"text {ordinal}", ordinal=ordinal), score) for ordinal, score in scores.items()]
    return tuple(sorted(made, key=lambda hit: (-hit.score, hit.indexed.chunk_id)))


def candidates(lexical: dict[int, float], dense: dict[int, float]) -> Candidates:
    return Candidates(hits(lexical), hits(dense))


@ANY_DEADLINE
@given(RANKERS, LEXICAL, DENSE, st.integers(1, 60))
def test_each_chunk_comes_once_in_order_with_a_score_in_range(
    ranker: Ranker, lexical: dict[int, float], dense: dict[int, float], limit: int
) -> None:
    ranked = ranker("q", candidates(lexical, dense), limit=limit)
    ids = [hit.indexed.chunk_id for hit in ranked]
    assert len(ids) == len(set(ids)) == min(limit, len({*lexical, *dense}))
    assert all(0.0 <= hit.score <= 1.0 for hit in ranked)
    assert ranked == sorted(ranked, key=lambda hit: (-hit.score, hit.indexed.chunk_id))
    for hit in ranked:
        assert hit.lexical == lexical.get(hit.indexed.chunk.ordinal, 0.0)
        assert hit.dense == dense.get(hit.indexed.chunk.ordinal, 0.0)


@ANY_DEADLINE
@given(RANKERS, LEXICAL, DENSE, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(
    ranker: Ranker, lexical: dict[int, float], dense: dict[int, float], chance: random.Random
) -> None:
    found = candidates(lexical, dense)
    one, other = list(found.lexical), list(found.dense)
    chance.shuffle(one)
    chance.shuffle(other)
    assert ranker("q", Candidates(tuple(one), tuple(other)), limit=50) == ranker("q", found, limit=50)


@ANY_DEADLINE
@given(RANKERS, LEXICAL.filter(len), DENSE, st.floats(0.0, 30.0), st.data())
def test_a_higher_score_never_ranks_a_chunk_lower(
    ranker: Ranker, lexical: dict[int, float], dense: dict[int, float], more: float, data: st.DataObject
) -> None:
    chosen = data.draw(st.sampled_from(sorted(lexical)))

    def place(scores: dict[int, float]) -> int:
        ranked = ranker("q", candidates(scores, dense), limit=100)
        return [hit.indexed.chunk.ordinal for hit in ranked].index(chosen)

    assert place(lexical | {chosen: lexical[chosen] + more}) <= place(lexical)


@ANY_DEADLINE
@given(WEIGHTS, LEXICAL.filter(len))
def test_an_empty_list_has_no_say(weight: float, lexical: dict[int, float]) -> None:
    ranked = ConvexRanker(weight)("q", candidates(lexical, {}), limit=50)
    assert ranked[0].score == pytest.approx(1.0)
    assert [hit.lexical for hit in ranked] == sorted(lexical.values(), reverse=True)


def test_the_convex_sum_is_what_the_formula_says() -> None:
    fused = fuse_scores([(0.25, {"a": 10.0, "b": 5.0, "c": 0.0}), (0.75, {"b": 0.9, "d": 0.8})])
    assert fused == pytest.approx({"a": 0.25, "b": 0.875, "c": 0.0, "d": 0.0})
    assert scale_scores({"a": 3.0, "b": 3.0}) == {"a": 1.0, "b": 1.0}
    assert fuse_scores([(0.0, {"a": 1.0}), (1.0, {})]) == {"a": 1.0}
    assert fuse_scores([]) == {}


def test_reciprocal_ranks_are_what_the_formula_says() -> None:
    fused = fuse_ranks([["a", "b"], ["b", "c"], []], k=60)
    assert fused == pytest.approx({"a": 0.5, "b": (61 / 62 + 1) / 2, "c": 61 / 62 / 2})


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
def test_a_weight_that_is_no_share_is_refused(weight: float) -> None:
    with pytest.raises(Invalid):
        ConvexRanker(weight)


def test_the_same_text_is_shown_once_by_its_best_chunk() -> None:
    copy = replace(hits({1: 2.0})[0], indexed=make_chunk("TEXT \n 0", document_id="copy"))
    found = Candidates((*hits({0: 3.0, 2: 1.0}), copy), ())
    assert [hit.indexed.document_id for hit in ConvexRanker()("q", found, limit=9)] == ["doc-1", "doc-1"]
    assert len(ConvexRanker(collapse_duplicates=False)("q", found, limit=9)) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The \u201cfinal\u201d e\ufb03ciency \u2013 90 %", 'the "final"\nefficiency - 90 %'),
        ("a hyphen-\nated word", "a hyphenated word"),
        ("soft\u00adhyphen", "softhyphen"),
    ],
)
def test_a_text_read_from_another_format_is_the_same_text(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("may carry over leave", "may not carry over leave"),
        ("1.5 mg", "15 mg"),
        ("10\u00b2", "102"),
        ("C++", "C#"),
        ("a loss of -5", "a loss of 5"),
        ("in 2018", "in 2019"),
    ],
)
def test_a_word_a_number_or_a_sign_makes_another_text(one: str, other: str) -> None:
    assert plain(one) != plain(other)
