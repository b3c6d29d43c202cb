"""A queue and a bus in memory."""

from collections import deque
from collections.abc import Sequence

from shared.contracts.events import Event


class MemoryQueue:
    """The Queue port; `bodies` waits to be received, `postponed` holds bodies with their delays."""

    def __init__(self) -> None:
        self.bodies: deque[str] = deque()
        self.postponed: list[tuple[str, int]] = []

    def send(self, events: Sequence[Event]) -> None:
        """Append."""
        self.bodies.extend(event.model_dump_json() for event in events)

    def postpone(self, body: str, *, delay_s: int) -> None:
        """Keep for later."""
        self.postponed.append((body, delay_s))


class MemoryBus:
    """The Bus port; keeps what was published, a repeated event id once as its receivers would."""

    def __init__(self) -> None:
        self.events: dict[str, Event] = {}

    def publish(self, events: Sequence[Event]) -> None:
        """Keep."""
        self.events.update({event.event_id: event for event in events})

    def names(self) -> list[str]:
        """Return the names in order."""
        return [event.name for event in self.events.values()]
