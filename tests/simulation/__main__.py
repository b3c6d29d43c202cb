"""Simulate the ingestion protocol.

    python -m tests.simulation --seeds 20000 [--first N] [--jobs 2]     many seeds; stops at the first violation
    python -m tests.simulation --seed 123 [--only a,b,c] [--without a,b]  one seed, with its trace
    ... --off NAME                                                      with a safeguard off (see `--safeguards`)

A violation is shrunk, and its trace and the command that replays it are printed; the exit code is 1 then.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from multiprocessing import get_context

from benchmarks.machine import machine_line
from tests.simulation.run import Result, Switch, run_seed
from tests.simulation.safeguards import SAFEGUARDS, of
from tests.simulation.shrink import shrink

REPORT_EVERY_S = 5.0
BATCH = 20
SHOWN_FAULTS = ("kill", "died", "stall", "lost", "repeated", "throttle", "dropped", "duplicated", "late", "item")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    asked = _parser().parse_args(arguments)
    if asked.safeguards:
        for safeguard in SAFEGUARDS:
            print(f"{safeguard.name:32} rule {safeguard.rule:5} {safeguard.what}")
        return 0
    if asked.seed is not None:
        return _one(asked)
    return _many(asked)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds")
    parser.add_argument("--first", type=int, default=0, help="the first of them, to go on where a run was stopped")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--seed", type=int, help="run this one and print its trace")
    parser.add_argument("--only", type=_names, help="leave out all operations and faults but these")
    parser.add_argument("--without", type=_names, default=frozenset(), help="leave out these")
    parser.add_argument("--off", default="", help="turn a safeguard off")
    parser.add_argument("--safeguards", action="store_true", help="list the safeguards")
    return parser


def _names(text: str) -> frozenset[str]:
    return frozenset(name for name in text.split(",") if name)


def _one(asked: argparse.Namespace) -> int:
    result = run_seed(asked.seed, without=asked.without, only=asked.only, switch=_switch(asked.off))
    _print_trace(result)
    print(", ".join(f"{name} {count}" for name, count in sorted(result.counts.items())))
    print(f"seed {result.seed}: {result.violation or 'every invariant held'}")
    return 1 if result.violation else 0


def _many(asked: argparse.Namespace) -> int:
    started = told = time.monotonic()
    total: Counter[str] = Counter()
    for result in _results(asked):
        total += result.counts
        if result.violation is not None:
            _progress(total, time.monotonic() - started, result.seed)
            _explain(result, asked.off)
            return 1
        if time.monotonic() - told > REPORT_EVERY_S:
            told = time.monotonic()
            _progress(total, told - started, result.seed)
    _progress(total, time.monotonic() - started, asked.first + asked.seeds - 1)
    print(f"every invariant held on {total['seeds']:,} seeds from {asked.first}; {machine_line()}")
    return 0


def _results(asked: argparse.Namespace) -> Iterator[Result]:
    """Yield results in the order of their seeds, so that the first violation is the same however many processes."""
    seeds = range(asked.first, asked.first + asked.seeds)
    if asked.jobs == 1:
        yield from map(partial(_slim, off=asked.off), seeds)
        return
    with get_context("spawn").Pool(asked.jobs) as pool:
        yield from pool.imap(partial(_slim, off=asked.off), seeds, chunksize=BATCH)


def _slim(seed: int, *, off: str) -> Result:
    """Run a seed and leave the trace behind: it is made again where it is needed."""
    result = run_seed(seed, switch=_switch(off))
    result.trace.clear()
    return result


def _switch(off: str) -> Switch | None:
    return of(off).turn_off if off else None


def _progress(total: Counter[str], seconds: float, seed: int) -> None:
    kills = total["kill"] + total["died"]
    faults = ", ".join(f"{name} {total[name]:,}" for name in SHOWN_FAULTS)
    print(
        f"seed {seed}: {total['seeds']:,} seeds in {seconds:,.0f} s ({total['seeds'] / max(seconds, 0.001):.1f} /s), "
        f"{total['operations']:,} operations, {total['steps']:,} steps, {total['searches']:,} searches, "
        f"{kills:,} kills, {total['dead_letters']:,} dead letters, {total['outages']:,} outages ({faults})",
        flush=True,
    )


def _explain(result: Result, off: str) -> None:
    print(f"\nseed {result.seed}: {result.violation}\nshrinking ...", flush=True)
    small = shrink(result, switch=_switch(off))
    suffix = f" OFF={off}" if off else ""
    _print_trace(small.result)
    print(f"\nseed {result.seed}, shrunk in {small.runs} runs: {small.result.violation}")
    print(f"replay all of it:      make simulate SEED={result.seed}{suffix}")
    print(f"replay what is needed: make simulate SEED={result.seed}{suffix} ONLY={','.join(small.kept) or 'nothing'}")


def _print_trace(result: Result) -> None:
    print("  step  min:seconds  who                       what  [fault]")
    for step in result.trace:
        print(step)


if __name__ == "__main__":
    sys.exit(main())
