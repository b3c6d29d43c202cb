"""The tests have teeth: with any safeguard off, the simulator finds a violation, and shrinks it."""

import pytest

from tests.simulation.found import FOUND
from tests.simulation.run import run_seed
from tests.simulation.safeguards import SAFEGUARDS, Safeguard, of
from tests.simulation.shrink import shrink
from tests.simulation.table import violation_without

MARGIN = 3
"""The search begins a little before the seed that found it when the table was made, and goes on a little behind it."""


@pytest.mark.parametrize("safeguard", SAFEGUARDS, ids=lambda safeguard: safeguard.name)
def test_without_a_safeguard_a_violation_is_found(safeguard: Safeguard) -> None:
    seed = FOUND[safeguard.name].seed
    tried = range(max(0, seed - MARGIN), seed + 4 * MARGIN)
    found = (violation_without(safeguard, seed) for seed in tried)
    assert any(violation is not None for violation in found)


def test_a_violation_shrinks_to_what_it_needs() -> None:
    switch = of("checked-hits").turn_off
    whole = run_seed(FOUND["checked-hits"].seed, switch=switch)
    small = shrink(whole, switch=switch, most_runs=60)
    assert small.result.violation is not None
    assert whole.violation is not None
    assert small.result.violation.invariant == whole.violation.invariant
    assert len(small.kept) <= (len(whole.operations) + len(whole.fired)) // 4
    again = run_seed(whole.seed, only=frozenset(small.kept), switch=switch)
    assert str(again.violation) == str(small.result.violation)
