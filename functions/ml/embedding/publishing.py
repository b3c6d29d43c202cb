"""The publish flip: one conditional write, after the index confirms that every chunk is there."""

from dataclasses import dataclass

from functions.ml.outcomes import document_event
from functions.ml.ports import Bus, ObjectStore, SearchIndex
from functions.ml.recognised import recognised_prefix
from functions.ml.storage import view_key, view_prefix
from shared.contracts.events import DocumentPublished, DocumentRejected
from shared.contracts.registry import DocumentRow
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, Rejected, Unavailable
from shared.registry.ports import Registry
from shared.registry.transitions import INDEX_INCOMPLETE, fail, publish


@dataclass(frozen=True)
class PublishGeneration:
    """Make a complete generation the live one and collect the older ones (protocol rule 4)."""

    registry: Registry
    artifacts: ObjectStore
    index: SearchIndex
    bus: Bus
    clock: Clock

    def with_last(self, row: DocumentRow, part: int) -> bool:
        """Publish by the very write that adds the part, when by the row as it was read no other is missing.

        Returns:
            Whether it was written; False leaves all as it is, for the part to be added by itself.

        Raises:
            Unavailable: a store does not answer.
        """
        done = row.model_copy(update={"parts_done": row.parts_done | {part}})
        if row.status != "EMBEDDING" or len(done.parts_done) < row.parts_total or self._found(row) != row.chunks:
            return False
        try:
            row = self.registry.replace_document(row, publish(done, self.clock()))
        except Conflict:
            return False
        self._collect(row)
        return True

    def _found(self, row: DocumentRow) -> int:
        return self.index.count(row.tenant_id, row.document_id, row.generation)

    def __call__(self, row: DocumentRow) -> bool:
        """Publish when every part is done; returns whether this generation is live now.

        Raises:
            Unavailable: the index does not hold every chunk, or a store does not answer.
        """
        generation = row.generation
        while row.status == "EMBEDDING" and len(row.parts_done) == row.parts_total:
            found = self._found(row)
            if found != row.chunks:
                raise Unavailable(
                    f"The search index shows {found} of {row.chunks} passages of this document; it will be checked "
                    "again.",
                    code=INDEX_INCOMPLETE,
                )
            try:
                row = self.registry.replace_document(row, publish(row, self.clock()))
            except Conflict:
                latest = self.registry.document(row.tenant_id, row.kb_id, row.document_id)
                if latest is None or latest.generation != generation:
                    return False  # fenced: a newer generation or a delete took over
                row = latest
        if row.status != "READY" or row.live_generation != generation:
            return False
        self._collect(row)
        return True

    def _collect(self, row: DocumentRow) -> None:
        """Remove what the flip made garbage, and tell the application layer.

        The parts are garbage too, but nobody can see them: the reconciler removes those of a thousand documents with as
        few calls as those of one.
        """
        if row.generation > 1:
            self.index.delete(row.tenant_id, row.document_id, through_generation=row.generation - 1)
            kept = f"{recognised_prefix(row)}{row.version}/"
            recognised = [stored.key for stored in self.artifacts.list(recognised_prefix(row))]
            self.artifacts.delete([key for key in recognised if not key.startswith(kept)])
            drawn, live = view_prefix(row), view_key(row, row.generation, "")
            self.artifacts.delete([stored.key for stored in self.artifacts.list(drawn) if stored.key < live])
        self.bus.publish([document_event(row, DocumentPublished, pages=row.live_pages, chunks=row.live_chunks)])

    def reject(self, tenant_id: str, kb_id: str, document_id: str, generation: int, error: Rejected) -> None:
        """Fail a generation that can never be embedded."""
        row = self.registry.document(tenant_id, kb_id, document_id)
        if row is None or row.generation != generation or row.status != "EMBEDDING":
            return
        now = self.clock()
        try:
            row = self.registry.replace_document(
                row, fail(row, code=error.code, reason=error.message, permanent=True, now=now)
            )
        except Conflict as conflict:
            raise Unavailable("The document changed meanwhile; it will be looked at again.") from conflict
        self.bus.publish([document_event(row, DocumentRejected, code=error.code, reason=error.message)])
