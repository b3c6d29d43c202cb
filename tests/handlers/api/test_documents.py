"""Lists that are narrowed, many documents at once, and large files in parts."""

from typing import Any

import pytest

from functions.application.domain.uploads import PART_BYTES, StoredPart, sizes_of
from functions.application.services import documents as service
from shared.contracts import api
from shared.contracts.registry import KnowledgeBaseRow
from tests.fakes.application import World
from tests.handlers.api.client import Caller
from tests.rows import document, knowledge_base

BOB, CAT = Caller("bob"), Caller("cat")
DOCUMENTS = "/knowledge-bases/kb_1/documents"
BIG = 2 * PART_BYTES + 5


def shelf(world: World) -> KnowledgeBaseRow:
    kb = knowledge_base("kb_1").model_copy(update={"owner_id": "bob"})
    world.registry.create_knowledge_base(kb)
    return kb


def fill(world: World, count: int) -> None:
    kb = shelf(world)
    for number in range(count):
        status = ("READY", "FAILED", "DELETED")[number % 3]
        changes: dict[str, Any] = {"status": status, "filename": f"Größe/Plan {number}.pdf", "owner_id": "bob"}
        world.registry.create_document(document(f"doc_{number:04d}", kb=kb).model_copy(update=changes))


def names(query: dict[str, str]) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        page = api.Documents.model_validate(BOB("GET", DOCUMENTS, query={**query, "cursor": cursor}).body)
        found += [item.filename for item in page.items]
        cursor = page.cursor
        if not cursor:
            return found


def test_a_list_is_narrowed_by_state_and_by_words_and_every_page_is_full(world: World) -> None:
    fill(world, 90)
    page = api.Documents.model_validate(BOB("GET", DOCUMENTS, query={"status": "FAILED", "limit": "7"}).body)
    assert [item.status for item in page.items] == ["FAILED"] * 7
    assert len(names({"status": "FAILED", "limit": "7"})) == 30
    assert len(names({"limit": "7"})) == len(set(names({"limit": "7"}))) == 60
    assert names({"q": "plan GRÖSSE 4.pdf"}) == [f"Größe/Plan {number}.pdf" for number in (4, 24, 34, 54, 64, 84)]
    assert names({"q": "nothing of this"}) == []
    assert names({"status": "DELETED"}) == []


def test_a_search_that_finds_little_answers_in_portions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(world, 90)
    monkeypatch.setattr(service, "ROWS_PER_PAGE", 10)
    monkeypatch.setattr(service, "MOST_LOOKED_AT", 20)
    first = api.Documents.model_validate(BOB("GET", DOCUMENTS, query={"q": "Plan 81.pdf"}).body)
    assert (first.items, first.cursor) == ((), "doc_0019")
    assert names({"q": "Plan 81.pdf"}) == ["Größe/Plan 81.pdf"]


def test_an_unknown_state_is_refused(world: World) -> None:
    shelf(world)
    assert BOB("GET", DOCUMENTS, query={"status": "LOST"}).code == "unknown_state"


def test_many_are_retried_or_deleted_and_one_refusal_stops_no_other(world: World) -> None:
    fill(world, 6)
    ids = ["doc_0001", "doc_0000", "doc_9999", "doc_0004", "doc_0001"]
    retried = api.BulkOutcome.model_validate(
        BOB("POST", f"{DOCUMENTS}/bulk", {"action": "retry", "document_ids": ids}).body
    )
    assert [item.document_id for item in retried.done] == ["doc_0001", "doc_0004"]
    assert {item.document_id: item.code for item in retried.refused} == {
        "doc_0000": "document_not_failed",
        "doc_9999": "unknown_document",
    }
    deleted = api.BulkOutcome.model_validate(
        BOB("POST", f"{DOCUMENTS}/bulk", {"action": "delete", "document_ids": ["doc_0000", "doc_0003"]}).body
    )
    assert [item.status for item in deleted.done] == ["DELETING", "DELETING"]
    assert len(world.queue.bodies) == 4


def test_nobody_deletes_many_documents_of_others(world: World) -> None:
    fill(world, 6)
    outcome = api.BulkOutcome.model_validate(
        CAT("POST", f"{DOCUMENTS}/bulk", {"action": "delete", "document_ids": ["doc_0000"]}).body
    )
    assert [(item.document_id, item.code) for item in outcome.refused] == [("doc_0000", "not_owner")]
    assert BOB("POST", f"{DOCUMENTS}/bulk", {"action": "delete", "document_ids": ["d"] * 101}).status == 400


def test_a_document_is_replaced_only_by_who_may_delete_it(world: World) -> None:
    kb = shelf(world)
    other = knowledge_base("kb_2").model_copy(update={"owner_id": "bob"})
    world.registry.create_knowledge_base(other)
    world.registry.create_document(document("doc_old", kb=kb).model_copy(update={"status": "READY", "owner_id": "bob"}))
    newer = {"filename": "new.pdf", "size_bytes": 7, "replaces": "doc_old"}

    assert CAT("POST", DOCUMENTS, newer).code == "not_owner"
    assert BOB("POST", "/knowledge-bases/kb_2/documents", newer).code == "unknown_document"
    assert BOB("POST", DOCUMENTS, {**newer, "replaces": "doc_nowhere"}).code == "unknown_document"
    made = api.CreatedDocument.model_validate(BOB("POST", DOCUMENTS, newer).body)
    row = world.registry.document("acme", "kb_1", made.document_id)
    assert row is not None
    assert row.replaces == "doc_old"


def announced(world: World, size_bytes: int = BIG) -> str:
    shelf(world)
    made = BOB("POST", DOCUMENTS, {"filename": "big.pdf", "size_bytes": size_bytes})
    return f"{DOCUMENTS}/{made.body['document_id']}/parts"


def test_a_large_file_comes_in_parts_and_goes_on_after_a_lost_connection(world: World) -> None:
    path = announced(world)
    begun = api.PartsUpload.model_validate(BOB("POST", path).body)
    assert [(part.number, part.size_bytes) for part in begun.parts] == [(1, PART_BYTES), (2, PART_BYTES), (3, 5)]
    assert world.parts.begun[0][1:] == ("application/pdf", "big.pdf")
    (stored,) = world.parts.uploads.values()
    stored[2] = StoredPart("b", PART_BYTES)
    stored[3] = StoredPart("short", 4)
    resumed = api.PartsUpload.model_validate(BOB("GET", path).body)
    assert (resumed.parts_done, [part.number for part in resumed.parts]) == ((2,), [1, 3])
    again = api.PartsUpload.model_validate(BOB("POST", path).body)
    assert (again.parts_done, len(world.parts.begun)) == ((2,), 1)
    refused = BOB("PUT", path)
    assert (refused.status, refused.code) == (409, "parts_missing")
    stored.update({1: StoredPart("a", PART_BYTES), 3: StoredPart("c", 5)})
    finished = api.Document.model_validate(BOB("PUT", path).body)
    assert finished.status == "UPLOADING"
    assert list(world.parts.objects.values()) == [BIG]


def test_an_upload_that_was_given_up_can_begin_again(world: World) -> None:
    path = announced(world)
    assert BOB("GET", path).code == "upload_not_begun"
    BOB("POST", path)
    assert BOB("DELETE", path).status == 200
    assert world.parts.uploads == {}
    assert BOB("PUT", path).code == "upload_not_begun"
    assert BOB("POST", path).status == 200
    world.parts.uploads.clear()  # as the bucket's own rule does after a day
    assert BOB("GET", path).code == "upload_expired"


def test_only_who_announced_a_file_or_owns_the_knowledge_base_sends_it(world: World) -> None:
    path = announced(world)
    for method in ("POST", "GET", "PUT", "DELETE"):
        assert CAT(method, path).code == "not_owner"


def test_parts_are_refused_once_the_document_waits_for_no_file(world: World) -> None:
    path = announced(world)
    BOB("POST", path)
    document_id = path.split("/")[-2]
    row = world.registry.document("acme", "kb_1", document_id)
    assert row is not None
    world.registry.replace_document(row, row.model_copy(update={"status": "PARSING"}))
    for method in ("POST", "GET", "PUT", "DELETE"):
        assert BOB(method, path).code == "not_uploading"


@pytest.mark.parametrize("size", [1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 200 * 1024 * 1024])
def test_parts_are_the_file_and_none_is_too_small_for_the_store(size: int) -> None:
    sizes = sizes_of(size)
    assert sum(sizes.values()) == size
    assert all(part == PART_BYTES for part in list(sizes.values())[:-1])
    assert 0 < sizes[len(sizes)] <= PART_BYTES
