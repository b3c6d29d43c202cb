"""Keeps MiniStack's queues from losing messages that are sent while it removes others.

MiniStack removes by copying what stays into a new list, which it puts in the place of the old one, in the thread that
feeds the functions; a message that another thread appends in between goes to the old list and is gone. Here lists
append under the lock that the removals hold, and always to the list that is in place.
"""

import threading
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from infra.local.emulator.private_names import module

Queue = dict[str, Any]


class Messages(list[Any]):
    """The messages of one queue."""

    def __init__(self, queue: Queue, lock: Any, messages: Iterable[Any]) -> None:
        super().__init__(messages)
        self._queue = queue
        self._lock = lock

    def append(self, message: Any) -> None:
        """Append to the queue, whichever list is in place by the time that the lock is free."""
        with self._lock:
            list.append(self._queue["messages"], message)

    def __reduce__(self) -> Any:
        """Copy and save as a plain list: a copy belongs to no queue."""
        return (list, (list(self),))


def install() -> None:
    """Wrap what removes messages in the background; the environment must have been set."""
    sqs = module("services.sqs")
    lock = sqs._queues_lock = threading.RLock()  # the removals are nested in other work that holds it

    def whole(queue: Queue) -> None:
        if not isinstance(queue["messages"], Messages):
            queue["messages"] = Messages(queue, lock, queue["messages"])

    def locked(remove: Callable[[Queue], None]) -> Callable[[Queue], None]:
        @wraps(remove)
        def removed(queue: Queue) -> None:
            with lock:
                remove(queue)
                whole(queue)

        return removed

    delete = sqs._delete_messages_for_esm

    @wraps(delete)
    def deleted(queue_url: str, receipt_handles: set[str]) -> None:
        with lock:
            delete(queue_url, receipt_handles)
            whole(sqs._get_q(queue_url))

    sqs._dlq_sweep, sqs._expire_retained = locked(sqs._dlq_sweep), locked(sqs._expire_retained)
    sqs._delete_messages_for_esm = deleted
