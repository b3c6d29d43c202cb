"""Write the terminal status of a document whose message could not be processed (protocol rule 10)."""

from collections.abc import Iterator
from dataclasses import dataclass

from functions.ml.ingestion.notifications import read_hints
from functions.ml.outcomes import document_event
from functions.ml.ports import Bus
from functions.ml.storage import UploadedObject, parse_key
from shared.contracts.events import DocumentChunked, DocumentRejected, PagesUnread, Unreadable
from shared.contracts.registry import DocumentRow
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict
from shared.registry.ports import Registry
from shared.registry.transitions import fail

REASON = (
    "Processing this document failed several times without a known cause. Retry it; if it fails again, give the "
    "document id to the operators, who find the cause in the logs."
)


@dataclass(frozen=True)
class RecordDeadLetter:
    """Turn a dead letter into a FAILED document that can be retried."""

    registry: Registry
    bus: Bus
    clock: Clock

    def __call__(self, body: str, *, message_id: str) -> int:
        """Fail the documents of one dead message; returns how many."""
        failed = 0
        for row in self._rows(body, message_id):
            if row.is_terminal or row.status == "DELETING":
                continue  # a delete is carried on by the reconciler
            try:
                written = self.registry.replace_document(
                    row, fail(row, code="processing_failed", reason=REASON, permanent=False, now=self.clock())
                )
            except Conflict:
                continue  # somebody made progress: not dead after all
            event = document_event(
                written,
                DocumentRejected,
                code=written.code,
                reason=written.reason,
            )
            self.bus.publish([event])
            failed += 1
        return failed

    def _rows(self, body: str, message_id: str) -> Iterator[DocumentRow]:
        part = _work(body)
        if part is None:
            yield from self._hinted(body, message_id)
            return
        row = self.registry.document(part.tenant_id, part.kb_id, part.document_id)
        if row is not None and row.generation == part.generation:
            yield row

    def _hinted(self, body: str, message_id: str) -> Iterator[DocumentRow]:
        try:
            hints = list(read_hints(body, message_id=message_id))
        except Unreadable:
            return
        for hint in hints:
            place = parse_key(hint.object_key)
            keys = (hint.tenant_id, hint.kb_id, hint.document_id)
            if isinstance(place, UploadedObject):
                keys = (place.tenant_id, place.kb_id, place.document_id)
            row = self.registry.document(*keys) if keys[2] else None
            if row is not None:
                yield row


def _work(body: str) -> DocumentChunked | PagesUnread | None:
    """Return the message as work on a generation; None for a hint."""
    for kind in (DocumentChunked, PagesUnread):
        try:
            return kind.parse(body)
        except Unreadable:
            continue
    return None
