"""Many seeds, in one process or several, with their results in the order of the seeds."""

from collections.abc import Iterator
from functools import partial
from multiprocessing import get_context

from tests.simulation.run import Result, Switch, run_seed
from tests.simulation.safeguards import of

BATCH = 10


def results(seeds: range, *, off: str = "", jobs: int = 1) -> Iterator[Result]:
    """Yield the result of every seed without its trace; the order is the same however many processes there are.

    Args:
        seeds: which.
        off: name of a safeguard to turn off, empty for none.
        jobs: processes, at least 1.
    """
    run = partial(run_slim, off=off)
    if jobs == 1:
        yield from map(run, seeds)
        return
    with get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(run, seeds, chunksize=BATCH)


def run_slim(seed: int, *, off: str = "") -> Result:
    """Run a seed and leave its trace behind: it is made again where it is needed."""
    result = run_seed(seed, switch=switch_of(off))
    result.trace.clear()
    return result


def switch_of(off: str) -> Switch | None:
    """Return the switch of a safeguard by its name, None for an empty one."""
    return of(off).turn_off if off else None
