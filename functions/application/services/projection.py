"""What the bus says, turned into what people see."""

from typing import Any

from pydantic import BaseModel, Field, ValidationError

from functions.application.domain import activity
from functions.application.ports import ActivityLog
from shared.contracts.events import ON_THE_BUS, DocumentEvent, Event, Unreadable

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


def project(event: Event, log: ActivityLog) -> bool:
    """Append what happened to a document to its knowledge base's log; is there anything to append?"""
    if not isinstance(event, DocumentEvent):
        return False
    log.add_activity(activity.row_of(event))
    return True
