"""Outages of minutes on a movable clock: queues wait, nothing is given up, people see for what and since when."""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.application.domain.documents import shown
from functions.ml.adapters.circuit import CircuitBreaker, guarded
from functions.ml.adapters.sqlite_index import SqliteIndex, schema
from functions.ml.embedding import handler as embedding
from functions.ml.ingestion import handler as ingestion
from functions.ml.ingestion.messages import POSTPONED_S as INGEST_POSTPONED_S
from functions.ml.ingestion.waiting import PATIENCE
from functions.ml.ports import Purpose, Vector
from shared.kernel.clock import isoformat
from shared.kernel.errors import Unavailable
from shared.kernel.observability import logger
from shared.registry.transitions import begin_delete
from tests.fakes.chunks import make_chunk
from tests.fakes.embedder import HashEmbedder
from tests.fakes.pipeline import Pipeline
from tests.fakes.queue import MemoryQueue
from tests.fakes.search_index import MemorySearchIndex
from tests.handlers.test_pipeline import CONTEXT, messages, notification
from tests.rows import NOW

TEXT = "One fact.\nAnother fact.\nA third.\nA fourth."
DOCUMENTS = [f"doc_{number}" for number in range(12)]
STEP_S = 5


class FailingEmbedder(HashEmbedder):
    """An embedding model that answers only from a moment on."""

    calls = 0
    is_down = True

    def embed(self, texts: Any, *, purpose: Purpose) -> list[Vector]:
        self.calls += 1
        if self.is_down:
            raise Unavailable("The embedding model x cannot be reached.", code="embedder_unavailable")
        return super().embed(texts, purpose=purpose)


class World:
    """The pipeline behind its real entry points, with queues that deliver what was postponed when its time came."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.pipeline = Pipeline()
        self.waiting: list[tuple[float, str, str]] = []
        self.failures = 0
        patch.setattr(ingestion, "wired", lambda: (self.pipeline.ingest, self.pipeline.ingest_queue))
        patch.setattr(embedding, "wired", lambda: (self.pipeline.embed, self.pipeline.embed_queue))

    def seconds(self) -> float:
        return (self.pipeline.now - NOW).total_seconds()

    def drop(self) -> None:
        for document_id in DOCUMENTS:
            row = self.pipeline.upload(TEXT + document_id, document_id)
            self.pipeline.ingest_queue.bodies.append(notification(row.object_key))

    def run(self, seconds: int) -> None:
        """Let time pass; deliver all that waits at each step, and reconcile every minute as the schedule does."""
        for _ in range(0, seconds, STEP_S):
            self._deliver("ingest", self.pipeline.ingest_queue, ingestion.handler)
            self._deliver("embed", self.pipeline.embed_queue, embedding.handler)
            if self.seconds() % 60 == 0:
                with contextlib.suppress(Unavailable):  # as a run of the schedule that fails; the next one begins again
                    self.pipeline.reconcile()
            self.pipeline.pass_time(timedelta(seconds=STEP_S))

    def _deliver(self, name: str, queue: MemoryQueue, handler: Any) -> None:
        due = [body for when, of, body in self.waiting if of == name and when <= self.seconds()]
        self.waiting = [item for item in self.waiting if item[1] != name or item[0] > self.seconds()]
        bodies = [*due, *queue.bodies]
        queue.bodies.clear()
        if bodies:
            self.failures += len(handler(messages(*bodies), CONTEXT)["batchItemFailures"])
        self.waiting += [(self.seconds() + delay_s, name, body) for body, delay_s in queue.postponed]
        queue.postponed.clear()

    def states(self) -> set[tuple[str, str, str]]:
        rows = [shown(row) for row in self.pipeline.registry.rows.values()]
        return {(row.status, row.waiting_for, row.waiting_since) for row in rows}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    logger().setLevel("CRITICAL")
    yield World(monkeypatch)
    logger().setLevel("INFO")


def test_five_minutes_without_the_embedding_model(world: World) -> None:
    model = FailingEmbedder()
    world.pipeline.embedder = guarded(model, CircuitBreaker(world.seconds))
    world.drop()
    world.run(300)
    assert world.states() == {("EMBEDDING", "the embedding model", isoformat(NOW))}
    assert model.calls <= 18  # 24 messages came again every 10 s, which are 720 attempts
    assert len(world.waiting) == 2 * len(DOCUMENTS)
    model.is_down = False
    world.run(60)
    assert world.states() == {("READY", "", "")}
    assert world.failures == 0
    assert all(row.tries == 0 and row.generation == 1 for row in world.pipeline.registry.rows.values())
    assert len(model.embedded) == len(set(model.embedded))  # I7


def test_two_minutes_without_the_search_engine(world: World) -> None:
    index = world.pipeline.index

    class Down(MemorySearchIndex):
        def upsert(self, chunks: Any) -> Any:
            raise Unavailable("The search index is busy with other writes.", code="index_busy")

        count = delete = upsert  # type: ignore[assignment]

    world.pipeline.index = Down()
    world.drop()
    world.run(120)
    assert world.states() == {("EMBEDDING", "the search index", isoformat(NOW))}
    world.pipeline.index = index
    world.run(30)
    assert world.states() == {("READY", "", "")}
    assert world.failures == 0


def test_a_locked_index_is_told_before_anybody_wonders(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert schema.BUSY_TIMEOUT_S <= 5
    monkeypatch.setattr(schema, "BUSY_TIMEOUT_S", 0.01)
    with contextlib.closing(SqliteIndex(tmp_path)) as index:
        world.pipeline.index = index  # type: ignore[assignment]
        index.upsert([make_chunk("a line", tenant_id="acme")])
        (file,) = tmp_path.glob("*.sqlite3")
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            world.drop()
            world.run(STEP_S)
            assert world.states() == {("EMBEDDING", "the search index", isoformat(NOW))}
        world.run(30)
        assert world.states() == {("READY", "", "")}
    assert world.failures == 0


@pytest.mark.parametrize("method", ["head", "download"])
def test_a_bucket_that_refuses_access(world: World, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise Unavailable("Storage refuses access to the platform (AccessDenied).", code="storage_denied")

    world.drop()
    with monkeypatch.context() as patch:
        patch.setattr(world.pipeline.documents, method, refuse)
        world.run(300)
        ((_, what, since),) = world.states()
        assert (what, since) == ("the storage of documents", isoformat(NOW))
        assert {row.code for row in world.pipeline.registry.rows.values()} == {"storage_denied"}
    world.run(60)
    assert world.states() == {("READY", "", "")}
    assert world.failures == 0


def test_progress_of_another_part_ends_the_wait(world: World) -> None:
    model = FailingEmbedder()
    world.pipeline.embedder = model
    world.pipeline.upload(TEXT)
    world.pipeline.ingest_queue.bodies.append(notification(world.pipeline.state().object_key))
    world.run(STEP_S)
    assert world.pipeline.state().waiting_since == isoformat(NOW)
    model.is_down = False
    world.pipeline.embed_queue.bodies.append(world.waiting.pop()[2])
    world.run(STEP_S)
    assert (world.pipeline.state().status, world.pipeline.state().waiting_since) == ("EMBEDDING", "")


def test_a_delete_that_waits_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    row = world.pipeline.upload(TEXT)
    world.pipeline.hint(row)
    world.pipeline.rest()
    current = world.pipeline.state()
    world.pipeline.registry.replace_document(current, begin_delete(current, NOW))
    world.pipeline.ingest_queue.bodies.append(notification(row.object_key))

    def refuse(*_: object, **__: object) -> None:
        raise Unavailable("Storage does not answer.", code="storage_unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(world.pipeline.documents, "delete_versions", refuse)
        world.run(40)
        assert world.states() == {("DELETING", "the storage of documents", isoformat(NOW))}
    world.run(INGEST_POSTPONED_S + STEP_S)
    assert world.states() == {("DELETED", "", "")}


def test_a_lost_parser_is_no_fault_of_the_document_unless_it_lasts(world: World) -> None:
    def lost(*_: object, **__: object) -> None:
        raise Unavailable("The program that reads documents was ended from outside.", code="parser_lost")

    parser = world.pipeline.parser
    world.pipeline.parser = lost  # type: ignore[assignment]
    world.drop()
    world.run(60)
    assert {state[1] for state in world.states()} == {"the program that reads documents"}
    world.pipeline.parser = parser
    world.run(30)
    assert world.states() == {("READY", "", "")}
    world.pipeline.parser = lost  # type: ignore[assignment]
    row = world.pipeline.upload("Another text.", "doc_0")
    world.pipeline.ingest_queue.bodies.append(notification(row.object_key))
    world.run(round(PATIENCE.total_seconds()) + 120)
    assert world.pipeline.state("doc_0").code == "parser_lost"
    world.run(3_600)
    assert (world.pipeline.state("doc_0").status, world.pipeline.state("doc_0").tries) == ("FAILED", 3)
