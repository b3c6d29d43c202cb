"""What counting promises, in memory and on DynamoDB."""

from collections.abc import Iterator

import pytest

from functions.application.adapters.usage_table import DynamoUsage
from functions.application.domain.records import UnansweredRow
from functions.application.ports import UsageStore
from tests.cloud import cloud, make_table
from tests.fakes.usage import MemoryUsage


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[UsageStore]:
    if request.param == "memory":
        yield MemoryUsage()
        return
    with cloud(monkeypatch):
        make_table("control", "pk", "sk")
        yield DynamoUsage("control")


def question(number: int, **changes: str) -> UnansweredRow:
    fields = {"tenant_id": "acme", "bot_id": "bot_1", "message_id": f"msg_{number}", "question": "?", **changes}
    return UnansweredRow.model_validate({**fields, "asked_at": f"2026-01-31T12:00:{number:02d}.000Z"})


def test_counts_add_up_per_bot_and_day(store: UsageStore) -> None:
    store.count("acme", "bot_1", "2026-01-31", {"answers": 1, "up": 1})
    store.count("acme", "bot_1", "2026-01-31", {"answers": 2, "up": -1, "down": 1})
    store.count("acme", "bot_1", "2026-02-01", {"refusals": 1})
    store.count("acme", "bot_2", "2026-02-01", {"refusals": 9})
    store.count("other", "bot_1", "2026-02-01", {"refusals": 9})
    first, second = store.days("acme", "bot_1", since="2026-01-01")
    assert (first.day, first.counts) == ("2026-01-31", {"answers": 3, "up": 0, "down": 1})
    assert (second.day, second.counts) == ("2026-02-01", {"refusals": 1})
    assert [row.day for row in store.days("acme", "bot_1", since="2026-02-01")] == ["2026-02-01"]


def test_unanswered_questions_come_latest_first_once_each_and_can_be_forgotten(store: UsageStore) -> None:
    for number in (1, 2, 3, 3):
        store.keep_unanswered(question(number))
    store.keep_unanswered(question(9, bot_id="bot_2"))
    store.keep_unanswered(question(9, tenant_id="other"))
    assert [row.message_id for row in store.unanswered("acme", "bot_1", limit=2)] == ["msg_3", "msg_2"]
    store.forget_unanswered("acme", "bot_1", [("2026-01-31T12:00:03.000Z", "msg_3"), ("never", "asked")])
    assert store.unanswered("acme", "bot_1", limit=9) == [question(2), question(1)]
