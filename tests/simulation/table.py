"""Make the table of docs/reliability.md: how many seeds until the simulator finds that a safeguard is off.

    python -m tests.simulation.table [--most 500] [--only NAME ...]

It searches from seed 0 with each safeguard off, writes what it found into `tests/simulation/found.py`, from which the
tests begin their own search, and the table between its markers into the page.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.simulation.found import FOUND, Found
from tests.simulation.run import run_seed
from tests.simulation.safeguards import SAFEGUARDS, Safeguard
from tests.simulation.scheduler import Violation

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"
MODULE = Path(__file__).with_name("found.py")
BEGIN, END = "<!-- safeguards: begin -->", "<!-- safeguards: end -->"
MOST_SEEDS = 500


@dataclass(frozen=True, slots=True)
class NotFound:
    """No violation in so many seeds."""

    seeds: int


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code: 1 when any safeguard was not missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.table")
    parser.add_argument("--most", type=int, default=MOST_SEEDS, help="seeds to try with each safeguard off")
    parser.add_argument("--only", nargs="*", default=[], help="search again for these alone")
    asked = parser.parse_args(arguments)
    found: dict[str, Found] = dict(FOUND)
    missed = False
    for safeguard in SAFEGUARDS:
        if asked.only and safeguard.name not in asked.only:
            continue
        outcome = search(safeguard, asked.most)
        print(f"{safeguard.name:28} {outcome}", flush=True)
        if isinstance(outcome, Found):
            found[safeguard.name] = outcome
        else:
            missed = True
            found.pop(safeguard.name, None)
        write(found)
    return 1 if missed else 0


def write(found: dict[str, Found]) -> None:
    """Keep what was found so far."""
    MODULE.write_text(module_of(found), encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_table(page, found), encoding="utf-8")


def search(safeguard: Safeguard, most: int) -> Found | NotFound:
    """Try seeds from 0 with the safeguard off."""
    for seed in range(most):
        violation = violation_without(safeguard, seed)
        if violation is not None:
            return Found(seed, violation.invariant)
    return NotFound(most)


def violation_without(safeguard: Safeguard, seed: int) -> Violation | None:
    """Run a seed with the safeguard off; what the one beside it would break alone does not count."""
    violation = run_seed(seed, switch=safeguard.turn_off).violation
    if violation is not None and safeguard.beside and run_seed(seed, switch=safeguard.beside).violation:
        return None
    return violation


def module_of(found: dict[str, Found]) -> str:
    """Write the findings as a module."""
    known = [safeguard.name for safeguard in SAFEGUARDS if safeguard.name in found]
    lines = [f'    "{name}": Found({found[name].seed}, "{found[name].invariant}"),' for name in known]
    head = MODULE.read_text(encoding="utf-8").partition("FOUND")[0]
    return f"{head}FOUND: dict[str, Found] = {{\n" + "\n".join(lines) + "\n}\n"


def with_table(page: str, found: dict[str, Found]) -> str:
    """Put the table between its markers."""
    rows = ["| safeguard | rule | without it | breaks | seeds until found |", "|---|---|---|---|---:|"]
    for safeguard in SAFEGUARDS:
        one = found.get(safeguard.name)
        broken, seeds = (one.invariant, str(one.seed + 1)) if one else ("", f"none in {MOST_SEEDS}")
        rows.append(f"| {safeguard.name} | {safeguard.rule} | {safeguard.what} | {broken} | {seeds} |")
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n" + "\n".join(rows) + f"\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    sys.exit(main())
