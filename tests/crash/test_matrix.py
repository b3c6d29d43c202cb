"""The crash matrix: a process that ends anywhere leaves nothing lost, nothing stuck and no ghost.

For each flow every AWS call and every index write of the real handlers is met twice, just before and just after it took
effect. A failure lists the points and what was wrong after each. CRASH_EVERY=1 dies at every point, also at those that
leave the same world as the one before them.
"""

import os
from pathlib import Path

import pytest

from tests.crash.flows import FLOWS, Flow
from tests.crash.matrix import Matrix
from tests.crash.world import World


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_a_process_may_end_at_any_effect(flow: Flow, world: World, tmp_path: Path) -> None:
    points = Matrix(flow, tmp_path / "points", every="CRASH_EVERY" in os.environ).run(world)
    services = {point.label.partition(".")[0].lower() for point in points}
    assert flow.effects <= services, f"the recording lacks {flow.effects - services}"
    wrong = [f"{point}\n    " + point.found.replace("\n", "\n    ") for point in points if point.found]
    assert not wrong, f"{len(wrong)} of {len(points)} points of {flow.name!r}:\n" + "\n".join(wrong)
