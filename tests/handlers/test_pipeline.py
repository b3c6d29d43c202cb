"""The entry points of the ingestion pipeline on in-memory ports: what fails alone, what is postponed, what is told."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from functions.ml.embedding import handler as embedding
from functions.ml.embedding.messages import POSTPONED_S as EMBED_POSTPONED_S
from functions.ml.ingestion import dead_letter_handler
from functions.ml.ingestion import handler as ingestion
from functions.ml.ingestion.dead_letters import RecordDeadLetter
from functions.ml.ingestion.messages import POSTPONED_S as INGEST_POSTPONED_S
from functions.ml.recognition import handler as recognition
from functions.ml.recognition.messages import POSTPONED_S as RECOGNITION_POSTPONED_S
from functions.ml.reconciliation import handler as reconciliation
from functions.ml.reconciliation.report import LatestReport
from shared.contracts.events import DocumentPublished
from shared.contracts.ml_api import ReconciliationResponse
from shared.kernel.errors import Unavailable
from tests.fakes.pipeline import Pipeline
from tests.fakes.queue import MemoryQueue

EVENTS = Path(__file__).parents[2] / "events"
CONTEXT: Any = SimpleNamespace(
    function_name="f", memory_limit_in_mb=1, invoked_function_arn="a", aws_request_id="r",
    get_remaining_time_in_millis=lambda: 1,
)  # fmt: skip
TEXT = "One fact.\nAnother fact.\nA third."


def messages(*bodies: str) -> dict[str, Any]:
    """Wrap bodies as SQS delivers them, after a real sample."""
    (sample,) = json.loads((EVENTS / "document_chunked.json").read_text())["Records"]
    return {"Records": [{**sample, "messageId": str(number), "body": body} for number, body in enumerate(bodies)]}


def notification(key: str) -> str:
    return json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    world = Pipeline()
    monkeypatch.setattr(ingestion, "wired", lambda: (world.ingest, world.ingest_queue))
    monkeypatch.setattr(embedding, "wired", lambda: (world.embed, world.embed_queue))
    monkeypatch.setattr(recognition, "wired", lambda: (world.recognise, world.recognition_queue))
    monkeypatch.setattr(dead_letter_handler, "wired", lambda: RecordDeadLetter(world.registry, world.bus, world.clock))
    monkeypatch.setattr(reconciliation, "wired", lambda: world.reconcile)
    monkeypatch.setattr(reconciliation, "latest", lambda: LatestReport(world.artifacts))
    return world


def test_a_notification_leads_to_a_ready_document(pipeline: Pipeline) -> None:
    row = pipeline.upload(TEXT)
    assert ingestion.handler(messages(notification(row.object_key)), CONTEXT) == {"batchItemFailures": []}
    waiting = list(pipeline.embed_queue.bodies)
    assert embedding.handler(messages(*waiting), CONTEXT) == {"batchItemFailures": []}
    assert pipeline.state().status == "READY"
    assert DocumentPublished.name in pipeline.bus.names()


def test_an_unreadable_message_fails_alone(pipeline: Pipeline) -> None:
    row = pipeline.upload(TEXT)
    answer = ingestion.handler(messages("nonsense", notification(row.object_key)), CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert pipeline.state().status == "EMBEDDING"
    answer = embedding.handler(messages("{}", pipeline.embed_queue.bodies[0]), CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}


def test_a_batch_of_unreadable_messages_does_not_end_the_worker(pipeline: Pipeline) -> None:
    assert ingestion.handler(messages("nonsense"), CONTEXT) == {"batchItemFailures": [{"itemIdentifier": "0"}]}


class Outage(MemoryQueue):
    """A queue that takes nothing."""

    def send(self, events: Any) -> None:
        raise Unavailable("The queue does not answer.", code="queue_unavailable")


def test_an_outage_postpones_the_message_without_burning_its_receive_count(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = pipeline.upload(TEXT)
    monkeypatch.setattr(pipeline, "embed_queue", Outage())
    body = notification(row.object_key)
    assert ingestion.handler(messages(body), CONTEXT) == {"batchItemFailures": []}
    assert pipeline.ingest_queue.postponed == [(body, INGEST_POSTPONED_S)]


def test_an_embedding_outage_is_shown_to_people_and_postponed(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = pipeline.upload(TEXT)
    ingestion.handler(messages(notification(row.object_key)), CONTEXT)

    def down(*_: object, **__: object) -> None:
        raise Unavailable("The embedding model does not answer.", code="model_unavailable")

    monkeypatch.setattr(pipeline.embedder, "embed", down)
    body = pipeline.embed_queue.bodies[0]
    assert embedding.handler(messages(body), CONTEXT) == {"batchItemFailures": []}
    assert pipeline.embed_queue.postponed == [(body, EMBED_POSTPONED_S)]
    assert (pipeline.state().status, pipeline.state().code) == ("EMBEDDING", "model_unavailable")


def test_scanned_pages_are_recognised_and_ingestion_is_told(pipeline: Pipeline) -> None:
    row = pipeline.upload("Typed.\fSCAN\nScanned.")
    ingestion.handler(messages(notification(row.object_key)), CONTEXT)
    answer = recognition.handler(messages("nonsense", pipeline.recognition_queue.bodies.popleft()), CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    ingestion.handler(messages(pipeline.ingest_queue.bodies.popleft()), CONTEXT)
    assert (pipeline.state().status, pipeline.state().chunks) == ("EMBEDDING", 2)


def test_a_missing_recognition_model_is_shown_to_people_and_postponed(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = pipeline.upload("SCAN\nScanned.")
    ingestion.handler(messages(notification(row.object_key)), CONTEXT)

    def missing(*_: object) -> None:
        raise Unavailable("Text recognition is not installed here.", code="recogniser_unavailable")

    monkeypatch.setattr(type(pipeline.recogniser), "__call__", missing)
    body = pipeline.recognition_queue.bodies[0]
    assert recognition.handler(messages(body), CONTEXT) == {"batchItemFailures": []}
    assert pipeline.recognition_queue.postponed == [(body, RECOGNITION_POSTPONED_S)]
    assert (pipeline.state().status, pipeline.state().code) == ("RECOGNISING", "recogniser_unavailable")


def test_a_dead_letter_fails_its_document(pipeline: Pipeline) -> None:
    row = pipeline.upload(TEXT)
    ingestion.handler(messages(notification(row.object_key)), CONTEXT)
    assert dead_letter_handler.handler(messages(pipeline.embed_queue.bodies[0]), CONTEXT) == {"batchItemFailures": []}
    assert (pipeline.state().status, pipeline.state().code) == ("FAILED", "processing_failed")


def test_a_tick_of_the_schedule_reconciles_and_reports(pipeline: Pipeline) -> None:
    pipeline.upload(TEXT)
    tick = json.loads((EVENTS / "schedule_reconcile.json").read_text())
    assert reconciliation.handler(tick, CONTEXT)["hinted"] == 1
    pipeline.rest()
    assert pipeline.state().status == "READY"


def test_the_reconciler_runs_on_demand_and_its_last_report_stays_readable(pipeline: Pipeline) -> None:
    run_now = json.loads((EVENTS / "ml_api_post_reconciliations.json").read_text())
    missing = reconciliation.handler({**run_now, "httpMethod": "GET"}, CONTEXT)
    assert (missing["statusCode"], json.loads(missing["body"])["error"]["code"]) == (404, "object_not_found")
    pipeline.upload(TEXT)
    answer = reconciliation.handler(run_now, CONTEXT)
    report = ReconciliationResponse.model_validate_json(answer["body"])
    assert (answer["statusCode"], report.hinted, report.found) == (200, 1, {"arrived_unnoticed": 1})
    assert report.differences[0].document_id == "doc_1"
    assert reconciliation.handler({**run_now, "httpMethod": "GET"}, CONTEXT)["body"] == answer["body"]


@pytest.mark.parametrize(
    "name",
    [
        "s3_object_created",
        "s3_object_created_inbox",
        "s3_object_removed",
        "s3_test_event",
        "document_changed",
        "document_changed_knowledge_base",
    ],
)
def test_every_sample_of_the_ingest_queue_is_understood(pipeline: Pipeline, name: str) -> None:
    event = json.loads((EVENTS / f"{name}.json").read_text())
    assert ingestion.handler(event, CONTEXT) == {"batchItemFailures": []}


def test_the_sample_of_the_embed_queue_is_understood(pipeline: Pipeline) -> None:
    event = json.loads((EVENTS / "document_chunked.json").read_text())
    assert embedding.handler(event, CONTEXT) == {"batchItemFailures": []}


def test_the_sample_of_the_recognition_queue_is_understood(pipeline: Pipeline) -> None:
    event = json.loads((EVENTS / "pages_unread.json").read_text())
    assert recognition.handler(event, CONTEXT) == {"batchItemFailures": []}
