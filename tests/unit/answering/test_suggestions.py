from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ml.answering.followup import is_follow_up
from functions.ml.answering.suggestions import MOST_CHARACTERS, MOST_SUGGESTIONS, suggestions
from functions.ml.ports import RankedHit
from shared.contracts.ml_api import Turn
from tests.passages import hit
from tests.unit.answering.test_service import ask, service

LEAVE = (
    "Every parent may take twelve weeks of paid parental leave within the first year after the birth of a child. "
    "Tell your manager two months before it begins."
)
TRAVEL = (
    "Travel expenses are paid back within thirty days. Keep the receipts of trains, hotels and taxis, and send them."
)
OPENING = "The office in Bern opens at 9:30 in the morning and closes at 18:00 in the evening, on Fridays at 16:00."


def under(text: str, *headings: str, ordinal: int = 0) -> RankedHit:
    found = hit(text, ordinal=ordinal)
    place = found.indexed.chunk.place.model_copy(update={"heading_path": headings})
    chunk = replace(found.indexed.chunk, place=place, context=" > ".join(headings))
    return replace(found, indexed=replace(found.indexed, chunk=chunk))


def suggested(
    *found: RankedHit, asked: tuple[str, ...] = ("When does the office open?",), cited: tuple[str, ...] = ()
) -> tuple[str, ...]:
    return suggestions(asked, found, cited, is_answered_by=lambda *_: True)


def test_what_stands_beside_the_answer_is_suggested_and_what_it_quotes_is_not() -> None:
    found = (under(OPENING, "Opening hours"), under(LEAVE, "3.2 Parental leave", ordinal=1))
    assert suggested(*found, cited=("doc_1#1#0",)) == ("Tell me more about “Parental leave”.",)


@pytest.mark.parametrize(
    ("asked", "suggestion"),
    [
        ("Wann öffnet das Büro und wie lange ist es auf?", "Was gibt es zu „Parental leave“?"),
        ("Quand est-ce que le bureau ouvre ?", "Qu’y a-t-il sur « Parental leave » ?"),
        ("办公室什么时候开门？", "“Parental leave”是什么？"),
        ("Office?", "Tell me more about “Parental leave”."),
    ],
)
def test_a_suggestion_is_in_the_language_of_the_person(asked: str, suggestion: str) -> None:
    assert suggested(under(LEAVE, "Parental leave"), asked=(asked,)) == (suggestion,)


@pytest.mark.parametrize(
    ("headings", "called"),
    [
        (("Travel", "§ 4 Receipts"), "Travel: Receipts"),
        (("B. Travel   expenses:",), "Travel expenses"),
        (("Travel \u202e“expenses” <b>",), "Travel expenses b"),
    ],
)
def test_a_section_is_called_by_as_many_headings_as_say_enough(headings: tuple[str, ...], called: str) -> None:
    assert suggested(under(TRAVEL, *headings)) == (f"Tell me more about “{called}”.",)


def test_a_heading_that_asks_is_the_suggestion() -> None:
    assert suggested(under(TRAVEL, "Who pays travel expenses?")) == ("Who pays travel expenses?",)


@pytest.mark.parametrize(
    "found",
    [
        under(TRAVEL),
        under(TRAVEL, "Scope"),
        under(TRAVEL, "How does it work there?"),
        under("Travel expenses", "Travel expenses"),
        under(TRAVEL, "Travel expenses " * 6),
    ],
    ids=["no heading", "one word", "leans on something", "nothing below it", "too long"],
)
def test_what_cannot_be_asked_alone_is_not_suggested(found: RankedHit) -> None:
    assert suggested(found) == ()


def test_what_was_asked_in_the_conversation_is_not_suggested_again() -> None:
    found = under(TRAVEL, "Travel expenses")
    assert suggested(found) != ()
    assert suggested(found, asked=("Tell me more about “Travel expenses”.", "When does the office open?")) == ()


def test_what_would_be_refused_is_not_suggested() -> None:
    assert suggestions(["Office?"], [under(TRAVEL, "Travel expenses")], (), is_answered_by=lambda *_: False) == ()


@settings(deadline=None)
@given(st.lists(st.text(max_size=120), max_size=6))
def test_no_heading_makes_a_suggestion_that_cannot_be_asked(headings: list[str]) -> None:
    made = suggested(*(under(TRAVEL, heading, "Travel") for heading in headings))
    assert len(made) <= MOST_SUGGESTIONS
    assert len(set(made)) == len(made)
    for question in made:
        assert question.isprintable()
        assert len(question) <= MOST_CHARACTERS + 30
        assert not is_follow_up(question)


def test_an_answer_brings_suggestions_and_each_is_answered() -> None:
    asked = "When does the office in Bern open?"
    answering = service(
        under(OPENING, "Opening hours"),
        under(LEAVE, "Parental leave", ordinal=1),
        under(TRAVEL, "Travel costs", ordinal=2),
    )
    first = ask(answering, asked)
    assert len(first.suggestions) > 0
    history = (Turn(role="user", content=asked), Turn(role="assistant", content=first.text))
    for question in first.suggestions:
        following = ask(answering, question, *history)
        assert not following.refused
        assert question not in following.suggestions
