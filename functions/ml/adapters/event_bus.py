"""The Bus port on EventBridge."""

from collections.abc import Sequence

from shared.contracts.events import BUS_SOURCE, Event
from shared.kernel.aws import client, unavailable
from shared.kernel.errors import Unavailable

BATCH_LIMIT = 10  # entries per PutEvents call, an AWS limit


class EventBridgeBus:
    """One event bus by its name; detail-type is the event's name, detail the event."""

    def __init__(self, name: str) -> None:
        self._name = name

    def publish(self, events: Sequence[Event]) -> None:
        """Put in batches and read each answer item by item."""
        for start in range(0, len(events), BATCH_LIMIT):
            try:
                answer = client("events").put_events(
                    Entries=[
                        {
                            "EventBusName": self._name,
                            "Source": BUS_SOURCE,
                            "DetailType": event.name,
                            "Detail": event.model_dump_json(),
                        }
                        for event in events[start : start + BATCH_LIMIT]
                    ]
                )
            except Exception as error:
                unavailable("Event bus", error)
            if answer.get("FailedEntryCount"):
                raise Unavailable(
                    f"The event bus did not take {answer['FailedEntryCount']} events. Try again in a moment.",
                    code="event_bus_unavailable",
                )
