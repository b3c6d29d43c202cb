"""Keeps a process from asking a neighbour that does not answer again and again (protocol rule 11)."""

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from shared.kernel.errors import Unavailable

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 30.0
Answer = TypeVar("Answer")
Port = TypeVar("Port")


class CircuitBreaker:
    """Lets a failed neighbour rest: after each failure the next try waits twice as long, up to a limit.

    In between every call fails at once with the neighbour's own error, so that a message is put back in no time. When
    the pause is over, one call is let through; its success ends the pauses. Safe between threads.

    Args:
        clock: gives seconds that never go back.
        first_pause_s: after the first failure.
        longest_pause_s: after many; also how late the end of an outage is noticed at most.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        first_pause_s: float = FIRST_PAUSE_S,
        longest_pause_s: float = LONGEST_PAUSE_S,
    ) -> None:
        self._clock = clock
        self._first_pause_s, self._longest_pause_s = first_pause_s, longest_pause_s
        self._lock = threading.Lock()
        self._pause_s = 0.0
        self._closed_until = 0.0
        self._error: Unavailable | None = None

    def call(self, attempt: Callable[[], Answer]) -> Answer:
        """Make the attempt, or fail like the last one did while the neighbour rests.

        Raises:
            Unavailable: the neighbour does not answer, or did not a moment ago.
        """
        self._check()
        try:
            answer = attempt()
        except Unavailable as error:
            self._failed(error)
            raise
        self._answered()
        return answer

    def _check(self) -> None:
        with self._lock:
            if self._error is None:
                return
            if self._clock() < self._closed_until:
                raise Unavailable(self._error.message, code=self._error.code) from self._error
            self._closed_until = self._clock() + self._pause_s  # this call is the try; others go on resting

    def _failed(self, error: Unavailable) -> None:
        with self._lock:
            self._pause_s = min(self._pause_s * 2 or self._first_pause_s, self._longest_pause_s)
            self._closed_until = self._clock() + self._pause_s
            self._error = error

    def _answered(self) -> None:
        if self._error is not None:
            with self._lock:
                self._pause_s, self._error = 0.0, None


def guarded(port: Port, breaker: CircuitBreaker) -> Port:
    """Return the same port behind a breaker: each call and each property of it counts as an attempt.

    Args:
        port: any of the ports; what a method returns is not watched, so its generators are not guarded.
        breaker: one for each neighbour and process.
    """
    return cast("Port", _Guarded(port, breaker))


class _Guarded:
    """Stands in front of a port."""

    def __init__(self, port: object, breaker: CircuitBreaker) -> None:
        self._port = port
        self._breaker = breaker

    def __getattr__(self, name: str) -> Any:
        if isinstance(getattr(type(self._port), name, None), property):
            return self._breaker.call(lambda: getattr(self._port, name))
        method = getattr(self._port, name)
        if not callable(method):
            return method
        return lambda *args, **kwargs: self._breaker.call(lambda: method(*args, **kwargs))
