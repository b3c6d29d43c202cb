from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ml.answering.gate import (
    GateParameters,
    Signs,
    can_answer,
    confidence,
    in_two_languages,
    noise_of,
    read_signs,
)  # fmt: skip
from functions.ml.ports import Passage
from functions.ml.releases.catalogue import load_catalogue
from tests.passages import passage

GATES = {release.name: GateParameters(**release.answer.gate) for release in load_catalogue()}  # type: ignore[arg-type]
GATE = GATES["multilingual"]
NOISE = (0.76,) * 40


def near(text: str, cosine: float, *, kind: str = "text") -> Passage:
    return replace(passage(text, kind=kind), dense=cosine)


@pytest.mark.parametrize("question", ["What is the boiling point of tungsten?", "Who won the chess final?"])
@pytest.mark.parametrize("cosine", [0.0, 0.78])
def test_what_the_passages_do_not_say_is_refused(question: str, cosine: float) -> None:
    assert not can_answer(question, [replace(passage(), dense=cosine)], GATE, further=NOISE)


@pytest.mark.parametrize("question", ["When does the office open?", "Who founded Acme?"])
@pytest.mark.parametrize("cosine", [0.0, 0.85])
def test_what_they_say_is_answered_also_where_nothing_is_known_of_meaning(question: str, cosine: float) -> None:
    assert can_answer(question, [replace(passage(), dense=cosine)], GATE, further=NOISE)


def test_no_passage_answers_nothing() -> None:
    assert not can_answer("When does the office open?", [], GATE)
    assert not can_answer("When does the office open?", [], GATE, with_model=True)


def test_the_noise_of_the_list_decides_what_stands_out() -> None:
    found = [near("The annual report lists every holiday of the staff.", 0.84)]
    question = "Which days off are owed to trainees?"
    quiet = read_signs(question, found, GATE, further=(0.74,) * 40)
    loud = read_signs(question, found, GATE, further=(0.83,) * 40)
    assert quiet.stands_out > loud.stands_out
    assert confidence(quiet, GATE) > confidence(loud, GATE)


def test_a_short_list_counts_little_against_the_releases_own_noise() -> None:
    parameters = GateParameters(noise_cosine=0.7, noise_weight=10)
    assert noise_of([], parameters) == pytest.approx(0.7)
    assert noise_of([0.9], parameters) == pytest.approx(0.7 + 0.2 / 11)
    assert noise_of([0.9] * 1000, parameters) == pytest.approx(0.9, abs=0.01)


def test_a_question_in_another_language_is_not_refused_for_its_words() -> None:
    german = [near("Das Büro öffnet um neun Uhr und es schließt um sechs am Abend.", 0.88)]
    question = "When does the office open?"
    assert read_signs(question, german, GATE).weighed_by == "two_languages"
    assert can_answer(question, german, GATE)
    assert not can_answer(question, [near(german[0].text, 0.74)], GATE)


@pytest.mark.parametrize(
    ("question", "text", "two"),
    [
        ("When does the office open?", "Das Büro ist um neun für alle offen und nicht früher.", True),
        ("متى يفتح المكتب؟", "The office opens at nine in the morning.", True),
        ("办公室几点开门？", "The office opens at nine in the morning.", True),
        ("When does the office open?", "The office opens at nine in the morning.", False),
        ("AB-123", "Das Teil AB-123 ist nicht auf Lager und wird es nicht sein.", False),
        ("1998?", "办公室早上九点开门。", False),
    ],
)
def test_two_languages_are_told_apart_by_words_or_script(question: str, text: str, two: bool) -> None:
    assert in_two_languages(question, text) == two


def test_a_year_alone_is_no_answer() -> None:
    archived = [near("Archived from the original on 24 April 2019.", 0.79)]
    assert not can_answer("How many ducks were there in 2019?", archived, GATE, further=NOISE)


def test_what_was_in_another_year_is_no_answer() -> None:
    rows = near("Year: 2021 | Freshwater ducks: 150\nYear: 2022 | Freshwater ducks: 170", 0.84, kind="table")
    elsewhere = near("The company was founded in 1950.", 0.78)
    assert can_answer("How many freshwater ducks were there in 2021?", [rows, elsewhere], GATE, further=NOISE)
    signs = read_signs("How many freshwater ducks were there in 1950?", [rows, elsewhere], GATE, further=NOISE)
    assert (signs.passage, signs.sentence) == (0.0, 0.0)


def test_rows_and_codes_are_answered_although_they_have_no_neighbours_in_meaning() -> None:
    row = near("Part: AB-123 | Price: 49.90 | Stock: 12", 0.77, kind="table")
    assert can_answer("What is the price of part AB-123?", [row], GATE, further=NOISE)


def test_a_model_is_kept_only_from_what_is_plainly_about_something_else() -> None:
    vague = [near("The annual report of the staff.", 0.80)]
    question = "Which holiday does the office owe to trainees of the staff?"
    assert GATE.refuse_below_with_model < GATE.refuse_below
    assert can_answer("Summarise this", vague, GATE, with_model=True)
    assert not can_answer("Summarise this", vague, GATE, further=NOISE)
    assert not can_answer(question, [near("Lemons are sour.", 0.70)], GATE, further=NOISE, with_model=True)


@pytest.mark.parametrize("name", GATES)
@given(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 2)), st.floats(0, 1))
def test_more_evidence_never_makes_less_sure(name: str, values: tuple[float, float, float, float], more: float) -> None:
    signs = Signs(*values, weighed_by="one_language")
    before = confidence(signs, GATES[name])
    for sign in ("passage", "sentence", "nearest", "stands_out"):
        assert confidence(replace(signs, **{sign: getattr(signs, sign) + more}), GATES[name]) >= before


@given(st.text(max_size=80), st.text(max_size=200), st.floats(-1, 1))
def test_any_text_gets_a_confidence(question: str, text: str, cosine: float) -> None:
    sure = confidence(read_signs(question, [near(text, cosine)], GATE), GATE)
    assert 0.0 <= sure <= 1.0
