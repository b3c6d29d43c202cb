"""One seed: a plan, the platform, the faults, the calm, the rest, and what was found."""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.simulation.invariants import Invariants
from tests.simulation.ledger import Ledger, Paper
from tests.simulation.people import People
from tests.simulation.plan import Loss, plan_of
from tests.simulation.scheduler import Step, Violation
from tests.simulation.workers import MINUTE_S, wire
from tests.simulation.world import World

REST_WITHIN_S = 3 * 3600.0
STILL_MINUTES = 4
RESCUES = 3
MEMORY = Path("/dev/shm")
Switch = Callable[[World], None]
"""Turns one safeguard off, before the run begins."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one run gave.

    Attributes:
        violation: what did not hold, None when everything did.
        fired: ids of the faults that happened, in order.
        counts: operations, steps, searches, faults by kind, dead letters, retries by people after the calm.
    """

    seed: int
    violation: Violation | None
    trace: list[Step]
    fired: list[str]
    counts: Counter[str]
    operations: tuple[str, ...]


def run_seed(
    seed: int,
    *,
    without: frozenset[str] = frozenset(),
    only: frozenset[str] | None = None,
    switch: Switch | None = None,
) -> Result:
    """Run one seed.

    Args:
        seed: names the run; the same seed gives the same run, byte for byte.
        without: ids of operations, faults, outages and jumps that are left out.
        only: where given, all others are left out.
        switch: turns one safeguard off.

    Returns:
        The result; a violation ends a run early.
    """
    run = Run(World(plan_of(seed), without=without, only=only))
    if switch is not None:
        switch(run.world)
    violation = None
    run.world.undo.enter_context(_files_in_memory())
    try:
        run.go()
    except Violation as found:
        violation = found
        run.world.scheduler.note("invariants", str(found), "violation")
    finally:
        run.world.scheduler.close()
        run.world.undo.close()
    return run.result(violation)


@contextmanager
def _files_in_memory() -> Iterator[None]:
    """Make temporary folders in memory where the system has a place for that: a run makes thousands."""
    before = tempfile.tempdir
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK):
        tempfile.tempdir = str(MEMORY)
    try:
        yield
    finally:
        tempfile.tempdir = before


class Run:
    """The course of one run."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ledger = Ledger()
        self.people = People(world, self.ledger)
        self.invariants = Invariants(world, self.ledger)
        self.rescued = 0
        self._still = 0
        self._rests = 0
        self._print: object = None
        world.scheduler.after_step = self.invariants.after_step

    def go(self) -> None:
        """Run it. Raises Violation."""
        wire(self.world)
        self.people.schedule()
        for jump in self.world.plan.jumps:
            if self.world.faults.allows(jump.name):
                self.world.scheduler.at(jump.at_s, partial(self._jump, jump.name, jump.by_s))
        self._come_to_rest()
        self.invariants.at_rest()
        for loss in self.world.plan.losses:
            if self.world.faults.allows(f"loss-{loss}"):
                self._lose(loss)
                self._come_to_rest()
                self.invariants.at_rest()

    def _come_to_rest(self) -> None:
        """Let the platform end its work, and people retry what asks them to."""
        for _ in range(RESCUES):
            self._rest()
            if not self._rescue():
                return

    def _lose(self, loss: Loss) -> None:
        """Empty a store. Nothing of it answers until the reconciler has made it again, and then all must."""
        self.world.scheduler.note("operator", f"the {loss} is lost and comes back empty")
        self.world.faults.fired.append(f"loss-{loss}")
        self.world.scheduler.after_step = lambda: None
        self.invariants.forget_what_was_seen()
        if loss == "index":
            self.world.index.lose()
        else:
            self.world.registry.plain.rows.clear()
            self.world.registry.plain.kbs.clear()

    def _jump(self, name: str, by_s: float) -> None:
        self.world.skew_s += by_s
        self.world.scheduler.note("clock", f"{name}: jumps by {by_s:+.1f} s")

    def _rest(self) -> None:
        """Go on until nothing has changed for some minutes after the calm began."""
        begins_s = max(self.world.scheduler.now_s, self.world.plan.calm_s)
        self._still = 0
        self._rests += 1
        self._watch(begins_s, self._rests)
        until_s = begins_s + REST_WITHIN_S
        self.world.scheduler.run_while(lambda: self._still < STILL_MINUTES and self.world.scheduler.now_s < until_s)

    def _watch(self, when_s: float, number: int) -> None:
        def look() -> None:
            if number != self._rests:
                return  # an earlier rest was over
            found = self._fingerprint()
            self._still = self._still + 1 if found is not None and found == self._print else 0
            self._print = found
            self._watch(when_s + MINUTE_S, number)

        self.world.scheduler.at(when_s, look)

    def _fingerprint(self) -> object:
        """Return what must not change at rest, None while anything moves or waits."""
        world = self.world
        rows = world.registry.plain.rows.values()
        readable = [queue for queue in world.queues if queue.handle is not None]
        if any(not queue.is_empty for queue in readable) or any(not row.is_terminal for row in rows):
            return None
        if any(actor.name.split()[0] != "reconciler" for actor in world.scheduler.living.values()):
            return None
        return (
            sum(row.revision for row in rows),
            sum(map(len, world.index.everything.values())),
            len(world.documents.versions),
            len(world.artifacts.versions),
            len(world.registry.plain.kbs),
        )

    def _rescue(self) -> bool:
        """Let people retry what asks them to."""
        papers = self.invariants.to_rescue()
        for number, paper in enumerate(papers):
            self.world.scheduler.at(self.world.scheduler.now_s + number, partial(self._retry, paper))
        return bool(papers)

    def _retry(self, paper: Paper) -> None:
        self.rescued += 1
        name = f"rescue{self.rescued}"
        self.world.scheduler.start(name, name, lambda: self.people.retry_now(paper, name), lambda _: None)

    def result(self, violation: Violation | None) -> Result:
        """Collect what the run gave."""
        world = self.world
        counts = Counter(fault.split(":", 1)[0] for fault in world.faults.fired)
        counts |= Counter(
            seeds=1,
            operations=self.ledger.operations,
            steps=len(world.scheduler.trace),
            searches=self.invariants.searches,
            dead_letters=world.ingest_dead.arrived + world.embed_dead.arrived + world.projector_dead.arrived,
            rescued=self.rescued,
            embedding_calls=world.embedder.calls,
            texts=len({**world.parser.texts, **world.recogniser.texts}),
            deletes_acknowledged=self.ledger.acknowledged,
            outages=len(world.plan.outages),
            simulated_minutes=int(world.scheduler.now_s / 60),
        )
        operations = tuple(operation.name for operation in world.plan.operations)
        return Result(world.plan.seed, violation, world.scheduler.trace, world.faults.fired, counts, operations)
