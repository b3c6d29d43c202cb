"""Looking at documents: the file in the version that answers, pages, passages, and what a citation points at."""

from typing import Any

import pytest

from functions.application.domain.records import ConversationRow, MessageRow
from shared.contracts import api
from shared.contracts.documents import Place
from shared.contracts.registry import DocumentRow
from tests.fakes.application import World
from tests.handlers.api.client import Caller
from tests.rows import document, knowledge_base

BOB, CAT = Caller("bob"), Caller("cat")
PATH = "/knowledge-bases/kb_1/documents/doc_1"
TIMES = {"created_at": "2026-01-31T12:00:00.000Z", "updated_at": "2026-01-31T12:00:00.000Z"}


def add(world: World, *, readers: tuple[str, ...] = ("tenant:acme",), **changes: Any) -> DocumentRow:
    kb = knowledge_base("kb_1").model_copy(update={"owner_id": "bob", "readers": readers})
    world.registry.create_knowledge_base(kb)
    ready: dict[str, Any] = {
        "status": "READY", "version": "v1", "live_source": "v1", "generation": 1, "live_generation": 1,
        "filename": "hr/Übersicht.pdf", "format": "pdf",
    }  # fmt: skip
    row = document("doc_1", kb=kb).model_copy(update={**ready, **changes})
    world.registry.create_document(row)
    world.sources.sizes[row.object_key, "v1"] = 7
    return row


def test_the_file_is_fetched_in_the_version_that_answers(world: World) -> None:
    row = add(world, version="v2", generation=2, status="PARSING")
    got = api.DocumentSource.model_validate(BOB("GET", f"{PATH}/source").body)
    assert f"{row.object_key}?version=v1" in got.url
    assert (got.filename, got.format, got.media_type) == ("hr/Übersicht.pdf", "pdf", "application/pdf")
    assert (got.size_bytes, got.is_live) == (7, True)


def test_a_file_of_which_nothing_answers_can_be_fetched_too(world: World) -> None:
    add(world, status="FAILED", live_source="", live_generation=None)
    got = api.DocumentSource.model_validate(BOB("GET", f"{PATH}/source").body)
    assert got.is_live is False


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"status": "UPLOADING", "version": "", "live_source": "", "live_generation": None}, 409, "upload_missing"),
        ({"status": "DELETING"}, 404, "unknown_document"),
        ({"status": "DELETED"}, 404, "unknown_document"),
        ({"version": "gone", "live_source": "gone"}, 404, "source_missing"),
    ],
)
def test_a_file_that_is_not_there_says_so(world: World, changes: dict[str, Any], status: int, code: str) -> None:
    add(world, **changes)
    refused = BOB("GET", f"{PATH}/source")
    assert (refused.status, refused.code) == (status, code)


def test_pages_and_passages_go_on_by_their_cursor(world: World) -> None:
    add(world)
    first = api.DocumentPages.model_validate(BOB("GET", f"{PATH}/pages", query={"limit": "1"}).body)
    assert (first.items[0].ordinal, first.cursor, first.view.pages) == (0, "1", 3)
    third = api.DocumentPages.model_validate(BOB("GET", f"{PATH}/pages", query={"cursor": "2"}).body)
    assert (third.items[0].ordinal, third.cursor) == (2, "")
    listed = api.DocumentChunks.model_validate(BOB("GET", f"{PATH}/chunks").body)
    assert ([item.text for item in listed.items], listed.cursor) == (["the passage"], "")
    assert {request.caller.user_id for request in world.ml.looked_at} == {"bob"}


def test_a_view_begins_where_a_citation_points(world: World) -> None:
    add(world)
    BOB("GET", f"{PATH}/pages", query={"at": "70"})
    BOB("GET", f"{PATH}/pages", query={"page": "3"})
    asked = [request.model_dump() for request in world.ml.looked_at]
    assert [(one["at"], one["page"]) for one in asked] == [(70, None), (None, 3)]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"cursor": "x"}, "bad_cursor"),
        ({"cursor": "-1"}, "bad_cursor"),
        ({"cursor": "9" * 30}, "bad_cursor"),
        ({"at": "x"}, "invalid_request"),
        ({"page": "0"}, "invalid_request"),
        ({"limit": "0"}, "invalid_request"),
    ],
)
def test_a_wrong_place_to_begin_is_refused(world: World, query: dict[str, str], code: str) -> None:
    add(world)
    refused = BOB("GET", f"{PATH}/pages", query=query)
    assert (refused.status, refused.code) == (400, code)


@pytest.mark.parametrize("what", ["source", "pages", "chunks"])
def test_a_private_document_is_shown_to_its_readers_only(world: World, what: str) -> None:
    add(world, readers=("user:bob",))
    assert BOB("GET", f"{PATH}/{what}").status == 200
    assert CAT("GET", f"{PATH}/{what}").status == 404


def converse(world: World, user_id: str) -> str:
    """Give a person a conversation whose answer points at the document."""
    world.store.create_conversation(
        ConversationRow(
            tenant_id="acme", conversation_id="conv_1", user_id=user_id, bot_id="bot_1", bot_version=1, **TIMES
        )
    )
    citation = api.Citation(
        n=1, kb_id="kb_1", document_id="doc_1", filename="a.pdf", page=3, quote="q", place=Place(page=3)
    )
    answer = api.Answer(text="a [1]", refused=False, citations=(citation,), usage=api.Usage(model="m"), release_id="r")
    world.store.add_message(
        MessageRow(
            tenant_id="acme",
            conversation_id="conv_1",
            message_id="msg_1",
            role="assistant",
            content="a [1]",
            answer=answer,
            created_at=TIMES["created_at"],
        )
    )
    return "/conversations/conv_1/messages/msg_1/citations"


def test_a_citation_of_ones_own_conversation_opens_its_file(world: World) -> None:
    add(world)
    path = converse(world, "cat")
    got = api.CitedSource.model_validate(CAT("GET", f"{path}/1/source").body)
    assert (got.citation.page, got.source.filename) == (3, "hr/Übersicht.pdf")
    assert CAT("GET", f"{path}/2/source").code == "unknown_citation"
    assert CAT("GET", path.replace("msg_1", "msg_2") + "/1/source").code == "unknown_citation"


def test_a_citation_opens_for_nobody_else(world: World) -> None:
    add(world)
    path = converse(world, "cat")
    for other in (BOB, Caller("ada"), Caller("eve")):
        assert other("GET", f"{path}/1/source").code == "unknown_conversation"


def test_a_right_that_was_taken_away_closes_old_citations(world: World) -> None:
    add(world, readers=("user:bob",))
    refused = CAT("GET", f"{converse(world, 'cat')}/1/source")
    assert refused.status == 404
