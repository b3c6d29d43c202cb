"""Conformance of the ControlStore port: the in-memory fake and DynamoDB (moto) pass the same tests."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import boto3
import pytest

from functions.application.adapters.control_table import DynamoControlStore
from functions.application.domain.records import (
    ActivityRow,
    BotRow,
    BotVersionRow,
    ConversationRow,
    EvaluationRow,
    MessageRow,
    NameClaim,
    UserRow,
)
from functions.application.ports import ControlStore
from shared.contracts.api import Answer, BotDefinition, Citation, Feedback, Usage
from shared.contracts.boxes import Box
from shared.contracts.documents import Place
from shared.kernel.errors import Conflict, Invalid, NotFound
from tests.cloud import cloud, make_table
from tests.fakes.control_store import MemoryControlStore

TIMES = {"created_at": "2026-01-31T12:00:00.000Z", "updated_at": "2026-01-31T12:00:00.000Z"}
ADA = UserRow(tenant_id="acme", user_id="ada", email="ada@acme.example", name="Ada", role="admin")


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ControlStore]:
    if request.param == "memory":
        memory = MemoryControlStore()
        memory.users["ada"] = ADA
        yield memory
        return
    with cloud(monkeypatch):
        make_table("control", "pk", "sk", index=("gsi1pk", "gsi1sk"))
        boto3.resource("dynamodb").Table("control").put_item(
            Item={
                "pk": "USER#ada",
                "sk": "USER",
                "gsi1pk": "TENANT#acme",
                "gsi1sk": "USER#ada@acme.example",
                **ADA.model_dump(),
            }
        )
        yield DynamoControlStore("control")


def bot(bot_id: str = "bot_1", *, tenant_id: str = "acme", created_at: str = TIMES["created_at"]) -> BotRow:
    definition = BotDefinition(name="Bot", description="", instructions="Be brief.", kb_ids=("kb_1", "kb_2"))
    return BotRow(
        tenant_id=tenant_id,
        bot_id=bot_id,
        owner_id="ada",
        draft=definition,
        created_at=created_at,
        updated_at=created_at,
    )


def version(row: BotRow, number: int) -> BotVersionRow:
    return BotVersionRow(
        tenant_id=row.tenant_id,
        bot_id=row.bot_id,
        version=number,
        definition=row.draft,
        published_by="ada",
        published_at=TIMES["created_at"],
    )


def conversation(conversation_id: str = "conv_1", **changes: str) -> ConversationRow:
    fields = {"tenant_id": "acme", "user_id": "ada", "bot_id": "bot_1", **TIMES, **changes}
    return ConversationRow.model_validate({"conversation_id": conversation_id, "bot_version": 1, **fields})


def message(message_id: str, second: int, *, conversation_id: str = "conv_1") -> MessageRow:
    return MessageRow(
        tenant_id="acme",
        conversation_id=conversation_id,
        message_id=message_id,
        role="user",
        content=f"question {message_id}",
        created_at=f"2026-01-31T12:00:{second:02d}.000Z",
    )


def test_a_seeded_user_is_found_and_a_stranger_is_none(store: ControlStore) -> None:
    assert store.user("ada") == ADA
    assert store.user("eve") is None


def test_a_bot_comes_back_as_it_was_written_within_its_tenant(store: ControlStore) -> None:
    store.create_bot(bot())
    assert store.bot("acme", "bot_1") == bot()
    assert store.bot("other", "bot_1") is None
    with pytest.raises(Conflict):
        store.create_bot(bot())


def test_a_stale_bot_is_not_written(store: ControlStore) -> None:
    old = bot()
    store.create_bot(old)
    newer = store.replace_bot(old, old.model_copy(update={"published_version": 3}))
    assert (newer.revision, store.bot("acme", "bot_1")) == (2, newer)
    with pytest.raises(Conflict):
        store.replace_bot(old, old)
    with pytest.raises(Conflict):
        store.replace_bot(bot("bot_none"), bot("bot_none"))


def test_publishing_writes_bot_and_version_together_or_neither(store: ControlStore) -> None:
    old = bot()
    store.create_bot(old)
    written = store.publish_bot(old, old.model_copy(update={"published_version": 1}), version(old, 1))
    assert store.bot_version("acme", "bot_1", 1) == version(old, 1)
    with pytest.raises(Conflict):
        store.publish_bot(old, old.model_copy(update={"published_version": 2}), version(old, 2))
    assert store.bot_version("acme", "bot_1", 2) is None
    with pytest.raises(Conflict):
        store.publish_bot(written, written, version(old, 1))
    assert store.bot("acme", "bot_1") == written
    assert store.bot_version("other", "bot_1", 1) is None


def test_a_removed_bot_takes_its_versions_along(store: ControlStore) -> None:
    old = bot()
    store.create_bot(old)
    written = store.publish_bot(old, old.model_copy(update={"published_version": 1}), version(old, 1))
    store.remove_bot(written)
    store.remove_bot(written)
    assert store.bot("acme", "bot_1") is None
    assert store.bot_version("acme", "bot_1", 1) is None


def test_bots_are_paged_oldest_first_within_the_tenant(store: ControlStore) -> None:
    for number in (3, 1, 2):
        store.create_bot(bot(f"bot_{number}", created_at=f"2026-01-31T12:00:0{number}.000Z"))
    store.create_bot(bot("bot_x", tenant_id="other"))
    first, cursor = store.bots("acme", limit=2)
    rest, end = store.bots("acme", limit=2, cursor=cursor)
    assert [row.bot_id for row in (*first, *rest)] == ["bot_1", "bot_2", "bot_3"]
    assert end == ""


@pytest.mark.parametrize("forged", ["forged", "e30=", "W10=", "\u00e9"])
def test_a_forged_cursor_is_refused(store: ControlStore, forged: str) -> None:
    store.create_bot(bot())
    with pytest.raises(Invalid) as caught:
        store.bots("acme", cursor=forged)
    assert caught.value.code == "bad_cursor"


def test_conversations_are_listed_per_person_the_latest_first(store: ControlStore) -> None:
    for number in (1, 2, 3):
        store.create_conversation(conversation(f"conv_{number}", updated_at=f"2026-01-31T12:00:0{number}.000Z"))
    store.create_conversation(conversation("conv_x", user_id="bob"))
    store.create_conversation(conversation("conv_y", bot_id="bot_2"))
    store.add_message(message("m", 30, conversation_id="conv_1"))
    first, cursor = store.conversations("acme", "ada", limit=2)
    rest, _ = store.conversations("acme", "ada", limit=2, cursor=cursor)
    assert [row.conversation_id for row in (*first, *rest)] == ["conv_1", "conv_3", "conv_2", "conv_y"]
    assert store.conversations("other", "ada") == ([], "")


def test_messages_come_back_in_order_with_their_answers(store: ControlStore) -> None:
    store.create_conversation(conversation())
    place = Place(heading_path=("A",), boxes=(Box(0, 1, 0.0, 0.1254, 1.0, 0.3333333333333333),))
    cited = Citation(n=1, kb_id="kb", document_id="doc", filename="a.pdf", page=None, quote="q", place=place)
    answer = Answer(text="yes [1]", refused=False, citations=(cited,), usage=Usage(model="m"), release_id="r")
    reply = message("m2", 2).model_copy(update={"role": "assistant", "answer": answer, "replies_to": "m1"})
    store.add_message(reply)
    store.add_message(message("m1", 1))
    assert store.messages("acme", "conv_1") == [message("m1", 1), reply]
    assert store.messages("other", "conv_1") == []
    found = store.conversation("acme", "conv_1")
    assert found is not None
    assert found.updated_at.endswith(":01.000Z")


def test_a_message_is_stored_once_and_only_into_a_conversation_that_lives(store: ControlStore) -> None:
    with pytest.raises(NotFound):
        store.add_message(message("m1", 1))
    store.create_conversation(conversation())
    store.add_message(message("m1", 1))
    with pytest.raises(Conflict):
        store.add_message(message("m1", 1))
    with pytest.raises(Conflict):
        store.create_conversation(conversation())


def test_a_message_is_replaced_where_it_stands(store: ControlStore) -> None:
    store.create_conversation(conversation())
    with pytest.raises(NotFound):
        store.replace_message(message("m1", 1))
    store.add_message(message("m1", 1))
    rated = message("m1", 1).model_copy(update={"feedback": Feedback(rating="up")})
    store.replace_message(rated)
    assert store.messages("acme", "conv_1") == [rated]


def test_a_removed_conversation_leaves_nothing(store: ControlStore) -> None:
    row = conversation()
    store.create_conversation(row)
    for number in range(30):
        store.add_message(message(f"m{number}", number))
    store.remove_conversation(row)
    store.remove_conversation(row)
    assert store.conversation("acme", "conv_1") is None
    assert store.messages("acme", "conv_1") == []
    assert store.conversations("acme", "ada") == ([], "")
    with pytest.raises(NotFound):
        store.add_message(message("late", 59))


def test_an_evaluation_is_found_within_its_tenant(store: ControlStore) -> None:
    row = EvaluationRow(
        tenant_id="acme",
        evaluation_id="eval_1",
        ml_evaluation_id="run_1",
        user_id="ada",
        dataset_key="datasets/acme/eval_1.jsonl",
        created_at=TIMES["created_at"],
    )
    store.create_evaluation(row)
    assert store.evaluation("acme", "eval_1") == row
    assert store.evaluation("other", "eval_1") is None
    with pytest.raises(Conflict):
        store.create_evaluation(row)


def activity(number: int, *, kb_id: str = "kb_1") -> ActivityRow:
    return ActivityRow(
        tenant_id="acme",
        kb_id=kb_id,
        event_id=f"evt_{number}",
        type="document.deleted.v1",
        document_id="doc_1",
        filename="a.pdf",
        generation=1,
        occurred_at=f"2026-01-31T12:00:0{number}.000Z",
        removed={"chunks": 5},
    )


def test_activity_is_newest_first_and_an_event_counts_once(store: ControlStore) -> None:
    for number in (1, 3, 2, 3, 1):
        store.add_activity(activity(number))
    store.add_activity(activity(4, kb_id="kb_2"))
    first, cursor = store.activity("acme", "kb_1", limit=2)
    rest, _ = store.activity("acme", "kb_1", limit=2, cursor=cursor)
    assert [*first, *rest] == [activity(3), activity(2), activity(1)]
    assert store.activity("other", "kb_1") == ([], "")


def claim(holder: str) -> NameClaim:
    return NameClaim(tenant_id="acme", name="docs", holder=holder, claimed_at=TIMES["created_at"])


def test_a_name_has_one_holder_until_it_is_released(store: ControlStore) -> None:
    assert store.claim_name(claim("kb_1"), kind="KB") == claim("kb_1")
    assert store.claim_name(claim("kb_1"), kind="KB") == claim("kb_1")
    assert store.claim_name(claim("kb_2"), kind="KB") == claim("kb_1")
    assert store.claim_name(claim("kb_2"), kind="BOT") == claim("kb_2")
    store.release_name("acme", kind="KB", name="docs", holder="kb_2")
    assert store.claim_name(claim("kb_2"), kind="KB") == claim("kb_1")
    store.release_name("acme", kind="KB", name="docs", holder="kb_1")
    assert store.claim_name(claim("kb_2"), kind="KB") == claim("kb_2")


def test_a_name_is_taken_over_from_the_holder_that_was_seen_only(store: ControlStore) -> None:
    store.claim_name(claim("kb_1"), kind="KB")
    assert store.claim_name(claim("kb_3"), kind="KB", instead_of=claim("kb_2")) == claim("kb_1")
    assert store.claim_name(claim("kb_3"), kind="KB", instead_of=claim("kb_1")) == claim("kb_3")


def test_exactly_one_of_many_gets_a_name(store: ControlStore) -> None:
    held: list[NameClaim] = []
    threads = [
        threading.Thread(target=lambda n=number: held.append(store.claim_name(claim(f"kb_{n}"), kind="KB")))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(held) == 8
    assert len({row.holder for row in held}) == 1


def test_a_counter_allows_exactly_its_limit_per_window(store: ControlStore) -> None:
    expires_at = datetime(2026, 1, 31, 13, tzinfo=UTC)
    taken = [store.take("acme", "ada#questions", "12:00", most=3, expires_at=expires_at) for _ in range(5)]
    assert taken == [True, True, True, False, False]
    assert store.take("acme", "ada#questions", "12:01", most=3, expires_at=expires_at)
    assert store.take("acme", "bob#questions", "12:00", most=3, expires_at=expires_at)
    assert store.take("other", "ada#questions", "12:00", most=3, expires_at=expires_at)


def test_a_conversation_is_described_without_being_moved(store: ControlStore) -> None:
    row = conversation()
    store.create_conversation(row)
    store.describe_conversation(row, title="Leave", words="leave days")
    described = row.model_copy(update={"title": "Leave", "words": "leave days"})
    assert store.conversation("acme", "conv_1") == described
    assert store.conversations("acme", "ada") == ([described], "")
    with pytest.raises(NotFound):
        store.describe_conversation(conversation("conv_none"), title="", words="")
    store.remove_conversation(row)
    with pytest.raises(NotFound):
        store.describe_conversation(row, title="", words="")


def test_messages_are_paged_from_the_newest(store: ControlStore) -> None:
    store.create_conversation(conversation())
    store.create_conversation(conversation("conv_2"))
    for second in range(5):
        store.add_message(message(f"msg_{second}", second))
    store.add_message(message("msg_other", 9, conversation_id="conv_2"))
    seen, cursor = [], ""
    while True:
        rows, cursor = store.message_page("acme", "conv_1", cursor=cursor, limit=2)
        seen += [row.message_id for row in rows]
        if not cursor:
            break
    assert seen == [f"msg_{second}" for second in (4, 3, 2, 1, 0)]
    assert store.message_page("other", "conv_1") == ([], "")
    with pytest.raises(Invalid):
        store.message_page("acme", "conv_1", cursor="nonsense")
