"""The WebSocket API.

Trigger: API Gateway WebSocket events: `$connect` with a ticket, `$disconnect`, and the actions of
`shared/contracts/sockets.py`.
Writes: control table; stops streams. Emits: messages to connections; starts the function that writes answers.
"""

from typing import Any

from functions.application.sockets import wiring
from functions.application.sockets.messages import addressed, parse, refused
from shared.kernel.errors import Forbidden, PlatformError, Unauthorized
from shared.kernel.observability import logger

OK = {"statusCode": 200}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Take one event of a connection."""
    context = event["requestContext"]
    connection_id = str(context["connectionId"])
    if context["eventType"] == "CONNECT":
        return connect(connection_id, (event.get("queryStringParameters") or {}).get("ticket", ""))
    if context["eventType"] == "DISCONNECT":
        wiring.sockets().sockets.remove_connection(connection_id)
        return OK
    receive(connection_id, event.get("body") or "", str(context.get("requestId", "")))
    return OK


def connect(connection_id: str, ticket: str) -> dict[str, Any]:
    """Let a connection open, or not; the status is all that the gateway takes."""
    try:
        wiring.open_connection()(connection_id, ticket)
    except PlatformError as error:
        logger().info("connection refused", code=error.code, status=error.status)
        return {"statusCode": error.status}
    return OK


def receive(connection_id: str, body: str, request_id: str) -> None:
    """Carry out one message; a refusal is posted, and who may not be here any more is sent away."""
    sockets, (ref, action) = wiring.sockets(), addressed(body)
    try:
        principal = sockets.who(connection_id)
    except (Unauthorized, Forbidden) as error:
        sockets.connections.post(connection_id, refused(error, ref, action, request_id))
        sockets.sockets.remove_connection(connection_id)
        sockets.connections.close(connection_id)
        return
    try:
        sockets(principal, connection_id, parse(body))
    except PlatformError as error:
        logger().info("message refused", action=action, code=error.code, status=error.status)
        sockets.connections.post(connection_id, refused(error, ref, action, request_id))
    except Exception:
        logger().exception("message failed", action=action)
        defect = PlatformError("Something went wrong on our side. Try again in a moment.")
        sockets.connections.post(connection_id, refused(defect, ref, action, request_id))
