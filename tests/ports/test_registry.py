"""Conformance of the Registry port: the in-memory fake and DynamoDB (moto) pass the same tests."""

import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.models import DynamoDBBackend

from shared.kernel import aws
from shared.kernel.errors import Conflict
from shared.registry.dynamodb import DynamoRegistry
from shared.registry.ports import Registry
from shared.registry.transitions import await_recognition, cut, extend, open_generation
from tests.fakes.registry import MemoryRegistry
from tests.rows import NOW, document, knowledge_base


def _make_atomic(monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB changes an item in one step; moto reads it and writes it, and other threads may come between."""
    lock, update = threading.RLock(), DynamoDBBackend.update_item

    def update_item(*given: Any, **named: Any) -> Any:
        with lock:
            return update(*given, **named)

    monkeypatch.setattr(DynamoDBBackend, "update_item", update_item)


@pytest.fixture(params=["memory", "dynamodb"])
def registry(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    if request.param == "memory":
        yield MemoryRegistry()
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    _make_atomic(monkeypatch)
    with mock_aws():
        aws._client.cache_clear()
        boto3.client("dynamodb").create_table(
            TableName="registry",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield DynamoRegistry("registry")
    aws._client.cache_clear()


def test_a_row_comes_back_as_it_was_written(registry: Registry) -> None:
    kb, row = knowledge_base(), document()
    registry.create_knowledge_base(kb)
    registry.create_document(row)
    assert registry.knowledge_base("acme", "kb_1") == kb
    assert registry.document("acme", "kb_1", "doc_1") == row


def test_what_is_not_there_is_none(registry: Registry) -> None:
    registry.create_document(document())
    assert registry.knowledge_base("acme", "kb_1") is None
    assert registry.document("other", "kb_1", "doc_1") is None
    assert registry.documents("acme", [("kb_1", "doc_2")]) == {}


def test_an_id_is_written_once(registry: Registry) -> None:
    registry.create_knowledge_base(knowledge_base())
    registry.create_document(document())
    with pytest.raises(Conflict):
        registry.create_knowledge_base(knowledge_base())
    with pytest.raises(Conflict):
        registry.create_document(document())


def test_a_stale_replace_is_refused(registry: Registry) -> None:
    row = document()
    registry.create_document(row)
    newer = registry.replace_document(
        row, open_generation(row, version="v1", size_bytes=1, release_id="rel_1", now=NOW)
    )
    assert newer.revision == row.revision + 1
    with pytest.raises(Conflict):
        registry.replace_document(row, row.model_copy(update={"reason": "stale"}))
    assert registry.document("acme", "kb_1", "doc_1") == newer


def test_parts_are_a_set_and_fenced_by_the_generation(registry: Registry) -> None:
    row = document()
    registry.create_document(row)
    row = registry.replace_document(row, open_generation(row, version="v", size_bytes=1, release_id="r", now=NOW))
    with pytest.raises(Conflict):
        registry.add_part(row, 0)
    row = registry.replace_document(row, cut(row, parts_total=3, chunks=9, pages=1, now=NOW))
    for part in (2, 0, 2):
        stored = registry.add_part(row, part)
    assert stored.parts_done == frozenset({0, 2})
    assert registry.document("acme", "kb_1", "doc_1") == stored
    newer = open_generation(stored, version="w", size_bytes=1, release_id="r", now=NOW)
    newer = registry.replace_document(stored, newer)
    with pytest.raises(Conflict):
        registry.add_part(row, 1)
    newer = registry.replace_document(newer, cut(newer, parts_total=3, chunks=9, pages=1, now=NOW))
    with pytest.raises(Conflict):  # a worker of the older generation, while the newer one is embedded
        registry.add_part(row, 1)
    assert registry.document("acme", "kb_1", "doc_1") == newer


def test_pages_are_counted_only_while_they_are_recognised(registry: Registry) -> None:
    row = document()
    registry.create_document(row)
    row = registry.replace_document(row, open_generation(row, version="v", size_bytes=1, release_id="r", now=NOW))
    row = registry.replace_document(row, await_recognition(row, unread=2, pages=5, now=NOW))
    with pytest.raises(Conflict):
        registry.add_part(row, 3)
    registry.add_part(row, 3, status="RECOGNISING")
    row = registry.add_part(row, 5, status="RECOGNISING")
    assert (row.parts_done, row.parts_total) == (frozenset({3, 5}), 2)
    row = registry.replace_document(row, cut(row, parts_total=4, chunks=4, pages=5, now=NOW, warnings=["Left out."]))
    assert (row.parts_done, row.warnings) == (frozenset(), ("Left out.",))
    with pytest.raises(Conflict):  # a page that comes late must not count as an embedded part
        registry.add_part(row, 3, status="RECOGNISING")
    assert registry.document("acme", "kb_1", "doc_1") == row


def test_concurrent_parts_are_all_kept(registry: Registry) -> None:
    row = document()
    registry.create_document(row)
    row = registry.replace_document(row, open_generation(row, version="v", size_bytes=1, release_id="r", now=NOW))
    row = registry.replace_document(row, cut(row, parts_total=8, chunks=8, pages=1, now=NOW))
    threads = [threading.Thread(target=registry.add_part, args=(row, part)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = registry.document("acme", "kb_1", "doc_1")
    assert stored is not None
    assert stored.parts_done == frozenset(range(8))


def test_many_documents_are_read_at_once(registry: Registry) -> None:
    for number in range(230):
        registry.create_document(document(f"doc_{number:03d}"))
    keys = [("kb_1", f"doc_{number:03d}") for number in range(0, 230, 2)]
    assert set(registry.documents("acme", keys)) == {document_id for _, document_id in keys}


def test_a_listing_pages_through_one_knowledge_base(registry: Registry) -> None:
    for number in range(7):
        registry.create_document(document(f"doc_{number}"))
    registry.create_document(document("doc_other", kb=knowledge_base("kb_2")))
    first, cursor = registry.list_documents("acme", "kb_1", limit=5)
    rest, end = registry.list_documents("acme", "kb_1", limit=5, cursor=cursor)
    assert [row.document_id for row in (*first, *rest)] == [f"doc_{number}" for number in range(7)]
    assert end == ""


def test_a_scan_yields_every_row_of_every_tenant(registry: Registry) -> None:
    registry.create_knowledge_base(knowledge_base())
    registry.create_knowledge_base(knowledge_base(tenant_id="other"))
    registry.create_document(document())
    assert len(list(registry.scan())) == 3


def test_removing_is_conditional_and_idempotent(registry: Registry) -> None:
    row = document()
    registry.create_document(row)
    newer = registry.replace_document(row, row.model_copy(update={"reason": "x"}))
    with pytest.raises(Conflict):
        registry.remove_document(row)
    registry.remove_document(newer)
    registry.remove_document(newer)
    assert registry.document("acme", "kb_1", "doc_1") is None


def test_knowledge_bases_are_listed_oldest_first_within_the_tenant(registry: Registry) -> None:
    for kb_id in ("kb_b", "kb_a"):
        registry.create_knowledge_base(knowledge_base(kb_id))
    registry.create_knowledge_base(knowledge_base("kb_c", tenant_id="other"))
    assert [row.kb_id for row in registry.knowledge_bases("acme")] == ["kb_a", "kb_b"]


def test_a_finished_part_ends_a_wait(registry: Registry) -> None:
    row = document()
    registry.create_document(row)
    row = registry.replace_document(row, open_generation(row, version="v", size_bytes=1, release_id="r", now=NOW))
    row = registry.replace_document(row, cut(row, parts_total=3, chunks=9, pages=1, now=NOW))
    row = registry.replace_document(row, extend(row, reason="It sleeps.", code="embedder_unavailable", now=NOW))
    assert row.waiting_since
    done = registry.add_part(row, 0)
    assert (done.reason, done.code, done.waiting_since) == ("", "", "")
