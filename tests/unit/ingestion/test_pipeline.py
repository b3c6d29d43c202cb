"""The ingestion protocol, message by message, on in-memory ports."""

from datetime import timedelta

import pytest

from functions.ml.documents import IndexedChunk
from functions.ml.ingestion.dead_letters import RecordDeadLetter
from functions.ml.ingestion.notifications import Hint
from functions.ml.ports import ItemFailure
from functions.ml.storage import manifest_key
from shared.contracts.events import DocumentDeleted, DocumentPublished, DocumentRejected
from shared.kernel.errors import Invalid, Unavailable
from shared.registry.transitions import begin_delete, extend
from tests.fakes.pipeline import Pipeline
from tests.fakes.search_index import MemorySearchIndex
from tests.rows import knowledge_base

FIVE = "\n".join(f"Fact number {number} stands here." for number in range(5))


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline()


def processed(pipeline: Pipeline, text: str = FIVE, document_id: str = "doc_1") -> None:
    row = pipeline.upload(text, document_id)
    pipeline.hint(row)
    pipeline.rest()


def test_a_dropped_document_becomes_ready_with_all_its_chunks(pipeline: Pipeline) -> None:
    processed(pipeline)
    row = pipeline.state()
    assert (row.status, row.live_generation, row.live_chunks, row.parts_total) == ("READY", 1, 5, 3)
    assert pipeline.indexed() == {1: 5}
    assert not pipeline.artifacts.versions.keys() & {"parts"}
    assert [name for name in pipeline.bus.names() if name == DocumentPublished.name] == [DocumentPublished.name]


def test_the_reconciler_removes_the_parts_of_what_was_published(pipeline: Pipeline) -> None:
    processed(pipeline)
    assert pipeline.reconcile().collected_parts == 3
    assert [key for key in pipeline.artifacts.versions if key.startswith("parts/")] == []


def test_a_document_of_one_part_is_published_by_the_write_that_adds_it(pipeline: Pipeline) -> None:
    row = pipeline.upload("One fact.\nAnother fact.")
    pipeline.hint(row)
    before = pipeline.state().revision
    assert pipeline.embed_next() == "published"
    assert pipeline.state().parts_done == {0}
    assert pipeline.state().revision == before + 1


def test_a_last_part_that_finds_the_row_changed_is_added_first(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = pipeline.upload("One fact.\nAnother fact.")
    pipeline.hint(row)
    count = pipeline.index.count

    def changing(tenant_id: str, document_id: str, generation: int | None) -> int:
        monkeypatch.undo()
        waiting = extend(pipeline.state(), reason="r", code="index_busy", now=pipeline.now)
        pipeline.registry.replace_document(pipeline.state(), waiting)
        return count(tenant_id, document_id, generation)

    monkeypatch.setattr(pipeline.index, "count", changing)
    assert pipeline.embed_next() == "published"
    row = pipeline.state()
    assert (row.status, row.parts_done, row.waiting_since) == ("READY", frozenset({0}), "")


def test_a_last_part_is_counted_also_while_the_index_lacks_passages(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.hint(pipeline.upload("One fact.\nAnother fact."))
    with monkeypatch.context() as patch:
        patch.setattr(pipeline.index, "count", lambda *_: 1)
        with pytest.raises(Unavailable):
            pipeline.embed_next()
    assert (pipeline.state().status, pipeline.state().parts_done) == ("EMBEDDING", frozenset({0}))


def test_the_flip_waits_for_the_last_part(pipeline: Pipeline) -> None:
    row = pipeline.upload(FIVE)
    pipeline.hint(row)
    assert [pipeline.embed_next(), pipeline.embed_next()] == ["embedded", "embedded"]
    assert pipeline.state().live_generation is None
    assert pipeline.embed_next() == "published"
    assert pipeline.state().live_generation == 1


def test_messages_delivered_twice_change_nothing(pipeline: Pipeline) -> None:
    row = pipeline.upload(FIVE)
    pipeline.hint(row)
    pipeline.embed_queue.bodies.extend(list(pipeline.embed_queue.bodies))
    pipeline.rest()
    assert pipeline.hint(row) == "unchanged"
    assert pipeline.state().live_chunks == 5
    assert pipeline.indexed() == {1: 5}
    assert len(pipeline.embedder.embedded) == 5


def test_an_unread_failure_of_the_queue_is_repaired_by_the_next_delivery(pipeline: Pipeline) -> None:
    row = pipeline.upload(FIVE)
    pipeline.hint(row)
    pipeline.embed_queue.bodies.clear()  # the worker died between its write and its messages
    assert pipeline.hint(row) == "unchanged"  # a second notification of the same version comes at once
    pipeline.pass_time(timedelta(minutes=1))
    assert pipeline.hint(row) == "resent"
    pipeline.rest()
    assert pipeline.state().status == "READY"


def test_a_new_version_answers_only_after_it_is_complete(pipeline: Pipeline) -> None:
    processed(pipeline)
    row = pipeline.upload("One new fact.")
    pipeline.hint(row)
    assert (pipeline.state().live_generation, pipeline.state().generation) == (1, 2)
    pipeline.rest()
    assert pipeline.state().live_generation == 2
    assert pipeline.indexed() == {2: 1}


def test_a_worker_of_an_overtaken_generation_stops(pipeline: Pipeline) -> None:
    row = pipeline.upload(FIVE)
    pipeline.hint(row)
    old_messages = list(pipeline.embed_queue.bodies)
    pipeline.upload("Newer.")
    pipeline.hint(row)
    pipeline.rest()
    pipeline.embed_queue.bodies.extend(old_messages)
    assert [pipeline.embed_next() for _ in old_messages] == ["superseded"] * 3
    assert pipeline.indexed() == {2: 1}
    assert pipeline.state().live_generation == 2


def test_a_part_written_after_a_delete_is_not_published(pipeline: Pipeline) -> None:
    row = pipeline.upload(FIVE)
    pipeline.hint(row)
    current = pipeline.state()
    pipeline.registry.replace_document(current, begin_delete(current, pipeline.now))
    pipeline.rest()
    assert pipeline.state().live_generation is None
    assert pipeline.hint(row) == "purged"
    assert pipeline.state().status == "DELETED"
    assert pipeline.indexed() == {}


def test_a_delete_leaves_a_receipt_and_nothing_else(pipeline: Pipeline) -> None:
    processed(pipeline)
    current = pipeline.state()
    pipeline.registry.replace_document(current, begin_delete(current, pipeline.now))
    pipeline.hint(current)
    assert pipeline.state().receipt == {"versions": 1, "parts": 4, "chunks": 5}
    assert pipeline.indexed() == {}
    assert not pipeline.artifacts.versions
    assert current.object_key not in pipeline.documents.versions
    assert DocumentDeleted.name in pipeline.bus.names()


def test_removing_the_object_is_a_delete(pipeline: Pipeline) -> None:
    processed(pipeline)
    row = pipeline.state()
    pipeline.documents.delete([row.object_key])
    assert pipeline.hint(row) == "purged"
    assert pipeline.state().status == "DELETED"
    assert pipeline.indexed() == {}


def test_a_broken_document_fails_with_a_reason_and_harms_no_other(pipeline: Pipeline) -> None:
    row = pipeline.announce("doc_bad")
    pipeline.documents.write(row.object_key, b"\xff\xfe\x00broken")
    assert pipeline.hint(row) == "rejected"
    bad = pipeline.state("doc_bad")
    assert (bad.status, bad.code, bad.permanent) == ("FAILED", "unreadable", True)
    assert bad.reason
    processed(pipeline, document_id="doc_good")
    assert pipeline.state("doc_good").status == "READY"
    assert DocumentRejected.name in pipeline.bus.names()


def test_a_document_without_text_is_refused(pipeline: Pipeline) -> None:
    row = pipeline.upload("\n\n")
    assert pipeline.hint(row) == "rejected"
    assert pipeline.state().code == "no_text"


def test_the_inbox_makes_documents(pipeline: Pipeline) -> None:
    pipeline.registry.create_knowledge_base(knowledge_base(name="My Docs"))
    for key in ("inbox/acme/kb_1/plans/a.txt", "inbox/acme/My Docs/b.txt"):
        pipeline.documents.write(key, FIVE.encode())
        assert pipeline.ingest(Hint("m", object_key=key)) == "parsed"
    pipeline.rest()
    assert {row.filename: row.status for row in pipeline.registry.rows.values()} == {
        "plans/a.txt": "READY",
        "b.txt": "READY",
    }


def test_an_inbox_object_of_an_unknown_knowledge_base_waits_for_it(pipeline: Pipeline) -> None:
    pipeline.documents.write("inbox/acme/Later/a.txt", FIVE.encode())
    assert pipeline.ingest(Hint("m", object_key="inbox/acme/Later/a.txt")) == "ignored"
    pipeline.registry.create_knowledge_base(knowledge_base(name="Later"))
    pipeline.reconcile()
    pipeline.rest()
    assert [row.status for row in pipeline.registry.rows.values()] == ["READY"]


def test_an_inbox_object_that_comes_again_after_its_delete_is_a_document_again(pipeline: Pipeline) -> None:
    pipeline.registry.create_knowledge_base(knowledge_base())
    key, hint = "inbox/acme/kb_1/a.txt", Hint("m", object_key="inbox/acme/kb_1/a.txt")
    for text, generation in ((FIVE, 1), ("Again.", 3)):
        pipeline.documents.write(key, text.encode())
        pipeline.ingest(hint)
        pipeline.rest()
        (row,) = pipeline.registry.rows.values()
        assert (row.status, row.live_generation) == ("READY", generation)
        pipeline.documents.delete([key])
        pipeline.ingest(hint)
        (row,) = pipeline.registry.rows.values()
        assert row.status == "DELETED"


class ThrottledIndex(MemorySearchIndex):
    """Takes one chunk of each bulk and throttles the others."""

    def upsert(self, chunks: list[IndexedChunk]) -> list[ItemFailure]:  # type: ignore[override]
        super().upsert(chunks[:1])
        return [ItemFailure(chunk.chunk_id, temporary=True, reason="429") for chunk in chunks[1:]]


def test_throttled_items_are_written_again(pipeline: Pipeline) -> None:
    pipeline.index = ThrottledIndex()
    processed(pipeline)
    assert pipeline.indexed() == {1: 5}
    assert pipeline.state().status == "READY"


class LossyIndex(MemorySearchIndex):
    """Acknowledges a bulk and forgets its last chunk."""

    def upsert(self, chunks: list[IndexedChunk]) -> list[ItemFailure]:  # type: ignore[override]
        super().upsert(chunks[:-1])
        return []


def test_a_generation_that_the_index_does_not_confirm_is_not_published(pipeline: Pipeline) -> None:
    pipeline.index = LossyIndex()
    row = pipeline.upload(FIVE)
    pipeline.hint(row)
    with pytest.raises(Unavailable):
        pipeline.rest()
    assert pipeline.state().live_generation is None


class RefusingIndex(MemorySearchIndex):
    """Refuses every chunk for good."""

    def upsert(self, chunks: list[IndexedChunk]) -> list[ItemFailure]:  # type: ignore[override]
        return [ItemFailure(chunk.chunk_id, temporary=False, reason="mapping") for chunk in chunks]


def test_refused_items_fail_the_document(pipeline: Pipeline) -> None:
    pipeline.index = RefusingIndex()
    row = pipeline.upload(FIVE)
    pipeline.hint(row)
    with pytest.raises(Invalid) as refused:
        pipeline.embed_next()
    pipeline.embed.publish.reject("acme", "kb_1", "doc_1", 1, refused.value)
    assert (pipeline.state().status, pipeline.state().code) == ("FAILED", "index_refused")


def test_a_dead_letter_ends_as_a_failure_that_the_reconciler_retries(pipeline: Pipeline) -> None:
    row = pipeline.upload(FIVE)
    pipeline.hint(row)
    record = RecordDeadLetter(pipeline.registry, pipeline.bus, pipeline.clock)
    assert record(pipeline.embed_queue.bodies[0], message_id="m") == 1
    assert (pipeline.state().status, pipeline.state().permanent) == ("FAILED", False)
    pipeline.embed_queue.bodies.clear()
    pipeline.pass_time(timedelta(minutes=2))
    pipeline.reconcile()
    pipeline.rest()
    assert pipeline.state().status == "READY"


def test_unreadable_dead_letters_are_acknowledged(pipeline: Pipeline) -> None:
    record = RecordDeadLetter(pipeline.registry, pipeline.bus, pipeline.clock)
    assert record("nonsense", message_id="m") == 0


def test_the_reconciler_finds_an_upload_whose_notification_was_lost(pipeline: Pipeline) -> None:
    pipeline.upload(FIVE)
    assert pipeline.reconcile().hinted == 1
    pipeline.rest()
    assert pipeline.state().status == "READY"


def test_an_upload_that_never_came_fails_after_its_window_and_stays_so(pipeline: Pipeline) -> None:
    pipeline.announce()
    pipeline.reconcile()
    assert pipeline.state().status == "UPLOADING"
    pipeline.pass_time(timedelta(hours=2))
    pipeline.reconcile()
    assert (pipeline.state().status, pipeline.state().code) == ("FAILED", "upload_missing")
    pipeline.reconcile()
    pipeline.rest()
    assert pipeline.state().status == "FAILED"


def test_a_document_stuck_in_any_state_is_taken_up_again_and_at_last_fails(pipeline: Pipeline) -> None:
    row = pipeline.upload(FIVE)
    pipeline.hint(row)
    for _ in range(3):
        pipeline.embed_queue.bodies.clear()
        pipeline.pass_time(timedelta(hours=1))
        pipeline.reconcile()
        while pipeline.ingest_queue.bodies:
            pipeline.ingest_queue.bodies.popleft()
        assert pipeline.state().status == "QUEUED"
    pipeline.pass_time(timedelta(hours=1))
    pipeline.reconcile()
    assert (pipeline.state().status, pipeline.state().code) == ("FAILED", "deadline_exceeded")


def test_the_reconciler_collects_generations_that_can_never_be_seen(pipeline: Pipeline) -> None:
    processed(pipeline)
    pipeline.registry.rows.clear()
    pipeline.documents.versions.clear()
    assert pipeline.reconcile().collected_chunks == 5
    assert pipeline.indexed() == {}


def test_the_reconciler_leaves_live_and_working_generations_alone(pipeline: Pipeline) -> None:
    processed(pipeline)
    row = pipeline.upload(FIVE + "\nMore.")
    pipeline.hint(row)
    pipeline.embed_next()
    assert pipeline.reconcile().collected_chunks == 0
    pipeline.rest()
    assert pipeline.indexed() == {2: 6}


def test_a_lost_index_is_rebuilt_from_s3(pipeline: Pipeline) -> None:
    processed(pipeline)
    pipeline.index = MemorySearchIndex()
    pipeline.reconcile()
    pipeline.rest()
    assert pipeline.state().status == "READY"
    assert sum(pipeline.indexed().values()) == 5
    assert len(pipeline.embedder.embedded) == 10  # the vectors were lost with it


def test_the_same_content_uploaded_twice_is_embedded_once(pipeline: Pipeline) -> None:
    processed(pipeline)
    text = pipeline.documents.read(pipeline.state().object_key).decode()
    pipeline.hint(pipeline.upload(text, "doc_2"))
    pipeline.rest()
    assert pipeline.state("doc_2").status == "READY"
    assert sum(pipeline.indexed("doc_2").values()) == 5
    assert len(pipeline.embedder.embedded) == 5


def test_a_new_version_embeds_only_what_it_changed(pipeline: Pipeline) -> None:
    processed(pipeline)
    text = pipeline.documents.read(pipeline.state().object_key).decode()
    changed = text.replace(text.split("\n")[2], "A sentence that is new.")
    pipeline.hint(pipeline.upload(changed))
    pipeline.rest()
    assert pipeline.state().live_generation == 2
    assert pipeline.embedder.embedded[5:] == ["A sentence that is new."]


def test_a_lost_registry_is_rebuilt_from_s3(pipeline: Pipeline) -> None:
    processed(pipeline)
    pipeline.documents.filenames[pipeline.state().object_key] = "handbook.txt"
    pipeline.reconcile()  # writes the manifest
    pipeline.registry.kbs.clear()
    pipeline.registry.rows.clear()
    assert pipeline.reconcile().restored_knowledge_bases == 1
    pipeline.rest()
    assert (pipeline.state().status, pipeline.state().filename) == ("READY", "handbook.txt")
    assert pipeline.registry.knowledge_base("acme", "kb_1") == knowledge_base()


def test_a_deleted_knowledge_base_disappears_with_everything_in_it(pipeline: Pipeline) -> None:
    processed(pipeline, document_id="doc_1")
    processed(pipeline, document_id="doc_2")
    pipeline.reconcile()
    kb = pipeline.registry.kbs["acme", "kb_1"]
    pipeline.registry.replace_knowledge_base(kb, kb.model_copy(update={"deleting": True}))
    assert pipeline.reconcile().resumed_knowledge_bases == 1
    pipeline.settle()
    receipt = pipeline.registry.kbs["acme", "kb_1"].receipt
    assert receipt is not None
    assert (receipt.documents, receipt.verified, receipt.removed["chunks"]) == (2, 2, 10)
    assert pipeline.registry.rows == {}
    assert list(pipeline.documents.versions) == [manifest_key("acme", "kb_1")]  # which says that it is deleted
    assert pipeline.indexed() == {}
    assert pipeline.reconcile().restored_knowledge_bases == 0
    pipeline.pass_time(timedelta(days=2))
    pipeline.reconcile()
    assert pipeline.registry.kbs["acme", "kb_1"].receipt == receipt


def test_people_see_what_a_document_waits_for(pipeline: Pipeline) -> None:
    row = pipeline.upload(FIVE)
    pipeline.hint(row)
    body = pipeline.embed_queue.bodies[0]
    from shared.contracts.events import DocumentChunked

    error = Unavailable("The embedding model does not answer.", code="model_unavailable")
    pipeline.embed.await_neighbour(DocumentChunked.parse(body), error)
    assert (pipeline.state().status, pipeline.state().code) == ("EMBEDDING", "model_unavailable")
    pipeline.rest()
    assert (pipeline.state().status, pipeline.state().reason) == ("READY", "")


def test_a_file_larger_than_announced_is_refused_and_one_that_was_overwritten_later_is_not(pipeline: Pipeline) -> None:
    row = pipeline.announce("doc_1", size_bytes=10)
    pipeline.documents.write(row.object_key, FIVE.encode())
    assert pipeline.hint(row) == "rejected"
    assert (pipeline.state().status, pipeline.state().code) == ("FAILED", "larger_than_announced")
    smaller = pipeline.announce("doc_2", size_bytes=len(FIVE.encode()))
    pipeline.documents.write(smaller.object_key, FIVE.encode())
    assert pipeline.hint(smaller) == "parsed"
    pipeline.rest()
    pipeline.documents.write(smaller.object_key, FIVE.encode() * 2)
    assert pipeline.hint(smaller) == "parsed"
