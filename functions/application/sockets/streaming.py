"""Writes one answer for the WebSocket API.

Trigger: an asynchronous invocation by the sockets function, `{"tenant_id", "message_id"}`.
Reads: the answer's pieces as the ML layer writes them. Writes: the message. Emits: pieces to connections.
"""

from typing import Any

from functions.application.sockets import wiring
from shared.kernel.observability import logger


def handler(event: dict[str, Any], _context: object) -> None:
    """Write it; a defect raises after the person was told, so that it is counted."""
    ended = wiring.write_answer()(str(event["tenant_id"]), str(event["message_id"]))
    logger().info("answer written", outcome=ended or "NOT_OURS", message_id=str(event["message_id"]))
