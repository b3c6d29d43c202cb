"""What happens in one run, drawn from its seed before it begins: people's operations, outages, rates of faults."""

import random
from dataclasses import dataclass, replace
from typing import Literal

from tests.simulation.scheduler import Outage, Rates

FAULTS_FROM_S = 30.0
SPAN_S = 2_400.0
CALM_AFTER_S = 300.0
EMBEDDER_OUTAGE_S = 310.0
LONG_OUTAGE_S = 1_000.0
SLOTS = 12
RETAGGED_SHARE = 0.3
STORES = ("documents", "artifacts", "index", "registry", "bus", "queues", "control")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A knowledge base of the run: whose it is and who may read it."""

    number: int
    tenant_id: str
    owner: str
    is_private: bool = False


SHELVES = (
    Shelf(0, "acme", "ada"),
    Shelf(1, "acme", "bob", is_private=True),
    Shelf(2, "other", "eve"),
    Shelf(3, "acme", "cat"),
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a person or another system does.

    Attributes:
        name: `op007`.
        kind: a method of `people.People`.
        slot: which document, or which knowledge base.
    """

    name: str
    at_s: float
    kind: str
    slot: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a document: uploads come and go in it, an inbox path stays the same."""

    number: int
    shelf: int
    is_inbox: bool


@dataclass(frozen=True, slots=True)
class Jump:
    """The clock of all machines changes by so much."""

    name: str
    at_s: float
    by_s: float


Loss = Literal["index", "registry"]
"""A store that comes back empty: the file of the index, or the table with all rows."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything about a run that is decided before it.

    Attributes:
        is_gentle: no process dies and nothing is out of order, so that I7 holds people to 1.2.
        losses: what is lost as a whole once all is at rest, one after the other.
        echoes: the bucket tells of deleted versions, as ours does not, and not of delete markers alone.
        visibility_s: of the queues.
        stall_s: how long a stalled worker sleeps: longer than that.
    """

    seed: int
    is_gentle: bool
    rates: Rates
    visibility_s: float
    stall_s: float
    slots: tuple[Slot, ...]
    operations: tuple[Operation, ...]
    outages: tuple[Outage, ...]
    jumps: tuple[Jump, ...]
    losses: tuple[Loss, ...]
    echoes: bool

    @property
    def calm_s(self) -> float:
        """From here on nothing goes wrong and nobody asks for anything."""
        return SPAN_S + CALM_AFTER_S


KINDS = {
    "overwrite": 26,
    "same_again": 8,
    "two_at_once": 8,
    "go_back": 6,
    "poison": 8,
    "delete": 12,
    "retry": 10,
    "remove": 5,
    "replace_by_remove": 4,
    "add": 16,
    "delete_twice": 3,
}
USUAL = Rates(
    kill=0.008, died=0.008, stall=0.003, throttle=0.012, lost=0.006, repeated=0.004,
    dropped=0.12, duplicated=0.12, late=0.08, item=0.05, forgotten=0.006, unacknowledged=0.04,
)  # fmt: skip
GENTLE = replace(USUAL, kill=0.0, died=0.0, stall=0.0, throttle=0.0, lost=0.0, repeated=0.0, forgotten=0.0)


def plan_of(seed: int) -> Plan:
    """Draw the plan of a seed."""
    rng = random.Random(f"{seed}/plan")
    is_gentle = rng.random() < 0.12
    scale = rng.uniform(0.4, 2.0)
    rates = GENTLE if is_gentle else _scaled(USUAL, scale)
    visibility_s = rng.choice((60.0, 120.0, 720.0))
    slots = tuple(
        Slot(number, rng.choice((0, 0, 0, 1, 2, 2, 3)), is_inbox=rng.random() < 0.45) for number in range(SLOTS)
    )
    return Plan(
        seed=seed,
        is_gentle=is_gentle,
        rates=rates,
        visibility_s=visibility_s,
        stall_s=visibility_s + rng.uniform(5.0, 400.0),
        slots=slots,
        operations=_operations(rng) + _retags(random.Random(f"{seed}/tags")),
        outages=() if is_gentle else _outages(rng) + _long_outages(random.Random(f"{seed}/long outages")),
        jumps=() if is_gentle else _jumps(rng),
        losses=() if is_gentle else _losses(random.Random(f"{seed}/losses")),
        echoes=random.Random(f"{seed}/echoes").random() < 0.5,
    )


def _scaled(rates: Rates, scale: float) -> Rates:
    return Rates(**{name: getattr(rates, name) * scale for name in Rates.__slots__})


def _operations(rng: random.Random) -> tuple[Operation, ...]:
    found = [(0.0, "open_shelf", shelf.number) for shelf in SHELVES]
    found += [(rng.uniform(5.0, SPAN_S / 2), "add", number) for number in range(SLOTS)]
    kinds, weights = list(KINDS), list(KINDS.values())
    found += [
        (rng.uniform(60.0, SPAN_S), rng.choices(kinds, weights)[0], rng.randrange(SLOTS))
        for _ in range(rng.randint(18, 44))
    ]
    if rng.random() < 0.6:
        found.append((rng.uniform(SPAN_S / 3, SPAN_S), "close_shelf", 3))
    if rng.random() < 0.1:
        found.append((rng.uniform(SPAN_S / 3, SPAN_S), "close_shelf", rng.choice((0, 1, 2))))
    return tuple(
        Operation(f"op{number:03d}", at_s, kind, slot) for number, (at_s, kind, slot) in enumerate(sorted(found))
    )


def _retags(rng: random.Random) -> tuple[Operation, ...]:
    """Draw changes of tags, in a part of the runs: the others stay what they were before there were tags."""
    if rng.random() >= RETAGGED_SHARE:
        return ()
    return tuple(
        Operation(f"tag{number:03d}", rng.uniform(60.0, SPAN_S), "retag", rng.randrange(SLOTS))
        for number in range(rng.randint(4, 16))
    )


def _outages(rng: random.Random) -> tuple[Outage, ...]:
    start = rng.uniform(60.0, SPAN_S - EMBEDDER_OUTAGE_S)
    found = [Outage("outage0", "embedder", start, start + EMBEDDER_OUTAGE_S)]
    for number in range(rng.choice((0, 1, 1, 2, 3))):
        start = rng.uniform(60.0, SPAN_S)
        found.append(Outage(f"outage{number + 1}", rng.choice(STORES), start, start + rng.uniform(20.0, 240.0)))
    return tuple(found)


def _long_outages(rng: random.Random) -> tuple[Outage, ...]:
    """Draw one in ten runs in which the table of the log is out of order for longer than five receives last."""
    if rng.random() >= 0.1:
        return ()
    start = rng.uniform(60.0, SPAN_S - LONG_OUTAGE_S)
    return (Outage("outage-log", "control", start, rng.uniform(start + LONG_OUTAGE_S, SPAN_S)),)


def _losses(rng: random.Random) -> tuple[Loss, ...]:
    """Draw one in ten runs that lose the index, one in ten that lose the registry."""
    stores: tuple[Loss, ...] = ("index", "registry")
    return tuple(store for store in stores if rng.random() < 0.1)


def _jumps(rng: random.Random) -> tuple[Jump, ...]:
    return tuple(
        Jump(
            f"jump{number}",
            rng.uniform(60.0, SPAN_S),
            rng.uniform(30.0, 1_500.0) if rng.random() < 0.5 else -rng.uniform(0.5, 10.0),
        )
        for number in range(rng.choice((0, 0, 1, 2)))
    )
