"""Weighing by evidence: properties that hold for any two rankings, and what evidence does."""

import math
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ml.ports import Candidates, Hit
from functions.ml.releases.catalogue import RankerChoice, load_catalogue
from functions.ml.retrieval.evidence import Sightings, agreement, coverage, is_familiar, terms_of
from functions.ml.retrieval.fusion import ConvexRanker, ReciprocalRanker
from functions.ml.retrieval.rankers import ranker_of
from functions.ml.retrieval.weighing import EvidenceRanker, scale_to_highest, scale_to_spread
from tests.fakes.chunks import make_chunk

ANY_DEADLINE = settings(deadline=None, max_examples=100)
ORDINALS = st.integers(0, 25)
LEXICAL = st.dictionaries(ORDINALS, st.floats(0.001, 60.0), max_size=20)
DENSE = st.dictionaries(ORDINALS, st.floats(-1.0, 1.0), max_size=20)
WEIGHTS = st.floats(0, 5)
RANKERS = st.builds(
    EvidenceRanker, WEIGHTS, WEIGHTS, WEIGHTS, WEIGHTS, st.integers(0, 40), st.sampled_from([(), ("en",), ("de",)])
)
PASSAGE = "The Panthers defense gave up just 308 points and the team was ranked sixth in the league that season."


def hits(scores: dict[int, float], texts: dict[int, str] | None = None) -> tuple[Hit, ...]:
    made = [Hit(make_chunk((texts or {}).get(n, f"text {n}"), ordinal=n), score) for n, score in scores.items()]
    return tuple(sorted(made, key=lambda hit: (-hit.score, hit.indexed.chunk_id)))


def order(found: Candidates, query: str, ranker: EvidenceRanker) -> list[int]:
    return [hit.indexed.chunk.ordinal for hit in ranker(query, found, limit=50)]


@ANY_DEADLINE
@given(RANKERS, LEXICAL, DENSE, st.integers(1, 60), st.sampled_from(["q", "text 3", "text 12 text", "??", "文字 文字"]))
def test_each_chunk_comes_once_in_order_with_a_score_in_range(
    ranker: EvidenceRanker, lexical: dict[int, float], dense: dict[int, float], limit: int, query: str
) -> None:
    ranked = ranker(query, Candidates(hits(lexical), hits(dense)), limit=limit)
    assert len({hit.indexed.chunk_id for hit in ranked}) == len(ranked) == min(limit, len({*lexical, *dense}))
    assert all(0.0 <= hit.score <= 1.0 for hit in ranked)
    assert ranked == sorted(ranked, key=lambda hit: (-hit.score, hit.indexed.chunk_id))


@ANY_DEADLINE
@given(RANKERS, LEXICAL, DENSE, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(
    ranker: EvidenceRanker, lexical: dict[int, float], dense: dict[int, float], chance: random.Random
) -> None:
    one, other = list(hits(lexical)), list(hits(dense))
    expected = ranker("text 3", Candidates(tuple(one), tuple(other)), limit=50)
    chance.shuffle(one)
    chance.shuffle(other)
    assert ranker("text 3", Candidates(tuple(one), tuple(other)), limit=50) == expected


@ANY_DEADLINE
@given(RANKERS, LEXICAL, DENSE)
def test_a_chunk_that_is_better_in_both_lists_comes_first(
    ranker: EvidenceRanker, lexical: dict[int, float], dense: dict[int, float]
) -> None:
    both = sorted(lexical.keys() & dense.keys())
    ranked = order(Candidates(hits(lexical), hits(dense)), "q", ranker)
    for one in both:
        for other in both:
            if lexical[one] > lexical[other] and dense[one] > dense[other]:
                scores = {
                    h.indexed.chunk.ordinal: h.score
                    for h in ranker("q", Candidates(hits(lexical), hits(dense)), limit=50)
                }
                assert scores[one] >= scores[other]
    assert len(ranked) == len({*lexical, *dense})


def test_one_list_alone_keeps_its_order() -> None:
    scores = {1: 0.9, 2: 0.8, 3: 0.1}
    assert order(Candidates((), hits(scores)), "q", EvidenceRanker()) == [1, 2, 3]
    assert order(Candidates(hits(scores), ()), "q", EvidenceRanker()) == [1, 2, 3]
    assert order(Candidates((), ()), "q", EvidenceRanker()) == []


def test_the_vector_decides_where_the_words_of_the_question_are_not_found() -> None:
    lexical, dense = hits({1: 5.0, 2: 4.0, 3: 3.0}), hits({3: 0.9, 2: 0.5, 1: 0.4})
    known = {1: "alpha beta gamma", 2: "beta", 3: "gamma"}
    covered = Candidates(hits({1: 5.0, 2: 4.0, 3: 3.0}, known), hits({3: 0.9, 2: 0.5, 1: 0.4}, known))
    ranker = EvidenceRanker(dense_weight=1.6, trust_in_words=1.0, phrase_weight=0.0, spot_weight=0.0)
    assert order(Candidates(lexical, dense), "alpha beta gamma", ranker)[0] == 3
    assert order(covered, "alpha beta gamma", ranker)[0] == 1


def test_a_vote_of_a_model_that_does_not_know_the_language_fades() -> None:
    texts = {
        n: f"Die Verteidigung der Panthers gab nur {n} Punkte ab und wurde in der Liga die sechste." for n in range(6)
    }
    lexical = {0: 9.0, 1: 5.0, 2: 4.0, 3: 3.0}
    noise = {5: 0.9, 4: 0.6, 3: 0.59, 2: 0.58, 1: 0.57, 0: 0.56}
    found = Candidates(hits(lexical, texts), hits(noise, texts))
    question = "Wie viele Tore fielen damals?"
    assert order(found, question, EvidenceRanker(languages=("en",)))[:4] == [0, 1, 2, 3]
    assert order(found, question, EvidenceRanker())[0] == 5


def test_neighbouring_words_near_each_other_decide_between_equals() -> None:
    filler = "and then something else entirely was said about many other things in this place, "
    texts = {1: f"net {filler} {filler} income", 2: f"{filler} net income {filler}"}
    found = Candidates(hits({1: 3.0, 2: 3.0}, texts), hits({1: 0.5, 2: 0.5}, texts))
    assert order(found, "net income", EvidenceRanker(spot_weight=0.0)) == [2, 1]
    assert order(found, "net income", EvidenceRanker(phrase_weight=0.0, spot_weight=0.0)) == [1, 2]


def test_words_of_the_question_together_in_one_sentence_decide_between_equals() -> None:
    filler = "and then something else entirely was said about many other things in this place, " * 2
    texts = {1: f"aspirin {filler} lowers {filler} fever", 2: f"{filler} fever of children, which aspirin lowers"}
    found = Candidates(hits({1: 3.0, 2: 3.0}, texts), hits({1: 0.5, 2: 0.5}, texts))
    question = "aspirin and other remedies: what lowers fever?"
    assert order(found, question, EvidenceRanker(phrase_weight=0.0)) == [2, 1]
    assert order(found, question, EvidenceRanker(phrase_weight=0.0, spot_weight=0.0)) == [1, 2]


def test_the_evidence_of_terms_is_that_of_a_plain_reading() -> None:
    texts = {"a": "Net income grew. " + "x" * 200 + " Net worth", "b": "incomes, NET; subnet", "c": "nothing"}
    seen = Sightings(["net", "income"], texts)
    assert [coverage(["net", "income"], text) for text in texts.values()] == [1.0, 1.0, 0.0]
    nearness = seen.nearness()
    assert nearness["a"] == nearness["b"] == pytest.approx(1 / 2.2)
    assert nearness["c"] == 0.0
    assert seen.density() == {"a": 1.0, "b": 1.0, "c": 0.0}
    apart = Sightings(["net", "income"], {"a": "net " + "x" * 200 + " income", "b": "net"})
    rare, common = math.log(1 + 1.5 / 1.5), math.log(1 + 0.5 / 2.5)
    assert apart.density()["a"] == pytest.approx(rare / (rare + common))
    assert coverage(["net"], "subnet") == 0.0


TERMS = st.lists(st.sampled_from(["alpha", "beta", "gamma", "2019", "\u9ed1\u8c79"]), unique=True, max_size=4)
WORDS = st.lists(st.sampled_from(["alpha", "beta", "gamma", "2019", "\u9ed1\u8c79", "other", "x" * 30]), max_size=30)


@ANY_DEADLINE
@given(TERMS, st.lists(WORDS, min_size=1, max_size=4))
def test_shares_of_evidence_are_shares_and_the_densest_spot_is_the_best_of_all_windows(
    terms: list[str], passages: list[list[str]]
) -> None:
    texts = {str(n): " ".join(words) for n, words in enumerate(passages)}
    seen = Sightings(terms, texts)
    density, nearness = seen.density(), seen.nearness()
    rarity = [math.log(1 + (len(texts) - (n := sum(term in text for text in texts.values())) + 0.5) / (n + 0.5))
              for term in terms]  # fmt: skip
    span = 40 if terms and all(not term.isascii() for term in terms) else 120
    for key, text in texts.items():
        assert 0.0 <= coverage(terms, text) <= 1.0
        assert 0.0 <= nearness[key] < 1.0
        starts = [[m.start() for m in re.finditer(term, text)] for term in terms]
        windows = [sum(weight for weight, found in zip(rarity, starts, strict=True)
                       if any(first <= at <= first + span for at in found))
                   for first in (at for found in starts for at in found)]  # fmt: skip
        assert density[key] == pytest.approx(max(windows, default=0.0) / (sum(rarity) or 1.0))


def test_agreement_is_the_share_of_variance_explained() -> None:
    assert agreement({"a": 1.0, "b": 2.0, "c": 3.0}, {"a": 0.1, "b": 0.2, "c": 0.3}) == pytest.approx(1.0)
    assert agreement({"a": 3.0, "b": 2.0, "c": 1.0}, {"a": 0.1, "b": 0.2, "c": 0.3}) == 0.0
    assert agreement({}, {"a": 0.1, "b": 0.2, "c": 0.3}) == 0.0
    assert agreement({"a": 1.0}, {"a": 0.1}) == 0.0


def test_a_model_of_english_is_familiar_with_english_alone() -> None:
    assert is_familiar("How many points did the defense give up?", [PASSAGE], ("en",))
    assert is_familiar("anything", [], ())
    assert not is_familiar("كم نقطة تخلى عنها دفاع البانثرز؟", [PASSAGE], ("en",))
    assert not is_familiar("Wie viele Punkte?", ["Die Verteidigung der Liga gab nur wenige Punkte ab."], ("en",))


def test_terms_are_beginnings_of_words_and_pairs_of_unspaced_characters() -> None:
    assert terms_of("What were the companies 2019?") == ["compan", "2019"]
    assert "黑豹" in terms_of("黑豹队")
    assert "黑" not in terms_of("黑豹队")
    assert coverage(terms_of("companies in 2019"), "A company") == 0.5
    assert coverage([], "A company") == 0.0


def test_scales_have_a_zero_and_equal_scores_are_equal() -> None:
    assert scale_to_highest({"a": 4.0, "b": 1.0}) == {"a": 1.0, "b": 0.25}
    assert scale_to_highest({}) == {} == scale_to_spread({})
    assert scale_to_spread({"a": 0.5, "b": 0.5}) == {"a": 1.0, "b": 1.0}
    assert scale_to_spread({"a": 0.6, "b": 0.4})["b"] == 0.0


def test_a_release_names_its_ranker() -> None:
    english = next(release for release in load_catalogue() if release.name == "fast-english").ranker
    assert ranker_of(english) == EvidenceRanker(3.0, 1.6, 1.5, 1.5, languages=("en",))
    assert ranker_of(RankerChoice(dense_weight=0.3, candidates=9)) == ConvexRanker(0.3)
    assert ranker_of(RankerChoice(method="reciprocal", dense_weight=0, candidates=9)) == ReciprocalRanker()
