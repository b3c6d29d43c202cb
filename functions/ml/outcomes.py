"""Outcomes of a document as events on the bus. Pure."""

from typing import TypeVar

from shared.contracts.events import DocumentEvent, effect_id
from shared.contracts.registry import DocumentRow

OutcomeT = TypeVar("OutcomeT", bound=DocumentEvent)


def document_event(row: DocumentRow, kind: type[OutcomeT], **fields: object) -> OutcomeT:
    """Make an outcome event of the row that was just written: it happened when the row was.

    The id derives from document, generation, kind and that time, so that redelivery repeats the event, and a generation
    that fails twice tells it twice.
    """
    return kind.model_validate(
        {
            "event_id": effect_id(row.document_id, str(row.generation), kind.name, row.updated_at),
            "correlation_id": row.correlation_id,
            "tenant_id": row.tenant_id,
            "occurred_at": row.updated_at,
            "kb_id": row.kb_id,
            "document_id": row.document_id,
            "generation": row.generation,
            "filename": row.filename,
            **fields,
        }
    )
