"""Bad input: each gets its status, its code, and a sentence that says what to do."""

import pytest

from tests.fakes.application import World
from tests.handlers.api.client import Caller, call, token
from tests.handlers.api.test_path import make_bot, make_conversation, make_kb

bob, eve = Caller("bob"), Caller("eve")
LONG = "x" * 100_000


@pytest.mark.parametrize("body", ["{", "", None, "not json", '{"name": NaN', "\ud800", "[" * 100_000])
def test_a_body_that_is_not_json_is_named_so(world: World, body: str | None) -> None:
    text = body.encode("utf-8", "replace").decode() if body else body
    refused = bob("POST", "/knowledge-bases", text)
    assert (refused.status, refused.code) == (400, "invalid_json")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": 7}, "name"),
        ({"name": "A", "nmae": "B"}, "nmae"),
        ({"name": "A", "visibility": "world"}, "visibility"),
        ([], "body"),
        ("text", "body"),
    ],
)
def test_a_wrong_field_is_named(world: World, body: object, field: str) -> None:
    refused = bob("POST", "/knowledge-bases", body if not isinstance(body, str) else f'"{body}"')
    assert (refused.status, refused.code) == (400, "invalid_request")
    assert refused.body["error"]["message"].startswith(f"{field}: ")
    assert refused.body["error"]["request_id"] == "request-1"


@pytest.mark.parametrize("limit", ["0", "-1", "201", "ten", "", "\u0663", "1" * 5_000])
def test_a_wrong_page_size_is_refused(world: World, limit: str) -> None:
    refused = bob("GET", "/bots", query={"limit": limit})
    assert (refused.status, refused.code) == (400, "invalid_request")


def test_a_forged_cursor_is_refused(world: World) -> None:
    assert bob("GET", "/bots", query={"cursor": "forged"}).code == "bad_cursor"


def test_an_expired_sign_in_says_so(world: World) -> None:
    refused = call("GET", "/v1/me", bearer=token("bob", exp=1))
    assert (refused.status, refused.code) == (401, "token_expired")
    assert "Sign in again" in refused.body["error"]["message"]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/conversations/{conversation}/messages", "content"),
        ("/knowledge-bases/{kb}/answers", "question"),
        ("/knowledge-bases/{kb}/searches", "query"),
    ],
)
def test_a_question_of_100_000_characters_is_too_long_and_the_limit_is_named(
    world: World, path: str, field: str
) -> None:
    conversation = make_conversation()
    address = path.format(conversation=conversation, kb="kb_2")
    refused = bob("POST", address, {field: LONG})
    assert (refused.status, refused.code) == (413, "question_too_long")
    assert "8,000" in refused.body["error"]["message"]
    assert world.ml.answered == []
    assert bob("GET", f"/conversations/{conversation}").body["messages"] == []


def test_a_body_over_the_limit_is_refused(world: World) -> None:
    refused = bob("POST", "/knowledge-bases", {"name": "A", "description": "x" * (5 * 1024 * 1024)})
    assert (refused.status, refused.code) == (413, "request_too_large")


def test_a_key_over_the_limit_is_refused(world: World) -> None:
    assert bob("POST", "/knowledge-bases", {"name": "A"}, key="k" * 201).code == "invalid_idempotency_key"


@pytest.mark.parametrize("kb_id", ["kb_none", "..", "%2e%2e", "acme#kb", "x" * 900])
def test_a_knowledge_base_that_does_not_exist_is_not_found(world: World, kb_id: str) -> None:
    for refused in (
        bob("GET", f"/knowledge-bases/{kb_id}"),
        bob("POST", f"/knowledge-bases/{kb_id}/answers", {"question": "?"}),
        bob("POST", "/bots", {"name": "B", "kb_ids": [kb_id]}),
        bob("POST", "/evaluations", {"kb_id": kb_id, "items": [{"id": "1", "text": "?"}]}),
    ):
        assert (refused.status, refused.code) == (404, "unknown_knowledge_base")


def test_ids_of_another_tenant_are_not_found(world: World) -> None:
    kb_id = make_kb()
    bot_id = make_bot(kb_ids=[kb_id])
    assert eve("GET", f"/knowledge-bases/{kb_id}").status == 404
    assert eve("PATCH", f"/bots/{bot_id}", {"name": "Mine"}).status == 404
    assert eve("POST", "/bots", {"name": "Mine", "kb_ids": [kb_id]}).code == "unknown_knowledge_base"


def test_a_bot_without_knowledge_base_is_neither_published_nor_asked(world: World) -> None:
    bot_id = make_bot()
    refused = bob("POST", f"/bots/{bot_id}/publish")
    assert (refused.status, refused.code) == (409, "bot_without_knowledge_base")
    assert "Add at least one" in refused.body["error"]["message"]
    conversation = bob("POST", f"/bots/{bot_id}/conversations", {"draft": True}).body["conversation_id"]
    asked = bob("POST", f"/conversations/{conversation}/messages", {"content": "?"})
    assert (asked.status, asked.code) == (409, "bot_without_knowledge_base")


def test_a_bot_whose_knowledge_bases_are_all_deleted_is_not_asked(world: World) -> None:
    conversation = make_conversation()
    kb_id = next(iter(world.registry.kbs))[1]
    assert bob("DELETE", f"/knowledge-bases/{kb_id}").status == 202
    assert bob("POST", f"/conversations/{conversation}/messages", {"content": "?"}).status == 409
    assert world.ml.answered == []


def test_a_person_who_may_read_none_of_the_bots_knowledge_bases_is_told(world: World) -> None:
    bot_id = make_bot(kb_ids=[make_kb(visibility="private")])
    bob("POST", f"/bots/{bot_id}/publish")
    cat = Caller("cat")
    conversation = cat("POST", f"/bots/{bot_id}/conversations", {}).body["conversation_id"]
    refused = cat("POST", f"/conversations/{conversation}/messages", {"content": "?"})
    assert (refused.status, refused.code) == (403, "knowledge_base_not_readable")


def test_an_unpublished_bot_is_only_tried_as_a_draft(world: World) -> None:
    bot_id = make_bot(kb_ids=[make_kb()])
    assert bob("POST", f"/bots/{bot_id}/conversations", {}).code == "bot_not_published"
    assert bob("POST", f"/bots/{bot_id}/conversations", {"draft": True}).body["bot_version"] == 0


def test_a_conversation_whose_bot_is_gone_says_so(world: World) -> None:
    conversation = make_conversation()
    bot_id = world.store.conversation_rows["acme", conversation].bot_id
    assert bob("DELETE", f"/bots/{bot_id}").status == 202
    gone = bob("POST", f"/conversations/{conversation}/messages", {"content": "?"})
    assert (gone.status, gone.code) == (404, "unknown_bot")


@pytest.mark.parametrize(
    ("filename", "size", "status", "code"),
    [
        ("program.exe", 1, 400, "unsupported_type"),
        ("notes.unheard-of", 1, 400, "unsupported_type"),
        ("empty.pdf", 0, 400, "empty_file"),
        ("big.pdf", 200 * 1024**2 + 1, 413, "file_too_large"),
        ("folder/", 1, 400, "invalid_filename"),
        ("..", 1, 400, "invalid_filename"),
        ("a.pdf", -1, 400, "invalid_request"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_before_it_is_uploaded(
    world: World, filename: str, size: int, status: int, code: str
) -> None:
    kb_id = make_kb()
    refused = bob("POST", f"/knowledge-bases/{kb_id}/documents", {"filename": filename, "size_bytes": size})
    assert (refused.status, refused.code) == (status, code)
    assert world.registry.rows == {}
    assert world.signer.signed == []


def test_an_unsupported_type_lists_what_is_supported(world: World) -> None:
    refused = bob("POST", f"/knowledge-bases/{make_kb()}/documents", {"filename": "a.exe", "size_bytes": 1})
    assert all(ending in refused.body["error"]["message"] for ending in ("csv", "docx", "pdf", "xlsx"))


def test_a_file_of_exactly_the_limit_is_taken(world: World) -> None:
    body = {"filename": "big.pdf", "size_bytes": 200 * 1024**2}
    assert bob("POST", f"/knowledge-bases/{make_kb()}/documents", body).status == 201
