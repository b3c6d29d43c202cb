"""The whole path of the API: from a knowledge base to a cited answer, through real gateway events."""

import json

import pytest

from shared.contracts.events import DocumentChanged
from shared.contracts.registry import DocumentRow, KnowledgeBaseReceipt
from shared.kernel.errors import TooMany, Unavailable
from tests.fakes.application import World
from tests.handlers.api.client import Caller

ada, bob, cat, eve = Caller("ada"), Caller("bob"), Caller("cat"), Caller("eve")


def make_kb(caller: Caller = bob, name: str = "Docs", **more: object) -> str:
    made = caller("POST", "/knowledge-bases", {"name": name, **more})
    assert made.status == 201, made.body
    return str(made.body["kb_id"])


def make_bot(caller: Caller = bob, **more: object) -> str:
    made = caller("POST", "/bots", {"name": "Helper", "instructions": "Be brief.", **more})
    assert made.status == 201, made.body
    return str(made.body["bot_id"])


def make_conversation(caller: Caller = bob, **more: object) -> str:
    bot_id = make_bot(kb_ids=[make_kb()])
    assert bob("POST", f"/bots/{bot_id}/publish").status == 200
    made = caller("POST", f"/bots/{bot_id}/conversations", more)
    assert made.status == 201, made.body
    return str(made.body["conversation_id"])


def add_document(world: World, kb_id: str, **changes: object) -> str:
    made = bob("POST", f"/knowledge-bases/{kb_id}/documents", {"filename": "handbook.pdf", "size_bytes": 7})
    assert made.status == 201, made.body
    document_id = str(made.body["document_id"])
    row = world.registry.rows["acme", kb_id, document_id]
    world.registry.rows["acme", kb_id, document_id] = row.model_copy(update=changes)
    return document_id


def row_of(world: World, kb_id: str, document_id: str) -> DocumentRow:
    return world.registry.rows["acme", kb_id, document_id]


def test_me_is_who_the_table_says(world: World) -> None:
    me = ada("GET", "/me")
    assert me.status == 200
    assert (me.body["tenant_id"], me.body["role"], me.body["email"]) == ("acme", "admin", "ada@acme.example")


def test_a_knowledge_base_is_made_with_the_default_release_and_its_inbox(world: World) -> None:
    kb_id = make_kb(description="All of it")
    shown = cat("GET", f"/knowledge-bases/{kb_id}").body
    assert (shown["release"], shown["visibility"], shown["owner_id"]) == ("multilingual", "tenant", "bob")
    assert (shown["inbox_bucket"], shown["inbox_prefix"]) == ("documents", f"inbox/acme/{kb_id}/")


def test_a_release_is_chosen_by_name_and_an_unknown_one_lists_those_that_exist(world: World) -> None:
    chosen = bob("POST", "/knowledge-bases", {"name": "A", "release": "fast-english"})
    assert chosen.body["release_id"] == "rel_fast-english"
    wrong = bob("POST", "/knowledge-bases", {"name": "B", "release": "nope"})
    assert (wrong.status, wrong.code) == (400, "unknown_release")
    assert "multilingual, fast-english" in wrong.body["error"]["message"]


def test_a_private_knowledge_base_is_its_owners_alone(world: World) -> None:
    kb_id = make_kb(visibility="private")
    assert bob("GET", f"/knowledge-bases/{kb_id}").status == 200
    assert cat("GET", f"/knowledge-bases/{kb_id}").status == 404
    assert cat("GET", "/knowledge-bases").body["items"] == []


def test_names_are_unique_within_a_tenant_whatever_their_case(world: World) -> None:
    kb_id = make_kb(name="Docs")
    again = cat("POST", "/knowledge-bases", {"name": "docs"})
    assert (again.status, again.code) == (409, "name_taken")
    make_kb(eve, name="Docs")
    other = make_kb(name="Else")
    assert bob("PATCH", f"/knowledge-bases/{other}", {"name": "DOCS"}).code == "name_taken"
    assert bob("PATCH", f"/knowledge-bases/{kb_id}", {"name": "Papers"}).body["name"] == "Papers"
    assert bob("PATCH", f"/knowledge-bases/{other}", {"name": "DOCS"}).status == 200


def test_only_the_owner_or_an_administrator_changes_a_knowledge_base(world: World) -> None:
    kb_id = make_kb()
    assert cat("PATCH", f"/knowledge-bases/{kb_id}", {"description": "x"}).code == "not_owner"
    assert cat("DELETE", f"/knowledge-bases/{kb_id}").status == 403
    assert ada("PATCH", f"/knowledge-bases/{kb_id}", {"description": "x"}).status == 200


def test_lists_page_by_cursor(world: World) -> None:
    made = [make_kb(name=f"kb {number}") for number in range(3)]
    first = bob("GET", "/knowledge-bases", query={"limit": "2"}).body
    rest = bob("GET", "/knowledge-bases", query={"limit": "2", "cursor": first["cursor"]}).body
    assert [item["kb_id"] for item in (*first["items"], *rest["items"])] == made
    assert rest["cursor"] == ""


def test_a_document_is_announced_with_a_signed_upload(world: World) -> None:
    kb_id = make_kb()
    body = {"filename": "C:\\temp\\Hand\u202ebook\n.PDF", "size_bytes": 7, "media_type": "text/html"}
    made = bob("POST", f"/knowledge-bases/{kb_id}/documents", body)
    document_id = made.body["document_id"]
    key = f"documents/acme/{kb_id}/{document_id}/source"
    assert world.signer.signed == [(key, 7, "application/pdf")]
    assert made.body["upload"]["fields"]["key"] == key
    assert (made.body["document"]["filename"], made.body["document"]["status"]) == ("Handbook.PDF", "UPLOADING")
    row = row_of(world, kb_id, document_id)
    assert (row.object_key, row.owner_id, row.correlation_id) == (key, "bob", "request-1")
    assert row.deadline


def test_a_failed_document_is_retried_once(world: World) -> None:
    kb_id = make_kb()
    document_id = add_document(world, kb_id, status="FAILED", reason="broken", code="unreadable", generation=1)
    path = f"/knowledge-bases/{kb_id}/documents/{document_id}"
    assert bob("GET", path).body["reason"] == "broken"
    assert bob("POST", f"{path}/retry").body["status"] == "QUEUED"
    assert json.loads(world.queue.bodies[0])["document_id"] == document_id
    assert bob("POST", f"{path}/retry").code == "document_not_failed"


def test_a_deleted_document_is_hidden_at_once_and_keeps_its_receipt(world: World) -> None:
    kb_id = make_kb()
    document_id = add_document(world, kb_id, status="READY", generation=2, live_generation=2, chunks=5)
    path = f"/knowledge-bases/{kb_id}/documents/{document_id}"
    assert bob("GET", path).body["live"] is True
    assert cat("DELETE", path).code == "not_owner"
    gone = bob("DELETE", path)
    assert (gone.status, gone.body["status"], gone.body["live"], gone.body["version"]) == (202, "DELETING", False, 3)
    assert len(world.queue.bodies) == 1
    row = row_of(world, kb_id, document_id)
    finished = row.model_copy(update={"status": "DELETED", "receipt": {"chunks": 5}})
    world.registry.rows["acme", kb_id, document_id] = finished
    assert bob("GET", f"/knowledge-bases/{kb_id}/documents").body["items"] == []
    assert bob("GET", path).body["receipt"] == {"chunks": 5}


def test_deleting_a_knowledge_base_hides_it_at_once_and_shows_how_far_it_is_until_the_receipt(world: World) -> None:
    kb_id = make_kb()
    documents = [add_document(world, kb_id) for _ in range(3)]
    gone = bob("DELETE", f"/knowledge-bases/{kb_id}")
    assert (gone.status, gone.body) == (202, {"id": kb_id})
    told = DocumentChanged.parse(world.queue.bodies[-1])
    assert (told.kb_id, told.document_id, told.object_key) == (kb_id, "", "")
    assert bob("GET", f"/knowledge-bases/{kb_id}").code == "unknown_knowledge_base"
    assert bob("GET", f"/knowledge-bases/{kb_id}/documents").status == 404
    assert bob("DELETE", f"/knowledge-bases/{kb_id}").status == 202
    make_kb(name="Docs")
    going_on = bob("GET", f"/knowledge-bases/{kb_id}/deletion").body
    assert (going_on["documents_left"], going_on["documents_total"], going_on["finished_at"]) == (3, 3, "")
    assert (going_on["requested_by"], going_on["verified"]) == ("bob", False)
    assert going_on["requested_by_address"] == "bob@acme.example"
    for number, document_id in enumerate(documents, start=1):
        receipt = {"versions": 1, "parts": 0, "chunks": 5}
        gone_row = row_of(world, kb_id, document_id).model_copy(update={"status": "DELETED", "receipt": receipt})
        world.registry.rows["acme", kb_id, document_id] = gone_row
        going_on = bob("GET", f"/knowledge-bases/{kb_id}/deletion").body
        assert (going_on["documents_left"], going_on["removed"]["chunks"]) == (3 - number, 5 * number)
    closed = KnowledgeBaseReceipt(
        finished_at="2026-02-01T00:00:00.000Z", documents=3, removed={"chunks": 15}, verified=3
    )
    row = world.registry.kbs["acme", kb_id]
    world.registry.kbs["acme", kb_id] = row.model_copy(update={"receipt": closed})
    world.registry.rows.clear()
    for caller in (bob, ada):
        (shown,) = caller("GET", "/deletions").body["items"]
        assert (shown["documents_total"], shown["documents_left"], shown["verified"]) == (3, 0, True)
        assert (shown["removed"], shown["requested_by_address"]) == ({"chunks": 15}, "bob@acme.example")
    assert cat("GET", "/deletions").body["items"] == []
    assert cat("GET", f"/knowledge-bases/{kb_id}/deletion").code == "unknown_deletion"


def test_search_and_ask_pass_the_callers_principals_to_the_ml_layer(world: World) -> None:
    kb_id = make_kb()
    found = cat("POST", f"/knowledge-bases/{kb_id}/searches", {"query": "holiday", "limit": 3})
    assert (found.status, found.body["hits"][0]["start"], found.body["hits"][0]["page"]) == (200, 4, 3)
    assert "chunk_id" not in found.body["hits"][0]
    answered = cat("POST", f"/knowledge-bases/{kb_id}/answers", {"question": "How many days?"})
    assert answered.body["citations"][0]["quote"] == "the quote"
    for request in (world.ml.searched[0], world.ml.answered[0]):
        assert request.caller.readers == ("tenant:acme", "user:cat")
        assert (request.caller.tenant_id, request.kb_ids) == ("acme", (kb_id,))


def test_a_bot_is_published_and_its_draft_stays_private(world: World) -> None:
    bot_id = make_bot(kb_ids=[make_kb()])
    assert cat("GET", f"/bots/{bot_id}").code == "unknown_bot"
    assert bob("POST", f"/bots/{bot_id}/publish").body["published_version"] == 1
    assert bob("PATCH", f"/bots/{bot_id}", {"instructions": "secret plan"}).status == 200
    shown = cat("GET", f"/bots/{bot_id}").body
    assert (shown["draft"], shown["published"]["instructions"]) == (None, "Be brief.")
    assert [item["bot_id"] for item in cat("GET", "/bots").body["items"]] == [bot_id]
    assert cat("PATCH", f"/bots/{bot_id}", {"name": "Mine"}).code == "not_owner"
    assert cat("POST", f"/bots/{bot_id}/conversations", {"draft": True}).code == "not_owner"


def test_a_conversation_stays_with_the_version_it_began_with(world: World) -> None:
    conversation = make_conversation(cat)
    bot_id = world.store.conversation_rows["acme", conversation].bot_id
    bob("PATCH", f"/bots/{bot_id}", {"instructions": "Be long."})
    bob("POST", f"/bots/{bot_id}/publish")
    cat("POST", f"/conversations/{conversation}/messages", {"content": "Hello?"})
    assert world.ml.answered[0].instructions == "Be brief."
    latest = cat("POST", f"/bots/{bot_id}/conversations", {}).body
    assert latest["bot_version"] == 2


def test_questions_are_answered_with_the_history_of_the_conversation(world: World) -> None:
    conversation = make_conversation()
    path = f"/conversations/{conversation}"
    first = bob("POST", f"{path}/messages", {"content": "One?"})
    assert first.status == 201
    assert first.body["answer"]["text"] == "answer 1 [1]"
    world.clock.advance(1)
    bob("POST", f"{path}/messages", {"content": "Two?"})
    turns = [(turn.role, turn.content) for turn in world.ml.answered[1].history]
    assert turns == [("user", "One?"), ("assistant", "answer 1 [1]")]
    shown = bob("GET", path).body
    assert [message["content"] for message in shown["messages"]] == ["One?", "answer 1 [1]", "Two?", "answer 2 [1]"]
    assert shown["title"] == "One?"


def test_when_the_model_fails_the_question_stays_and_the_same_key_gets_the_answer(world: World) -> None:
    conversation = make_conversation()
    path = f"/conversations/{conversation}"
    world.ml.failures.append(Unavailable("The model does not answer.", code="model_unavailable"))
    failed = bob("POST", f"{path}/messages", {"content": "One?"}, key="k1")
    assert (failed.status, failed.code) == (503, "model_unavailable")
    assert [message["content"] for message in bob("GET", path).body["messages"]] == ["One?"]
    world.clock.advance(5)
    again = bob("POST", f"{path}/messages", {"content": "One?"}, key="k1")
    assert again.status == 201
    repeated = bob("POST", f"{path}/messages", {"content": "One?"}, key="k1")
    assert (repeated.status, repeated.body) == (201, again.body)
    assert [m["role"] for m in bob("GET", path).body["messages"]] == ["user", "assistant"]
    assert len(world.ml.answered) == 2


def test_an_answer_is_rated_by_its_person(world: World) -> None:
    path = f"/conversations/{make_conversation()}"
    message_id = bob("POST", f"{path}/messages", {"content": "One?"}).body["message_id"]
    rated = bob("PUT", f"{path}/messages/{message_id}/feedback", {"rating": "down", "comment": "wrong page"})
    assert rated.status == 200
    messages = bob("GET", path).body["messages"]
    assert messages[1]["feedback"] == {"rating": "down", "comment": "wrong page"}
    question_id = messages[0]["message_id"]
    assert bob("PUT", f"{path}/messages/{question_id}/feedback", {"rating": "up"}).code == "not_an_answer"
    assert bob("PUT", f"{path}/messages/msg_none/feedback", {"rating": "up"}).code == "unknown_message"


def test_a_conversation_is_its_persons_alone_and_can_be_deleted(world: World) -> None:
    conversation = make_conversation(cat)
    path = f"/conversations/{conversation}"
    assert ada("GET", path).code == "unknown_conversation"
    assert bob("POST", f"{path}/messages", {"content": "One?"}).status == 404
    assert cat("DELETE", path).status == 202
    assert cat("GET", path).status == 404


def test_the_same_key_with_another_body_is_refused(world: World) -> None:
    made = bob("POST", "/knowledge-bases", {"name": "A"}, key="k")
    again = bob("POST", "/knowledge-bases", {"name": "A"}, key="k")
    assert (again.status, again.body) == (201, made.body)
    other = bob("POST", "/knowledge-bases", {"name": "B"}, key="k")
    assert (other.status, other.code) == (409, "idempotency_key_reused")
    assert cat("POST", "/knowledge-bases", {"name": "C"}, key="k").status == 201


def test_a_person_who_asks_too_often_is_told_when_to_come_back(world: World) -> None:
    kb_id = make_kb()
    path = f"/knowledge-bases/{kb_id}/answers"
    assert [bob("POST", path, {"question": "?"}).status for _ in range(5)] == [200] * 5
    over = bob("POST", path, {"question": "?"})
    assert (over.status, over.code, over.headers["Retry-After"]) == (429, "too_many_requests", "30")
    assert cat("POST", path, {"question": "?"}).status == 200
    world.clock.advance(30)
    assert bob("POST", path, {"question": "?"}).status == 200


def test_a_throttling_provider_reaches_the_person_with_its_wait(world: World) -> None:
    world.ml.failures.append(TooMany("The provider is busy.", code="model_throttled", retry_after_s=7))
    answer = bob("POST", f"/knowledge-bases/{make_kb()}/answers", {"question": "?"})
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (429, "model_throttled", "7")


def test_an_evaluation_hands_its_dataset_to_the_ml_layer(world: World) -> None:
    kb_id = make_kb()
    items = [{"id": "q1", "text": "How many?", "documents": ["handbook.pdf"]}, {"id": "q2", "text": "Who?"}]
    made = bob("POST", "/evaluations", {"kb_id": kb_id, "items": items})
    assert made.status == 201
    evaluation_id = made.body["evaluation_id"]
    key = f"datasets/acme/{evaluation_id}.jsonl"
    assert [json.loads(line)["id"] for line in world.datasets.objects[key].splitlines()] == ["q1", "q2"]
    assert world.ml.evaluated["run_1"].dataset_key == key
    shown = bob("GET", f"/evaluations/{evaluation_id}").body
    assert (shown["evaluation_id"], shown["status"]) == (evaluation_id, "FINISHED")
    assert cat("GET", f"/evaluations/{evaluation_id}").code == "unknown_evaluation"
    assert ada("GET", f"/evaluations/{evaluation_id}").status == 200


def test_a_scheduled_evaluation_leaves_its_order_beside_the_dataset(world: World) -> None:
    items = [{"id": "q1", "text": "How many?"}]
    made = bob("POST", "/evaluations", {"kb_id": make_kb(), "items": items, "scheduled": True})
    folder = f"datasets/scheduled/acme/{made.body['evaluation_id']}"
    assert json.loads(world.datasets.objects[f"{folder}.json"])["dataset_key"] == f"{folder}.jsonl"
    assert set(world.datasets.objects) == {f"{folder}.json", f"{folder}.jsonl"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"items": [{"id": "1", "text": "?"}]}, "one_subject"),
        ({"items": [{"id": "1", "text": "?"}], "kb_id": "a", "bot_id": "b"}, "one_subject"),
        ({"items": [{"id": "1", "text": "?"}] * 2, "kb_id": "a"}, "duplicate_item"),
        ({"items": [], "kb_id": "a"}, "invalid_request"),
    ],
)
def test_a_wrong_evaluation_is_refused(world: World, body: dict[str, object], code: str) -> None:
    refused = bob("POST", "/evaluations", body)
    assert (refused.status, refused.code) == (400, code)


def test_status_counts_the_tenants_documents_and_shows_queues_to_administrators_only(world: World) -> None:
    kb_id = make_kb()
    add_document(world, kb_id, status="READY", deadline="")
    add_document(world, kb_id, deadline="2026-01-31T11:00:00.000Z")
    seen = cat("GET", "/status").body
    assert seen["documents"] == {"READY": 1, "UPLOADING": 1}
    assert (seen["late_documents"], seen["queues"], seen["dead_letters"]) == (1, {}, {})
    assert ada("GET", "/status").body["dead_letters"] == {"ingest": 2}
    assert eve("GET", "/status").body["documents"] == {}


def test_releases_and_the_openapi_document_are_served(world: World) -> None:
    assert [item["name"] for item in bob("GET", "/releases").body["items"]] == ["multilingual", "fast-english"]
    assert bob("GET", "/openapi.json").body["openapi"] == "3.1.0"


def test_a_defect_is_answered_without_detail_and_logged_without_values(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.ml.failures.append(RuntimeError("the secret prompt"))
    broken = bob("POST", f"/knowledge-bases/{make_kb()}/answers", {"question": "the secret question"})
    assert (broken.status, broken.code, broken.body["error"]["request_id"]) == (500, "internal", "request-1")
    logged = [str(vars(record)) for record in caplog.records]
    assert any("RuntimeError" in line for line in logged)
    assert not any("the secret" in line for line in [*logged, json.dumps(broken.body)])


def test_an_address_that_no_template_declares_is_not_found(world: World) -> None:
    assert (bob("GET", "/nothing").status, bob("GET", "/nothing").code) == (404, "unknown_route")


def test_every_response_may_be_read_by_the_dashboard_and_sniffed_by_nobody(world: World) -> None:
    headers = bob("GET", "/me").headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
