"""What the model is told of a conversation's past."""

from hypothesis import given
from hypothesis import strategies as st

from functions.application.domain.conversations import answered, history
from functions.application.domain.records import MessageRow
from shared.contracts.api import Answer, Usage
from shared.contracts.ml_api import MAX_HISTORY_TURNS
from tests.rows import NOW

ANSWER = Answer(text="because", refused=False, citations=(), usage=Usage(model="m"), release_id="r")


def question(number: int) -> MessageRow:
    return MessageRow(
        tenant_id="acme",
        conversation_id="conv",
        message_id=f"msg_{number}",
        role="user",
        content=f"q{number}",
        created_at=f"2026-01-31T12:00:{number % 60:02d}.{number // 60:03d}Z",
    )


@given(st.lists(st.booleans(), max_size=40))
def test_turns_alternate_are_at_most_twenty_and_end_with_the_latest_answer(is_answered: list[bool]) -> None:
    messages = []
    for number, done in enumerate(is_answered):
        asked = question(number)
        messages += [asked, answered(asked, ANSWER, NOW)] if done else [asked]
    turns = history(messages)
    assert len(turns) <= MAX_HISTORY_TURNS
    assert [turn.role for turn in turns] == ["user", "assistant"] * (len(turns) // 2)
    expected = [f"q{number}" for number, done in enumerate(is_answered) if done][-MAX_HISTORY_TURNS // 2 :]
    assert [turn.content for turn in turns if turn.role == "user"] == expected


def test_an_answer_comes_after_its_question_even_when_the_clock_stands() -> None:
    asked = question(7)
    reply = answered(asked, ANSWER, NOW)
    assert reply.created_at > asked.created_at
    assert reply.message_id == answered(asked, ANSWER, NOW).message_id
