"""The API function as it is wired for AWS: real adapters on AWS in process (moto), real gateway events."""

from collections.abc import Iterator

import boto3
import pytest

from functions.application.adapters import tokens
from functions.application.adapters.control_items import stored, user_key
from functions.application.api import wiring
from shared.registry.dynamodb import DynamoRegistry
from tests.cloud import cloud, make_table
from tests.fakes.application import AUDIENCE, PEOPLE, SETTINGS
from tests.handlers.api.client import Caller, key_set
from tests.rows import knowledge_base

bob, eve = Caller("bob"), Caller("eve")


@pytest.fixture(autouse=True)
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in SETTINGS.model_dump().items():
        monkeypatch.setenv(name.upper(), str(value))
    monkeypatch.setenv("USER_POOL_CLIENT_ID", AUDIENCE)
    monkeypatch.setattr(tokens, "fetch_keys", lambda pool_id: key_set())
    with cloud(monkeypatch):
        make_table("registry", "pk", "sk")
        make_table("control", "pk", "sk", index=("gsi1pk", "gsi1sk"))
        make_table("idempotency", "id")
        for name in (
            name.upper() for name in type(SETTINGS).model_fields if name.endswith(("queue_url", "letters_url"))
        ):
            queue = boto3.client("sqs").create_queue(QueueName=name.lower().replace("_", "-"))
            monkeypatch.setenv(name, queue["QueueUrl"])
        for person in PEOPLE:
            boto3.client("dynamodb").put_item(TableName="control", Item=stored(person, user_key(person.user_id)))
        DynamoRegistry("registry").create_knowledge_base(knowledge_base("kb_1"))
        wiring.settings.cache_clear()
        wiring.wired.cache_clear()
        yield
    wiring.settings.cache_clear()
    wiring.wired.cache_clear()


def test_a_document_is_announced_listed_and_deleted() -> None:
    body = {"filename": "handbook.pdf", "size_bytes": 7}
    made = bob("POST", "/knowledge-bases/kb_1/documents", body, key="once")
    assert made.status == 201, made.body
    assert bob("POST", "/knowledge-bases/kb_1/documents", body, key="once").body == made.body
    assert [item["status"] for item in bob("GET", "/knowledge-bases/kb_1/documents").body["items"]] == ["UPLOADING"]
    gone = bob("DELETE", f"/knowledge-bases/kb_1/documents/{made.body['document_id']}")
    assert (gone.status, gone.body["status"]) == (202, "DELETING")
    queues = Caller("ada")("GET", "/status").body["queues"]
    assert (queues["ingest"]["waiting"], queues["ingest"]["in_flight"]) == (1, 0)
    assert eve("GET", "/knowledge-bases/kb_1/documents").status == 404


def test_a_bot_is_made_published_and_talked_to_until_the_ml_layer_is_missed() -> None:
    bot_id = bob("POST", "/bots", {"name": "Helper", "kb_ids": ["kb_1"]}).body["bot_id"]
    assert bob("POST", f"/bots/{bot_id}/publish").body["published_version"] == 1
    conversation = bob("POST", f"/bots/{bot_id}/conversations", {}).body["conversation_id"]
    asked = bob("POST", f"/conversations/{conversation}/messages", {"content": "How many?"}, key="q1")
    assert (asked.status, asked.code) == (503, "settings_unavailable")
    again = bob("POST", f"/conversations/{conversation}/messages", {"content": "How many?"}, key="q1")
    assert again.status == 503
    messages = bob("GET", f"/conversations/{conversation}").body["messages"]
    assert [message["content"] for message in messages] == ["How many?"]
    assert len(bob("GET", f"/bots/{bot_id}/conversations").body["items"]) == 1
    assert bob("DELETE", f"/conversations/{conversation}").status == 202
    assert bob("GET", f"/conversations/{conversation}").status == 404
