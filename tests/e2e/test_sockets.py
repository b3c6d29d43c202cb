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


def test_an_answer_is_regenerated_edited_and_seen_in_a_second_tab(administrator: Person, conversation_id: str) -> None:
    with socket_of(administrator) as first, socket_of(administrator) as second:
        second.send("subscribe", conversation_id=conversation_id, ref="s")
        assert second.receive() == {"type": "done", "ref": "s", "action": "subscribe"}
        asked = ask(first, conversation_id)
        seen = second.until(*ENDS)
        assert [message["type"] for message in seen] == [message["type"] for message in asked]
        assert seen[-1] == asked[-1]

        first.send("regenerate", conversation_id=conversation_id)
        again = first.until(*ENDS)
        assert again[0]["replaces"] == [asked[-1]["message_id"]]
        assert again[-1]["message_id"] != asked[-1]["message_id"]

        question_id = again[0]["question_id"]
        parking = "When does the car park of Fernhill open?"
        first.send("edit", conversation_id=conversation_id, message_id=question_id, text=parking)
        edited = first.until(*ENDS)
        assert "6:30" in edited[-1]["message"]["content"], edited
        kept = administrator.call("GET", f"/conversations/{conversation_id}")["messages"]
        assert [message["content"] for message in kept] == [parking, edited[-1]["message"]["content"]]
        first.send("edit", conversation_id=conversation_id, message_id=question_id, text=parking)
        assert first.receive()["error"]["code"] == "not_the_last_question"


def test_a_finished_answer_is_resumed_as_a_whole_on_another_connection(
    administrator: Person, conversation_id: str
) -> None:
    with socket_of(administrator) as socket:
        asked = ask(socket, conversation_id)
    with socket_of(administrator) as socket:
        socket.send("resume", message_id=asked[-1]["message_id"], after=0)
        assert socket.receive() == asked[-1]
        socket.send("stop", message_id=asked[-1]["message_id"], ref="late")
        assert socket.receive()["type"] == "done"
        socket.send("resume", message_id="msg_of_nobody")
        assert socket.receive()["error"]["code"] == "unknown_answer"


def test_a_socket_that_is_cut_in_the_middle_goes_on_without_gap_or_double(
    administrator: Person, conversation_id: str
) -> None:
    with socket_of(administrator) as socket:
        socket.send("ask", conversation_id=conversation_id, text=QUESTION)
        begun = socket.until("answer.started")[-1]
    with socket_of(administrator) as socket:
        socket.send("resume", message_id=begun["message_id"], after=0)
        got = socket.until(*ENDS)
    assert got[-1]["type"] == "answer.done"
    assert got[-1]["message"]["content"].startswith(text_of(got))


def test_who_watches_a_knowledge_base_sees_its_documents_change(administrator: Person) -> None:
    kb_id = administrator.knowledge_base(f"Watched {uuid4().hex[:8]}")
    with socket_of(administrator) as socket:
        socket.send("watch", kb_id=kb_id)
        assert socket.receive()["type"] == "done"
        document_id = administrator.upload(kb_id, "handbook.md", HANDBOOK)
        changed = socket.receive()
        assert (changed["type"], changed["kb_id"], changed["document_id"]) == ("document.changed", kb_id, document_id)
        socket.send("watch", kb_id="kb_of_nobody")
        assert "refused" in [message["type"] for message in socket.until("refused")]


def test_a_wrong_message_is_refused_with_a_sentence(administrator: Person) -> None:
    with socket_of(administrator) as socket:
        for frame, code in (
            ("no json", "invalid_json"),
            ('{"action": "dance", "ref": "1"}', "unknown_action"),
            ('{"action": "ask", "conversation_id": "c"}', "invalid_request"),
            ('{"action": "ask", "conversation_id": "conv_x", "text": "Hello?"}', "unknown_conversation"),
        ):
            socket.connection.send(frame)
            refused = socket.receive()
            assert (refused["type"], refused["error"]["code"]) == ("refused", code)
            assert refused["error"]["message"].endswith((".", "!", "?"))
