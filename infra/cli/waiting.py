"""Waiting until something is done, with what is seen meanwhile on stderr."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from infra.cli.failures import Failure
from infra.cli.output import console

State = TypeVar("State")
Step = Callable[[int, int, str], None]
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.3, 2.0


def wait_for(look: Callable[[], State], is_done: Callable[[State], bool], *, patience_s: float) -> State:
    """Look again and again, ever more rarely, until it is done.

    Raises:
        Failure: it was not done in time; it goes on by itself.
    """
    until, pause_s = time.monotonic() + patience_s, FIRST_PAUSE_S
    while True:
        state = look()
        if is_done(state):
            return state
        if time.monotonic() > until:
            raise Failure(
                f"It is not done after {patience_s:.0f} s; it goes on by itself. Look with `strata status`.",
                code="still_going_on",
            )
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, LONGEST_PAUSE_S)


@contextmanager
def bar(title: str) -> Iterator[Step]:
    """Show one bar on a terminal, and nothing elsewhere; the block gets what moves it: done, total, text."""
    from rich.progress import BarColumn, Progress, TextColumn

    screen = console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.fields[state]}"))
    with Progress(*columns, console=screen, disable=not screen.is_terminal, transient=True) as progress:
        task = progress.add_task(title, total=None, state="")

        def step(done: int, total: int, state: str) -> None:
            progress.update(task, completed=done, total=total or None, state=state)

        yield step
