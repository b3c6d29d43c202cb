"""Bots over HTTP: made, tried, published, asked, rated, and what is deleted answers no more."""

from uuid import uuid4

import pytest

from tests.e2e.platform import Person

HANDBOOK = (
    b"# Leave\n\nEvery employee of Fernhill gets 27 days of paid leave a year.\n\n"
    b"# Parking\n\nThe car park of Fernhill opens at 6:30 and closes at 22:00. Ask Ms Ackermann for a badge.\n"
)
QUESTION = "How many days of paid leave does an employee of Fernhill get?"


@pytest.fixture
def handbook(administrator: Person) -> tuple[str, str]:
    """A knowledge base with one READY document: their ids."""
    kb_id = administrator.knowledge_base(f"Handbook {uuid4().hex[:8]}")
    document_id = administrator.upload(kb_id, "handbook.md", HANDBOOK)
    assert administrator.document(kb_id, document_id)["status"] == "READY"
    return kb_id, document_id


def published_bot(person: Person, kb_id: str) -> str:
    bot_id = str(person.call("POST", "/bots", {"name": "Desk", "kb_ids": [kb_id]}, status=201)["bot_id"])
    person.call("POST", f"/bots/{bot_id}/publish")
    return bot_id


def test_a_bot_is_made_tried_published_asked_rated_listed_and_deleted(
    administrator: Person, handbook: tuple[str, str]
) -> None:
    person, (kb_id, document_id) = administrator, handbook
    bot = person.call("POST", "/bots", {"name": "Front desk", "kb_ids": [kb_id]}, status=201)
    conversations = f"/bots/{bot['bot_id']}/conversations"
    assert person.refused("POST", conversations, {})[:2] == (409, "bot_not_published")

    draft = person.call("POST", conversations, {"draft": True}, status=201)
    tried = person.call("POST", f"/conversations/{draft['conversation_id']}/messages", {"content": QUESTION})
    assert "27 days" in tried["answer"]["text"]

    assert person.call("POST", f"/bots/{bot['bot_id']}/publish")["published_version"] == 1
    begun = person.call("POST", conversations, {"title": "Leave"}, status=201)
    messages = f"/conversations/{begun['conversation_id']}/messages"
    first = person.call("POST", messages, {"content": "When does the car park of Fernhill open?"})
    citation = first["answer"]["citations"][0]
    assert (citation["document_id"], citation["filename"]) == (document_id, "handbook.md")
    assert citation["quote"] in HANDBOOK.decode()
    assert "6:30" in first["answer"]["text"]
    second = person.call("POST", messages, {"content": "And when does it close?"})
    assert "22:00" in second["answer"]["text"], second

    rating = {"rating": "down", "comment": "Say it shorter."}
    assert person.call("PUT", f"{messages}/{second['message_id']}/feedback", rating) == rating
    kept = person.call("GET", f"/conversations/{begun['conversation_id']}")
    assert [message["role"] for message in kept["messages"]] == ["user", "assistant"] * 2
    assert kept["messages"][3]["feedback"] == rating
    assert kept["messages"][1]["answer"]["citations"][0]["quote"] == citation["quote"]

    listed = {item["conversation_id"] for item in person.all(conversations)}
    assert listed == {draft["conversation_id"], begun["conversation_id"]}
    assert bot["bot_id"] in {item["bot_id"] for item in person.all("/bots")}
    person.call("DELETE", f"/conversations/{begun['conversation_id']}")
    assert person.refused("GET", f"/conversations/{begun['conversation_id']}")[0] == 404
    person.call("DELETE", f"/bots/{bot['bot_id']}", status=202)
    assert person.refused("GET", f"/bots/{bot['bot_id']}")[:2] == (404, "unknown_bot")
    assert bot["bot_id"] not in {item["bot_id"] for item in person.all("/bots")}


def test_a_deleted_document_answers_nothing_at_the_very_next_question(
    administrator: Person, handbook: tuple[str, str]
) -> None:
    person, (kb_id, document_id) = administrator, handbook
    bot_id = published_bot(person, kb_id)
    conversation = person.call("POST", f"/bots/{bot_id}/conversations", {}, status=201)["conversation_id"]
    assert not person.call("POST", f"/conversations/{conversation}/messages", {"content": QUESTION})["answer"][
        "refused"
    ]
    person.call("DELETE", f"/knowledge-bases/{kb_id}/documents/{document_id}", status=202)
    answer = person.call("POST", f"/conversations/{conversation}/messages", {"content": QUESTION})["answer"]
    assert answer["refused"], answer
    assert answer["citations"] == []
    assert person.search(kb_id, QUESTION) == []
    assert person.ask(kb_id, QUESTION)["refused"]


def test_a_deleted_knowledge_base_is_gone_at_once_with_everything_in_it(
    administrator: Person, handbook: tuple[str, str]
) -> None:
    person, (kb_id, document_id) = administrator, handbook
    bot_id = published_bot(person, kb_id)
    conversation = person.call("POST", f"/bots/{bot_id}/conversations", {}, status=201)["conversation_id"]
    person.call("DELETE", f"/knowledge-bases/{kb_id}", status=202)
    assert person.refused("POST", f"/knowledge-bases/{kb_id}/answers", {"question": QUESTION})[0] == 404
    assert person.refused("GET", f"/knowledge-bases/{kb_id}/documents/{document_id}")[0] == 404
    refused = person.refused("POST", f"/conversations/{conversation}/messages", {"content": QUESTION})
    assert refused[:2] == (409, "bot_without_knowledge_base")
    assert kb_id not in {item["kb_id"] for item in person.all("/knowledge-bases")}


def test_a_bot_without_knowledge_base_is_neither_published_nor_asked(administrator: Person) -> None:
    bot_id = administrator.call("POST", "/bots", {"name": "Empty"}, status=201)["bot_id"]
    refused = administrator.refused("POST", f"/bots/{bot_id}/publish")
    assert refused[:2] == (409, "bot_without_knowledge_base")
    draft = administrator.call("POST", f"/bots/{bot_id}/conversations", {"draft": True}, status=201)
    path = f"/conversations/{draft['conversation_id']}/messages"
    assert administrator.refused("POST", path, {"content": "Hello?"})[:2] == (409, "bot_without_knowledge_base")
