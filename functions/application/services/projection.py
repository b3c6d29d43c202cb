"""What the bus says, turned into what people see."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from functions.application.domain import activity
from functions.application.ports import ActivityLog, PostponingQueue
from shared.contracts.events import ON_THE_BUS, DocumentEvent, DocumentPublished, Event, Unreadable
from shared.kernel.errors import Unavailable

POSTPONED_S = 60
BY_NAME = {event.name: event for event in ON_THE_BUS}


class Envelope(BaseModel):
    """How EventBridge wraps an event.

    Source:
        https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
    """

    detail_type: str = Field(alias="detail-type")
    detail: dict[str, Any]


def read_event(body: str) -> tuple[str, Event | None]:
    """Read the event of one message.

    Returns:
        (name of the event, the event); None for a name or version that this layer does not know.

    Raises:
        Unreadable: not an envelope, or not an event of the version it claims to be.
    """
    try:
        envelope = Envelope.model_validate_json(body)
        known = BY_NAME.get(envelope.detail_type)
        return envelope.detail_type, known.model_validate(envelope.detail) if known else None
    except ValidationError as error:
        raise Unreadable(f"not an event from the bus: {error.error_count()} problems") from error


@dataclass(frozen=True, slots=True)
class Projected:
    """What became of one message.

    Attributes:
        name: of its event.
        event: None for a name or version that this layer does not know.
        is_told: the log has it.
        waits_for: the code of what did not answer; the message was put back.
    """

    name: str
    event: Event | None
    is_told: bool = False
    waits_for: str = ""


def project_message(
    body: str, log: ActivityLog, queue: PostponingQueue, on_published: Callable[[DocumentPublished], None]
) -> Projected:
    """Project the event of one message; while a table is out of order the message waits as a fresh one.

    So no outage uses up the message's receives, however long it lasts (protocol rule 11).

    Raises:
        Unreadable: not an envelope, or not an event of the version it claims to be; it belongs among the dead letters.
        Conflict: what the event asks for kept changing; the message may come again.
        Unavailable: the message could not even be put back.
    """
    name, event = read_event(body)
    if event is None:
        return Projected(name, None)
    try:
        is_told = project(event, log)
        if isinstance(event, DocumentPublished):
            on_published(event)
        return Projected(name, event, is_told=is_told)
    except Unavailable as error:
        queue.postpone(body, delay_s=POSTPONED_S)
        return Projected(name, event, waits_for=error.code)


def project(event: Event, log: ActivityLog) -> bool:
    """Append what happened to a document to its knowledge base's log; is there anything to append?"""
    if not isinstance(event, DocumentEvent):
        return False
    log.add_activity(activity.row_of(event))
    return True
