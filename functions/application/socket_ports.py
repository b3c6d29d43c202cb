"""The ports of the WebSocket API."""

from datetime import datetime
from typing import Protocol

from functions.application.domain.sockets import AnswerRow, ConnectionRow, SubscriptionRow, TicketRow
from shared.contracts.sockets import Down


class SocketStore(Protocol):
    """Tickets, connections, subscriptions and running answers. Every method raises Unavailable."""

    def add_ticket(self, row: TicketRow, *, expires_at: datetime) -> None:
        """Keep a ticket."""

    def take_ticket(self, digest: str, *, now: datetime) -> TicketRow | None:
        """Remove a ticket and return it; None when it is not there, was taken, or has expired."""

    def add_connection(self, row: ConnectionRow, *, expires_at: datetime) -> None:
        """Keep whose connection it is."""

    def connection(self, connection_id: str) -> ConnectionRow | None:
        """Return whose connection it is, None when it is not open."""

    def remove_connection(self, connection_id: str) -> None:
        """Forget a connection and what it looks at; a missing one is no error."""

    def subscribe(self, row: SubscriptionRow, *, expires_at: datetime, most: int) -> bool:
        """Keep what a connection looks at, anew where it did already; False when it looks at `most` other things."""

    def unsubscribe(self, tenant_id: str, topic: str, connection_id: str) -> None:
        """Forget it; a missing one is no error."""

    def subscribers(self, tenant_id: str, topic: str) -> list[SubscriptionRow]:
        """Return who looks at it, strongly consistent."""

    def claim_end(self, row: SubscriptionRow, message_id: str) -> bool:
        """Mark that the end of an answer is being sent to a subscription; False when somebody else did, or it left."""

    def answer(self, tenant_id: str, message_id: str) -> AnswerRow | None:
        """Return a running or ended answer, None when there is none."""

    def begin_answer(self, row: AnswerRow, *, now: str, expires_at: datetime) -> bool:
        """Write it unless the answer is done or alive; is it ours to write?"""

    def claim_answer(self, row: AnswerRow) -> bool:
        """Mark that this try is being written; False when it is already, or is not the present try."""

    def end_answer(self, row: AnswerRow) -> bool:
        """Write how this try ended; False when it had ended already or another try took its place."""

    def take_slot(self, tenant_id: str, user_id: str, stream_id: str, *, now: str, until: str, most: int) -> int | None:
        """Take one of the person's `most` slots that is free, or whose holder is dead; None when there is none."""

    def free_slot(self, row: AnswerRow) -> None:
        """Give the slot of an answer back, if it still holds it."""


class Connections(Protocol):
    """The open WebSockets."""

    def post(self, connection_id: str, message: Down) -> bool:
        """Send a message; False when the connection is gone. Raises Unavailable."""

    def close(self, connection_id: str) -> None:
        """Close a connection; a missing one is no error. Raises Unavailable."""


class Writers(Protocol):
    """Whoever writes answers, apart from this invocation."""

    def start(self, tenant_id: str, message_id: str) -> None:
        """Have an answer written and return at once. Raises Unavailable."""
