"""Events on queues and on the bus, version by version.

Names are `<noun>.<past participle>.v<n>`. A field is added with a default; anything else is a new version beside the
old one. The id of an event derives from its cause (`Event.causes`), so that a redelivered cause publishes the same
event and receivers can drop the second copy.
"""

import uuid
from typing import ClassVar, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.contracts.filters import Filters

_NAMESPACE = uuid.UUID("0b6ff6a8-04ab-4a1c-94ab-6a4b5f2a7c10")
EventT = TypeVar("EventT", bound="Event")


class Unreadable(Exception):
    """The message is not an event of the expected type; raising it sends the message to the dead letters."""


class Event(BaseModel):
    """The envelope of every event.

    Attributes:
        event_id: unique per effect; receivers may deduplicate on it.
        correlation_id: the same through the whole chain that one drop or one request set off.
        tenant_id: whose data this is about.
        occurred_at: ISO 8601, UTC, milliseconds.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    name: ClassVar[str]

    event_id: str
    correlation_id: str
    tenant_id: str
    occurred_at: str

    def causes(self, effect: type[EventT], *, occurred_at: str, **fields: object) -> EventT:
        """Make the event that this one sets off: derived id, same correlation and tenant."""
        return effect.model_validate(
            {
                "event_id": effect_id(self.event_id, effect.name, *(str(value) for value in fields.values())),
                "correlation_id": self.correlation_id,
                "tenant_id": self.tenant_id,
                "occurred_at": occurred_at,
                **fields,
            }
        )

    @classmethod
    def parse(cls, body: str | bytes) -> Self:
        """Read one event.

        Raises:
            Unreadable: the body is not JSON or lacks a field.
        """
        try:
            return cls.model_validate_json(body)
        except ValidationError as error:
            raise Unreadable(f"not a {cls.name}: {error.error_count()} problems") from error


def effect_id(*cause: str) -> str:
    """Derive an event id from what caused it: the same cause gives the same id."""
    return f"evt_{uuid.uuid5(_NAMESPACE, chr(31).join(cause)).hex}"


class DocumentChanged(Event):
    """application -> ml (ingest queue): something about the document changed; look at the registry and at S3.

    Only a hint, like the S3 notification it stands beside: it carries no state. Sent after a retry and after a delete
    were recorded in the registry, and by the reconciler. `object_key` stands for an object that has no row yet.
    With `kb_id` alone it is about a knowledge base whose delete or rebuild was recorded; `cursor` is then the document
    id after which the work goes on.
    """

    name: ClassVar[str] = "document.changed.v1"
    type: Literal["document.changed.v1"] = "document.changed.v1"
    kb_id: str = ""
    document_id: str = ""
    object_key: str = ""
    cursor: str = ""


class DocumentChunked(Event):
    """ml -> ml (embed queue): one part of a generation waits in S3 to be embedded."""

    name: ClassVar[str] = "document.chunked.v1"
    type: Literal["document.chunked.v1"] = "document.chunked.v1"
    kb_id: str
    document_id: str
    generation: int
    part: int = Field(ge=0)
    parts_total: int = Field(ge=1)
    part_key: str
    release_id: str


class PagesUnread(Event):
    """ml -> ml (recognition queue): pages of a version have no text layer; recognise them.

    Attributes:
        version: of the source; what is recognised is kept by it.
        pages: from 1.
        recogniser: the model whose results are awaited.
    """

    name: ClassVar[str] = "document.pages-unread.v1"
    type: Literal["document.pages-unread.v1"] = "document.pages-unread.v1"
    kb_id: str
    document_id: str
    generation: int
    version: str
    pages: tuple[int, ...] = Field(min_length=1)
    recogniser: str


class DocumentEvent(Event):
    """What all outcomes of a document on the bus share."""

    kb_id: str
    document_id: str
    generation: int
    filename: str


class DocumentParsed(DocumentEvent):
    """ml -> bus: the text was read and cut; embedding begins."""

    name: ClassVar[str] = "document.parsed.v1"
    type: Literal["document.parsed.v1"] = "document.parsed.v1"
    pages: int
    chunks: int


class DocumentPublished(DocumentEvent):
    """ml -> bus: the generation answers from now on."""

    name: ClassVar[str] = "document.published.v1"
    type: Literal["document.published.v1"] = "document.published.v1"
    pages: int
    chunks: int


class DocumentRejected(DocumentEvent):
    """ml -> bus: the document cannot be used; `reason` says why and what to do, in words."""

    name: ClassVar[str] = "document.rejected.v1"
    type: Literal["document.rejected.v1"] = "document.rejected.v1"
    code: str
    reason: str


class DocumentDeleted(DocumentEvent):
    """ml -> bus: nothing of the document is left; `removed` counts per store."""

    name: ClassVar[str] = "document.deleted.v1"
    type: Literal["document.deleted.v1"] = "document.deleted.v1"
    removed: dict[str, int]


class EvaluationRequested(Event):
    """ml -> ml (evaluation queue): score a dataset that lies in S3."""

    name: ClassVar[str] = "evaluation.requested.v1"
    type: Literal["evaluation.requested.v1"] = "evaluation.requested.v1"
    evaluation_id: str
    dataset_key: str
    kb_ids: tuple[str, ...]
    readers: tuple[str, ...]
    instructions: str = ""
    release_id: str = ""
    filters: tuple[Filters, ...] = ()


class EvaluationFinished(Event):
    """ml -> bus: the report lies in S3."""

    name: ClassVar[str] = "evaluation.finished.v1"
    type: Literal["evaluation.finished.v1"] = "evaluation.finished.v1"
    evaluation_id: str
    report_key: str
    questions: int
    metrics: dict[str, float]


QUEUED: tuple[type[Event], ...] = (DocumentChanged, DocumentChunked, PagesUnread, EvaluationRequested)
ON_THE_BUS: tuple[type[Event], ...] = (
    DocumentParsed,
    DocumentPublished,
    DocumentRejected,
    DocumentDeleted,
    EvaluationFinished,
)
BUS_SOURCE = "strata.ml"
