"""What the bus reports about documents, as an activity log that people read."""

from functions.application.domain.records import ActivityRow
from shared.contracts import api
from shared.contracts.events import DocumentEvent


def row_of(event: DocumentEvent) -> ActivityRow:
    """Make the log's row of an event: the fields that both have."""
    return ActivityRow.model_validate(event.model_dump())


def shown(row: ActivityRow) -> api.Activity:
    """Show an entry of the log to a person."""
    return api.Activity.model_validate(row.model_dump())
