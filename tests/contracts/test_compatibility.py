"""A change that a neighbour of the last release would not survive is found before it is deployed."""

import copy
import json
from typing import Any

import pytest

from infra.deployment.compatibility import CONTRACTS, RELEASED, breaks, contracts

Document = dict[str, Any]


def test_todays_contracts_break_nobody_of_the_last_release() -> None:
    assert breaks(contracts(RELEASED), contracts(CONTRACTS)) == []


def api(request: Document, answer: Document, *, path: str = "/v1/things") -> dict[str, Document]:
    operation = {
        "requestBody": {"required": True, "content": {"application/json": {"schema": request}}},
        "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}},
    }
    return {"openapi.json": {"openapi": "3.1.0", "paths": {path: {"post": operation}},
                             "components": {"schemas": {"Thing": answer}}}}  # fmt: skip


NAME = {"type": "string", "maxLength": 100}
STATE = {"type": "string", "enum": ["new", "done"]}
REQUEST = {"type": "object", "additionalProperties": False, "required": ["name"], "properties": {"name": NAME}}
ANSWER = {"type": "object", "required": ["id", "state"], "properties": {"id": {"type": "string"}, "state": STATE}}


def changed(schema: Document, **more: Any) -> Document:
    """A copy with some properties replaced (None removes one), or with other keywords."""
    new = copy.deepcopy(schema)
    for name, value in more.items():
        if name == "required":
            new["required"] = value
        elif value is None:
            del new["properties"][name]
        else:
            new["properties"][name] = value
    return new


@pytest.mark.parametrize(
    ("request_schema", "said"),
    [
        (changed(REQUEST, name={"type": "integer"}), ".name: was string, is integer"),
        (changed(REQUEST, name={"type": "string", "maxLength": 50}), ".name: maxLength was 100, is 50"),
        (changed(REQUEST, name={"type": "string", "enum": ["a"]}), ".name: only a are taken"),
        (changed(REQUEST, owner=NAME, required=["name", "owner"]), ".owner: is required now"),
        (changed(REQUEST, name=None, required=[]), ".name: was removed"),
    ],
)
def test_a_request_may_not_become_stricter(request_schema: Document, said: str) -> None:
    (problem,) = breaks(api(REQUEST, ANSWER), api(request_schema, ANSWER))
    assert said in problem
    assert problem.startswith("openapi.json POST /v1/things request")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (changed(ANSWER, id=None, required=["state"]), ".id: was removed"),
        (changed(ANSWER, required=["id"]), ".state: was always there"),
        (changed(ANSWER, state={"type": "string", "enum": ["new", "done", "lost"]}), ".state: lost may be sent"),
        (changed(ANSWER, state={"type": "string"}), ".state: only new, done are taken"),
        (changed(ANSWER, id={"anyOf": [{"type": "string"}, {"type": "null"}]}), ".id: was string, is null"),
    ],
)
def test_an_answer_may_not_become_vaguer(answer: Document, said: str) -> None:
    (problem,) = breaks(api(REQUEST, ANSWER), api(REQUEST, answer))
    assert said in problem


@pytest.mark.parametrize(
    ("request_schema", "answer"),
    [
        (changed(REQUEST, owner=NAME), ANSWER),
        (changed(REQUEST, required=[]), ANSWER),
        (changed(REQUEST, name={"type": "string", "maxLength": 200}), ANSWER),
        (changed(REQUEST, name={"anyOf": [NAME, {"type": "null"}]}), ANSWER),
        (REQUEST, changed(ANSWER, size={"type": "integer"}, required=["id", "state", "size"])),
        (REQUEST, changed(ANSWER, state={"type": "string", "enum": ["new"]})),
    ],
)
def test_what_only_adds_breaks_nobody(request_schema: Document, answer: Document) -> None:
    assert breaks(api(REQUEST, ANSWER), api(request_schema, answer)) == []


def test_a_path_that_was_removed_breaks_its_clients() -> None:
    (problem,) = breaks(api(REQUEST, ANSWER), api(REQUEST, ANSWER, path="/v2/things"))
    assert problem == "openapi.json POST /v1/things: removed, and clients still call it"


def test_an_event_waits_in_a_queue_so_it_must_be_readable_both_ways() -> None:
    event = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    more = changed(event, size={"type": "integer"}, required=["id", "size"])
    (problem,) = breaks({"schemas/x.v1.json": event}, {"schemas/x.v1.json": more})
    assert ".size: is required now, and old data lacks it" in problem
    (problem,) = breaks({"schemas/x.v1.json": more}, {"schemas/x.v1.json": event})
    assert ".size: was removed, and old readers look for it" in problem


def test_an_event_that_was_removed_is_missed() -> None:
    (problem,) = breaks({"schemas/x.v1.json": {}}, {})
    assert problem == "schemas/x.v1.json: removed, and neighbours still use it"


def test_every_field_of_the_real_contracts_is_watched() -> None:
    """Change the type of each required field, one after the other: every one is found."""
    released = contracts(RELEASED)
    for name, schema in released["openapi.json"]["components"]["schemas"].items():
        for field in schema.get("required", ()):
            current = json.loads(json.dumps(released))
            changed_schema = current["openapi.json"]["components"]["schemas"][name]
            changed_schema["properties"][field] = {"type": "of another kind"}
            assert breaks(released, current), f"{name}.{field} changed its type, and nobody noticed"
