"""Every function may do what it was seen to do, and nothing else.

Recorded are the flows of the crash matrix and every route and socket action, through the real handlers and adapters.
"""

import copy
from collections.abc import Callable

import pytest

from tests.architecture.wiring import Wiring
from tests.cloud import cloud
from tests.crash.flows import FLOWS, Flow
from tests.crash.world import World
from tests.rights.actions import Right
from tests.rights.grants import covers, granted, of_the_runtime
from tests.rights.people import People, missing
from tests.rights.pipeline import go_through, note_handlers
from tests.rights.rare import RARE
from tests.rights.recorder import Recorder
from tests.rights.story import tell

COMMITTED = Wiring.committed()
FUNCTIONS = [name for _, name, _ in COMMITTED.of_type("Lambda::Function")]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[Right]]:
    recorder = Recorder()
    plays: list[Flow | Callable[[World], None] | None] = [*FLOWS, *RARE, None]
    for number, play in enumerate(plays):
        with pytest.MonkeyPatch.context() as patch, cloud(patch):
            recorder.install(patch)
            world = World(tmp_path_factory.mktemp(f"world-{number}") / "index", patch).build()
            note_handlers(world, recorder)
            if play is None:
                people = People(world, recorder)
                tell(people)
                assert missing(people) == set()
                people.forget()
            elif isinstance(play, Flow):
                go_through(play, world)
            else:
                play(world)
            world.fresh_processes()
    return recorder.calls


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_all_that_it_does(function: str, recorded: dict[str, set[Right]]) -> None:
    allowed = granted(COMMITTED, function)
    assert {call for call in recorded[function] if not any(covers(grant, call) for grant in allowed)} == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_nothing_that_it_never_does(function: str, recorded: dict[str, set[Right]]) -> None:
    needed = recorded[function]
    idle = granted(COMMITTED, function) - of_the_runtime(COMMITTED, function)
    assert {grant for grant in idle if not any(covers(grant, call) for call in needed)} == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_runtime_may_log_read_and_send_away_for_it(function: str) -> None:
    assert of_the_runtime(COMMITTED, function) - granted(COMMITTED, function) == set()


def test_the_comparison_sees_a_right_too_many_and_one_too_few(recorded: dict[str, set[Right]]) -> None:
    broken = Wiring(copy.deepcopy(COMMITTED.stacks))
    first = broken.of("ml", "EmbeddingFunctionRole")["Policies"][0]["PolicyDocument"]["Statement"]
    first.append({"Effect": "Allow", "Action": "dynamodb:DeleteItem", "Resource": {"Ref": "RegistryTable"}})
    first[:] = [statement for statement in first if statement["Action"] != ["events:PutEvents"]]
    calls, allowed = recorded["EmbeddingFunction"], granted(broken, "EmbeddingFunction")
    assert {call for call in calls if not any(covers(grant, call) for grant in allowed)} == {
        ("events:PutEvents", "bus")
    }
    idle = allowed - of_the_runtime(broken, "EmbeddingFunction")
    assert {grant for grant in idle if not any(covers(grant, call) for call in calls)} == {
        ("dynamodb:DeleteItem", "registry")
    }
