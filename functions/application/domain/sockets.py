"""What is known about open WebSockets, who looks at what, and answers that are being written."""

import hashlib
from datetime import timedelta
from typing import Literal

from functions.application.domain.records import Row
from shared.contracts.filters import Filters

CONNECTION_KEPT = timedelta(hours=3)  # the gateway closes every connection after 2 hours
ANSWER_KEPT = timedelta(hours=24)
LEASE = timedelta(seconds=45)  # longer than the streaming function may run


class TicketRow(Row):
    """Lets one connection be opened; only the SHA-256 of what the person was given is kept."""

    digest: str
    user_id: str


class ConnectionRow(Row):
    """An open WebSocket and whose it is."""

    connection_id: str
    user_id: str


class SubscriptionRow(Row):
    """A connection looks at a conversation or a knowledge base.

    Attributes:
        topic: from `conversation_topic` or `documents_topic`.
        stamp: new with every subscription, so that a repeated one is served from its own beginning.
        message_id: the answer of which the connection has the pieces up to `after`; of others it has none.
        delivered: the answer whose end was sent; one sender claims it.
    """

    connection_id: str
    user_id: str
    topic: str
    stamp: str
    message_id: str = ""
    after: int = 0
    delivered: str = ""


class AnswerRow(Row):
    """An answer that is being written, or how it ended.

    Attributes:
        stream_id: where its pieces are; each try has its own.
        slot: which of the person's streams it takes.
        lease_until: ISO 8601; whoever writes it is dead after that.
        claimed: somebody writes it, so that a repeated invocation does nothing.
        replaces: messages that it takes the place of.
        code: of the failure; `reason` is its sentence.
    """

    message_id: str
    conversation_id: str
    question_id: str
    user_id: str
    stream_id: str
    slot: int
    lease_until: str
    state: Literal["RUNNING", "DONE", "FAILED"] = "RUNNING"
    claimed: bool = False
    replaces: tuple[str, ...] = ()
    filters: Filters = Filters()
    code: str = ""
    reason: str = ""

    def is_alive(self, now: str) -> bool:
        """Is somebody still writing it?"""
        return self.state == "RUNNING" and now < self.lease_until


def digest_of(ticket: str) -> str:
    """Return what is kept of a ticket: 64 hex digits."""
    return hashlib.sha256(ticket.encode()).hexdigest()


def conversation_topic(conversation_id: str) -> str:
    """Name what happens in a conversation."""
    return f"conversation:{conversation_id}"


def documents_topic(kb_id: str) -> str:
    """Name what happens to the documents of a knowledge base."""
    return f"documents:{kb_id}"
