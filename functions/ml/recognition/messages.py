"""What becomes of one message of the recognition queue: its pages recognised, or put back as a fresh one."""

import contextlib
from typing import Literal

from functions.ml.ports import Queue
from functions.ml.recognition.service import Outcome, RecognisePages
from shared.contracts.events import PagesUnread
from shared.kernel.errors import Unavailable

POSTPONED_S = 30


def recognise_message(
    recognise: RecognisePages, queue: Queue, event: PagesUnread, body: str
) -> tuple[Outcome | Literal["postponed"], Unavailable | None]:
    """Recognise the pages of one message.

    An outage must not burn the receive count (rule 11): the message waits as a fresh one, and people see for what.

    Args:
        recognise: recognises pages.
        queue: the recognition queue itself.
        event: the message, read.
        body: the message, as it came.

    Returns:
        What came of it, and why when it was postponed.

    Raises:
        Unavailable: the message could not even be put back; deliver it again.
    """
    try:
        return recognise(event), None
    except Unavailable as error:
        with contextlib.suppress(Unavailable):  # telling people is less than keeping the message
            recognise.await_neighbour(event, error)
        queue.postpone(body, delay_s=POSTPONED_S)
        return "postponed", error
