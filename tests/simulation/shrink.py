"""Making a failing run smaller: leave out operations and faults while the same invariant still breaks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.simulation.plan import plan_of
from tests.simulation.run import Result, Switch, run_seed

MOST_RUNS = 400


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The smallest run that was found.

    Attributes:
        result: of that run.
        kept: ids of what it needs.
        runs: how many runs it took to find it.
    """

    result: Result
    kept: tuple[str, ...]
    runs: int


def shrink(result: Result, *, switch: Switch | None = None, most_runs: int = MOST_RUNS) -> Shrunk:
    """Shrink a run that broke an invariant.

    What happened is one list of ids: operations, faults, outages, jumps. Chunks of it are left out, half of it first,
    single ones at last, as long as the same invariant breaks.

    Source:
        Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 2002.
    """
    assert result.violation is not None
    invariant = result.violation.invariant
    plan = plan_of(result.seed)
    every = [
        *result.operations,
        *(outage.name for outage in plan.outages),
        *(jump.name for jump in plan.jumps),
        *dict.fromkeys(result.fired),
    ]

    def breaks(kept: Sequence[str]) -> Result | None:
        found = run_seed(result.seed, only=frozenset(kept), switch=switch)
        return found if found.violation is not None and found.violation.invariant == invariant else None

    return _smallest(every, result, breaks, most_runs)


def _smallest(
    every: list[str], first: Result, breaks: Callable[[Sequence[str]], Result | None], most_runs: int
) -> Shrunk:
    kept, best, runs = every, first, 0
    size = max(1, len(kept) // 2)
    while runs < most_runs:
        made_smaller = False
        for candidate in _without_a_chunk(kept, size):
            runs += 1
            found = breaks(candidate)
            if found is not None:
                kept, best, made_smaller = candidate, found, True
                break
            if runs >= most_runs:
                break
        if not made_smaller:
            if size == 1:
                break
            size = max(1, size // 2)
        size = min(size, max(1, len(kept) // 2))
    return Shrunk(best, tuple(kept), runs)


def _without_a_chunk(kept: list[str], size: int) -> Iterator[list[str]]:
    """Yield the list without its last chunk, then without the one before it, and so on: late things matter least."""
    for end in range(len(kept), 0, -size):
        yield kept[: max(0, end - size)] + kept[end:]
