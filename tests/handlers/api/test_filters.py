"""Filters, tags and folders through the public API."""

import pytest

from shared.contracts.events import DocumentChanged
from shared.contracts.filters import Filters
from tests.fakes.application import World
from tests.handlers.api.test_path import add_document, bob, cat, make_bot, make_kb, row_of

PDFS, HR = {"types": ["pdf"]}, {"tags": ["HR"]}


def test_a_question_is_narrowed_by_its_filters(world: World) -> None:
    kb_id = make_kb()
    assert bob("POST", f"/knowledge-bases/{kb_id}/searches", {"query": "q", "filters": PDFS}).status == 200
    assert bob("POST", f"/knowledge-bases/{kb_id}/answers", {"question": "q", "filters": HR}).status == 200
    assert world.ml.searched[-1].filters == (Filters(types=("pdf",)),)
    assert world.ml.answered[-1].filters == (Filters(tags=("hr",)),)


def test_without_filters_nothing_is_narrowed(world: World) -> None:
    kb_id = make_kb()
    bob("POST", f"/knowledge-bases/{kb_id}/searches", {"query": "q", "filters": {"tags": []}})
    assert world.ml.searched[-1].filters == ()


@pytest.mark.parametrize(
    ("filters", "code", "told"),
    [
        ({"tag": ["hr"]}, "unknown_filter", "files, folders, types, languages, tags, since, until"),
        ({"types": ["pfd"]}, "unknown_type", "pdf"),
        ({"languages": ["klingon"]}, "unknown_language", "There is no language"),
        ({"since": "tomorrow"}, "invalid_filter", "2026-11-23"),
    ],
)
def test_a_filter_that_nobody_knows_is_refused_everywhere(
    world: World, filters: dict[str, object], code: str, told: str
) -> None:
    kb_id, bot_id = make_kb(), make_bot()
    for method, path, body in (
        ("POST", f"/knowledge-bases/{kb_id}/searches", {"query": "q"}),
        ("POST", f"/knowledge-bases/{kb_id}/answers", {"question": "q"}),
        ("POST", "/conversations/conv_1/messages", {"content": "q"}),
        ("POST", "/bots", {"name": "n"}),
        ("PATCH", f"/bots/{bot_id}", {}),
    ):
        refused = bob(method, path, {**body, "filters": filters})
        assert (refused.status, refused.code) == (400, code)
        assert told in refused.body["error"]["message"]
    assert not world.ml.searched
    assert not world.ml.answered


def test_an_unknown_knowledge_base_is_not_found_whatever_the_filters(world: World) -> None:
    refused = bob("POST", "/knowledge-bases/kb_none/searches", {"query": "q", "filters": PDFS})
    assert (refused.status, refused.code) == (404, "unknown_knowledge_base")


def test_a_bots_filters_hold_beside_the_callers_and_belong_to_its_version(world: World) -> None:
    bot_id = make_bot(kb_ids=[make_kb()], filters=PDFS)
    bob("POST", f"/bots/{bot_id}/publish")
    bob("PATCH", f"/bots/{bot_id}", {"filters": {"types": ["docx"]}})
    shown = bob("GET", f"/bots/{bot_id}").body
    assert (shown["published"]["filters"]["types"], shown["draft"]["filters"]["types"]) == (["pdf"], ["docx"])

    begun = cat("POST", f"/bots/{bot_id}/conversations", {}).body["conversation_id"]
    assert cat("POST", f"/conversations/{begun}/messages", {"content": "q", "filters": HR}).status == 201
    assert world.ml.answered[-1].filters == (Filters(types=("pdf",)), Filters(tags=("hr",)))

    draft = bob("POST", f"/bots/{bot_id}/conversations", {"draft": True}).body["conversation_id"]
    bob("POST", f"/conversations/{draft}/messages", {"content": "q"})
    assert world.ml.answered[-1].filters[0] == Filters(types=("docx",))
    assert len(world.ml.answered[-1].filters) == 1

    item = {"id": "1", "text": "q"}
    assert bob("POST", "/evaluations", {"bot_id": bot_id, "items": [item]}).status == 201
    assert [run.filters for run in world.ml.evaluated.values()] == [(Filters(types=("docx",)),)]

    bob("PATCH", f"/bots/{bot_id}", {"filters": {}})
    assert not Filters.model_validate(bob("GET", f"/bots/{bot_id}").body["draft"]["filters"]).narrows


def test_an_upload_brings_its_folder_day_and_tags(world: World) -> None:
    kb_id = make_kb()
    wish = {"filename": "hr/2026/leave.pdf", "size_bytes": 7, "tags": ["HR", "hr", "Annual  Leave"]}
    made = bob("POST", f"/knowledge-bases/{kb_id}/documents", {**wish, "modified_on": "2025-12-24T10:00:00Z"})
    assert made.status == 201, made.body
    shown = made.body["document"]
    assert (shown["filename"], shown["folder"]) == ("hr/2026/leave.pdf", "hr/2026")
    assert (shown["tags"], shown["modified_on"]) == (["hr", "annual leave"], "2025-12-24")
    row = row_of(world, kb_id, made.body["document_id"])
    assert (row.tags, row.modified_on) == (("hr", "annual leave"), "2025-12-24")


@pytest.mark.parametrize("wrong", [{"tags": ["a,b"]}, {"tags": ["x"] * 21}, {"modified_on": "soon"}, {"tags": "hr"}])
def test_an_upload_with_wrong_tags_or_day_is_refused(world: World, wrong: dict[str, object]) -> None:
    kb_id = make_kb()
    made = bob("POST", f"/knowledge-bases/{kb_id}/documents", {"filename": "a.pdf", "size_bytes": 7, **wrong})
    assert made.status == 400
    assert world.registry.rows == {}


def test_other_tags_queue_a_document_that_goes_on_answering(world: World) -> None:
    kb_id = make_kb()
    document_id = add_document(world, kb_id, status="READY", version="v1", generation=1, live_generation=1)
    path = f"/knowledge-bases/{kb_id}/documents/{document_id}"
    changed = bob("PATCH", path, {"tags": ["New"]})
    assert (changed.status, changed.body["tags"], changed.body["status"]) == (200, ["new"], "QUEUED")
    assert changed.body["live_version"] == 1
    event = DocumentChanged.parse(world.queue.bodies[-1])
    assert (event.document_id, event.object_key) == (document_id, row_of(world, kb_id, document_id).object_key)


def test_the_same_tags_and_no_tags_at_all_change_nothing(world: World) -> None:
    kb_id = make_kb()
    document_id = add_document(world, kb_id, status="READY", version="v1", tags=("hr",))
    path = f"/knowledge-bases/{kb_id}/documents/{document_id}"
    for body in ({"tags": ["HR"]}, {}):
        assert bob("PATCH", path, body).body["status"] == "READY"
    assert not world.queue.bodies
    assert bob("PATCH", path, {"tags": []}).body["tags"] == []


def test_only_who_may_delete_a_document_may_tag_it(world: World) -> None:
    kb_id = make_kb()
    document_id = add_document(world, kb_id, status="READY", version="v1")
    refused = cat("PATCH", f"/knowledge-bases/{kb_id}/documents/{document_id}", {"tags": ["x"]})
    assert (refused.status, refused.code) == (403, "not_owner")
    gone = add_document(world, kb_id, status="DELETING")
    refused = bob("PATCH", f"/knowledge-bases/{kb_id}/documents/{gone}", {"tags": ["x"]})
    assert (refused.status, refused.code) == (409, "document_deleted")
