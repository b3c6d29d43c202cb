"""Documents go: because somebody asked for it, or because what replaces them is ready."""

from dataclasses import dataclass

from functions.application.domain import documents
from functions.application.file_ports import SourceVersions
from functions.application.ports import IngestQueue
from functions.application.services.knowledge_bases import changed_event
from functions.application.services.rows import change_document
from shared.contracts.events import DocumentPublished
from shared.contracts.registry import DocumentRow
from shared.kernel.clock import Clock, isoformat
from shared.registry.ports import Registry
from shared.registry.transitions import begin_delete


@dataclass(frozen=True)
class DeleteDocument:
    """Records the intent to delete, from when on nothing of a document is visible, and has it removed everywhere."""

    registry: Registry
    versions: SourceVersions
    queue: IngestQueue
    clock: Clock

    def __call__(self, row: DocumentRow, *, requested_by: str, correlation_id: str) -> DocumentRow:
        """Delete what somebody may delete. Idempotent.

        Raises:
            Conflict: the document kept changing; asking again helps.
            Unavailable: the registry, the bucket or the queue does not answer.
        """
        newest = self.versions.newest(row.object_key) if documents.is_from_inbox(row) else None
        row = change_document(
            self.registry,
            row,
            lambda current: begin_delete(current, self.clock(), requested_by=requested_by, newest=newest),
        )
        if row.status == "DELETING":
            self.queue.send([changed_event(row, correlation_id, isoformat(self.clock()))])
        return row


@dataclass(frozen=True)
class DeleteReplaced:
    """Deletes what a document replaces once that answers; whoever announced the new one had the right to it."""

    registry: Registry
    delete: DeleteDocument

    def __call__(self, event: DocumentPublished) -> None:
        """Act on the news that a document answers. Idempotent. Raises Conflict, Unavailable."""
        row = self.registry.document(event.tenant_id, event.kb_id, event.document_id)
        if row is None or not row.replaces or row.live_generation is None:
            return
        replaced = self.registry.document(row.tenant_id, row.kb_id, row.replaces)
        if replaced is None or replaced.status in ("DELETING", "DELETED"):
            return  # asked for a second time, it would take along what came under its inbox path since
        self.delete(replaced, requested_by=row.owner_id, correlation_id=event.correlation_id)
