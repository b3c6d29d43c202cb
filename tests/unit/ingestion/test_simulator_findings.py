"""What the simulator found, each as a plain test of its own."""

from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import pytest

from functions.ml.embedding.messages import embed_message
from functions.ml.ingestion.notifications import Hint
from functions.ml.outcomes import document_event
from functions.ml.storage import manifest_key, part_key
from shared.contracts.events import DocumentChunked, DocumentPublished, DocumentRejected
from shared.contracts.registry import DocumentRow
from shared.kernel.errors import Invalid, Unavailable
from shared.registry.transitions import begin_delete, fail, lose_source
from tests.fakes.pipeline import Pipeline
from tests.fakes.registry import MemoryRegistry
from tests.rows import NOW, document, knowledge_base

FIVE = "\n".join(f"Fact number {number} stands here." for number in range(5))


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline()


def ready(pipeline: Pipeline, text: str = FIVE, document_id: str = "doc_1") -> None:
    pipeline.hint(pipeline.upload(text, document_id))
    pipeline.rest()
    assert pipeline.state(document_id).status == "READY"


def deleted(pipeline: Pipeline) -> None:
    row = pipeline.state()
    pipeline.registry.replace_document(row, begin_delete(row, pipeline.now))
    assert pipeline.hint(row) == "purged"


def close(pipeline: Pipeline) -> None:
    """Delete the knowledge base and let the reconciler carry it out."""
    kb = pipeline.registry.kbs["acme", "kb_1"]
    pipeline.registry.replace_knowledge_base(kb, kb.model_copy(update={"deleting": True}))
    for _ in range(2):
        pipeline.reconcile()
        pipeline.rest()


def test_bytes_that_come_after_the_delete_of_an_upload_are_removed(pipeline: Pipeline) -> None:
    ready(pipeline)
    deleted(pipeline)
    row = pipeline.upload("Too late.")
    assert pipeline.hint(row) == "purged"
    assert row.object_key not in pipeline.documents.versions


def test_the_reconciler_finds_bytes_that_came_after_a_delete_unseen(pipeline: Pipeline) -> None:
    ready(pipeline)
    deleted(pipeline)
    row = pipeline.upload("Too late.")
    pipeline.reconcile()
    pipeline.rest()
    assert row.object_key not in pipeline.documents.versions


def test_parts_of_a_generation_that_will_never_be_embedded_are_collected(pipeline: Pipeline) -> None:
    ready(pipeline)
    pipeline.reconcile()
    row = pipeline.state()
    pipeline.artifacts.write(part_key(row.model_copy(update={"generation": 0}), 0), b"[]")
    pipeline.artifacts.write(part_key(document("doc_never"), 0), b"[]")
    assert pipeline.reconcile().collected_parts == 2
    assert not [key for key in pipeline.artifacts.versions if key.startswith("parts/")]


def test_parts_that_are_in_work_stay(pipeline: Pipeline) -> None:
    pipeline.hint(pipeline.upload(FIVE))
    assert pipeline.reconcile().collected_parts == 0
    pipeline.rest()
    assert pipeline.state().status == "READY"


def test_a_repeated_publish_tells_the_same_event(pipeline: Pipeline) -> None:
    pipeline.hint(pipeline.upload(FIVE))
    last = pipeline.embed_queue.bodies[-1]
    pipeline.rest()
    (told,) = [event for event in pipeline.bus.events.values() if isinstance(event, DocumentPublished)]
    pipeline.pass_time(timedelta(minutes=3))
    pipeline.embed_queue.bodies.append(last)
    pipeline.rest()
    assert pipeline.bus.events[told.event_id] == told


def test_a_generation_that_fails_twice_tells_it_twice() -> None:
    row = document()
    failures = [
        fail(row, code="processing_failed", reason="It failed.", permanent=False, now=NOW + timedelta(minutes=minute))
        for minute in (1, 1, 9)
    ]
    first, again, second = (
        document_event(one, DocumentRejected, code=one.code, reason=one.reason).event_id for one in failures
    )
    assert first == again
    assert first != second


def test_a_file_that_is_replaced_by_remove_and_put_is_not_lost(pipeline: Pipeline) -> None:
    pipeline.registry.create_knowledge_base(knowledge_base())
    key, hint = "inbox/acme/kb_1/a.txt", Hint("m", object_key="inbox/acme/kb_1/a.txt")
    pipeline.documents.write(key, FIVE.encode())
    pipeline.ingest(hint)
    pipeline.rest()
    (row,) = pipeline.registry.rows.values()
    pipeline.registry.replace_document(row, lose_source(row, pipeline.now))  # a worker saw the gap
    pipeline.documents.write(key, b"The new one.")
    assert pipeline.ingest(hint) == "purged"
    assert pipeline.ingest(hint) == "parsed"
    pipeline.rest()
    (row,) = pipeline.registry.rows.values()
    assert (row.status, row.live_chunks) == ("READY", 1)


def test_a_file_dropped_after_a_delete_was_asked_for_stays(pipeline: Pipeline) -> None:
    pipeline.registry.create_knowledge_base(knowledge_base())
    key, hint = "inbox/acme/kb_1/a.txt", Hint("m", object_key="inbox/acme/kb_1/a.txt")
    pipeline.documents.write(key, b"The first.")
    pipeline.documents.write(key, FIVE.encode())
    pipeline.ingest(hint)
    pipeline.rest()
    (row,) = pipeline.registry.rows.values()
    newest = pipeline.documents.list_versions([key])[-1].version_id
    pipeline.registry.replace_document(row, begin_delete(row, pipeline.now, newest=newest))
    pipeline.documents.write(key, b"The new one.")
    assert pipeline.ingest(hint) == "purged"
    assert pipeline.documents.read(key) == b"The new one."
    assert len(pipeline.documents.list_versions([key])) == 1
    assert pipeline.ingest(hint) == "parsed"
    pipeline.rest()
    (row,) = pipeline.registry.rows.values()
    assert (row.status, row.live_chunks) == ("READY", 1)


def test_a_second_delete_takes_what_was_dropped_since_the_first() -> None:
    row = begin_delete(document(), NOW, newest="v1")
    assert begin_delete(row, NOW, newest="v1") is row
    later = begin_delete(row, NOW, newest="v2")
    assert later.deletion is not None
    assert later.deletion.through_version == "v2"
    assert begin_delete(later, NOW, newest="") is later
    everything = begin_delete(later, NOW).deletion
    assert everything is not None
    assert not everything.spares_what_came_later
    of_all = begin_delete(document(), NOW)
    assert begin_delete(of_all, NOW, newest="v2") is of_all


def test_a_person_who_deletes_what_was_removed_deletes_what_was_put_since() -> None:
    row = lose_source(document(), NOW)
    assert begin_delete(row, NOW).code == ""


def test_nothing_brings_a_deleted_knowledge_base_back(pipeline: Pipeline) -> None:
    ready(pipeline)
    kb = pipeline.registry.kbs["acme", "kb_1"]
    close(pipeline)
    # A run that had looked before the delete goes on only now; then the registry is lost.
    assert not pipeline.documents.create(manifest_key("acme", "kb_1"), kb.model_dump_json().encode())
    receipt = pipeline.registry.kbs.pop(("acme", "kb_1")).receipt
    assert pipeline.reconcile().restored_knowledge_bases == 1
    restored = pipeline.registry.kbs["acme", "kb_1"]
    assert (restored.deleting, restored.receipt) == (True, receipt)


@pytest.mark.parametrize("key", ["documents/acme/kb_1/doc_1/source", "inbox/acme/kb_1/late.txt"])
def test_what_comes_for_a_deleted_knowledge_base_is_removed(pipeline: Pipeline, key: str) -> None:
    ready(pipeline)
    close(pipeline)
    pipeline.documents.write(key, FIVE.encode())
    pipeline.reconcile()
    pipeline.rest()
    assert list(pipeline.documents.versions) == [manifest_key("acme", "kb_1")]


class DownRegistry(MemoryRegistry):
    """Answers nobody."""

    def document(self, tenant_id: str, kb_id: str, document_id: str) -> DocumentRow | None:
        raise Unavailable("The registry does not answer.", code="registry_unavailable")


def test_an_outage_of_the_registry_burns_no_receive_of_an_embed_message(pipeline: Pipeline) -> None:
    pipeline.hint(pipeline.upload(FIVE))
    body = pipeline.embed_queue.bodies[0]
    pipeline.registry = DownRegistry()
    outcome, _ = embed_message(pipeline.embed, pipeline.embed_queue, DocumentChunked.parse(body), body)
    assert outcome == "postponed"
    assert [kept for kept, _ in pipeline.embed_queue.postponed] == [body]


def test_a_refusal_that_cannot_be_recorded_burns_no_receive_either(pipeline: Pipeline) -> None:
    pipeline.hint(pipeline.upload(FIVE))
    body = pipeline.embed_queue.bodies[0]
    embed = pipeline.embed

    def refused(_: object) -> NoReturn:
        raise Invalid("The model refuses it.", code="model_refused")

    broken = replace(embed, embedder_for=refused, publish=replace(embed.publish, registry=DownRegistry()))
    outcome, _ = embed_message(broken, pipeline.embed_queue, DocumentChunked.parse(body), body)
    assert outcome == "postponed"
    assert [kept for kept, _ in pipeline.embed_queue.postponed] == [body]


def test_a_generation_that_the_index_lost_is_made_again_after_its_deadline(pipeline: Pipeline) -> None:
    pipeline.hint(pipeline.upload(FIVE))
    last = pipeline.embed_queue.bodies[-1]
    pipeline.embed_next()
    pipeline.embed_next()
    pipeline.index.held.clear()
    for _ in range(20):  # the message comes again and again, as a postponed one does
        pipeline.embed_queue.bodies.clear()
        embed_message(pipeline.embed, pipeline.embed_queue, DocumentChunked.parse(last), last)
        assert pipeline.state().code in ("index_incomplete", "")
        pipeline.pass_time(timedelta(minutes=1))
        pipeline.reconcile()
    pipeline.rest()
    assert (pipeline.state().status, pipeline.indexed()) == ("READY", {pipeline.state().generation: 5})


def test_a_slow_worker_of_an_old_delete_removes_nothing_that_came_later(pipeline: Pipeline) -> None:
    pipeline.registry.create_knowledge_base(knowledge_base())
    key, hint = "inbox/acme/kb_1/a.txt", Hint("m", object_key="inbox/acme/kb_1/a.txt")
    pipeline.documents.write(key, FIVE.encode())
    pipeline.ingest(hint)
    (row,) = pipeline.registry.rows.values()
    old = pipeline.registry.replace_document(row, begin_delete(row, pipeline.now))
    pipeline.ingest.purge([old])
    pipeline.documents.write(key, b"The new one.")
    pipeline.ingest(hint)
    pipeline.ingest.purge([old])  # the same delete, stalled until now
    pipeline.rest()
    (row,) = pipeline.registry.rows.values()
    assert (row.status, row.live_chunks) == ("READY", 1)
