"""The person who is signed in."""

from typing import Literal

from shared.contracts.api.bodies import Response


class Me(Response):
    """Who is signed in."""

    user_id: str
    tenant_id: str
    email: str
    name: str
    role: Literal["admin", "member"]


class SocketTicket(Response):
    """Opens one WebSocket: connect to `url` within `expires_in_s` seconds, once."""

    url: str
    expires_in_s: int
