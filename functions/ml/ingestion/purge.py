"""Remove what is left of a document whose delete was acknowledged: S3 first, then the index, then the receipt."""

from dataclasses import dataclass

from functions.ml.outcomes import document_event
from functions.ml.ports import Bus, ObjectStore, SearchIndex
from functions.ml.recognised import recognised_prefix
from functions.ml.storage import next_generation_prefix, part_prefix
from shared.contracts.events import DocumentDeleted
from shared.contracts.registry import DocumentRow
from shared.kernel.clock import Clock, isoformat
from shared.kernel.errors import Conflict, Unavailable
from shared.registry.ports import Registry
from shared.registry.transitions import count_before_delete, finish_delete


@dataclass(frozen=True)
class PurgeDocument:
    """Carry out a recorded delete (protocol rule 7). Every step can be repeated."""

    registry: Registry
    documents: ObjectStore
    artifacts: ObjectStore
    index: SearchIndex
    bus: Bus
    clock: Clock

    def __call__(self, row: DocumentRow) -> DocumentRow:
        """Delete the source with all versions, parts, recognised pages and chunks, look again, then write the receipt.

        What there is is counted and written before anything is removed, so that the receipt of a delete that was
        interrupted, however often, counts what all its tries removed. What a stale worker adds meanwhile is removed,
        and counted where it makes a store's sum larger.

        Raises:
            Unavailable: a store does not answer, or still holds something; deliver again.
        """
        counted = self._count(row)
        if counted is None:
            return row  # another delivery of the same delete counts, and goes on
        row = counted
        removed, removed_at = self._remove(row)
        left = self._held(row)
        if any(left.values()):
            raise Unavailable(
                "Something of this document was written while it was deleted; it will be deleted again.",
                code="delete_incomplete",
            )
        found = row.deletion.found if row.deletion else {}
        receipt = {store: max(number, found.get(store, 0)) for store, number in removed.items()}
        closed = finish_delete(row, receipt=receipt, now=self.clock(), removed_at=removed_at, left=left)
        try:
            row = self.registry.replace_document(row, closed)
        except Conflict:
            return row  # a second delivery of the same delete wrote its receipt first
        self.bus.publish([document_event(row, DocumentDeleted, removed=receipt)])
        return row

    def _count(self, row: DocumentRow) -> DocumentRow | None:
        """Write down what there is, once; None when the row changed meanwhile."""
        if row.deletion is not None and row.deletion.found:
            return row
        try:
            return self.registry.replace_document(row, count_before_delete(row, found=self._held(row)))
        except Conflict:
            return None

    def _remove(self, row: DocumentRow) -> tuple[dict[str, int], dict[str, str]]:
        removed, removed_at = {}, {}
        removed["versions"] = self._delete_source(row)
        removed_at["versions"] = isoformat(self.clock())
        removed["parts"] = self.artifacts.delete(self._parts(row))
        removed_at["parts"] = isoformat(self.clock())
        removed["chunks"] = self.index.delete(row.tenant_id, row.document_id, through_generation=row.generation)
        removed_at["chunks"] = isoformat(self.clock())
        return removed, removed_at

    def _held(self, row: DocumentRow) -> dict[str, int]:
        """Count what each store holds of the document now."""
        return {
            "versions": self.documents.count_versions([row.object_key], keep_live=_keeps_live(row)),
            "parts": self.artifacts.count_versions(self._parts(row)),
            "chunks": self.index.count(row.tenant_id, row.document_id, None),
        }

    def _parts(self, row: DocumentRow) -> list[str]:
        """Name the recognised pages, and the parts up to this generation: newer ones are of another life of it."""
        until = next_generation_prefix(row)
        parts = [stored.key for stored in self.artifacts.list(part_prefix(row)) if stored.key < until]
        return parts + [stored.key for stored in self.artifacts.list(recognised_prefix(row))]

    def _delete_source(self, row: DocumentRow) -> int:
        """Delete the bytes, but none that came after another worker ended this delete: an inbox path lives on."""

        def still() -> bool:
            current = self.registry.document(row.tenant_id, row.kb_id, row.document_id)
            return current is not None and (current.status, current.generation) == ("DELETING", row.generation)

        return self.documents.delete([row.object_key], still=still, keep_live=_keeps_live(row))


def _keeps_live(row: DocumentRow) -> bool:
    return row.deletion is not None and row.deletion.source_gone
