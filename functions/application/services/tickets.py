"""The way from a token to a WebSocket: browsers cannot send headers with one, and a token in an address gets logged.

So a signed-in person gets a ticket: 256 random bits that open one connection within a minute. In a log it is worth
nothing, because it was taken when the connection opened.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from functions.application.domain.principals import Principal
from functions.application.domain.sockets import CONNECTION_KEPT, ConnectionRow, TicketRow, digest_of
from functions.application.ports import Users
from functions.application.services.principals import principal_of
from functions.application.socket_ports import SocketStore
from shared.contracts.api import SocketTicket
from shared.contracts.sockets import TICKET_SECONDS
from shared.kernel.clock import Clock
from shared.kernel.errors import Unauthorized

TICKET_BYTES = 32


def new_ticket() -> str:
    """Make 256 random bits that fit into an address."""
    return secrets.token_urlsafe(TICKET_BYTES)


@dataclass(frozen=True)
class IssueTicket:
    """Gives a signed-in person a ticket; `url` is where WebSockets are opened."""

    store: SocketStore
    clock: Clock
    url: str
    make: Callable[[], str] = new_ticket

    def __call__(self, principal: Principal) -> SocketTicket:
        """Keep the ticket's digest and return its address. Raises Unavailable."""
        ticket = self.make()
        row = TicketRow(tenant_id=principal.tenant_id, user_id=principal.user_id, digest=digest_of(ticket))
        self.store.add_ticket(row, expires_at=self.clock() + timedelta(seconds=TICKET_SECONDS))
        return SocketTicket(url=f"{self.url}?ticket={ticket}", expires_in_s=TICKET_SECONDS)


@dataclass(frozen=True)
class OpenConnection:
    """Takes a ticket and keeps whose the connection is."""

    store: SocketStore
    users: Users
    clock: Clock

    def __call__(self, connection_id: str, ticket: str) -> Principal:
        """Return who connects.

        Raises:
            Unauthorized: no such ticket any more.
            Forbidden: the person is unknown or suspended.
            Unavailable: the table does not answer.
        """
        taken = self.store.take_ticket(digest_of(ticket), now=self.clock()) if ticket else None
        if taken is None:
            raise Unauthorized("This ticket is not valid. Get a new one and connect again.", code="ticket_invalid")
        principal = principal_of(self.users, taken.user_id)
        row = ConnectionRow(tenant_id=principal.tenant_id, user_id=principal.user_id, connection_id=connection_id)
        self.store.add_connection(row, expires_at=self.clock() + CONNECTION_KEPT)
        return principal
