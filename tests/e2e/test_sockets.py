"""The WebSocket API on the running platform, with a real client."""

from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

from tests.e2e.platform import Person
from tests.e2e.socket import Socket, socket_of
from tests.e2e.test_bots import HANDBOOK, QUESTION, published_bot

ENDS = ("answer.done", "answer.failed", "refused")


@pytest.fixture(scope="module")
def bot_id(administrator: Person) -> str:
    kb_id = administrator.knowledge_base(f"Streams {uuid4().hex[:8]}")
    document_id = administrator.upload(kb_id, "handbook.md", HANDBOOK)
    assert administrator.document(kb_id, document_id)["status"] == "READY"
    return published_bot(administrator, kb_id)


@pytest.fixture
def conversation_id(administrator: Person, bot_id: str) -> str:
    return str(administrator.call("POST", f"/bots/{bot_id}/conversations", {}, status=201)["conversation_id"])


def ask(socket: Socket, conversation_id: str, text: str = QUESTION, **more: Any) -> list[dict[str, Any]]:
    socket.send("ask", conversation_id=conversation_id, text=text, **more)
    return socket.until(*ENDS)


def text_of(messages: list[dict[str, Any]]) -> str:
    pieces = [message for message in messages if message["type"] == "answer.piece"]
    assert [piece["sequence"] for piece in pieces] == list(range(1, len(pieces) + 1))
    return "".join(piece["text"] for piece in pieces)


def test_an_answer_comes_in_pieces_that_make_up_the_stored_message(administrator: Person, conversation_id: str) -> None:
    with socket_of(administrator) as socket:
        got = ask(socket, conversation_id, ref="r1", idempotency_key="k1")
        assert (got[0]["type"], got[0]["ref"]) == ("answer.started", "r1"), got
        assert got[-1]["type"] == "answer.done", got
        answer = got[-1]["message"]["answer"]
        assert "27 days" in answer["text"]
        assert answer["citations"][0]["quote"] in HANDBOOK.decode()
        assert text_of(got) == answer["text"]
        again = ask(socket, conversation_id, idempotency_key="k1")
        assert [message["type"] for message in again] == ["answer.started", "answer.done"]
        assert again[-1]["message"] == got[-1]["message"]
    kept = administrator.call("GET", f"/conversations/{conversation_id}")["messages"]
    assert [message["role"] for message in kept] == ["user", "assistant"]
    assert kept[1] == got[-1]["message"]


def test_a_ticket_opens_one_connection(administrator: Person) -> None:
    url = administrator.call("POST", "/socket-tickets", status=201)["url"]
    with connect(url, proxy=None):
        pass
    for bad in (url, url.partition("?")[0], f"{url}x"):
        with pytest.raises((InvalidHandshake, ConnectionClosed)), connect(bad, proxy=None) as socket:
            socket.recv(timeout=10)
