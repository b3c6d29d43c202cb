"""A person's WebSocket, as a browser opens it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.e2e.platform import Person

DEADLINE_S = 60.0


class Socket:
    """An open WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send(self, action: str, **fields: Any) -> None:
        self.connection.send(json.dumps({"action": action, **fields}))

    def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.connection.recv(timeout=DEADLINE_S))
        return message

    def until(self, *types: str) -> list[dict[str, Any]]:
        """Return what comes, up to the first message of one of these types."""
        got = [self.receive()]
        while got[-1]["type"] not in types:
            got.append(self.receive())
        return got


@contextmanager
def socket_of(person: Person) -> Iterator[Socket]:
    """Get a ticket and connect with it."""
    ticket = person.call("POST", "/socket-tickets", status=201)
    with connect(ticket["url"], proxy=None) as connection:
        yield Socket(connection)
