from types import SimpleNamespace
from typing import Any

import pytest

from functions.ml.evaluation import handler as entry
from functions.ml.evaluation.schedule import QueueScheduled
from tests.fakes.object_store import MemoryObjects
from tests.fakes.queue import MemoryQueue
from tests.unit.evaluation.test_service import World, event, now, order

CONTEXT: Any = SimpleNamespace(
    function_name="f", memory_limit_in_mb=1, invoked_function_arn="a", aws_request_id="r",
    get_remaining_time_in_millis=lambda: 1,
)  # fmt: skip


def record(number: str, body: str) -> dict[str, Any]:
    return {"messageId": number, "receiptHandle": "h", "body": body, "attributes": {}, "messageAttributes": {},
            "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu:1:q", "awsRegion": "eu"}  # fmt: skip


def test_a_message_is_scored_and_an_unreadable_one_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    monkeypatch.setattr(entry, "wired", world.evaluate)
    answer = entry.handler({"Records": [record("1", event().model_dump_json()), record("2", "{}")]}, CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert world.report()["status"] == "FINISHED"


def test_a_tick_of_the_schedule_queues_the_scheduled_datasets(monkeypatch: pytest.MonkeyPatch) -> None:
    objects, queue = MemoryObjects(), MemoryQueue()
    objects.write("datasets/scheduled/t1/a.json", order("datasets/scheduled/t1/a.jsonl").model_dump_json().encode())
    monkeypatch.setattr(entry, "scheduler", lambda: QueueScheduled(objects, queue, now))
    tick = {"id": "e-1", "detail-type": "Scheduled Event", "source": "aws.events"}
    assert entry.handler(tick, CONTEXT) == {"queued": 1}
    assert len(queue.bodies) == 1
