"""What each layer reads of the other's messages is kept in the contracts, and the other layer still sends it."""

import copy
import json
import subprocess
import sys
from typing import Any

import pytest

from shared.contracts import events
from tests.contracts.reads import EXPECTATIONS, READERS, ROOT, Reads, messages, reader_of, recorded, unrecorded

CONTRACTS = ROOT / "shared" / "contracts"


def sent() -> dict[str, dict[str, Any]]:
    """Return the published schema of every message by the name of its class."""
    document = json.loads((CONTRACTS / "ml_openapi.json").read_text())
    found: dict[str, dict[str, Any]] = dict(document["components"]["schemas"])
    names = {kind.name: name for name, kind in vars(events).items() if getattr(kind, "name", "")}
    for path in (CONTRACTS / "schemas").glob("*.json"):
        found[names[path.stem]] = json.loads(path.read_text())
    return found


def missing(expected: Reads, schemas: dict[str, dict[str, Any]]) -> list[str]:
    """Return each field that a reader expects and a schema has not."""
    return [
        f"{name}.{field}, which the {reader} layer reads"
        for reader, kinds in expected.items()
        for name, fields in kinds.items()
        for field in sorted(fields - set(schemas.get(name, {}).get("properties", {})))
    ]


@pytest.mark.parametrize("reader", READERS)
def test_the_producer_sends_what_its_reader_reads(reader: str) -> None:
    expected = {reader: recorded()[reader]}
    assert sum(map(len, expected[reader].values())) > 20
    assert missing(expected, sent()) == []


def test_a_field_that_a_reader_needs_is_missed() -> None:
    schemas = copy.deepcopy(sent())
    del schemas["AnswerResponse"]["properties"]["citations"]
    del schemas["DocumentPublished"]["properties"]["chunks"]
    assert missing(recorded(), schemas) == [
        "AnswerResponse.citations, which the application layer reads",
        "DocumentPublished.chunks, which the application layer reads",
    ]


def test_a_message_is_read_by_the_layer_that_did_not_make_it() -> None:
    for reader, kinds in recorded().items():
        assert {reader_of(name) for name in kinds} == {reader}
        assert set(kinds) <= set(messages())


def test_a_read_that_was_not_recorded_is_named() -> None:
    known: Reads = {"application": {"Usage": {"model"}}}
    found: Reads = {"application": {"Usage": {"model", "latency_ms"}, "Turn": set()}, "ml": {"Caller": {"user_id"}}}
    assert list(unrecorded(found, known)) == [
        "the application layer reads Usage.latency_ms",
        "the ml layer reads Caller.user_id",
    ]


def test_what_the_layers_read_today_is_recorded() -> None:
    """In a process of its own, since the messages are watched from before the tests on."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.contracts.reads", "check"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    hint = f"run `python -m tests.contracts.reads`, and look at what changed in {EXPECTATIONS.relative_to(ROOT)}"
    assert done.returncode == 0, f"{hint}:\n{done.stdout[-2000:]}"
