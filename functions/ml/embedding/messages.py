"""What becomes of one message of the embed queue: embedded, put back as a fresh one, or the end of its document."""

import contextlib
from typing import Literal

from functions.ml.embedding.service import EmbedPart, Outcome
from functions.ml.ports import Queue
from shared.contracts.events import DocumentChunked
from shared.kernel.errors import PlatformError, Rejected, Unavailable

POSTPONED_S = 10


def embed_message(
    embed: EmbedPart, queue: Queue, event: DocumentChunked, body: str
) -> tuple[Outcome | Literal["postponed"], PlatformError | None]:
    """Embed one part.

    An outage must not burn the receive count (rule 11): the message waits as a fresh one, and people see for what.

    Args:
        embed: embeds a part.
        queue: the embed queue itself.
        event: the message, read.
        body: the message, as it came.

    Returns:
        What came of it, and why when it was postponed or ended its document.

    Raises:
        Unavailable: the message could not even be put back; deliver it again.
    """
    try:
        return embed(event), None
    except Unavailable as error:
        with contextlib.suppress(Unavailable):  # telling people is less than keeping the message
            embed.await_neighbour(event, error)
        queue.postpone(body, delay_s=POSTPONED_S)
        return "postponed", error
    except Rejected as error:
        return _reject(embed, queue, event, body, error)


def _reject(
    embed: EmbedPart, queue: Queue, event: DocumentChunked, body: str, error: Rejected
) -> tuple[Outcome | Literal["postponed"], PlatformError | None]:
    """End the document, or put the message back to end it later."""
    try:
        embed.publish.reject(event.tenant_id, event.kb_id, event.document_id, event.generation, error)
    except Unavailable as unavailable:
        queue.postpone(body, delay_s=POSTPONED_S)
        return "postponed", unavailable
    return "superseded", error
