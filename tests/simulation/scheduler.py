"""One seeded scheduler: every side effect of every worker is a step, and a fault may happen at each.

Workers are greenlets, so a run has one thread and one order. A worker that is about to have an effect hands control
back and says when it will be ready; the scheduler goes on with whoever is first. Every random choice comes from the
stream of the worker that it concerns, and a worker's stream is named by what caused it: switching off one operation or
one fault leaves the choices of the others as they are, which is what makes shrinking work.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import greenlet

from shared.kernel.errors import PlatformError, Unavailable

T = TypeVar("T")


class Killed(BaseException):
    """The process ends here; no `except Exception` of a service sees it."""


class Violation(BaseException):
    """An invariant does not hold.

    Args:
        invariant: `I1` to `I9`.
        detail: what was found, for people.
    """

    def __init__(self, invariant: str, detail: str) -> None:
        super().__init__(invariant, detail)
        self.invariant = invariant
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.invariant}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Rates:
    """How often faults happen, each in [0, 1].

    Attributes:
        kill: the process ends before an effect.
        died: the process ends after an effect.
        stall: a worker sleeps longer than its message stays invisible.
        throttle: the neighbour refuses; nothing happened.
        lost: it happened, but the caller hears that the neighbour does not answer.
        repeated: it happened, the answer was lost, and the SDK repeated it.
        dropped: a notification or an event never arrives.
        duplicated: a message arrives twice.
        late: a message arrives minutes later, after younger ones.
        item: one item of a bulk write is throttled.
        forgotten: the index acknowledges a bulk write and loses it.
        unacknowledged: the worker finished, but its message comes again.
    """

    kill: float = 0.0
    died: float = 0.0
    stall: float = 0.0
    throttle: float = 0.0
    lost: float = 0.0
    repeated: float = 0.0
    dropped: float = 0.0
    duplicated: float = 0.0
    late: float = 0.0
    item: float = 0.0
    forgotten: float = 0.0
    unacknowledged: float = 0.0


STEP_FAULTS = ("kill", "died", "stall", "throttle", "lost", "repeated")


@dataclass(frozen=True, slots=True)
class Outage:
    """A neighbour that answers nobody for a while."""

    name: str
    store: str
    from_s: float
    to_s: float


@dataclass
class Faults:
    """Decides whether a fault happens, and remembers those that did.

    Attributes:
        from_s: no fault before this.
        to_s: none from here on: the calm.
        without: ids of faults, operations and outages that are switched off.
        only: where not None, the ids that may happen at all.
    """

    rates: Rates
    from_s: float
    to_s: float
    outages: tuple[Outage, ...] = ()
    without: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    fired: list[str] = field(default_factory=list)

    def allows(self, identity: str) -> bool:
        """May this happen?"""
        return identity not in self.without and (self.only is None or identity in self.only)

    def hits(self, kind: str, identity: str, drawn: float, now_s: float) -> bool:
        """Does the fault happen, given a number drawn from [0, 1)?"""
        if not (self.from_s <= now_s < self.to_s) or drawn >= getattr(self.rates, kind):
            return False
        named = f"{kind}:{identity}"
        if not self.allows(named):
            return False
        self.fired.append(named)
        return True

    def at_step(self, identity: str, drawn: float, now_s: float) -> str:
        """Return the fault of a step, empty for none."""
        if not (self.from_s <= now_s < self.to_s):
            return ""
        for kind in STEP_FAULTS:
            rate = getattr(self.rates, kind)
            if drawn < rate:
                return kind if self.hits(kind, identity, drawn, now_s) else ""
            drawn -= rate
        return ""

    def is_down(self, store: str, now_s: float) -> bool:
        """Is the neighbour out of order now?"""
        return any(
            one.store == store and one.from_s <= now_s < one.to_s and self.allows(one.name) for one in self.outages
        )


@dataclass(slots=True)
class Actor:
    """A worker, a person's request or a run of the reconciler.

    Attributes:
        name: for people.
        key: names its stream of random numbers and its faults; the same in runs that differ elsewhere.
        steps: effects so far.
        sent: messages sent so far.
    """

    name: str
    key: str
    rng: random.Random
    steps: int = 0
    sent: int = 0
    let: greenlet.greenlet | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the trace."""

    number: int
    at_s: float
    who: str
    what: str
    fault: str = ""

    def __str__(self) -> str:
        minutes, seconds = divmod(self.at_s, 60)
        return f"{self.number:6d}  {minutes:4.0f}:{seconds:06.3f}  {self.who:<24}  {self.what}" + (
            f"  [{self.fault}]" if self.fault else ""
        )


class Scheduler:
    """Runs workers step by step in simulated time.

    Args:
        seed: names the run.
        faults: what goes wrong.
        stall_s: how long a stalled worker sleeps.
    """

    def __init__(self, seed: int, faults: Faults, *, stall_s: float) -> None:
        self.seed = seed
        self.faults = faults
        self.now_s = 0.0
        self.stall_s = stall_s
        self.trace: list[Step] = []
        self.actor: Actor | None = None
        self.living: dict[int, Actor] = {}
        self.after_step: Callable[[], None] = lambda: None
        self._waiting: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = 0

    def at(self, when_s: float, action: Callable[[], object]) -> None:
        """Do something later; equal times keep their order."""
        self._numbers += 1
        heapq.heappush(self._waiting, (when_s, self._numbers, action))

    def stream(self, key: str) -> random.Random:
        """Return the random numbers of one actor."""
        return random.Random(f"{self.seed}/{key}")

    def start(
        self, name: str, key: str, work: Callable[[], object], ended: Callable[[BaseException | None], None]
    ) -> None:
        """Start a worker now; `ended` hears how it ended: None, what it raised, or that it was killed."""
        actor = Actor(name, key, self.stream(key))

        def run() -> None:
            failure: BaseException | None = None
            try:
                work()
            except (Exception, Killed) as error:
                failure = error
            self.actor = None
            self.living.pop(id(actor), None)
            if failure is not None and not isinstance(failure, (Killed, PlatformError)):
                self.note(actor.name, f"fails: {type(failure).__name__}")
            ended(failure)

        actor.let = greenlet.greenlet(run)
        self.living[id(actor)] = actor
        self._resume(actor)

    def run_while(self, goes_on: Callable[[], bool]) -> None:
        """Go on until nothing waits or `goes_on` says no. Raises Violation."""
        while self._waiting and goes_on():
            when_s, _, action = heapq.heappop(self._waiting)
            self.now_s = max(self.now_s, when_s)
            action()

    def close(self) -> None:
        """End what still waits, so that its temporary files go."""
        for actor in list(self.living.values()):
            if actor.let is not None and not actor.let.dead:
                self.actor = None
                actor.let.throw(greenlet.GreenletExit)
        self.living.clear()

    def note(self, who: str, what: str, fault: str = "") -> None:
        """Add a line to the trace."""
        self.trace.append(Step(len(self.trace), self.now_s, who, what, fault))

    def step(self, store: str, what: str, act: Callable[[], T], *, takes_s: float = 0.04, is_write: bool = False) -> T:
        """Have one effect, with what may go wrong around it.

        Args:
            store: which neighbour, as outages name them.
            what: for the trace.
            act: the effect itself, at once.
            takes_s: the longest time it takes without a fault.
            is_write: may be repeated by an SDK whose answer was lost.

        Returns:
            What the effect returned.

        Raises:
            Unavailable: the neighbour does not answer; the effect may have happened.
            Killed: the process ended.
        """
        actor = self.actor
        if actor is None:
            return act()
        actor.steps += 1
        fault = self.faults.at_step(f"{actor.key}.{actor.steps}", actor.rng.random(), self.now_s)
        self._sleep(actor, actor.rng.random() * takes_s + (self.stall_s if fault == "stall" else 0.0))
        if fault == "kill":
            self.note(actor.name, what, "killed before it")
            raise Killed
        if fault == "throttle" or self.faults.is_down(store, self.now_s):
            self.note(actor.name, what, "unavailable")
            raise Unavailable(f"{store} does not answer; try again in a moment.", code=f"{store}_unavailable")
        return self._act(actor, store, what, act, fault, is_write=is_write)

    def quiet(self, store: str, what: str, act: Callable[[], T], *, instead: T) -> T:
        """Have an effect whose failure the port hides. Raises Killed."""
        try:
            return self.step(store, what, act)
        except Unavailable:
            return instead

    def _act(self, actor: Actor, store: str, what: str, act: Callable[[], T], fault: str, *, is_write: bool) -> T:
        number = len(self.trace)
        self.note(actor.name, what, "stalled before it" if fault == "stall" else "")
        try:
            result = act()
        except PlatformError as error:
            self.note(actor.name, f"  -> {error.code}")
            raise
        if fault in ("died", "lost") or (fault == "repeated" and is_write):
            told = {"died": "killed after it", "lost": "answer lost", "repeated": "answer lost, repeated"}[fault]
            self.trace[number] = Step(number, self.now_s, actor.name, what, told)
        self._check(actor)
        if fault == "died":
            raise Killed
        if fault == "lost":
            raise Unavailable(f"{store} did not answer in time; try again in a moment.", code=f"{store}_timeout")
        return act() if fault == "repeated" and is_write else result

    def _check(self, actor: Actor) -> None:
        self.actor = None
        self.after_step()
        self.actor = actor

    def pause(self, seconds: float) -> None:
        """Let a worker wait."""
        if self.actor is not None:
            self._sleep(self.actor, seconds)

    def _sleep(self, actor: Actor, seconds: float) -> None:
        self.at(self.now_s + seconds, lambda: self._resume(actor))
        self.actor = None
        hub = greenlet.getcurrent().parent
        assert hub is not None
        hub.switch()
        self.actor = actor

    def _resume(self, actor: Actor) -> None:
        assert actor.let is not None
        actor.let.parent = greenlet.getcurrent()
        self.actor = actor
        actor.let.switch()
        self.actor = None
