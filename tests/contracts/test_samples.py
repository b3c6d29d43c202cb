"""The samples in `events/` are complete, fit the contracts and the templates, and tell nothing of the machine."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.deployment.templates import ROOT, STACKS, committed
from shared.contracts.events import ON_THE_BUS, QUEUED, Event
from shared.contracts.ml_api import SearchRequest

FOLDER = ROOT / "events"
FILES = sorted(FOLDER.glob("*.json"))
EVENTS: dict[str, type[Event]] = {event.name: event for event in (*QUEUED, *ON_THE_BUS)}
MACHINE_FACTS = re.compile(r"127\.0\.0\.1|localhost|000000000000|eyJ[A-Za-z0-9]|Signature=[0-9a-f]{8}")


def load(path: Path) -> Any:
    return json.loads(path.read_text())


def documented() -> dict[str, str]:
    """File to function, from the table."""
    rows = re.findall(r"^\| (\w+\.json) \| .+ \| (\w+) \|$", (FOLDER / "README.md").read_text(), re.MULTILINE)
    return dict(rows)


def triggers() -> set[str]:
    """Every function of the templates."""
    return {
        name
        for stack in STACKS
        for name, resource in committed(stack).document["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def bodies(sample: Any) -> list[Any]:
    """The events that a sample carries: in queue messages, and inside those in bus envelopes."""
    messages = [json.loads(record["body"]) for record in sample.get("Records", [])]
    return [message.get("detail", message) for message in messages]


def test_the_table_lists_every_sample_and_every_function_has_one() -> None:
    assert set(documented()) == {path.name for path in FILES}
    assert set(documented().values()) == triggers()


def test_every_version_of_every_event_has_a_sample() -> None:
    carried = {body.get("type") for path in FILES for body in bodies(load(path))}

    assert set(EVENTS) <= carried


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sample_tells_nothing_of_the_machine(path: Path) -> None:
    assert not MACHINE_FACTS.search(path.read_text())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_message_fits_its_contract(path: Path) -> None:
    sample = load(path)
    for record in sample.get("Records", []):
        assert record["md5OfBody"] == hashlib.md5(record["body"].encode()).hexdigest()
    for body in bodies(sample):
        if "type" in body:
            contract = EVENTS[body["type"]]
            # A sample of an older release lacks the fields that came later; none of its own may get lost.
            assert body.items() <= contract.model_validate(body).model_dump(mode="json").items()
        else:
            assert body.get("Event") == "s3:TestEvent" or body["Records"][0]["eventSource"] == "aws:s3"


def test_the_bus_names_each_event_by_its_type() -> None:
    for path in FOLDER.glob("bus_*.json"):
        envelope = json.loads(load(path)["Records"][0]["body"])
        assert envelope["detail-type"] == envelope["detail"]["type"]
        assert envelope["source"] == "strata.ml"


def test_the_search_request_fits_its_contract() -> None:
    assert SearchRequest.model_validate_json(load(FOLDER / "ml_api_post_searches.json")["body"]).limit == 10


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*api_*.json")), ids=lambda path: path.stem)
def test_a_request_is_of_a_route_of_the_templates(path: Path) -> None:
    sample = load(path)
    function = documented()[path.name]
    stack = "ml" if path.name.startswith("ml_") else "application"
    events = committed(stack).document["Resources"][function]["Properties"]["Events"].values()
    requests = [event["Properties"] for event in events if event["Type"] == "Api"]
    routes = {(request["Method"], request["Path"]) for request in requests}

    assert not routes.isdisjoint({(sample["httpMethod"], sample["resource"]), ("ANY", sample["resource"])})
    assert sample["requestContext"]["resourcePath"] == sample["resource"]
