"""Two tenants on one platform: what belongs to one cannot be found, named or guessed by the other."""

import secrets
from dataclasses import dataclass

import pytest

from shared.kernel.clock import isoformat, system_clock
from tests.e2e.platform import Person, Platform

CANARY = "zanzibarfalke"
SECRET = f"The vault of the {CANARY} project opens with the phrase marigold thunder."
QUESTION = f"With which phrase does the vault of the {CANARY} project open?"


def new_tenant(platform: Platform, tenant_id: str) -> Person:
    """Make a tenant with one person, as an operator does: a user of the pool and rows of the control table."""
    email, password = f"owner@{tenant_id}.example", f"Aa1!{secrets.token_urlsafe(16)}"
    cognito, pool = platform.client("cognito-idp"), platform.known["user_pool_id"]
    made = cognito.admin_create_user(
        UserPoolId=pool, Username=email, MessageAction="SUPPRESS",
        UserAttributes=[
            {"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"},
            {"Name": "custom:tenant_id", "Value": tenant_id},
        ],
    )  # fmt: skip
    cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
    user_id = next(item["Value"] for item in made["User"]["Attributes"] if item["Name"] == "sub")
    table = platform.table("control_table")
    table.put_item(Item={"pk": f"TENANT#{tenant_id}", "sk": "TENANT", "tenant_id": tenant_id, "name": tenant_id})
    table.put_item(
        Item={
            "pk": f"USER#{user_id}", "sk": "USER", "user_id": user_id, "tenant_id": tenant_id, "email": email,
            "name": "Owner", "role": "admin", "suspended": False, "created_at": isoformat(system_clock()),
            "gsi1pk": f"TENANT#{tenant_id}", "gsi1sk": f"USER#{email}",
        }
    )  # fmt: skip
    return platform.person(email, password)


@dataclass(frozen=True)
class Belongings:
    kb_id: str
    document_id: str
    bot_id: str
    conversation_id: str
    message_id: str


@pytest.fixture(scope="module")
def belongings(administrator: Person) -> Belongings:
    """What the first tenant owns."""
    kb_id = administrator.knowledge_base("Vault")
    document_id = administrator.upload(kb_id, "vault.txt", SECRET.encode())
    assert administrator.document(kb_id, document_id)["status"] == "READY"
    bot_id = administrator.call("POST", "/bots", {"name": "Vault", "kb_ids": [kb_id]}, status=201)["bot_id"]
    administrator.call("POST", f"/bots/{bot_id}/publish")
    conversation_id = administrator.call("POST", f"/bots/{bot_id}/conversations", {}, status=201)["conversation_id"]
    path = f"/conversations/{conversation_id}/messages"
    sent = administrator.call("POST", path, {"content": QUESTION})
    assert "marigold thunder" in sent["answer"]["text"]
    return Belongings(kb_id, document_id, bot_id, conversation_id, sent["message_id"])


@pytest.fixture(scope="module")
def stranger(platform: Platform) -> Person:
    return new_tenant(platform, "rival")


def test_the_second_tenant_is_itself(stranger: Person) -> None:
    assert stranger.call("GET", "/me")["tenant_id"] == "rival"


def test_every_id_of_another_tenant_is_not_found(stranger: Person, belongings: Belongings) -> None:
    kb, bot = f"/knowledge-bases/{belongings.kb_id}", f"/bots/{belongings.bot_id}"
    document, conversation = f"{kb}/documents/{belongings.document_id}", f"/conversations/{belongings.conversation_id}"
    calls: list[tuple[str, str, object]] = [
        ("GET", kb, None), ("PATCH", kb, {"name": "Mine"}), ("DELETE", kb, None), ("GET", f"{kb}/activity", None),
        ("POST", f"{kb}/searches", {"query": CANARY}), ("POST", f"{kb}/answers", {"question": QUESTION}),
        ("GET", f"{kb}/documents", None), ("POST", f"{kb}/documents", {"filename": "a.txt", "size_bytes": 3}),
        ("GET", document, None), ("DELETE", document, None), ("POST", f"{document}/retry", None),
        ("GET", bot, None), ("PATCH", bot, {"name": "Mine"}), ("DELETE", bot, None), ("POST", f"{bot}/publish", None),
        ("POST", f"{bot}/conversations", {}), ("GET", f"{bot}/conversations", None),
        ("GET", conversation, None), ("DELETE", conversation, None),
        ("POST", f"{conversation}/messages", {"content": QUESTION}),
        ("PUT", f"{conversation}/messages/{belongings.message_id}/feedback", {"rating": "up"}),
        ("POST", "/bots", {"name": "Thief", "kb_ids": [belongings.kb_id]}),
        ("POST", "/evaluations", {"kb_id": belongings.kb_id, "items": [{"id": "1", "text": QUESTION}]}),
    ]  # fmt: skip
    for method, path, body in calls:
        status, _, sentence = stranger.refused(method, path, body)
        assert status == 404, (method, path, status)
        assert CANARY not in sentence


def test_nothing_of_a_tenant_is_found_or_answered_by_another(
    administrator: Person, stranger: Person, belongings: Belongings
) -> None:
    kb_id = stranger.knowledge_base("Vault")
    document_id = stranger.upload(kb_id, "own.txt", b"The vault of the rival project opens with a plain key.")
    assert stranger.document(kb_id, document_id)["status"] == "READY"
    bot_id = stranger.call("POST", "/bots", {"name": "Vault", "kb_ids": [kb_id]}, status=201)["bot_id"]
    stranger.call("POST", f"/bots/{bot_id}/publish")
    conversation = stranger.call("POST", f"/bots/{bot_id}/conversations", {}, status=201)["conversation_id"]
    for question in (QUESTION, CANARY, "marigold thunder", SECRET):
        assert {hit["document_id"] for hit in stranger.search(kb_id, question)} <= {document_id}
        answers = [
            stranger.ask(kb_id, question),
            stranger.call("POST", f"/conversations/{conversation}/messages", {"content": question})["answer"],
        ]
        for answer in answers:
            said = {**answer, "searched": ""}  # the question itself
            assert "marigold" not in str(said).lower()
            assert CANARY not in str(answer["citations"])
    assert "marigold thunder" in administrator.ask(belongings.kb_id, QUESTION)["text"]
    assert {item["kb_id"] for item in stranger.all("/knowledge-bases")} == {kb_id}


def test_an_object_in_the_inbox_of_another_tenant_stays_there(
    platform: Platform, administrator: Person, stranger: Person, belongings: Belongings
) -> None:
    """The tenant of a key and the tenant of a knowledge base must be one: a mixed key is nobody's document."""
    before = set(administrator.documents(belongings.kb_id))
    platform.client("s3").put_object(
        Bucket=platform.bucket, Key=f"inbox/rival/{belongings.kb_id}/smuggled.txt", Body=b"Smuggled."
    )
    kb_id = stranger.knowledge_base("Marker")
    platform.client("s3").put_object(Bucket=platform.bucket, Key=f"inbox/rival/{kb_id}/m.txt", Body=b"A marker text.")
    stranger.settled(kb_id, 1)  # the queue has passed the smuggled object
    assert set(administrator.documents(belongings.kb_id)) == before
