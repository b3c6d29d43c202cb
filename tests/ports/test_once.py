"""Conformance of the Once port: the in-memory fake and Powertools on DynamoDB (moto) pass the same tests."""

from collections.abc import Iterator

import pytest

from functions.application.adapters.once import PowertoolsOnce
from functions.application.ports import Once
from shared.kernel.errors import Conflict, Unavailable
from tests.cloud import cloud, make_table
from tests.fakes.application_ports import MemoryOnce
from tests.handlers.api.client import Context


@pytest.fixture(params=["memory", "powertools"])
def once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Once]:
    if request.param == "memory":
        yield MemoryOnce()
        return
    with cloud(monkeypatch):
        make_table("idempotency", "id")
        yield PowertoolsOnce("idempotency")


class Action:
    """Counts its runs; fails while failures wait."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.runs = 0

    def __call__(self) -> dict[str, object]:
        self.runs += 1
        if self.failures:
            raise self.failures.pop()
        return {"status": 201, "body": f"run {self.runs}"}


def test_a_repeated_key_gets_the_first_result(once: Once) -> None:
    action = Action()
    results = [once(key="k", payload="p", action=action, context=Context()) for _ in range(3)]
    assert results == [{"status": 201, "body": "run 1"}] * 3
    assert action.runs == 1


def test_another_key_runs_again(once: Once) -> None:
    action = Action()
    once(key="k1", payload="p", action=action, context=Context())
    assert once(key="k2", payload="p", action=action, context=Context())["body"] == "run 2"


def test_another_payload_under_the_key_is_refused(once: Once) -> None:
    action = Action()
    once(key="k", payload="p", action=action, context=Context())
    with pytest.raises(Conflict) as caught:
        once(key="k", payload="q", action=action, context=Context())
    assert caught.value.code == "idempotency_key_reused"
    assert action.runs == 1


def test_an_action_that_fails_leaves_the_key_free(once: Once) -> None:
    action = Action(Unavailable("The model does not answer.", code="model_unavailable"))
    with pytest.raises(Unavailable) as caught:
        once(key="k", payload="p", action=action, context=Context())
    assert caught.value.code == "model_unavailable"
    assert once(key="k", payload="p", action=action, context=Context())["body"] == "run 2"


def test_a_call_while_the_first_still_runs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with cloud(monkeypatch):
        make_table("idempotency", "id")
        once = PowertoolsOnce("idempotency")

        def inner() -> dict[str, object]:
            return once(key="k", payload="p", action=dict, context=Context())

        with pytest.raises(Conflict) as caught:
            once(key="k", payload="p", action=inner, context=Context())
        assert caught.value.code == "request_in_progress"


def test_a_missing_table_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    with cloud(monkeypatch), pytest.raises(Unavailable):
        PowertoolsOnce("none")(key="k", payload="p", action=dict, context=Context())
