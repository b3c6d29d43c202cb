"""The protocol holds on 200 seeds, and a seed is one exact run."""

import hashlib
import os
import subprocess
import sys

import pytest

from tests.simulation.run import Result, run_seed

SEEDS = 200
AT_ONCE = 25
REPEATED = 4
DIGEST = "import sys; from tests.simulation.test_protocol import digest; print(digest(int(sys.argv[1])))"


def digest(seed: int) -> str:
    """Return one number for all that happened in a run."""
    return hashlib.sha256("\n".join(map(str, run_seed(seed).trace)).encode()).hexdigest()


def told(result: Result) -> str:
    """Say how to see a violation."""
    return f"make simulate SEED={result.seed}: {result.violation}"


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_every_invariant_holds_whatever_goes_wrong(first: int) -> None:
    broken = [told(result) for result in map(run_seed, range(first, first + AT_ONCE)) if result.violation]
    assert broken == []


def test_a_run_is_as_hard_as_it_claims() -> None:
    counts = run_seed(REPEATED).counts
    assert counts["operations"] >= 30
    assert counts["kill"] + counts["died"] >= 12
    assert counts["searches"] >= 300
    assert counts["outages"] >= 1


def test_two_runs_of_a_seed_are_the_same_byte_for_byte() -> None:
    here = digest(REPEATED)
    assert digest(REPEATED) == here
    there = subprocess.run(
        [sys.executable, "-c", DIGEST, str(REPEATED)],
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == here


def test_another_seed_is_another_run() -> None:
    assert digest(REPEATED) != digest(REPEATED + 1)
