"""What a person says over a WebSocket, and what comes back."""

import pytest

from functions.application.services.tickets import IssueTicket, OpenConnection
from shared.contracts import api
from shared.contracts.sockets import (
    AnswerDone,
    AnswerFailed,
    AnswerStarted,
    Ask,
    Done,
    Edit,
    Regenerate,
    Resume,
    Stop,
    Subscribe,
    Watch,
)
from shared.kernel.errors import Conflict, Forbidden, NotFound, TooMany, Unauthorized, Unavailable
from tests.fakes.application import person
from tests.unit.application.streaming_world import StreamingWorld


@pytest.fixture
def world() -> StreamingWorld:
    made = StreamingWorld()
    made.opened("c1")
    return made


def ask(world: StreamingWorld, text: str = "When?", *, key: str = "", where: str = "c1") -> AnswerStarted:
    message = Ask(action="ask", conversation_id=world.conversation_id, text=text, idempotency_key=key)
    begun = world.say(where, message)[0]
    assert isinstance(begun, AnswerStarted)
    return begun


def answered(world: StreamingWorld, text: str = "When?") -> AnswerDone:
    begun = ask(world, text)
    assert world.write("acme", begun.message_id) == "DONE"
    end = world.connections.arrived["c1"][-1]
    assert isinstance(end, AnswerDone)
    return end


def contents(world: StreamingWorld) -> list[str]:
    found = world.world.application().conversations.get(person("ada"), world.conversation_id)
    return [message.content for message in found.messages]


def test_a_ticket_is_taken_once_within_a_minute_and_kept_as_a_digest(world: StreamingWorld) -> None:
    fakes = world.world
    issue = IssueTicket(fakes.sockets, fakes.clock, "wss://here/live", make=lambda: "secret")
    opening = OpenConnection(fakes.sockets, fakes.store, fakes.clock)
    assert issue(person("ada")).url == "wss://here/live?ticket=secret"
    assert "secret" not in repr(fakes.sockets.tickets)
    assert opening("c9", "secret") == person("ada")
    for ticket in ("secret", "", "made up"):
        with pytest.raises(Unauthorized):
            opening("c10", ticket)
    issue(person("ada"))
    fakes.clock.advance(61)
    with pytest.raises(Unauthorized):
        opening("c11", "secret")


def test_every_message_asks_anew_who_the_person_is(world: StreamingWorld) -> None:
    users = world.world.store.users
    users["ada"] = users["ada"].model_copy(update={"suspended": True})
    with pytest.raises(Forbidden):
        ask(world)
    with pytest.raises(Unauthorized):
        world.sockets.who("nobody's")


def test_a_question_is_stored_before_it_is_answered_and_once_per_key(world: StreamingWorld) -> None:
    first, second = ask(world, key="k"), ask(world, key="k")
    assert (first.message_id, first.question_id) == (second.message_id, second.question_id)
    assert contents(world) == ["When?"]
    assert world.started == [("acme", first.message_id)]
    assert world.write("acme", first.message_id) == "DONE"
    assert world.write("acme", first.message_id) == ""
    assert len(contents(world)) == 2
    again = world.say("c1", Ask(action="ask", conversation_id=world.conversation_id, text="When?", idempotency_key="k"))
    assert [message.model_dump()["type"] for message in again] == ["answer.started", "answer.done"]


def test_a_failure_is_told_with_its_code_and_asking_again_helps(world: StreamingWorld) -> None:
    begun = ask(world, key="k")
    world.world.ml.failures.append(Unavailable("The model did not answer in time.", code="model_timeout"))
    assert world.write("acme", begun.message_id) == "FAILED"
    end = world.connections.arrived["c1"][-1]
    assert isinstance(end, AnswerFailed)
    assert end.error.code == "model_timeout"
    assert world.world.sockets.slots == {}
    assert ask(world, key="k").message_id == begun.message_id
    assert world.write("acme", begun.message_id) == "DONE"


def test_a_person_has_a_limited_number_of_streams_and_a_dead_one_gives_its_place_back(world: StreamingWorld) -> None:
    first = ask(world, "One?")
    ask(world, "Two?")
    with pytest.raises(TooMany) as refused:
        ask(world, "Three?")
    assert refused.value.code == "too_many_streams"
    world.write("acme", first.message_id)
    ask(world, "Three?")
    world.world.clock.advance(60)
    ask(world, "Four?")


def test_a_regenerated_answer_takes_the_place_of_the_old_one_only_when_it_is_there(world: StreamingWorld) -> None:
    old = answered(world)
    world.world.clock.advance(1)
    begun = world.say("c1", Regenerate(action="regenerate", conversation_id=world.conversation_id))[0]
    assert isinstance(begun, AnswerStarted)
    assert begun.replaces == (old.message_id,)
    assert len(contents(world)) == 2
    world.world.ml.failures.append(Unavailable("No.", code="model_timeout"))
    world.write("acme", begun.message_id)
    assert len(contents(world)) == 2
    world.say("c1", Regenerate(action="regenerate", conversation_id=world.conversation_id))
    assert world.write("acme", begun.message_id) == "DONE"
    messages = world.world.store.messages("acme", world.conversation_id)
    assert [(message.role, message.superseded) for message in messages] == [
        ("user", False),
        ("assistant", True),
        ("assistant", False),
    ]
    assert world.world.ml.answered[-1].history == ()


def test_only_the_last_question_is_edited_and_the_model_never_hears_of_the_old_one(world: StreamingWorld) -> None:
    old = answered(world, "Old?")
    question_id = world.row(old.message_id).question_id
    edit = Edit(action="edit", conversation_id=world.conversation_id, message_id=question_id, text="New?")
    begun = world.say("c1", edit)[0]
    assert isinstance(begun, AnswerStarted)
    assert set(begun.replaces) == {old.message_id, question_id}
    assert world.write("acme", begun.message_id) == "DONE"
    assert contents(world)[0] == "New?"
    assert len(contents(world)) == 2
    assert world.world.ml.answered[-1].history == ()
    with pytest.raises(Conflict):
        world.say("c1", edit)


def test_nobody_else_resumes_stops_looks_or_asks(world: StreamingWorld) -> None:
    begun = ask(world)
    world.opened("b", "bob")
    world.opened("e", "eve")
    for connection in ("b", "e"):
        for message in (
            Resume(action="resume", message_id=begun.message_id),
            Stop(action="stop", message_id=begun.message_id),
            Subscribe(action="subscribe", conversation_id=world.conversation_id),
            Ask(action="ask", conversation_id=world.conversation_id, text="When?"),
        ):
            with pytest.raises(NotFound):
                world.say(connection, message)
    with pytest.raises(NotFound):
        world.say("e", Watch(action="watch", kb_id="kb_1"))
    assert isinstance(world.say("b", Watch(action="watch", kb_id="kb_1"))[0], Done)


def test_a_stop_reaches_the_stream_that_is_written(world: StreamingWorld) -> None:
    begun = ask(world)
    world.say("c1", Stop(action="stop", message_id=begun.message_id))
    assert world.streams.read("acme", world.row(begun.message_id).stream_id).stopped


def test_streamed_answers_and_refusals_are_counted(world: StreamingWorld) -> None:
    answered(world)
    refused = ask(world, "Who?")
    world.world.ml.unanswerable.add("Who?")
    world.write("acme", refused.message_id)
    bot = world.world.application().bots.list(person("ada"), cursor="", limit=9).items[0]
    used = world.world.application().usage.of_bot(person("ada"), bot.bot_id, "1")
    assert (used.total.answers, used.total.refusals) == (1, 1)


def test_a_streamed_refusal_is_in_the_words_of_its_bot(world: StreamingWorld) -> None:
    ada, application = person("ada"), world.world.application()
    bot = world.world.application().bots.list(person("ada"), cursor="", limit=9).items[0]
    application.bots.update(ada, bot.bot_id, api.UpdateBot(unsure_text="Ask the desk on floor 2."))
    application.bots.publish(ada, bot.bot_id)
    world.conversation_id = application.conversations.create(ada, bot.bot_id, api.CreateConversation()).conversation_id
    world.world.ml.unanswerable.add("Who?")
    end = answered(world, "Who?")
    assert end.message is not None
    assert end.message.answer is not None
    assert (end.message.answer.refused, end.message.content) == (True, "Ask the desk on floor 2.")


def test_a_conversation_is_named_and_found_by_what_its_question_was_edited_to(world: StreamingWorld) -> None:
    old = answered(world, "Where is the canteen?")
    world.world.clock.advance(1)
    question_id = world.row(old.message_id).question_id
    edit = Edit(
        action="edit", conversation_id=world.conversation_id, message_id=question_id, text="Where is the car park?"
    )
    world.say("c1", edit)
    conversations = world.world.application().conversations
    (found,) = conversations.list(person("ada"), cursor="", limit=9, text="car park").items
    assert found.title == "Where is the car park?"
    assert conversations.list(person("ada"), cursor="", limit=9, text="canteen").items == ()
    page = conversations.messages(person("ada"), world.conversation_id, cursor="", limit=9)
    assert [message.content for message in page.items] == ["Where is the car park?"]
