"""What a message on the ingest queue hints at: S3 notifications and DocumentChanged, read into one form. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_plus

from shared.contracts.events import DocumentChanged, Unreadable


@dataclass(frozen=True, slots=True)
class Hint:
    """Something about a document may have changed: either its key or its ids are known.

    With `kb_id` alone it is about a knowledge base, whose work goes on after the document id `cursor`.
    """

    cause_id: str
    object_key: str = ""
    tenant_id: str = ""
    kb_id: str = ""
    document_id: str = ""
    cursor: str = ""

    @property
    def is_about_knowledge_base(self) -> bool:
        """It names a knowledge base and no document of it."""
        return bool(self.kb_id) and not (self.document_id or self.object_key)


def read_hints(body: str, *, message_id: str) -> Iterator[Hint]:
    """Yield the hints of one message; S3's test event yields none.

    Raises:
        Unreadable: the body is neither an S3 notification nor a DocumentChanged event.
    """
    try:
        message = json.loads(body)
    except ValueError as error:
        raise Unreadable("the message is not JSON") from error
    if not isinstance(message, dict):
        raise Unreadable("the message is not a JSON object")
    if message.get("Event") == "s3:TestEvent":
        return
    if message.get("type") == DocumentChanged.name:
        event = DocumentChanged.parse(body)
        yield Hint(event.event_id, event.object_key, event.tenant_id, event.kb_id, event.document_id, event.cursor)
        return
    try:
        keys = [record["s3"]["object"]["key"] for record in message["Records"]]
    except (KeyError, TypeError) as error:
        raise Unreadable("the message is neither an S3 notification nor a document event") from error
    for key in keys:
        # Keys in notifications are form-encoded: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
        yield Hint(cause_id=message_id, object_key=unquote_plus(key))
