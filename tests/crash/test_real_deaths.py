"""A sample of the matrix with processes that really end, in a world outside of them: the emulator.

It shows that ending a copy of the process, as the matrix does, is no kinder than death: here the process that works is
a child that leaves by `os._exit` in the middle of a call, with the index's files as they are.
"""

import os
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.kernel import aws
from tests.crash.effects import Moment
from tests.crash.flows import FLOWS, Flow
from tests.crash.invariants import violations
from tests.crash.world import World
from tests.integration.emulator import ministack

DIED = 9
EVERY = 11
SAMPLED = [flow for flow in FLOWS if flow.name in ("ingest, embed and publish", "delete")]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ministack(tmp_path_factory.mktemp("emulator")) as address:
        yield address


def fresh_world(endpoint: str, folder: Path, patch: pytest.MonkeyPatch) -> World:
    """Empty the emulator and build the world in it."""
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/_ministack/reset", method="POST"), timeout=30).close()
    patch.setenv("AWS_ENDPOINT_URL", endpoint)
    aws._client.cache_clear()
    return World(folder / "index", patch).build()


def dies(world: World, flow: Flow, at: int) -> bool:
    """Let a child carry out the flow and end at a moment; False when the flow was over before."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        moments = iter(range(at))

        def observer(label: str, moment: Moment) -> None:
            if next(moments, None) is None:
                os._exit(DIED)

        try:
            aws._client.cache_clear()
            world.effects.observer = observer
            flow.act(world)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == DIED


@pytest.mark.parametrize("flow", SAMPLED, ids=lambda flow: flow.name)
def test_a_real_death_is_mended_like_the_copy_of_one(flow: Flow, endpoint: str, tmp_path: Path) -> None:
    at, wrong = 0, []
    while True:
        with pytest.MonkeyPatch.context() as patch:
            world = fresh_world(endpoint, tmp_path / str(at), patch)
            flow.prepare(world)
            if not dies(world, flow, at):
                break
            _expect_what_the_child_did(world, flow)
            world.revive(world.index_folder)
            world.rest()
            wrong += [f"at moment {at}: {problem}" for problem in violations(world)]
        at += EVERY
    aws._client.cache_clear()
    assert at >= 2 * EVERY
    assert not wrong, "\n".join(wrong)


def _expect_what_the_child_did(world: World, flow: Flow) -> None:
    """What people did in the child is known to it alone: the upload is in S3, the delete may have been recorded."""
    from tests.crash.flows import FIRST
    from tests.crash.world import Expected

    world.expected = {"doc_1": Expected(FIRST, deleting=flow.name == "delete")}
