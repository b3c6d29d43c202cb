import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ml.evaluation.metrics import holds, normalised_tokens, reciprocal_rank, summary, token_f1
from shared.contracts.ml_api import QuestionScore


@pytest.mark.parametrize(
    ("answer", "expected", "f1"),
    [
        ("the Panthers", "Panthers", 1.0),
        ("308 points", "308", pytest.approx(2 / 3)),
        ("nothing", "308", 0.0),
        ("", "308", 0.0),
        ("黑豹队", "黑豹", pytest.approx(0.8)),
        ("البانثرز", "بانثرز", 1.0),
        ("Der Hund!", "hund", 1.0),
    ],
)
def test_token_f1_is_that_of_squad(answer: str, expected: str, f1: float) -> None:
    assert token_f1(answer, [expected]) == f1


def test_the_best_of_several_expected_answers_counts() -> None:
    assert token_f1("four", ["4", "four"]) == 1.0


@given(st.text(max_size=50), st.text(max_size=50))
def test_token_f1_is_symmetric_and_between_0_and_1(one: str, other: str) -> None:
    assert token_f1(one, [other]) == token_f1(other, [one])
    assert 0 <= token_f1(one, [other]) <= 1
    assert token_f1(one, [one]) == 1.0


def test_an_answer_stands_in_a_quote_as_whole_words() -> None:
    assert holds(["It gave up just 308 points."], ["308"])
    assert not holds(["It gave up 3080 points."], ["308"])
    assert holds(["防守丢了308分"], ["308"])
    assert not holds([], ["308"])
    assert not holds(["text"], ["!"])


def test_punctuation_and_articles_do_not_count() -> None:
    assert normalised_tokens("The U.S., a land") == ["u", "s", "land"]


def test_the_reciprocal_rank_is_that_of_the_first_right_document() -> None:
    found = [("a.pdf", "d1"), ("b.pdf", "d2"), ("b.pdf", "d3")]
    assert reciprocal_rank(found, ["b.pdf"]) == 0.5
    assert reciprocal_rank(found, ["d1"]) == 1.0
    assert reciprocal_rank(found, ["c.pdf"]) == 0.0


def _score(number: int, **fields: object) -> QuestionScore:
    return QuestionScore.model_validate(
        {"question_id": str(number), "question": "q", "answer": "a", "refused": False, **fields}
    )


def test_a_mean_is_over_the_questions_it_applies_to_and_failures_count_apart() -> None:
    metrics = summary(
        [
            _score(1, retrieved=True, reciprocal_rank=0.5, correctly_refused=True),
            _score(2, retrieved=False, reciprocal_rank=0.0),
            _score(3, error="no model"),
            _score(4, token_f1=0.25),
        ]
    )
    assert metrics["hit_at_10"] == 0.5
    assert metrics["mrr"] == 0.25
    assert metrics["refusal_accuracy"] == 1.0
    assert metrics["token_f1"] == 0.25
    assert metrics["failed"] == 0.25
    assert "citation_precision" not in metrics
