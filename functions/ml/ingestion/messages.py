"""What becomes of one message of the ingest queue: ingested, or put back as a fresh one."""

from collections.abc import Iterator
from typing import Literal

from functions.ml.ingestion.notifications import Hint, read_hints
from functions.ml.ingestion.service import IngestDocument, Outcome
from functions.ml.ports import Queue
from shared.kernel.errors import Conflict, PlatformError, Unavailable

POSTPONED_S = 15
Told = tuple[Hint, Outcome | Literal["postponed"], PlatformError | None]
"""A hint, what came of it, and why when it was postponed."""


def ingest_message(ingest: IngestDocument, queue: Queue, body: str, *, message_id: str) -> Iterator[Told]:
    """Ingest what one message hints at.

    An outage must not burn the receive count (rule 11): the message waits as a fresh one.

    Args:
        ingest: brings one document up to date.
        queue: the ingest queue itself.
        body: of the message.
        message_id: names the cause where the message names none.

    Yields:
        What came of each hint; "postponed" is the last.

    Raises:
        Unreadable: the body is no hint; it belongs among the dead letters.
        Unavailable: the message could not even be put back.
    """
    for hint in read_hints(body, message_id=message_id):
        try:
            outcome = ingest(hint)
        except (Unavailable, Conflict) as error:
            queue.postpone(body, delay_s=POSTPONED_S)
            yield hint, "postponed", error
            return
        yield hint, outcome, None
