"""The WebSocket functions' entry points, with events as the gateway sends them."""

import json
from pathlib import Path
from typing import Any

import pytest

from functions.application.services.tickets import IssueTicket, OpenConnection
from functions.application.sockets import handler as sockets
from functions.application.sockets import streaming, wiring
from functions.application.sockets.messages import BY_ACTION
from infra.deployment.templates import committed
from shared.contracts.sockets import MAX_MESSAGE_BYTES, Refused
from tests.fakes.application import person
from tests.unit.application.streaming_world import StreamingWorld

EVENTS = Path(__file__).parents[3] / "events"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> StreamingWorld:
    made = StreamingWorld()
    fakes = made.world
    monkeypatch.setattr(wiring, "sockets", lambda: made.sockets)
    monkeypatch.setattr(wiring, "open_connection", lambda: OpenConnection(fakes.sockets, fakes.store, fakes.clock))
    monkeypatch.setattr(wiring, "write_answer", lambda: made.write)
    return made


def event(kind: str, connection_id: str = "c1", **more: object) -> dict[str, Any]:
    context = {"eventType": kind, "connectionId": connection_id, "requestId": "r1", "routeKey": "$default"}
    return {"requestContext": context, **more}


def refusal(world: StreamingWorld, body: str) -> Refused:
    assert sockets.handler(event("MESSAGE", body=body), None) == {"statusCode": 200}
    last = world.connections.arrived["c1"][-1]
    assert isinstance(last, Refused)
    return last


def test_a_connection_opens_with_a_ticket_and_is_forgotten_when_it_closes(world: StreamingWorld) -> None:
    fakes = world.world
    IssueTicket(fakes.sockets, fakes.clock, "wss://here", make=lambda: "t")(person("ada"))
    opening = event("CONNECT", queryStringParameters={"ticket": "t"})
    assert sockets.handler(opening, None) == {"statusCode": 200}
    assert sockets.handler(opening, None) == {"statusCode": 401}
    assert sockets.handler(event("CONNECT", queryStringParameters=None), None) == {"statusCode": 401}
    sockets.handler(event("DISCONNECT"), None)
    assert fakes.sockets.open == {}


def test_the_samples_carry_a_question_through_both_functions(world: StreamingWorld) -> None:
    sample = json.loads((EVENTS / "socket_ask.json").read_text())
    connection_id = world.opened(sample["requestContext"]["connectionId"])
    body = {**json.loads(sample["body"]), "conversation_id": world.conversation_id}
    sockets.handler({**sample, "body": json.dumps(body)}, None)
    start = {**json.loads((EVENTS / "streaming_start.json").read_text()), "tenant_id": "acme"}
    streaming.handler({**start, "message_id": world.started[0][1]}, None)
    kinds = [message.model_dump()["type"] for message in world.connections.arrived[connection_id]]
    assert kinds == ["answer.started", "answer.done"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("no json", "invalid_json"),
        ("[]", "invalid_json"),
        ("[" * 20_000, "invalid_json"),
        ('{"action": "dance"}', "unknown_action"),
        ('{"action": ["ask"]}', "unknown_action"),
        ('{"action": "ask", "conversation_id": "c", "text": ""}', "invalid_request"),
        ('{"action": "ping", "more": 1}', "invalid_request"),
        ('{"action": "ask", "conversation_id": "c", "text": "' + "x" * 8_001 + '"}', "question_too_long"),
        ("x" * (MAX_MESSAGE_BYTES + 1), "message_too_large"),
    ],
    ids=lambda value: value[:30],
)
def test_a_wrong_frame_is_refused_in_one_form(world: StreamingWorld, body: str, code: str) -> None:
    world.opened("c1")
    refused = refusal(world, body)
    assert refused.error.code == code
    assert refused.error.message.endswith(".")


def test_a_refusal_carries_the_reference_of_its_message(world: StreamingWorld) -> None:
    world.opened("c1")
    refused = refusal(world, '{"action": "subscribe", "ref": "7", "conversation_id": "conv_of_nobody"}')
    assert (refused.ref, refused.action, refused.error.code) == ("7", "subscribe", "unknown_conversation")


def test_a_suspended_person_is_sent_away_with_the_next_message(world: StreamingWorld) -> None:
    world.opened("c1")
    users = world.world.store.users
    users["ada"] = users["ada"].model_copy(update={"suspended": True})
    sockets.handler(event("MESSAGE", body='{"action": "ping"}'), None)
    assert "c1" not in world.connections.arrived
    assert "c1" not in world.world.sockets.open


def test_a_defect_is_told_without_detail(world: StreamingWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world.opened("c1")
    monkeypatch.setattr(world.world.registry, "knowledge_base", lambda *_: 1 / 0)
    refused = refusal(world, '{"action": "watch", "kb_id": "kb_1"}')
    assert refused.error.code == "internal"
    assert "division" not in refused.error.message


def test_the_template_has_one_route_for_each_action_and_no_other() -> None:
    routes = {
        resource["Properties"]["RouteKey"]
        for resource in committed("sockets").document["Resources"].values()
        if resource["Type"] == "AWS::ApiGatewayV2::Route"
    }
    assert routes == {"$connect", "$disconnect", "$default", *BY_ACTION}
