"""The access matrix: every route of the table x everybody who must not get in. A route without a row fails."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable

import jwt
import pytest

from functions.application.domain.records import BotRow, ConversationRow, EvaluationRow, MessageRow
from shared.contracts.api import BotDefinition
from shared.contracts.routes import PUBLIC, Route
from tests.fakes.application import AUDIENCE, ISSUER, World
from tests.handlers.api.client import KID, Answer, call, key_set, token
from tests.rows import document, knowledge_base

VICTIM_IDS = {
    "kb_id": "kb_victim",
    "document_id": "doc_victim",
    "bot_id": "bot_victim",
    "conversation_id": "conv_victim",
    "message_id": "msg_victim",
    "evaluation_id": "eval_victim",
    "n": "1",
    "version": "1",
}
ITEMS = [{"id": "1", "text": "?"}]
# What is sent to each route; ids of the victim stand in bodies too.
BODIES: dict[str, object] = {
    "GET /v1/me": None,
    "POST /v1/socket-tickets": None,
    "POST /v1/knowledge-bases": {"name": "Mine"},
    "GET /v1/knowledge-bases": None,
    "GET /v1/knowledge-bases/{kb_id}": None,
    "PATCH /v1/knowledge-bases/{kb_id}": {"name": "Mine"},
    "DELETE /v1/knowledge-bases/{kb_id}": None,
    "GET /v1/knowledge-bases/{kb_id}/activity": None,
    "POST /v1/knowledge-bases/{kb_id}/searches": {"query": "?"},
    "POST /v1/knowledge-bases/{kb_id}/answers": {"question": "?"},
    "POST /v1/knowledge-bases/{kb_id}/documents": {"filename": "a.pdf", "size_bytes": 1},
    "GET /v1/knowledge-bases/{kb_id}/documents": None,
    "GET /v1/knowledge-bases/{kb_id}/documents/{document_id}": None,
    "PATCH /v1/knowledge-bases/{kb_id}/documents/{document_id}": {"tags": ["theirs"]},
    "DELETE /v1/knowledge-bases/{kb_id}/documents/{document_id}": None,
    "POST /v1/knowledge-bases/{kb_id}/documents/{document_id}/retry": None,
    "POST /v1/knowledge-bases/{kb_id}/documents/bulk": {"action": "delete", "document_ids": ["doc_victim"]},
    "POST /v1/knowledge-bases/{kb_id}/documents/{document_id}/parts": None,
    "GET /v1/knowledge-bases/{kb_id}/documents/{document_id}/parts": None,
    "PUT /v1/knowledge-bases/{kb_id}/documents/{document_id}/parts": None,
    "DELETE /v1/knowledge-bases/{kb_id}/documents/{document_id}/parts": None,
    "GET /v1/knowledge-bases/{kb_id}/documents/{document_id}/source": None,
    "GET /v1/knowledge-bases/{kb_id}/documents/{document_id}/pages": None,
    "GET /v1/knowledge-bases/{kb_id}/documents/{document_id}/chunks": None,
    "GET /v1/conversations/{conversation_id}/messages/{message_id}/citations/{n}/source": None,
    "POST /v1/bots": {"name": "Mine", "kb_ids": ["kb_victim"]},
    "GET /v1/bots": None,
    "GET /v1/bots/{bot_id}": None,
    "PATCH /v1/bots/{bot_id}": {"kb_ids": ["kb_victim"]},
    "DELETE /v1/bots/{bot_id}": None,
    "POST /v1/bots/{bot_id}/publish": None,
    "POST /v1/bots/{bot_id}/conversations": {},
    "GET /v1/bots/{bot_id}/conversations": None,
    "GET /v1/conversations/{conversation_id}": None,
    "DELETE /v1/conversations/{conversation_id}": None,
    "POST /v1/conversations/{conversation_id}/messages": {"content": "?"},
    "PUT /v1/conversations/{conversation_id}/messages/{message_id}/feedback": {"rating": "up"},
    "POST /v1/evaluations": {"kb_id": "kb_victim", "items": ITEMS},
    "GET /v1/evaluations/{evaluation_id}": None,
    "GET /v1/conversations": None,
    "PATCH /v1/conversations/{conversation_id}": {"title": "Mine"},
    "GET /v1/conversations/{conversation_id}/messages": None,
    "GET /v1/bots/{bot_id}/versions": None,
    "POST /v1/bots/{bot_id}/versions/{version}/restore": None,
    "GET /v1/bots/{bot_id}/usage": None,
    "GET /v1/attention": None,
    "GET /v1/search": None,
    "GET /v1/releases": None,
    "GET /v1/chunking-strategies": None,
    "POST /v1/knowledge-bases/{kb_id}/documents/{document_id}/chunk-previews": {},
    "POST /v1/chunk-previews": {"filename": "a.txt", "content": "YQ=="},
    "GET /v1/status": None,
    "GET /v1/openapi.json": None,
    "GET /v1/knowledge-bases/{kb_id}/deletion": None,
    "POST /v1/knowledge-bases/{kb_id}/rebuild": None,
    "GET /v1/diagnosis": None,
    "GET /v1/deletions": None,
    "POST /v1/reconciliations": None,
    "POST /v1/redrives": None,
}
# Routes without an id that another tenant may call: they must show nothing of the victim.
OWN_THINGS = {
    "GET /v1/me",
    "GET /v1/attention",
    "GET /v1/search",
    "POST /v1/socket-tickets",
    "POST /v1/knowledge-bases",
    "GET /v1/knowledge-bases",
    "GET /v1/bots",
    "GET /v1/conversations",
    "GET /v1/releases",
    "GET /v1/chunking-strategies",
    "POST /v1/chunk-previews",
    "GET /v1/status",
    "GET /v1/diagnosis",
    "GET /v1/deletions",
    "POST /v1/reconciliations",
    "POST /v1/redrives",
    "GET /v1/openapi.json",
}


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


def unsigned(user_id: str) -> str:
    now = int(time.time())
    claims = {"sub": user_id, "aud": AUDIENCE, "iss": ISSUER, "token_use": "id", "iat": now, "exp": now + 60}
    return jwt.encode(claims, None, algorithm="none", headers={"kid": KID})  # type: ignore[arg-type,unused-ignore]


def signed_with_the_public_key(user_id: str) -> str:
    """The confusion of algorithms: HMAC with what everybody knows, put together by hand."""
    now = int(time.time())
    claims = {"sub": user_id, "aud": AUDIENCE, "iss": ISSUER, "token_use": "id", "iat": now, "exp": now + 60}
    parts = [encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "kid": KID}, claims)]
    secret = json.dumps(key_set()["keys"][0]).encode()
    signature = hmac.new(secret, ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join([*parts, encoded(signature)])


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


# Made when the test runs: an hour-old token must be expired then.
INTRUDERS: dict[str, tuple[Callable[[], str | None], int, str]] = {
    "anonymous": (lambda: None, 401, "unauthorized"),
    "empty token": (lambda: "", 401, "unauthorized"),
    "nonsense": (lambda: "a.b.c", 401, "token_invalid"),
    "expired token": (lambda: token("bob", exp=int(time.time()) - 60), 401, "token_expired"),
    "token of the future": (lambda: token("bob", iat=int(time.time()) + 600), 401, "token_invalid"),
    "wrong audience": (lambda: token("bob", aud="another-client"), 401, "token_invalid"),
    "wrong issuer": (lambda: token("bob", iss="https://issuer.example"), 401, "token_invalid"),
    "access token": (lambda: token("bob", token_use="access"), 401, "token_invalid"),
    "unknown key": (lambda: token("bob", key="stranger", kid="stranger"), 401, "token_invalid"),
    "forged signature": (lambda: token("bob", key="stranger"), 401, "token_invalid"),
    "alg none": (lambda: unsigned("bob"), 401, "token_invalid"),
    "alg HS256 with the public key": (lambda: signed_with_the_public_key("bob"), 401, "token_invalid"),
    "suspended": (lambda: token("sus"), 403, "suspended"),
    "unknown user": (lambda: token("nobody"), 403, "unknown_user"),
}


@pytest.fixture
def victim(world: World) -> World:
    """A tenant in which everything exists that an id can name."""
    kb = knowledge_base("kb_victim", name="Victim's").model_copy(update={"owner_id": "bob"})
    world.registry.create_knowledge_base(kb)
    world.registry.create_document(document("doc_victim", kb=kb).model_copy(update={"status": "FAILED"}))
    definition = BotDefinition(name="Victim's bot", description="", instructions="canary", kb_ids=("kb_victim",))
    times = {"created_at": "2026-01-31T12:00:00.000Z", "updated_at": "2026-01-31T12:00:00.000Z"}
    world.store.create_bot(BotRow(tenant_id="acme", bot_id="bot_victim", owner_id="bob", draft=definition, **times))
    world.store.create_conversation(
        ConversationRow(
            tenant_id="acme",
            conversation_id="conv_victim",
            user_id="bob",
            bot_id="bot_victim",
            bot_version=0,
            title="canary",
            **times,
        )
    )
    world.store.add_message(
        MessageRow(
            tenant_id="acme",
            conversation_id="conv_victim",
            message_id="msg_victim",
            role="assistant",
            content="canary",
            created_at=times["created_at"],
        )
    )
    world.store.create_evaluation(
        EvaluationRow(
            tenant_id="acme",
            evaluation_id="eval_victim",
            ml_evaluation_id="run",
            user_id="bob",
            dataset_key="datasets/acme/eval_victim.jsonl",
            created_at=times["created_at"],
        )
    )
    return world


def send(route: Route, bearer: str | None) -> Answer:
    query = {"q": "victim"} if "q" in route.query else None
    return call(route.method, route.path.format_map(VICTIM_IDS), BODIES[name(route)], bearer=bearer, query=query)


def state_of(world: World) -> str:
    """What a write of an intruder would change."""
    store = world.store
    return repr(
        (
            world.registry.kbs,
            world.registry.rows,
            store.bot_rows,
            store.conversation_rows,
            store.message_rows,
            store.evaluations,
            store.names,
            world.datasets.objects,
            list(world.queue.bodies),
            world.ml.answered,
            world.ml.searched,
            world.ml.looked_at,
            world.parts.uploads,
        )
    )


def test_every_route_has_a_row_in_the_matrix() -> None:
    assert set(BODIES) == {name(route) for route in PUBLIC}


@pytest.mark.parametrize("intruder", INTRUDERS)
@pytest.mark.parametrize("route", PUBLIC, ids=name)
def test_nobody_gets_in_without_a_valid_sign_in(victim: World, route: Route, intruder: str) -> None:
    make, status, code = INTRUDERS[intruder]
    before = state_of(victim)
    refused = send(route, make())
    assert (refused.status, refused.code) == (status, code)
    assert state_of(victim) == before


@pytest.mark.parametrize("claim", ["exp", "iat", "aud", "iss", "sub", "token_use"])
def test_a_token_without_a_required_claim_is_refused(victim: World, claim: str) -> None:
    assert call("GET", "/v1/me", bearer=token("bob", leave_out=claim)).status == 401


@pytest.mark.parametrize("route", [route for route in PUBLIC if name(route) not in OWN_THINGS], ids=name)
def test_another_tenant_finds_nothing(victim: World, route: Route) -> None:
    before = state_of(victim)
    refused = send(route, token("eve"))
    assert refused.status == 404, refused.body
    assert state_of(victim) == before


@pytest.mark.parametrize("route", [route for route in PUBLIC if name(route) in OWN_THINGS], ids=name)
def test_another_tenant_sees_nothing_of_the_victim(victim: World, route: Route) -> None:
    seen = send(route, token("eve"))
    assert seen.status in (200, 201)
    assert "victim" not in json.dumps(seen.body).lower()
    assert "canary" not in json.dumps(seen.body)


@pytest.mark.parametrize("route", [route for route in PUBLIC if "conversation_id" in route.parameters], ids=name)
def test_a_conversation_is_closed_to_colleagues_and_administrators(victim: World, route: Route) -> None:
    for user_id in ("cat", "ada"):
        assert send(route, token(user_id)).status == 404


@pytest.mark.parametrize(
    "route",
    [route for route in PUBLIC if route.path.startswith("/v1/bots/{") and route.request is None],
    ids=name,
)
def test_an_unpublished_bot_is_closed_to_colleagues(victim: World, route: Route) -> None:
    assert send(route, token("cat")).status == 404
