"""Following an ingestion on stderr: bars on a terminal, one line per finished file elsewhere."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Column
from rich.text import Text

from infra.cli.ingestion import Item, Watcher
from infra.cli.output import console, one_line, printable, say, size_text

SHOWN_BARS = 10
_LONGEST_NAME = 40


@contextmanager
def following(items: Sequence[Item]) -> Iterator[Watcher]:
    """Show what happens to `items` until the block ends."""
    screen = console(stderr=True)
    if not screen.is_terminal:
        yield Lines()
        return
    bars = Bars(screen, items)
    with bars.progress:
        yield bars


class Lines:
    """One line per finished file, for logs and pipes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: set[int] = set()

    def changed(self, item: Item) -> None:
        """Tell the end of an item, once."""
        with self._lock:
            if not item.is_settled or id(item) in self._told:
                return
            self._told.add(id(item))
        say(f"{item.status}  {one_line(item.found.filename)}  {summary(item)}".rstrip())

    def note(self, text: str) -> None:
        """Tell something that concerns all."""
        say(text)


class Bars:
    """A bar per file that is on its way, and one for all of them.

    Args:
        screen: a terminal.
        items: all files of the run.
    """

    def __init__(self, screen: Console, items: Sequence[Item]) -> None:
        self._items = items
        self._lock = threading.Lock()
        self._tasks: dict[int, TaskID] = {}
        name = TextColumn("{task.description}", markup=False, table_column=Column(ratio=2, no_wrap=True))
        state = TextColumn("{task.fields[state]}", markup=False, table_column=Column(no_wrap=True))
        self.progress = Progress(name, BarColumn(bar_width=None), state, console=screen, transient=True, expand=True)
        self._all = self.progress.add_task("All", total=len(items), state="")
        self._tell_all()

    def changed(self, item: Item) -> None:
        """Move the bar of an item."""
        with self._lock:
            if item.is_settled:
                self._drop(item)
                self._tell_all()
            elif item.status != "WAITING":
                self._show(item)

    def note(self, text: str) -> None:
        """Tell something that concerns all above the bars."""
        self.progress.console.print(Text(printable(text)))

    def _show(self, item: Item) -> None:
        task = self._tasks.get(id(item))
        if task is None:
            if len(self._tasks) >= SHOWN_BARS:
                return
            name = one_line(item.found.filename)
            name = name if len(name) <= _LONGEST_NAME else "..." + name[-_LONGEST_NAME + 3 :]
            task = self._tasks[id(item)] = self.progress.add_task(name, state="")
        done, total = reach(item)
        self.progress.update(task, completed=done, total=total, state=summary(item))

    def _drop(self, item: Item) -> None:
        task = self._tasks.pop(id(item), None)
        if task is not None:
            self.progress.remove_task(task)

    def _tell_all(self) -> None:
        done = sum(item.is_settled for item in self._items)
        self.progress.update(self._all, completed=done, state=f"{done} of {len(self._items)}")


def reach(item: Item) -> tuple[int, int | None]:
    """Return how far an item is and how far it has to go, in bytes, pages or chunks; None when nobody knows."""
    if item.status == "UPLOADING":
        return item.sent_bytes, max(item.found.size_bytes, 1)
    if item.status == "RECOGNISING" and item.pages_unread:
        return item.pages_recognised, item.pages_unread
    if item.status == "EMBEDDING" and item.chunks:
        return item.chunks_done, item.chunks
    return 0, None


def summary(item: Item) -> str:
    """Return the state of an item in a few words."""
    if item.status == "UPLOADING":
        return f"{size_text(item.sent_bytes)} of {size_text(item.found.size_bytes)}"
    if item.status == "READY":
        return one_line("; ".join((f"{item.chunks} chunks", *item.warnings)))
    if item.is_settled:
        return one_line(item.reason)
    return item.waiting or _in_work(item)


def _in_work(item: Item) -> str:
    if item.status == "RECOGNISING" and item.pages_unread:
        return f"recognised {item.pages_recognised} of {item.pages_unread} pages"
    if item.status == "EMBEDDING" and item.chunks:
        return f"embedding {item.chunks_done} of {item.chunks}"
    return item.status.lower()
