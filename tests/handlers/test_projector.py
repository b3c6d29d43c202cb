"""The projector's entry point: batches of EventBridge envelopes from SQS."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from functions.application.domain.sockets import SubscriptionRow, documents_topic
from functions.application.projector import handler as projector
from functions.application.services.news import TellWatchers
from shared.contracts.events import (
    BUS_SOURCE,
    DocumentDeleted,
    DocumentEvent,
    DocumentParsed,
    DocumentPublished,
    EvaluationFinished,
)
from shared.kernel.errors import Unavailable
from tests.fakes.control_store import MemoryControlStore
from tests.fakes.queue import MemoryQueue
from tests.fakes.sockets import MemoryConnections, MemorySocketStore
from tests.handlers.api.client import Context

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 1, 31, tzinfo=UTC)


class MemoryReplaced:
    """Keeps the news of documents that answer; unless its registry is out of order."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.is_down = False

    def __call__(self, event: DocumentPublished) -> None:
        if self.is_down:
            raise Unavailable("The registry does not answer.", code="registry_unavailable")
        self.told.append(event.document_id)


@pytest.fixture
def store(
    monkeypatch: pytest.MonkeyPatch,
    queue: MemoryQueue,
    sockets: MemorySocketStore,
    connections: MemoryConnections,
    replaced: MemoryReplaced,
) -> MemoryControlStore:
    made = MemoryControlStore()
    monkeypatch.setattr(projector, "activity_log", lambda: made)
    monkeypatch.setattr(projector, "own_queue", lambda: queue)
    monkeypatch.setattr(projector, "tell_watchers", lambda: TellWatchers(sockets, connections))
    monkeypatch.setattr(projector, "delete_replaced", lambda: replaced)
    return made


@pytest.fixture
def replaced() -> MemoryReplaced:
    return MemoryReplaced()


@pytest.fixture
def sockets() -> MemorySocketStore:
    return MemorySocketStore()


@pytest.fixture
def connections() -> MemoryConnections:
    return MemoryConnections()


@pytest.fixture
def queue() -> MemoryQueue:
    return MemoryQueue()


def published(number: int = 1, *, tenant_id: str = "acme") -> DocumentPublished:
    return DocumentPublished(
        event_id=f"evt_{number}",
        correlation_id="corr",
        tenant_id=tenant_id,
        occurred_at=f"2026-01-31T12:00:0{number}.000Z",
        kb_id="kb_1",
        document_id="doc_1",
        generation=1,
        filename="handbook.pdf",
        pages=3,
        chunks=9,
    )


def envelope(event: DocumentEvent | EvaluationFinished, **changes: object) -> str:
    return json.dumps(
        {
            "version": "0",
            "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
            "detail-type": event.name,
            "source": BUS_SOURCE,
            "account": "123456789012",
            "time": "2026-01-31T12:00:00Z",
            "region": "eu-central-1",
            "resources": [],
            "detail": event.model_dump(mode="json"),
            **changes,
        }
    )


def run(*bodies: str) -> list[str]:
    """Hand a batch to the handler; returns the ids of the messages that failed."""
    records = [
        {
            "messageId": f"message-{number}",
            "receiptHandle": "handle",
            "body": body,
            "attributes": {"ApproximateReceiveCount": "1"},
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:projector",
            "awsRegion": "eu-central-1",
        }
        for number, body in enumerate(bodies)
    ]
    answer = projector.handler({"Records": records}, Context())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_an_event_waits_as_a_fresh_message_while_the_table_is_out_of_order(
    store: MemoryControlStore, queue: MemoryQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(row: object) -> None:
        raise Unavailable("The table does not answer.", code="control_unavailable")

    with monkeypatch.context() as outage:
        outage.setattr(store, "add_activity", down)
        assert run(envelope(published(1))) == []
    ((body, delay_s),) = queue.postponed
    assert (body, delay_s) == (envelope(published(1)), 60)
    assert run(body) == []
    assert [row.event_id for row in store.activity("acme", "kb_1")[0]] == ["evt_1"]


def test_what_happened_to_a_document_is_in_its_knowledge_bases_log(store: MemoryControlStore) -> None:
    deleted = DocumentDeleted.model_validate({**published(2).model_dump(exclude={"type"}), "removed": {"chunks": 9}})
    assert run(envelope(published(1)), envelope(deleted)) == []
    rows, _ = store.activity("acme", "kb_1")
    assert [(row.type, row.chunks, row.removed) for row in rows] == [
        ("document.deleted.v1", 0, {"chunks": 9}),
        ("document.published.v1", 9, {}),
    ]


def test_a_redelivered_event_is_there_once(store: MemoryControlStore) -> None:
    assert run(envelope(published()), envelope(published())) == []
    assert run(envelope(published())) == []
    assert len(store.activity("acme", "kb_1")[0]) == 1


def test_an_unknown_name_or_version_is_acknowledged(store: MemoryControlStore) -> None:
    unknown = envelope(published(), **{"detail-type": "document.published.v2", "detail": {"new": "form"}})
    assert run(unknown) == []
    assert store.log == {}


def test_an_event_that_is_about_no_document_is_acknowledged(store: MemoryControlStore) -> None:
    finished = EvaluationFinished(
        event_id="evt",
        correlation_id="corr",
        tenant_id="acme",
        occurred_at="2026-01-31T12:00:00.000Z",
        evaluation_id="run_1",
        report_key="reports/1.json",
        questions=1,
        metrics={"hit_rate": 1.0},
    )
    assert run(envelope(finished)) == []
    assert store.log == {}


@pytest.mark.parametrize("body", ["", "not json", "{}", envelope(published(), detail={"kb_id": "kb_1"})])
def test_an_unreadable_message_fails_alone(store: MemoryControlStore, body: str) -> None:
    assert run(envelope(published(1)), body, envelope(published(2))) == ["message-1"]
    assert len(store.activity("acme", "kb_1")[0]) == 2


def test_a_batch_in_which_everything_fails_is_named_completely(store: MemoryControlStore) -> None:
    assert run("", "{}") == ["message-0", "message-1"]


def watch(sockets: MemorySocketStore, connection_id: str, *, tenant_id: str = "acme", kb_id: str = "kb_1") -> None:
    row = SubscriptionRow(
        tenant_id=tenant_id, connection_id=connection_id, user_id="ada", topic=documents_topic(kb_id), stamp="s"
    )
    assert sockets.subscribe(row, expires_at=NOW, most=20)


@pytest.mark.usefixtures("store")
def test_who_watches_a_knowledge_base_is_told_once_per_batch_and_document(
    sockets: MemorySocketStore, connections: MemoryConnections
) -> None:
    for name, where in (("c1", {}), ("c2", {"kb_id": "kb_2"}), ("c3", {"tenant_id": "other"})):
        watch(sockets, connections.opened(name), **where)
    watch(sockets, "gone")

    assert run(envelope(published(1)), envelope(published(2)), envelope(published(3))) == []

    assert [message.model_dump() for message in connections.arrived["c1"]] == [
        {
            "type": "document.changed",
            "kb_id": "kb_1",
            "document_id": "doc_1",
            "event": "document.published.v1",
            "occurred_at": "2026-01-31T12:00:03.000Z",
        }
    ]
    assert connections.arrived["c2"] == connections.arrived["c3"] == []
    assert {key[2] for key in sockets.looking} == {"c1", "c2", "c3"}


@pytest.mark.parametrize("sample", sorted((ROOT / "events").glob("bus_document_*.json")), ids=lambda path: path.stem)
def test_every_document_event_becomes_an_entry_of_the_log(store: MemoryControlStore, sample: Path) -> None:
    (record,) = json.loads(sample.read_text())["Records"]
    assert run(record["body"]) == []
    told = json.loads(record["body"])["detail"]
    (row,) = store.activity(told["tenant_id"], told["kb_id"])[0]
    assert (row.event_id, row.document_id) == (told["event_id"], told["document_id"])


def test_what_a_document_replaces_goes_when_it_answers_and_later_where_the_registry_is_down(
    store: MemoryControlStore, queue: MemoryQueue, replaced: MemoryReplaced
) -> None:
    parsed = DocumentParsed.model_validate(published(2).model_dump(exclude={"type"}))
    assert run(envelope(parsed)) == []
    assert replaced.told == []

    replaced.is_down = True
    assert run(envelope(published(1))) == []
    replaced.is_down = False
    ((body, _),) = queue.postponed
    assert run(body) == []
    assert replaced.told == ["doc_1"]
    assert len(store.activity("acme", "kb_1")[0]) == 2
