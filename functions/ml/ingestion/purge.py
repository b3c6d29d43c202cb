"""Remove what is left of a document whose delete was acknowledged: S3 first, then the index, then the receipt."""

from dataclasses import dataclass

from functions.ml.outcomes import document_event
from functions.ml.ports import Bus, ObjectStore, SearchIndex
from functions.ml.storage import next_generation_prefix, part_prefix
from shared.contracts.events import DocumentDeleted
from shared.contracts.registry import DocumentRow
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict
from shared.registry.ports import Registry
from shared.registry.transitions import SOURCE_GONE, finish_delete


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
        """Delete the source with all its versions, the parts and the chunks, then write the receipt.

        The counts of an interrupted earlier try are not known any more; the receipt counts what this run removed.

        Raises:
            Unavailable: a store does not answer; deliver again.
        """
        removed = {
            "versions": self._delete_source(row),
            "parts": self.artifacts.delete(
                [
                    stored.key
                    for stored in self.artifacts.list(part_prefix(row))
                    if stored.key < next_generation_prefix(row)
                ]
            ),
            "chunks": self.index.delete(row.tenant_id, row.document_id, through_generation=row.generation),
        }
        try:
            row = self.registry.replace_document(row, finish_delete(row, receipt=removed, now=self.clock()))
        except Conflict:
            return row  # a second delivery of the same delete wrote its receipt first
        self.bus.publish([document_event(row, DocumentDeleted, removed=removed)])
        return row

    def _delete_source(self, row: DocumentRow) -> int:
        """Delete the bytes, but none that came after another worker ended this delete: an inbox path lives on."""
        if row.code == SOURCE_GONE:
            return 0

        def still() -> bool:
            current = self.registry.document(row.tenant_id, row.kb_id, row.document_id)
            return current is not None and (current.status, current.generation) == ("DELETING", row.generation)

        return self.documents.delete([row.object_key], still=still)
