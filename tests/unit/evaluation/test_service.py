import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from functions.ml.evaluation.dataset import read_dataset
from functions.ml.evaluation.reports import report_key
from functions.ml.evaluation.requests import ReadEvaluation, RequestEvaluation
from functions.ml.evaluation.schedule import QueueScheduled
from functions.ml.evaluation.service import EvaluateDataset
from functions.ml.releases.catalogue import load_releases
from functions.ml.retrieval.narrowing import NarrowFilters
from shared.contracts.events import EvaluationRequested
from shared.contracts.ml_api import (
    AnswerRequest,
    AnswerResponse,
    Caller,
    EvaluationRequest,
    SearchRequest,
    SearchResponse,
)
from shared.kernel.errors import Invalid, NotFound, PlatformError, TooLarge, Unavailable
from tests.fakes.object_store import MemoryObjects
from tests.fakes.queue import MemoryBus, MemoryQueue
from tests.fakes.registry import MemoryRegistry
from tests.passages import KeptPassages, hit
from tests.unit.answering.test_service import service

KEY = "datasets/t1/one.jsonl"
EVALUATION = f"eval_{'0' * 32}_t1"
QUESTIONS: list[dict[str, object]] = [
    {"_id": "1", "text": "When does the office open?", "answer": ["9:30"], "documents": ["handbook.pdf"]},
    {"_id": "2", "text": "How many moons has the planet Jupiter got in the sky?", "unanswerable": True},
    {"_id": "3", "text": "Who founded Acme?", "answer": "Jane Miller", "documents": ["other.pdf"]},
]


def now() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)


def lines(*items: object) -> bytes:
    return "\n".join(json.dumps(item) for item in items).encode()


class World:
    """One bucket, one bus, and a platform that knows one document."""

    def __init__(self, *items: object) -> None:
        self.objects, self.bus = MemoryObjects(), MemoryBus()
        self.objects.write(KEY, lines(*(items or QUESTIONS)))
        self.asked: list[str] = []
        self.failing: set[str] = set()
        self.answering = service(hit())

    def answer(self, request: AnswerRequest) -> AnswerResponse:
        self.asked.append(request.question)
        if request.question in self.failing:
            raise Unavailable("The model cannot be reached.", code="model_unavailable")
        return self.answering(request)

    def search(self, request: SearchRequest) -> SearchResponse:
        from functions.ml.answering.searching import SearchPassages

        return SearchPassages(
            KeptPassages(hit()), load_releases("extractive", "multilingual"), NarrowFilters(MemoryRegistry())
        )(request)

    def evaluate(self) -> EvaluateDataset:
        return EvaluateDataset(self.objects, self.answer, self.search, self.bus, now)

    def report(self, evaluation_id: str = EVALUATION) -> dict[str, object]:
        report: dict[str, object] = json.loads(self.objects.read(report_key(evaluation_id)))
        return report


def event(key: str = KEY, tenant_id: str = "t1") -> EvaluationRequested:
    return EvaluationRequested(
        event_id="evt_1", correlation_id="c", tenant_id=tenant_id, occurred_at="x", evaluation_id=EVALUATION,
        dataset_key=key, kb_ids=("kb_1",), readers=("tenant:t1",),
    )  # fmt: skip


def test_a_run_scores_every_question_and_announces_its_report() -> None:
    world = World()
    report = world.evaluate()(event())
    first, second, third = report.scores
    assert (report.status, report.done, report.questions) == ("FINISHED", 3, 3)
    assert (first.retrieved, first.cited, first.answer_in_quotes, first.correctly_refused) == (True, True, True, True)
    assert (second.refused, second.correctly_refused, second.retrieved) == (True, True, None)
    assert (third.retrieved, third.reciprocal_rank, third.cited) == (False, 0.0, False)
    assert report.metrics["hit_at_10"] == 0.5
    assert world.report()["status"] == "FINISHED"
    assert world.bus.names() == ["evaluation.finished.v1"]


def test_a_finished_report_is_not_made_again_but_announced_again() -> None:
    world = World()
    first = world.evaluate()(event())
    asked = len(world.asked)
    world.objects.delete([KEY])
    assert world.evaluate()(event()) == first
    assert len(world.asked) == asked
    assert len(world.bus.events) == 1


def test_a_run_that_was_interrupted_goes_on_where_its_report_says() -> None:
    world = World(*({"id": str(number), "text": f"When does office {number} open?"} for number in range(12)))

    class Killed(BaseException):
        pass

    def dying(request: AnswerRequest) -> AnswerResponse:
        if len(world.asked) == 7:
            raise Killed
        return World.answer(world, request)

    with pytest.raises(Killed):
        EvaluateDataset(world.objects, dying, world.search, world.bus, now)(event())
    assert (world.report()["status"], world.report()["done"]) == ("RUNNING", 5)
    world.asked.clear()
    assert world.evaluate()(event()).done == 12
    assert len(world.asked) == 7


def test_one_failing_question_does_not_lose_the_run() -> None:
    world = World()
    world.failing = {"Who founded Acme?"}
    report = world.evaluate()(event())
    assert report.status == "FINISHED"
    assert report.scores[2].error == "The model cannot be reached."
    assert report.metrics["failed"] == pytest.approx(1 / 3, abs=1e-3)


def test_a_run_in_which_nothing_worked_failed() -> None:
    world = World()
    world.failing = {str(item["text"]) for item in QUESTIONS}
    report = world.evaluate()(event())
    assert report.status == "FAILED"
    assert "cannot be reached" in report.reason


@pytest.mark.parametrize(
    ("key", "body", "reason"),
    [(KEY, b"{", "Line 1"), ("datasets/t2/x.jsonl", b"{}", "tenant"), ("datasets/t1/none.jsonl", None, "no object")],
)
def test_a_dataset_that_cannot_be_used_fails_the_run_with_a_reason(key: str, body: bytes | None, reason: str) -> None:
    world = World()
    if body is not None:
        world.objects.write(key, body)
    report = world.evaluate()(event(key))
    assert report.status == "FAILED"
    assert reason in report.reason
    assert world.bus.names() == []


@pytest.mark.parametrize(
    ("body", "error", "code", "said"),
    [
        (b'{"id": "1", "text": "q"}\n{"id"', Invalid, "bad_line", "Line 2"),
        (b'{"id": "1", "text": "q"}\n\n[1]', Invalid, "bad_line", "Line 3"),
        (b'{"id": "1"}', Invalid, "bad_line", "text"),
        (b'{"id": "1", "text": ""}', Invalid, "bad_line", "text"),
        (lines({"id": "1", "text": "q"}, {"_id": "1", "text": "r"}), Invalid, "duplicate_item", "Line 2"),
        (b"\n \n", Invalid, "empty_dataset", "no question"),
        (b"\xff\xfe", Invalid, "not_utf8", "UTF-8"),
        (lines(*({"id": str(n), "text": "q"} for n in range(2_001))), TooLarge, "too_many_items", "Split"),
    ],
)
def test_a_bad_line_is_named(body: bytes, error: type[PlatformError], code: str, said: str) -> None:
    with pytest.raises(error) as caught:
        read_dataset(body)
    assert caught.value.code == code
    assert said in caught.value.message


def test_the_spellings_of_a_question_are_understood() -> None:
    first, second = read_dataset(
        b'\xef\xbb\xbf{"_id": 7, "text": "q", "answer": "a"}\r\n{"id": "8", "text": "r", "documents": "d"}'
    )
    assert (first.id, first.answers) == ("7", ("a",))
    assert (second.documents, second.answers) == (("d",), ())


def order(key: str = KEY) -> EvaluationRequest:
    caller = Caller(tenant_id="t1", user_id="u1", readers=("tenant:t1",))
    return EvaluationRequest(caller=caller, kb_ids=("kb_1",), dataset_key=key)


Requests = Callable[[EvaluationRequest], object]


def test_a_requested_run_is_queued_and_can_be_read_at_once() -> None:
    world, queue = World(), MemoryQueue()
    releases = load_releases("extractive", "multilingual")
    request = RequestEvaluation(world.objects, queue, releases, now, lambda prefix: f"{prefix}_{'a' * 32}")
    queued = request(order())
    assert queued.status == "QUEUED"
    assert ReadEvaluation(world.objects)(queued.evaluation_id) == queued
    assert world.evaluate()(EvaluationRequested.parse(queue.bodies[0])).status == "FINISHED"
    assert ReadEvaluation(world.objects)(queued.evaluation_id).status == "FINISHED"


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("datasets/t2/x.jsonl", "foreign_dataset"),
        ("datasets/t1/../t2/x.jsonl", "foreign_dataset"),
        ("datasets/t1/no.jsonl", "unknown_dataset"),
    ],
)
def test_a_dataset_of_others_or_of_nobody_is_refused(key: str, code: str) -> None:
    world = World()
    releases = load_releases("extractive", "multilingual")
    with pytest.raises(PlatformError) as caught:
        RequestEvaluation(world.objects, MemoryQueue(), releases, now, lambda prefix: f"{prefix}_{'a' * 32}")(
            order(key)
        )
    assert caught.value.code == code


@pytest.mark.parametrize("evaluation_id", ["eval_x", "../../x", EVALUATION, f"eval_{'0' * 32}_../t2"])
def test_an_unknown_evaluation_is_not_found(evaluation_id: str) -> None:
    with pytest.raises(NotFound):
        ReadEvaluation(MemoryObjects())(evaluation_id)


def test_the_schedule_queues_every_dataset_once_per_tick_and_leaves_bad_manifests_out() -> None:
    objects, queue = MemoryObjects(), MemoryQueue()
    good = order("datasets/scheduled/t1/a.jsonl").model_dump_json().encode()
    objects.write("datasets/scheduled/t1/a.json", good)
    objects.write("datasets/scheduled/t1/a.jsonl", b"")
    objects.write("datasets/scheduled/t1/broken.json", b"{")
    objects.write("datasets/scheduled/t2/stolen.json", good)
    schedule = QueueScheduled(objects, queue, now)
    assert schedule("tick-1") == 1
    assert schedule("tick-1") == 1
    assert schedule("tick-2") == 1
    ids = [EvaluationRequested.parse(body).evaluation_id for body in queue.bodies]
    assert ids[0] == ids[1] != ids[2]
    assert report_key(ids[0]).startswith("reports/t1/")
