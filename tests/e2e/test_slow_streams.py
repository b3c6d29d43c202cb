"""Answers of a slow model, which sends a sentence when the test says so: cut in the middle, resumed, stopped."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e.platform import Person, Platform
from tests.e2e.socket import Socket, socket_of
from tests.e2e.test_bots import HANDBOOK, QUESTION, published_bot
from tests.model_server import ModelServer, model_server

SENTENCES = (
    "Every employee of Fernhill gets 27 days of paid leave a year. [1]",
    "The car park of Fernhill opens at 6:30 and closes at 22:00. [2]",
    "Ask Ms Ackermann for a badge. [3]",
)


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture(autouse=True)
def held(model: ModelServer) -> Iterator[None]:
    """Leave no release over to the next test."""
    yield
    while model.go_on.acquire(blocking=False):
        pass


@pytest.fixture(scope="module")
def person(model: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    root: Path = tmp_path_factory.mktemp("slow")
    model_name, model_url = "litellm:openai/m-sentences", f"{model.url}/v1"
    platform = Platform(root, STRATA_ANSWER_MODEL=model_name, STRATA_ANSWER_MODEL_URL=model_url)
    try:
        yield platform.up().administrator()
        assert platform.down() == 0, platform.tail()
    finally:
        platform.end()


@pytest.fixture(scope="module")
def bot_id(person: Person) -> str:
    kb_id = person.knowledge_base(f"Slow {uuid4().hex[:8]}")
    document_id = person.upload(kb_id, "handbook.md", HANDBOOK)
    assert person.document(kb_id, document_id)["status"] == "READY"
    return published_bot(person, kb_id)


def begun(person: Person, bot_id: str, socket: Socket) -> tuple[str, str]:
    """Ask in a new conversation; returns the ids of conversation and answer."""
    conversation_id = person.call("POST", f"/bots/{bot_id}/conversations", {}, status=201)["conversation_id"]
    socket.send("ask", conversation_id=conversation_id, text=QUESTION)
    started = socket.receive()
    assert started["type"] == "answer.started", started
    return str(conversation_id), str(started["message_id"])


def test_a_socket_cut_in_the_middle_of_an_answer_goes_on_where_it_was(
    person: Person, bot_id: str, model: ModelServer
) -> None:
    with socket_of(person) as socket:
        _, message_id = begun(person, bot_id, socket)
        model.go_on.release(2)
        first = socket.receive()
        assert (first["type"], first["sequence"]) == ("answer.piece", 1), first
        assert first["text"].strip() == SENTENCES[0]
    with socket_of(person) as socket:
        socket.send("resume", message_id=message_id, after=1)
        model.go_on.release(1)  # one only: an answer that is over before it is resumed comes whole, without pieces
        got = [socket.receive()]
        model.go_on.release(10)
        got += socket.until("answer.done", "answer.failed", "refused")
    assert [piece["sequence"] for piece in got[:-1]] == list(range(2, len(got) + 1))
    shown = first["text"] + "".join(piece["text"] for piece in got[:-1])
    assert got[-1]["type"] == "answer.done", got[-1]
    assert shown == got[-1]["message"]["content"]


def test_what_was_shown_of_a_stopped_answer_is_kept(person: Person, bot_id: str, model: ModelServer) -> None:
    with socket_of(person) as socket:
        conversation_id, message_id = begun(person, bot_id, socket)
        model.go_on.release(2)
        first = socket.receive()
        assert first["type"] == "answer.piece", first
        socket.send("stop", message_id=message_id)
        assert socket.until("done")[-1]["action"] == "stop"
        model.go_on.release(10)
        end = socket.until("answer.done", "answer.failed")[-1]
    assert end["type"] == "answer.done", end
    answer = end["message"]["answer"]
    assert (answer["stopped"], answer["refused"]) == (True, False)
    assert answer["text"].startswith(SENTENCES[0])
    assert SENTENCES[2] not in answer["text"]
    assert [citation["n"] for citation in answer["citations"]][:1] == [1]
    kept = person.call("GET", f"/conversations/{conversation_id}")["messages"]
    assert kept[-1] == end["message"]
