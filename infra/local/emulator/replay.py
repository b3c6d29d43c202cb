"""Rebuild the emulator's state from its records; knows nothing of MiniStack, so that it can be tested alone."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from infra.local.emulator.frames import CLEARED, MESSAGES, ROWS, SERVICE, Frame

Hook = Callable[[dict[str, Any]], Any]
Row = dict[str, Any]
Message = dict[str, Any]


def decode(content: bytes, hook: Hook | None = None) -> Any:
    """Read JSON, with the emulator's own decoding of bytes and scoped keys where the content needs it."""
    return json.loads(content, object_hook=hook if b'"__' in content else None)


@dataclass
class Replayed:
    """The state that a sequence of records leads to.

    Args:
        services: the last state of each small service, as JSON.
        rows: table id -> hash key -> sort key ("" where the table has none) -> item.
        messages: queue (account, region and address joined by NUL) -> message id -> message, in order of arrival.
    """

    services: dict[str, bytes] = field(default_factory=dict)
    rows: dict[str, dict[str, dict[str, Row]]] = field(default_factory=dict)
    messages: dict[str, dict[str, Message]] = field(default_factory=dict)
    hook: Hook | None = None

    def apply(self, frame: Frame) -> None:
        """Apply one record; every record says what is true after it, so that applying it twice changes nothing."""
        if frame.kind == SERVICE:
            name, _, state = frame.content.partition(b"\n")
            self.services[name.decode()] = state
        elif frame.kind == ROWS:
            for table, hash_key, sort_key, item in decode(frame.content, self.hook):
                self._apply_row(table, hash_key, sort_key, item)
        elif frame.kind == CLEARED:
            self.rows.pop(frame.content.decode(), None)
        elif frame.kind == MESSAGES:
            self._apply_messages(*decode(frame.content, self.hook))

    def _apply_row(self, table: str, hash_key: str, sort_key: str, item: Row | None) -> None:
        partitions = self.rows.setdefault(table, {})
        if item is not None:
            partitions.setdefault(hash_key, {})[sort_key] = item
            return
        partition = partitions.get(hash_key, {})
        partition.pop(sort_key, None)
        if not partition:
            partitions.pop(hash_key, None)

    def _apply_messages(self, queue: str, arrived: list[Message], gone: list[str]) -> None:
        waiting = self.messages.setdefault(queue, {})
        waiting.update((message["id"], message) for message in arrived)
        for message_id in gone:
            waiting.pop(message_id, None)
        if not waiting:
            del self.messages[queue]


def release(messages: dict[str, Message], now_s: float) -> list[Message]:
    """Make every message visible that a consumer held: no consumer outlives the emulator. Receive counts are kept."""
    for message in messages.values():
        if message.get("receive_count"):
            message["visible_at"] = min(message.get("visible_at", now_s), now_s)
            message["receipt_handle"] = None
    return list(messages.values())
