"""Runs a flow once; at each moment of it a copy of the process dies, messages come again, and the rest is checked."""

import os
import shutil
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.effects import Moment
from tests.crash.flows import Flow
from tests.crash.invariants import seen_wrong, violations
from tests.crash.world import NeverAtRest, World

AT_ONCE = os.cpu_count() or 1
COPIES = 20


@dataclass
class Point:
    """One moment at which a process ended.

    Attributes:
        number: of the effect in the flow, from 1.
        changes: of the world until then; points that share it share the world that is left behind.
        found: what was wrong afterwards, one line each.
    """

    number: int
    label: str
    moment: Moment
    changes: int
    found: str = ""

    def __str__(self) -> str:
        """Name it as a failure does."""
        return f"{self.moment} effect {self.number}, {self.label}"


@dataclass
class Matrix:
    """All points of one flow.

    A death is a fork: the child never returns from the effect at which it was made, so no `finally` and no handler of
    the code under test runs in it. It becomes the next process in the same world: AWS as it stood (moto lives in the
    process's memory, which the fork copies), a copy of the index's files, nothing else. Points between which nothing
    was written leave the same world, and one of them stands for all, unless `every` is asked for.
    """

    flow: Flow
    folder: Path
    every: bool = False
    points: list[Point] = field(default_factory=list)
    _effects: int = 0
    _running: dict[int, Point] = field(default_factory=dict)
    _died: dict[int, Point] = field(default_factory=dict)

    def run(self, world: World) -> list[Point]:
        """Return every point with what was wrong after it, the undisturbed run as the last one."""
        self.flow.prepare(world)
        world.effects.observer = lambda label, moment: self._die(world, label, moment)
        self.flow.act(world)
        self._die_at(world, Point(self._effects + 1, "the end", "before", world.effects.changes))
        while self._running:
            self._collect()
        for point in self.points:
            point.found = self._died[point.changes].found if not self.every else point.found
        return self.points

    def _die(self, world: World, label: str, moment: Moment) -> None:
        self._effects += moment == "before"
        self._die_at(world, Point(self._effects, label, moment, world.effects.changes))

    def _die_at(self, world: World, point: Point) -> None:
        self.points.append(point)
        if point.changes in self._died and not self.every:
            return
        self._died[point.changes] = point
        place = self.folder / f"{len(self.points):04d}"
        place.mkdir(parents=True)
        index = place / "index"
        if world.index_folder.exists():
            _copy(world.index_folder, index)
        while len(self._running) >= AT_ONCE:
            self._collect()
        child = os.fork()
        if child == 0:
            _end_of_child(world, index, place / "found")
        self._running[child] = point

    def _collect(self) -> None:
        """Wait for a child of ours and read what it found."""
        child, status = os.wait()
        point = self._running.pop(child)
        place = self.folder / f"{self.points.index(point) + 1:04d}"
        told = place / "found"
        point.found = told.read_text() if told.exists() else f"the test's own process ended with status {status}"
        shutil.rmtree(place)


def _copy(source: Path, target: Path) -> None:
    """Copy a folder in which a file may go while it is copied: a log ends with its last connection."""
    for _ in range(COPIES):
        with suppress(FileNotFoundError, shutil.Error):
            shutil.copytree(source, target)
            return
        shutil.rmtree(target, ignore_errors=True)
    raise AssertionError(f"{source} does not hold still")


def _end_of_child(world: World, index: Path, told: Path) -> None:
    """Revive the world, look at it at rest, and end without a trace in the parent."""
    sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - until the process ends
    try:
        told.write_text("\n".join(aftermath(world, index)))
    except BaseException:
        told.write_text(traceback.format_exc())
    finally:
        os._exit(0)


def aftermath(world: World, index: Path) -> list[str]:
    """Bring the world to rest and check it; whoever got no answer asks again, and it is checked again."""
    world.revive(index)
    seen: list[str] = []
    world.look = lambda: seen.extend(seen_wrong(world))
    try:
        world.rest()
    except NeverAtRest as error:
        seen.append(f"I4: {error}")
    found = list(dict.fromkeys(seen)) + violations(world)
    if not found and _ask_again(world):
        world.rest()
        found = [f"asked again: {problem}" for problem in violations(world)]
    return found


def _ask_again(world: World) -> bool:
    """Repeat the requests that got no answer."""
    asked = False
    for document_id, expected in world.expected.items():
        if expected.deleting and not expected.deleted:
            world.delete_document(document_id)
            asked = True
    if world.kb_deleting and not world.kb_deleted and world.living():
        world.delete_knowledge_base()
        asked = True
    return asked
