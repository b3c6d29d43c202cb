"""Conformance of the Queue and Bus ports: in memory and on AWS (moto)."""

import json
from collections.abc import Callable, Iterator

import boto3
import pytest

from functions.ml.adapters.event_bus import EventBridgeBus
from functions.ml.adapters.sqs_queue import SqsQueue
from functions.ml.ports import Bus, Queue
from shared.contracts.events import BUS_SOURCE, DocumentChanged, DocumentParsed
from shared.kernel.errors import Unavailable
from tests.cloud import cloud
from tests.fakes.queue import MemoryBus, MemoryQueue

ENVELOPE = {"correlation_id": "c", "tenant_id": "acme", "occurred_at": "2026-01-31T12:00:00.000Z"}


def changed(number: int) -> DocumentChanged:
    return DocumentChanged(event_id=f"evt_{number}", document_id=f"doc_{number}", **ENVELOPE)


def parsed(number: int) -> DocumentParsed:
    return DocumentParsed(
        event_id=f"evt_{number}",
        kb_id="kb",
        document_id="d",
        generation=1,
        filename="ä.pdf",
        pages=1,
        chunks=2,
        **ENVELOPE,
    )


@pytest.fixture(params=["memory", "sqs"])
def queue(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Queue, Callable[[], list[str]]]]:
    if request.param == "memory":
        memory = MemoryQueue()
        yield memory, lambda: list(memory.bodies)
        return
    with cloud(monkeypatch):
        sqs = boto3.client("sqs")
        url = sqs.create_queue(QueueName="queue")["QueueUrl"]

        def received() -> list[str]:
            bodies: list[str] = []
            while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                bodies += [message["Body"] for message in found]
            return bodies

        yield SqsQueue(url), received


def test_every_event_is_queued_however_many(queue: tuple[Queue, Callable[[], list[str]]]) -> None:
    port, received = queue
    port.send([changed(number) for number in range(23)])
    found = sorted(DocumentChanged.parse(body).event_id for body in received())
    assert found == sorted(f"evt_{number}" for number in range(23))


def test_sending_nothing_is_fine(queue: tuple[Queue, Callable[[], list[str]]]) -> None:
    queue[0].send([])
    assert queue[1]() == []


def test_a_postponed_message_is_not_there_yet(queue: tuple[Queue, Callable[[], list[str]]]) -> None:
    queue[0].postpone("body", delay_s=60)
    assert queue[1]() == []


def test_a_queue_that_is_not_there_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    with cloud(monkeypatch):
        missing = SqsQueue("https://sqs.eu-central-1.amazonaws.com/123456789012/none")
        with pytest.raises(Unavailable):
            missing.send([changed(1)])
        with pytest.raises(Unavailable):
            missing.postpone("body", delay_s=1)


@pytest.fixture(params=["memory", "eventbridge"])
def bus(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Bus, Callable[[], list[str]]]]:
    if request.param == "memory":
        memory = MemoryBus()
        yield memory, lambda: [event.model_dump_json() for event in memory.events.values()]
        return
    with cloud(monkeypatch):
        events, sqs = boto3.client("events"), boto3.client("sqs")
        events.create_event_bus(Name="strata")
        url = sqs.create_queue(QueueName="sink")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name="all", EventBusName="strata", EventPattern=json.dumps({"source": [BUS_SOURCE]}))
        events.put_targets(Rule="all", EventBusName="strata", Targets=[{"Id": "1", "Arn": arn}])

        def received() -> list[str]:
            bodies: list[str] = []
            while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                for message in found:
                    envelope = json.loads(message["Body"])
                    assert envelope["detail-type"] == DocumentParsed.name
                    bodies.append(json.dumps(envelope["detail"]))
            return bodies

        yield EventBridgeBus("strata"), received


def test_every_event_reaches_the_bus(bus: tuple[Bus, Callable[[], list[str]]]) -> None:
    port, received = bus
    port.publish([parsed(number) for number in range(12)])
    found = [DocumentParsed.parse(body) for body in received()]
    assert sorted(event.event_id for event in found) == sorted(f"evt_{number}" for number in range(12))
    assert found[0].filename == "ä.pdf"
