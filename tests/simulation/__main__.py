"""Simulate the ingestion protocol.

    python -m tests.simulation --seeds 20000 [--first N] [--jobs 2] [--record]  many seeds
    python -m tests.simulation --seed 123 [--only a,b,c] [--without a,b]  one seed, with its trace
    ... --off NAME                                                      with a safeguard off (see `--safeguards`)

A violation is shrunk, and its trace and the command that replays it are printed; the exit code is 1 then.
"""

import argparse
import sys
import time
from collections import Counter

from tests.simulation.many import results, switch_of
from tests.simulation.record import keep, record_of
from tests.simulation.run import Result, run_seed
from tests.simulation.safeguards import SAFEGUARDS
from tests.simulation.shrink import shrink

REPORT_EVERY_S = 5.0
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
    parser.add_argument("--record", action="store_true", help="write the record into docs/reliability.md")
    parser.add_argument("--seed", type=int, help="run this one and print its trace")
    parser.add_argument("--only", type=_names, help="leave out all operations and faults but these")
    parser.add_argument("--without", type=_names, default=frozenset(), help="leave out these")
    parser.add_argument("--off", default="", help="turn a safeguard off")
    parser.add_argument("--safeguards", action="store_true", help="list the safeguards")
    return parser


def _names(text: str) -> frozenset[str]:
    return frozenset(name for name in text.split(",") if name)


def _one(asked: argparse.Namespace) -> int:
    result = run_seed(asked.seed, without=asked.without, only=asked.only, switch=switch_of(asked.off))
    _print_trace(result)
    print(", ".join(f"{name} {count}" for name, count in sorted(result.counts.items())))
    print(f"seed {result.seed}: {result.violation or 'every invariant held'}")
    return 1 if result.violation else 0


def _many(asked: argparse.Namespace) -> int:
    seeds = range(asked.first, asked.first + asked.seeds)
    started = told = time.monotonic()
    total: Counter[str] = Counter()
    broken: Result | None = None
    try:
        for result in results(seeds, off=asked.off, jobs=asked.jobs):
            total += result.counts
            if result.violation is not None:
                broken = result
                break
            if time.monotonic() - told > REPORT_EVERY_S:
                told = time.monotonic()
                _progress(total, told - started, result.seed)
    except KeyboardInterrupt:
        print(f"stopped; go on with FIRST={asked.first + total['seeds']}")
    seconds = time.monotonic() - started
    record = record_of(total, first=asked.first, seconds=seconds, violations=int(broken is not None))
    print(f"\n{record}", flush=True)
    if asked.record:
        keep(record)
    if broken is not None:
        _explain(broken, asked.off)
    return 1 if broken is not None else 0


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
    small = shrink(result, switch=switch_of(off))
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
