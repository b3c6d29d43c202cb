"""Conformance of the SocketStore port: the fake and DynamoDB (moto) pass the same tests."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from functions.application.adapters.socket_table import DynamoSocketStore
from functions.application.domain.sockets import AnswerRow, ConnectionRow, SubscriptionRow, TicketRow
from functions.application.socket_ports import SocketStore
from shared.contracts.filters import Filters
from tests.cloud import cloud, make_table
from tests.fakes.sockets import MemorySocketStore

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
EARLY, MIDDLE, LATE = "2026-01-31T12:00:00.000Z", "2026-01-31T12:00:30.000Z", "2026-01-31T12:01:00.000Z"


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[SocketStore]:
    if request.param == "memory":
        yield MemorySocketStore()
        return
    with cloud(monkeypatch):
        make_table("control", "pk", "sk", index=("gsi1pk", "gsi1sk"))
        yield DynamoSocketStore("control")


def looking(connection_id: str = "c1", topic: str = "documents:kb_1", stamp: str = "s1") -> SubscriptionRow:
    return SubscriptionRow(tenant_id="acme", user_id="ada", connection_id=connection_id, topic=topic, stamp=stamp)


def answer(stream_id: str = "stream_1", *, until: str = LATE) -> AnswerRow:
    return AnswerRow(
        tenant_id="acme",
        message_id="msg_1",
        conversation_id="conv_1",
        question_id="msg_0",
        user_id="ada",
        stream_id=stream_id,
        slot=0,
        lease_until=until,
        replaces=("msg_old",),
        filters=Filters(tags=("hr",)),
    )


def test_a_ticket_is_taken_once_and_not_after_its_time(store: SocketStore) -> None:
    for digest in ("d1", "d2"):
        store.add_ticket(TicketRow(tenant_id="acme", user_id="ada", digest=digest), expires_at=LATER)
    taken = store.take_ticket("d1", now=NOW)
    assert taken is not None
    assert taken.user_id == "ada"
    assert store.take_ticket("d1", now=NOW) is None
    assert store.take_ticket("d2", now=LATER) is None
    assert store.take_ticket("made up", now=NOW) is None


def test_a_connection_is_forgotten_with_all_that_it_looks_at(store: SocketStore) -> None:
    row = ConnectionRow(tenant_id="acme", user_id="ada", connection_id="c1")
    store.add_connection(row, expires_at=LATER)
    assert store.connection("c1") == row
    for topic in ("documents:kb_1", "conversation:conv_1"):
        assert store.subscribe(looking(topic=topic), expires_at=LATER, most=5)
    assert store.subscribe(looking("c2"), expires_at=LATER, most=5)
    store.remove_connection("c1")
    store.remove_connection("c1")
    assert store.connection("c1") is None
    assert store.subscribers("acme", "conversation:conv_1") == []
    assert [found.connection_id for found in store.subscribers("acme", "documents:kb_1")] == ["c2"]
    assert store.subscribers("other", "documents:kb_1") == []


def test_a_connection_looks_at_a_limited_number_of_things(store: SocketStore) -> None:
    assert store.subscribe(looking(topic="a"), expires_at=LATER, most=2)
    assert store.subscribe(looking(topic="b"), expires_at=LATER, most=2)
    assert not store.subscribe(looking(topic="c"), expires_at=LATER, most=2)
    assert store.subscribe(looking(topic="b", stamp="s2"), expires_at=LATER, most=2)
    store.unsubscribe("acme", "a", "c1")
    store.unsubscribe("acme", "a", "c1")
    assert store.subscribe(looking(topic="c"), expires_at=LATER, most=2)
    assert [found.stamp for found in store.subscribers("acme", "b")] == ["s2"]


def test_the_end_of_an_answer_is_claimed_once_per_subscription(store: SocketStore) -> None:
    assert not store.claim_end(looking(), "msg_1")
    store.subscribe(looking(), expires_at=LATER, most=5)
    assert store.claim_end(looking(), "msg_1")
    assert not store.claim_end(looking(), "msg_1")
    assert store.claim_end(looking(), "msg_2")
    store.subscribe(looking(stamp="s2"), expires_at=LATER, most=5)
    assert not store.claim_end(looking(), "msg_2")
    assert store.claim_end(looking(stamp="s2"), "msg_2")


def test_an_answer_has_one_writer_until_it_fails_or_its_writer_dies(store: SocketStore) -> None:
    assert store.answer("acme", "msg_1") is None
    assert store.begin_answer(answer(), now=EARLY, expires_at=LATER)
    assert store.answer("acme", "msg_1") == answer()
    assert store.answer("other", "msg_1") is None
    assert not store.begin_answer(answer("stream_2"), now=MIDDLE, expires_at=LATER)
    assert store.claim_answer(answer())
    assert not store.claim_answer(answer())
    assert store.begin_answer(answer("stream_2"), now=LATE, expires_at=LATER)
    assert not store.claim_answer(answer())
    ended = answer("stream_2").model_copy(update={"state": "FAILED", "code": "model_timeout", "reason": "No."})
    assert not store.end_answer(answer().model_copy(update={"state": "DONE"}))
    assert store.end_answer(ended)
    assert not store.end_answer(ended)
    assert store.answer("acme", "msg_1") == ended
    assert store.begin_answer(answer("stream_3"), now=EARLY, expires_at=LATER)
    assert store.end_answer(answer("stream_3").model_copy(update={"state": "DONE"}))
    assert not store.begin_answer(answer("stream_4"), now=LATE, expires_at=LATER)


def test_slots_are_limited_per_person_and_come_back(store: SocketStore) -> None:
    def take(stream_id: str, *, user_id: str = "ada", now: str = EARLY) -> int | None:
        return store.take_slot("acme", user_id, stream_id, now=now, until=LATE, most=2)

    assert (take("s1"), take("s2"), take("s3")) == (0, 1, None)
    assert take("s4", user_id="bob") == 0
    store.free_slot(answer("s9"))
    assert take("s3") is None
    store.free_slot(answer("s1"))
    assert take("s3") == 0
    assert take("s5", now=LATE) == 0
