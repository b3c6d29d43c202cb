"""Following documents until they are at rest: a table that moves on a terminal, one call per change elsewhere."""

import time
from collections import Counter
from collections.abc import Callable, Sequence

from rich.console import Group
from rich.live import Live
from rich.text import Text

from infra.cli.output import as_json, console, table
from infra.cli.states import age_text, outlook_text, progress_text
from shared.contracts import api
from shared.contracts.registry import TERMINAL

PAUSE_S = 1.0
SHOWN_ROWS = 20


def watch(look: Callable[[], list[api.Document]], tell: Callable[[api.Document], None]) -> list[api.Document]:
    """Look every second until every document is at rest.

    Args:
        look: returns the documents as they are now.
        tell: is called with each document whose state or progress changed, where there is no terminal.
    """
    screen = console(stderr=True)
    if screen.is_terminal and not as_json.get():
        return _watch_table(look)
    known: dict[str, tuple[object, ...]] = {}
    while True:
        found = look()
        for document in found:
            state = (document.status, document.progress.chunks_done, document.code)
            if known.get(document.document_id) != state:
                known[document.document_id] = state
                tell(document)
        if at_rest(found):
            return found
        time.sleep(PAUSE_S)


def at_rest(documents: Sequence[api.Document]) -> bool:
    """Will none of them move by itself?"""
    return all(document.status in TERMINAL and not document.next_try_at for document in documents)


def _watch_table(look: Callable[[], list[api.Document]]) -> list[api.Document]:
    with Live(console=console(stderr=True), transient=True, refresh_per_second=2) as live:
        while True:
            found = look()
            live.update(_picture(found))
            if at_rest(found):
                return found
            time.sleep(PAUSE_S)


def _picture(found: Sequence[api.Document]) -> Group:
    moving = [document for document in found if document.status not in TERMINAL or document.next_try_at]
    rows = [
        (d.status, age_text(d.status_since), d.filename, progress_text(d), outlook_text(d)) for d in moving[:SHOWN_ROWS]
    ]
    counts = ", ".join(f"{number} {state}" for state, number in Counter(d.status for d in found).items())
    return Group(table(("State", "For", "Document", "Progress", "Why"), rows, right=("For",)), Text(counts))
