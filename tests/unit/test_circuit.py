from collections.abc import Callable

import pytest

from functions.ml.adapters.circuit import FIRST_PAUSE_S, LONGEST_PAUSE_S, CircuitBreaker, guarded
from shared.kernel.errors import Invalid, Unavailable
from tests.fakes.embedder import HashEmbedder


class Neighbour:
    """Answers or does not; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = Unavailable("The neighbour sleeps.", code="neighbour_sleeps")
        self.now_s = 0.0

    def __call__(self) -> str:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return "here"

    def fails(self, breaker: CircuitBreaker) -> str:
        with pytest.raises(Unavailable) as raised:
            breaker.call(self)
        return raised.value.code


@pytest.fixture
def neighbour() -> Neighbour:
    return Neighbour()


@pytest.fixture
def breaker(neighbour: Neighbour) -> CircuitBreaker:
    return CircuitBreaker(lambda: neighbour.now_s)


def test_a_neighbour_that_failed_is_left_alone_for_a_while(neighbour: Neighbour, breaker: CircuitBreaker) -> None:
    assert [neighbour.fails(breaker) for _ in range(50)] == ["neighbour_sleeps"] * 50
    assert neighbour.asked == 1
    neighbour.now_s += FIRST_PAUSE_S
    assert [neighbour.fails(breaker) for _ in range(50)] == ["neighbour_sleeps"] * 50
    assert neighbour.asked == 2


def test_the_calls_to_a_dead_neighbour_are_bounded(neighbour: Neighbour, breaker: CircuitBreaker) -> None:
    for _ in range(3_000):
        neighbour.fails(breaker)
        neighbour.now_s += 0.1
    assert neighbour.asked <= 4 + 300 / LONGEST_PAUSE_S + 1


def test_the_end_of_an_outage_is_noticed_and_forgotten(neighbour: Neighbour, breaker: CircuitBreaker) -> None:
    for _ in range(100):
        neighbour.fails(breaker)
        neighbour.now_s += 10
    neighbour.error = None
    neighbour.now_s += LONGEST_PAUSE_S
    assert [breaker.call(neighbour) for _ in range(3)] == ["here"] * 3
    neighbour.error = Unavailable("Again.")
    neighbour.fails(breaker)
    neighbour.now_s += FIRST_PAUSE_S
    neighbour.error = None
    assert breaker.call(neighbour) == "here"


def test_one_try_at_a_time_is_let_through(neighbour: Neighbour, breaker: CircuitBreaker) -> None:
    neighbour.fails(breaker)
    neighbour.now_s += FIRST_PAUSE_S
    inner: list[str] = []

    def slow() -> str:
        inner.append(neighbour.fails(breaker))
        return "here"

    assert breaker.call(slow) == "here"
    assert inner == ["neighbour_sleeps"]
    assert neighbour.asked == 1


def test_a_refusal_is_an_answer(neighbour: Neighbour, breaker: CircuitBreaker) -> None:
    neighbour.error = Invalid("This text is refused.")
    for _ in range(3):
        with pytest.raises(Invalid):
            breaker.call(neighbour)
    assert neighbour.asked == 3


class Property:
    """A port whose property needs the neighbour."""

    def __init__(self, ask: Callable[[], str]) -> None:
        self._ask = ask

    @property
    def model_id(self) -> str:
        return self._ask()


def test_a_guarded_port_is_asked_through_its_breaker(neighbour: Neighbour, breaker: CircuitBreaker) -> None:
    port = guarded(Property(neighbour), breaker)
    for _ in range(5):
        with pytest.raises(Unavailable):
            _ = port.model_id
    assert neighbour.asked == 1
    embedder = HashEmbedder()
    behind = guarded(embedder, CircuitBreaker())
    assert behind.model_id == embedder.model_id
    assert behind.embed(["a"], purpose="passage") == embedder.embed(["a"], purpose="passage")
