"""Shows people what a document waits for while a neighbour of ingestion does not answer (protocol rule 11)."""

import contextlib
from datetime import timedelta

from functions.ml.ingestion.notifications import Hint
from functions.ml.storage import InboxObject, UploadedObject, parse_key
from shared.contracts.registry import DocumentRow
from shared.kernel.clock import Clock, parse_time
from shared.kernel.errors import Conflict, Unavailable
from shared.kernel.ids import derived_id
from shared.registry.ports import Registry
from shared.registry.transitions import extend, fail

PARSER_LOST = "parser_lost"
PATIENCE = timedelta(minutes=10)
"""How long a document may lose its parser before that is its own doing: whoever kills parsers kills others' too."""


def await_neighbour(registry: Registry, hint: Hint, error: Unavailable, clock: Clock) -> None:
    """Write what the document waits for, and since when, into its row; losing this write to progress is fine.

    A document that is not known yet, or at rest, is left alone: nobody looks at a spinner there.

    Args:
        registry: may be what does not answer; then nothing can be shown.
        hint: whose document waits.
        error: what went wrong.
        clock: gives the time.
    """
    with contextlib.suppress(Conflict, Unavailable):
        row = _row(registry, hint)
        if row is None or row.is_terminal:
            return
        now = clock()
        waiting = extend(row, reason=error.message, code=error.code, now=now)
        if error.code == PARSER_LOST and parse_time(waiting.waiting_since) < now - PATIENCE:
            waiting = fail(row, code=error.code, reason=error.message, permanent=False, now=now)
        registry.replace_document(row, waiting)


def _row(registry: Registry, hint: Hint) -> DocumentRow | None:
    """Find the row without asking anybody but the registry."""
    if hint.document_id:
        return registry.document(hint.tenant_id, hint.kb_id, hint.document_id)
    place = parse_key(hint.object_key)
    if isinstance(place, UploadedObject):
        return registry.document(place.tenant_id, place.kb_id, place.document_id)
    if isinstance(place, InboxObject):
        for kb in registry.knowledge_bases(place.tenant_id):
            if not kb.deleting and place.kb in (kb.kb_id, kb.name):
                return registry.document(
                    place.tenant_id, kb.kb_id, derived_id("doc", place.tenant_id, kb.kb_id, hint.object_key)
                )
    return None
