"""What people see of a document that is not READY, and what operators see and mend."""

import pytest

from shared.contracts.events import DocumentChanged
from shared.contracts.ml_api import Difference, ReconciliationResponse
from shared.contracts.registry import Deletion
from shared.kernel.clock import isoformat
from tests.fakes.application import World
from tests.handlers.api.client import Caller
from tests.handlers.api.test_path import add_document, make_kb, row_of

ada, bob, eve = Caller("ada"), Caller("bob"), Caller("eve")
AN_HOUR_S = 3600


def shown(kb_id: str, document_id: str) -> dict[str, object]:
    answer = bob("GET", f"/knowledge-bases/{kb_id}/documents/{document_id}")
    assert answer.status == 200, answer.body
    return dict(answer.body)


def reported(world: World, *differences: Difference, age_s: float = 0) -> None:
    """Let the reconciler have reported."""
    now = isoformat(world.clock())
    world.ml.report = ReconciliationResponse(started_at=now, finished_at=now, differences=differences)
    world.clock.advance(age_s)


def findings(caller: Caller = ada) -> dict[str, dict[str, object]]:
    answer = caller("GET", "/diagnosis")
    assert answer.status == 200, answer.body
    assert answer.body["healthy"] == (not answer.body["findings"])
    return {finding["code"]: finding for finding in answer.body["findings"]}


def test_a_document_shows_its_state_since_when_and_how_far_it_is(world: World) -> None:
    kb_id = make_kb()
    document_id = add_document(world, kb_id)
    assert shown(kb_id, document_id)["progress"] == {
        "bytes_received": 0, "bytes_total": 7, "pages": 0, "chunks_done": 0, "chunks_total": 0,
    }  # fmt: skip
    in_work = {"status": "EMBEDDING", "status_since": "2026-01-31T12:00:00.000Z", "version": "v1", "generation": 2}
    progress = {"parts_total": 4, "parts_done": frozenset({0, 1}), "chunks": 40, "pages": 3, "live_generation": 1}
    document_id = add_document(world, kb_id, **in_work, **progress)
    found = shown(kb_id, document_id)
    assert found["progress"] == {
        "bytes_received": 7, "bytes_total": 7, "pages": 3, "chunks_done": 20, "chunks_total": 40,
    }  # fmt: skip
    assert (found["status_since"], found["version"], found["live_version"]) == ("2026-01-31T12:00:00.000Z", 2, 1)
    assert (found["actions"], found["can_retry"], found["remedy"]) == (["wait", "delete"], False, "")


@pytest.mark.parametrize(
    ("changes", "actions", "tries_again"),
    [
        ({"code": "password_protected", "permanent": True}, ["upload_again", "delete"], False),
        ({"code": "embedder_refused", "permanent": True}, ["upload_again", "delete", "retry"], False),
        ({"code": "upload_missing", "permanent": True}, ["upload_again", "delete"], False),
        ({"code": "deadline_exceeded", "permanent": True}, ["retry", "delete"], False),
        ({"code": "processing_failed", "tries": 1}, ["retry", "delete"], True),
        ({"code": "processing_failed", "tries": 3}, ["retry", "delete"], False),
    ],
    ids=["the file itself", "permanent", "never came", "given up", "tries again", "tries used up"],
)
def test_a_failed_document_says_what_helps_and_when_it_is_tried_again(
    world: World, changes: dict[str, object], actions: list[str], tries_again: bool
) -> None:
    kb_id = make_kb()
    failed = {"status": "FAILED", "generation": 1, "updated_at": "2026-01-31T12:00:00.000Z", "reason": "It is so."}
    document_id = add_document(world, kb_id, **failed, **changes)
    found = shown(kb_id, document_id)
    assert found["actions"] == actions
    assert found["can_retry"] == ("retry" in actions)
    assert found["next_try_at"] == ("2026-01-31T12:01:00.000Z" if tries_again else "")
    assert str(found["remedy"]).endswith(".")
    retried = bob("POST", f"/knowledge-bases/{kb_id}/documents/{document_id}/retry")
    # A newer platform may read what this one refused, so only what never came is no retry at all.
    assert retried.status == (409 if changes["code"] == "upload_missing" else 200)


def test_a_delete_says_who_asked_and_its_receipt_what_was_removed_where_and_when(world: World) -> None:
    kb_id = make_kb()
    document_id = add_document(world, kb_id, status="READY", status_since="", version="v1", generation=1)
    path = f"/knowledge-bases/{kb_id}/documents/{document_id}"
    begun = bob("DELETE", path).body
    assert (begun["deletion"]["requested_by"], begun["deletion"]["finished_at"], begun["actions"]) == (
        "bob",
        "",
        ["wait"],
    )
    closed = Deletion(
        requested_at="2026-01-31T12:00:00.000Z",
        requested_by="bob",
        found={"versions": 2, "parts": 1, "chunks": 9},
        removed_at={"versions": "t1", "parts": "t2", "chunks": "t3"},
        left={"versions": 0, "parts": 0, "chunks": 0},
        finished_at="t4",
    )
    row = row_of(world, kb_id, document_id).model_copy(
        update={"status": "DELETED", "deletion": closed, "receipt": {"versions": 2, "parts": 1, "chunks": 9}}
    )
    world.registry.rows["acme", kb_id, document_id] = row
    receipt = shown(kb_id, document_id)["deletion"]
    assert isinstance(receipt, dict)
    assert (receipt["verified"], receipt["finished_at"]) == (True, "t4")
    assert receipt["stores"][2] == {"store": "chunks", "removed": 9, "removed_at": "t3", "left": 0}


@pytest.mark.parametrize("path", ["GET /diagnosis", "POST /reconciliations", "POST /redrives"])
def test_only_administrators_operate(world: World, path: str) -> None:
    method, _, route = path.partition(" ")
    refused = bob(method, route)
    assert (refused.status, refused.code) == (403, "operators_only")


def test_a_healthy_platform_has_no_findings(world: World) -> None:
    world.gauge.dead = {"ingest": 0}
    add_document(world, make_kb(), status="READY", deadline="")
    reported(world)
    assert findings() == {}


def test_the_diagnosis_names_what_is_wrong_with_what_to_do(world: World) -> None:
    kb_id = make_kb()
    dead = add_document(world, kb_id, status="FAILED", code="processing_failed", deadline="")
    used_up = add_document(world, kb_id, status="FAILED", code="index_throttled", tries=3, deadline="")
    late = add_document(world, kb_id, status="PARSING", deadline="2026-01-31T11:00:00.000Z")
    waits = {"status": "EMBEDDING", "code": "embedder_unavailable", "reason": "The model does not answer."}
    waiting = add_document(world, kb_id, **waits, status_since="2026-01-31T11:00:00.000Z", deadline="")
    lost = add_document(world, kb_id, status="READY", deadline="")
    reported(
        world, Difference(kind="index_lost_passages", tenant_id="acme", kb_id=kb_id, document_id=lost), age_s=AN_HOUR_S
    )
    add_document(world, kb_id, status="FAILED", code="password_protected", permanent=True, deadline="")
    found = findings()
    for code, document_id in {
        "documents_given_up": dead,
        "retries_used_up": used_up,
        "deadline_passed": late,
        "waiting_for_neighbour": waiting,
        "index_differs": lost,
    }.items():
        documents = found[code]["documents"]
        assert isinstance(documents, list)
        assert [item["document_id"] for item in documents] == [document_id], code
    assert found["dead_letters"]["count"] == 2
    assert "reconciler_silent" in found
    assert all(str(finding["command"]).startswith("strata ") for finding in found.values())
    assert set(findings(eve)) == {"dead_letters", "reconciler_silent"}


def test_a_delete_that_stands_still_is_found(world: World) -> None:
    kb_id = make_kb()
    reported(world)
    assert bob("DELETE", f"/knowledge-bases/{kb_id}").status == 202
    assert "delete_stopped" not in findings()
    world.clock.advance(AN_HOUR_S)
    assert "delete_stopped" in findings()


def test_a_redrive_moves_dead_letters_and_queues_what_was_given_up(world: World) -> None:
    kb_id = make_kb()
    given_up = add_document(world, kb_id, status="FAILED", code="processing_failed", version="v1")
    broken = add_document(world, kb_id, status="FAILED", code="unreadable", permanent=True, version="v1")
    answer = ada("POST", "/redrives")
    assert answer.body == {"moved": {"ingest": 2}, "retried": 1, "left": 0}
    assert (row_of(world, kb_id, given_up).status, row_of(world, kb_id, broken).status) == ("QUEUED", "FAILED")
    assert DocumentChanged.parse(world.queue.bodies[-1]).document_id == given_up
    assert ada("POST", "/redrives").body == {"moved": {"ingest": 0}, "retried": 0, "left": 0}


def test_reconcile_now_answers_the_report_which_the_status_shows_from_then_on(world: World) -> None:
    assert ada("GET", "/status").body["reconciliation"] is None
    assert ada("POST", "/reconciliations").status == 200
    assert ada("GET", "/status").body["reconciliation"]["finished_at"] == isoformat(world.clock())
    assert bob("GET", "/status").body["reconciliation"] is None


def test_the_status_counts_failures_by_reason_and_explains_the_queues(world: World) -> None:
    kb_id = make_kb()
    add_document(world, kb_id, status="FAILED", code="unreadable")
    add_document(world, kb_id, status="FAILED", code="unreadable")
    add_document(world, kb_id, status="EMBEDDING", code="embedder_unavailable", status_since="2026-01-31T09:00:00.000Z")
    found = ada("GET", "/status").body
    assert (found["failed"], found["waiting"]) == ({"unreadable": 2}, {"embedder_unavailable": 1})
    assert found["oldest_in_work"] == "2026-01-31T09:00:00.000Z"


def test_a_rebuild_is_asked_for_by_the_owner_and_shows_how_far_it_is(world: World) -> None:
    kb_id = make_kb()
    at_rest = {"status": "READY", "version": "v1", "live_generation": 1, "generation": 1}
    documents = [add_document(world, kb_id, **at_rest, status_since="2026-01-31T12:00:00.000Z") for _ in range(2)]
    assert Caller("cat")("POST", f"/knowledge-bases/{kb_id}/rebuild").code == "not_owner"
    begun = bob("POST", f"/knowledge-bases/{kb_id}/rebuild")
    assert (begun.status, begun.body["rebuild"]["documents_left"]) == (202, 2)
    assert DocumentChanged.parse(world.queue.bodies[-1]).kb_id == kb_id
    done = row_of(world, kb_id, documents[0]).model_copy(update={"status_since": "2026-01-31T13:00:00.000Z"})
    world.registry.rows["acme", kb_id, documents[0]] = done
    rebuild = bob("GET", f"/knowledge-bases/{kb_id}").body["rebuild"]
    assert (rebuild["documents_left"], rebuild["documents_total"], rebuild["requested_by"]) == (1, 2, "bob")
    assert rebuild["requested_by_address"] == "bob@acme.example"


def test_a_knowledge_base_is_made_with_a_way_to_cut_and_a_change_begins_a_rebuild(world: World) -> None:
    made = bob("POST", "/knowledge-bases", {"name": "Guides", "chunking": "parent-child"})
    assert (made.status, made.body["chunking"], made.body["release_id"]) == (
        201, "parent-child", "rel_multilingual_parents",
    )  # fmt: skip
    kb_id = str(made.body["kb_id"])
    add_document(world, kb_id, status="READY", version="v1", live_generation=1, generation=1)
    sent = len(world.queue.bodies)
    same = bob("PATCH", f"/knowledge-bases/{kb_id}", {"chunking": "parent-child", "description": "x"})
    assert (same.status, same.body["rebuild"], len(world.queue.bodies)) == (200, None, sent)
    changed = bob("PATCH", f"/knowledge-bases/{kb_id}", {"chunking": "structure"})
    assert (changed.body["chunking"], changed.body["release_id"]) == ("structure", "rel_multilingual")
    assert changed.body["rebuild"]["documents_left"] == 1
    assert DocumentChanged.parse(world.queue.bodies[-1]).kb_id == kb_id
    assert bob("PATCH", f"/knowledge-bases/{kb_id}", {"chunking": "magic"}).code == "unknown_chunking"
    assert bob("POST", "/knowledge-bases", {"name": "Other", "chunking": "magic"}).code == "unknown_chunking"
    assert Caller("cat")("PATCH", f"/knowledge-bases/{kb_id}", {"chunking": "page"}).code == "not_owner"


def test_the_ways_to_cut_are_listed_with_what_they_are_good_for(world: World) -> None:
    del world
    items = bob("GET", "/chunking-strategies").body["items"]
    assert [(item["name"], item["is_default"]) for item in items] == [("structure", True), ("parent-child", False)]
    assert all(item["description"] for item in items)


def test_a_preview_asks_the_ml_layer_as_the_person_and_with_what_was_wished(world: World) -> None:
    kb_id = make_kb()
    document_id = add_document(world, kb_id, status="READY")
    path = f"/knowledge-bases/{kb_id}/documents/{document_id}/chunk-previews"
    shown = bob("POST", path, {"chunking": "fixed", "parameters": {"size_tokens": 50}, "offset": 3, "limit": 9})
    assert (shown.status, shown.body["chunks"][0]["text"]) == (200, "the passage")
    asked = world.ml.previewed[-1]
    assert (asked.document_id, asked.chunking, asked.parameters) == (document_id, "fixed", {"size_tokens": 50})
    assert (asked.offset, asked.limit, asked.caller.user_id) == (3, 9, "bob")
    of_file = bob("POST", "/chunk-previews", {"filename": "a.txt", "content": "YQ=="})
    assert of_file.body["filename"] == "a.txt"
    assert world.ml.previewed[-1].file is not None
    assert bob("POST", path, {"limit": 0}).status == 400
    assert bob("POST", "/chunk-previews", {"filename": "a.txt", "content": "Y" * 5_400_000}).status == 413
    assert len(world.ml.previewed) == 2
    assert eve("POST", path, {}).status == 404
