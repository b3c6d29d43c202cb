"""Outcomes of a document as events on the bus. Pure."""

from typing import TypeVar

from shared.contracts.events import DocumentEvent, effect_id
from shared.contracts.registry import DocumentRow

OutcomeT = TypeVar("OutcomeT", bound=DocumentEvent)


def document_event(row: DocumentRow, kind: type[OutcomeT], *, occurred_at: str, **fields: object) -> OutcomeT:
    """Make an outcome event whose id derives from document, generation and kind, so that redelivery repeats it."""
    return kind.model_validate(
        {
            "event_id": effect_id(row.document_id, str(row.generation), kind.name),
            "correlation_id": row.correlation_id,
            "tenant_id": row.tenant_id,
            "occurred_at": occurred_at,
            "kb_id": row.kb_id,
            "document_id": row.document_id,
            "generation": row.generation,
            "filename": row.filename,
            **fields,
        }
    )
