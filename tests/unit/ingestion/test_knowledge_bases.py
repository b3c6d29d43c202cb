"""Work on a whole knowledge base: its delete and its rebuild, with kills at every effect and between pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from functions.ml.ingestion.knowledge_bases import TendKnowledgeBase
from functions.ml.ingestion.notifications import read_hints
from functions.ml.ingestion.service import IngestDocument
from shared.contracts.events import DocumentChanged
from shared.contracts.registry import KnowledgeBaseRow
from shared.kernel.clock import isoformat
from shared.registry.transitions import begin_knowledge_base_delete, begin_rebuild
from tests.fakes.pipeline import Pipeline

STORES = ("registry", "documents", "artifacts", "index", "ingest_queue", "embed_queue", "bus")


class Killed(BaseException):
    """The process ended here."""


class Mortal:
    """A port of a process that ends just before or just after one of its effects."""

    def __init__(self, port: Any, life: "Life") -> None:
        self._port, self._life = port, life

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found

        def lived(*args: Any, **named: Any) -> Any:
            number = self._life.begin()
            result = found(*args, **named)  # may have effects of its own
            self._life.end(number)
            return result

        return lived


class Life:
    """Counts effects and ends the process at one of them, once."""

    def __init__(self, ends_at: int, *, before: bool) -> None:
        self.ends_at, self.before, self.count, self.ended = ends_at, before, 0, False

    def begin(self) -> int:
        """Count an effect that is about to happen; returns its number."""
        self.count += 1
        self._perhaps_end(self.count, before=True)
        return self.count

    def end(self, number: int) -> None:
        """An effect has happened."""
        self._perhaps_end(number, before=False)

    def _perhaps_end(self, number: int, *, before: bool) -> None:
        if not self.ended and self.before == before and number == self.ends_at:
            self.ended = True
            raise Killed


def filled(documents: int, text: str = "One fact.\nAnother fact.\nA third.") -> Pipeline:
    pipeline = Pipeline()
    for number in range(documents):
        pipeline.hint(pipeline.upload(f"{text}\nNumber {number}.", f"doc_{number:05d}"))
    pipeline.rest()
    pipeline.reconcile()  # removes the parts
    pipeline.pass_time(timedelta(minutes=1))
    return pipeline


def kb(pipeline: Pipeline) -> KnowledgeBaseRow:
    return pipeline.registry.kbs["acme", "kb_1"]


def asked(pipeline: Pipeline, row: KnowledgeBaseRow) -> None:
    """Write the row and send the message, as the API does."""
    pipeline.registry.replace_knowledge_base(kb(pipeline), row)
    pipeline.ingest_queue.send([told(pipeline)])


def told(pipeline: Pipeline) -> DocumentChanged:
    now = isoformat(pipeline.now)
    return DocumentChanged(event_id="evt_1", correlation_id="c", tenant_id="acme", occurred_at=now, kb_id="kb_1")


def delete(pipeline: Pipeline) -> None:
    asked(pipeline, begin_knowledge_base_delete(kb(pipeline), pipeline.now, requested_by="ada"))


def rebuild(pipeline: Pipeline) -> None:
    asked(pipeline, begin_rebuild(kb(pipeline), pipeline.now, requested_by="ada"))


def pages(pipeline: Pipeline, size: int) -> TendKnowledgeBase:
    purge, queue = pipeline.ingest.purge, pipeline.ingest_queue
    return TendKnowledgeBase(
        pipeline.registry, pipeline.documents, purge, queue, pipeline.clock, size, rows_per_sweep=7
    )


@contextmanager
def mortal(pipeline: Pipeline, life: Life) -> Iterator[None]:
    """Let everything that the services call end the process."""
    real = {name: getattr(pipeline, name) for name in STORES}
    try:
        for name in STORES:
            setattr(pipeline, name, Mortal(real[name], life))
        yield
    finally:
        for name, port in real.items():
            setattr(pipeline, name, port)


def run(pipeline: Pipeline, life: Life, *, page: int) -> None:
    """Deliver messages until all is at rest; what was in work when the process ended comes again."""
    for _ in range(10_000):
        if pipeline.embed_queue.bodies:
            queue, body = pipeline.embed_queue, pipeline.embed_queue.bodies.popleft()
        elif pipeline.ingest_queue.bodies:
            queue, body = pipeline.ingest_queue, pipeline.ingest_queue.bodies.popleft()
        elif pipeline.ingest_queue.postponed:
            body, delay_s = pipeline.ingest_queue.postponed.pop(0)
            pipeline.pass_time(timedelta(seconds=delay_s))
            pipeline.ingest_queue.bodies.append(body)
            pipeline.reconcile()
            continue
        else:
            return
        try:
            with mortal(pipeline, life):
                deliver(pipeline, body, page=page, embeds=queue is not pipeline.ingest_queue)
        except Killed:
            queue.bodies.append(body)
    raise AssertionError("not at rest")


def deliver(pipeline: Pipeline, body: str, *, page: int, embeds: bool) -> None:
    if embeds and "document.chunked" in body:
        pipeline.embed_queue.bodies.appendleft(body)
        pipeline.embed_next()
        return
    ingest: IngestDocument = pipeline.ingest
    for hint in read_hints(body, message_id="m"):
        if hint.is_about_knowledge_base:
            pages(pipeline, page)(hint)
        else:
            ingest(hint)


def assert_gone(pipeline: Pipeline, documents: int, chunks: int) -> None:
    receipt = kb(pipeline).receipt
    assert receipt is not None
    assert (receipt.documents, receipt.verified) == (documents, documents)
    assert receipt.removed == {"versions": documents, "parts": documents, "chunks": chunks}
    assert pipeline.registry.rows == {}
    assert (pipeline.indexed("doc_00000"), pipeline.index.tenants()) == ({}, [])
    assert [key for key in pipeline.documents.versions if key.startswith("documents/")] == []
    assert kb(pipeline).deadline == ""


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_kill_at_any_effect_of_a_knowledge_bases_delete_loses_nothing_and_counts_all(before: bool) -> None:
    ends_at, life = 0, Life(0, before=before)
    while ends_at == 0 or life.ended:
        ends_at += 1
        pipeline = filled(5)
        delete(pipeline)
        life = Life(ends_at, before=before)
        run(pipeline, life, page=2)
        assert_gone(pipeline, 5, 20)
    assert ends_at > 60, "the delete of five documents has more effects than that"


def test_a_knowledge_base_of_a_thousand_documents_is_deleted_with_kills_between_its_pages() -> None:
    pipeline = filled(1_000, "One fact.")
    delete(pipeline)
    killed = 0
    while pipeline.ingest_queue.bodies:
        body = pipeline.ingest_queue.bodies.popleft()
        is_page = '"document_id":""' in body
        for hint in read_hints(body, message_id="m"):
            pipeline.ingest(hint)
        if is_page and killed < 40:  # the worker dies before it acknowledges: the page comes again
            killed += 1
            pipeline.ingest_queue.bodies.append(body)
    assert killed == 40
    assert all(row.status == "DELETED" for row in pipeline.registry.rows.values())
    pipeline.settle()
    assert_gone(pipeline, 1_000, 2_000)


def test_a_page_that_got_lost_is_sent_again_by_the_reconciler() -> None:
    pipeline = filled(3)
    delete(pipeline)
    pipeline.ingest_queue.bodies.clear()
    assert pipeline.reconcile().resumed_knowledge_bases == 0
    pipeline.pass_time(timedelta(minutes=3))
    assert pipeline.reconcile().resumed_knowledge_bases == 1
    pipeline.settle()
    assert_gone(pipeline, 3, 12)
    pipeline.pass_time(timedelta(hours=1))
    assert pipeline.reconcile().resumed_knowledge_bases == 0


def test_a_document_announced_in_the_moment_of_the_delete_goes_with_the_others() -> None:
    pipeline = filled(2)
    delete(pipeline)
    pipeline.announce("doc_00000a")
    pipeline.settle()
    receipt = kb(pipeline).receipt
    assert receipt is not None
    assert receipt.documents == 3
    assert pipeline.registry.rows == {}


def test_a_rebuild_answers_from_the_old_generation_until_the_new_one_is_ready() -> None:
    pipeline = filled(3)
    rebuild(pipeline)
    embedded = list(pipeline.embedder.embedded)
    hints = list(read_hints(pipeline.ingest_queue.bodies.popleft(), message_id="m"))
    assert pipeline.ingest(hints[0]) == "waiting"
    assert {row.status for row in pipeline.registry.rows.values()} == {"QUEUED"}
    assert {row.live_generation for row in pipeline.registry.rows.values()} == {1}
    pipeline.settle()
    assert {(row.status, row.live_generation) for row in pipeline.registry.rows.values()} == {("READY", 2)}
    assert pipeline.indexed("doc_00001") == {2: 4}
    assert kb(pipeline).rebuild_finished_at > kb(pipeline).rebuild_requested_at
    assert pipeline.embedder.embedded == embedded, "the content is the same, so nothing is embedded again"


def test_what_was_in_work_when_the_release_changed_is_made_by_the_new_one_in_the_end() -> None:
    """A document that is cut when somebody chooses another strategy comes to rest later, yet of the old release."""
    pipeline = filled(2)
    pipeline.hint(pipeline.upload("One more.\nFact.", "doc_9"))
    assert pipeline.state("doc_9").status == "EMBEDDING"
    changed = kb(pipeline).model_copy(update={"release_id": "rel_other"})
    asked(pipeline, begin_rebuild(changed, pipeline.now, requested_by="ada"))
    pipeline.pass_time(timedelta(seconds=1))
    pipeline.settle()
    rows = pipeline.registry.rows.values()
    assert {(row.status, row.release_id) for row in rows} == {("READY", "rel_other")}
    assert not kb(pipeline).is_rebuilding


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_kill_at_any_effect_of_a_rebuild_leaves_every_document_ready_and_rebuilt(before: bool) -> None:
    ends_at, life = 0, Life(0, before=before)
    while ends_at == 0 or life.ended:
        ends_at += 1
        pipeline = filled(3)
        rebuild(pipeline)
        life = Life(ends_at, before=before)
        run(pipeline, life, page=2)
        rows = pipeline.registry.rows.values()
        assert {row.status for row in rows} == {"READY"}
        assert all(row.live_generation is not None and row.live_generation >= 2 for row in rows)
        assert not kb(pipeline).is_rebuilding
    assert ends_at > 60, "the rebuild of three documents has more effects than that"


def test_a_rebuild_leaves_alone_what_is_being_deleted_or_never_came() -> None:
    pipeline = filled(2)
    pipeline.announce("doc_9")
    rebuild(pipeline)
    pipeline.settle()
    assert pipeline.state("doc_9").status == "UPLOADING"
    assert pipeline.state("doc_00001").live_generation == 2
