"""Knowledge bases: make, list, change, delete, and what happened in them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache

from functions.application.domain import activity, knowledge_bases
from functions.application.domain.principals import Principal
from functions.application.ports import ActivityLog, IngestQueue, MlApi
from functions.application.services.names import KnowledgeBaseNames
from functions.application.services.principals import AddressOf, no_address
from functions.application.services.rows import all_documents, change_knowledge_base, readable_kb
from shared.contracts import api
from shared.contracts.events import DocumentChanged, effect_id
from shared.contracts.registry import DocumentRow, KnowledgeBaseRow, Status
from shared.kernel.clock import Clock, isoformat
from shared.kernel.errors import Forbidden, NotFound
from shared.kernel.ids import NewId
from shared.registry.ports import Registry
from shared.registry.transitions import begin_knowledge_base_delete, begin_rebuild


@dataclass(frozen=True)
class KnowledgeBases:
    """The use cases of knowledge bases.

    Attributes:
        bucket: the documents bucket, shown so that other systems can drop files into the inbox.
    """

    registry: Registry
    names: KnowledgeBaseNames
    log: ActivityLog
    queue: IngestQueue
    ml: MlApi
    clock: Clock
    new_id: NewId
    bucket: str
    address: AddressOf = no_address

    def create(self, principal: Principal, request: api.CreateKnowledgeBase) -> api.KnowledgeBase:
        """Make an empty one.

        Raises:
            Invalid: `unknown_release`, `unknown_chunking`.
            Conflict: `name_taken`.
        """
        choice = knowledge_bases.choose_release(self.ml.releases(), request.release, request.chunking)
        row = knowledge_bases.new_row(request, principal, kb_id=self.new_id("kb"), choice=choice, now=self.clock())
        self.names.claim(row.tenant_id, row.name, row.kb_id)
        self.registry.create_knowledge_base(row)
        return knowledge_bases.shown(row, bucket=self.bucket)

    def list(self, principal: Principal, *, cursor: str, limit: int) -> api.KnowledgeBases:
        """Return a page of those that the person may read, oldest first, without document counts."""
        rows = [
            row
            for row in self.registry.knowledge_bases(principal.tenant_id)
            if not row.deleting and principal.reads(row.readers) and position(row) > cursor
        ]
        page = rows[:limit]
        return api.KnowledgeBases(
            items=tuple(knowledge_bases.shown(row, bucket=self.bucket) for row in page),
            cursor=position(page[-1]) if len(rows) > limit else "",
        )

    def get(self, principal: Principal, kb_id: str) -> api.KnowledgeBase:
        """Return one with its documents counted by state. Raises NotFound."""
        row = readable_kb(self.registry, principal, kb_id)
        documents = list(all_documents(self.registry, row.tenant_id, kb_id))
        asker = self.address(row.tenant_id, row.rebuild_requested_by)
        rebuild = knowledge_bases.rebuild_of(row, documents, asker=asker)
        return knowledge_bases.shown(row, bucket=self.bucket, documents=count(documents), rebuild=rebuild)

    def update(
        self, principal: Principal, kb_id: str, request: api.UpdateKnowledgeBase, *, correlation_id: str
    ) -> api.KnowledgeBase:
        """Rename it, describe it, or have it cut in another way, which begins a rebuild.

        Raises:
            NotFound: not visible to the person.
            Forbidden: somebody else's.
            Invalid: `unknown_chunking`.
            Conflict: `name_taken`.
        """
        row = self._owned(principal, kb_id)
        choice = self._chosen(row, request.chunking)
        given = request.model_dump(exclude_none=True, exclude={"chunking"})
        renamed = "name" in given and given["name"].casefold() != row.name.casefold()
        if renamed:
            self.names.claim(row.tenant_id, given["name"], kb_id)
        update = {**given, **(asdict(choice) if choice else {}), "updated_at": isoformat(self.clock())}
        cuts_anew = choice is not None and choice.release_id != row.release_id

        def change(current: KnowledgeBaseRow) -> KnowledgeBaseRow:
            changed = current.model_copy(update=update)
            return begin_rebuild(changed, self.clock(), requested_by=principal.user_id) if cuts_anew else changed

        changed = change_knowledge_base(self.registry, row, change)
        if renamed:
            self.names.release(row.tenant_id, row.name, kb_id)
        if cuts_anew:
            self._tell(changed, correlation_id)
        return self.get(principal, kb_id)

    def chunking_strategies(self) -> api.ChunkingStrategies:
        """Return the ways to cut documents that can be chosen. Raises Unavailable."""
        return knowledge_bases.chunking_strategies(self.ml.releases())

    def _chosen(self, row: KnowledgeBaseRow, chunking: str | None) -> knowledge_bases.Choice | None:
        """Return the release that cuts as is wished; None where nothing is."""
        if chunking is None:
            return None
        return knowledge_bases.choose_release(self.ml.releases(), row.release_name, chunking)

    def delete(self, principal: Principal, kb_id: str, *, correlation_id: str) -> api.Deleted:
        """Hide it at once, and let the ML layer delete its documents page by page; `deletion` tells how far it is.

        Asked again while documents are left, it goes on where it stopped.

        Raises:
            NotFound: not visible to the person.
            Forbidden: somebody else's.
            Unavailable: a neighbour does not answer; asking again goes on.
        """
        row = self._owned(principal, kb_id, deleting_too=True)
        if not row.deleting:
            row = change_knowledge_base(
                self.registry,
                row,
                lambda current: begin_knowledge_base_delete(current, self.clock(), requested_by=principal.user_id),
            )
        self._tell(row, correlation_id)
        self.names.release(row.tenant_id, row.name, kb_id)
        return api.Deleted(id=kb_id)

    def deletion(self, principal: Principal, kb_id: str) -> api.KnowledgeBaseDeletion:
        """Return how far the delete of one is, or its receipt; for its owner and administrators.

        Raises:
            NotFound: it is not being deleted, never was there, or is somebody else's (which is the same to them).
        """
        row = self.registry.knowledge_base(principal.tenant_id, kb_id)
        if row is None or not row.deleting or not principal.manages(row.owner_id):
            raise NotFound("There is no deleted knowledge base with this id that is yours.", code="unknown_deletion")
        return self._deletion(row, self.address)

    def deletions(self, principal: Principal) -> api.Deletions:
        """Return the deletes that go on and the receipts of those that are finished, the latest first."""
        rows = [
            row
            for row in self.registry.knowledge_bases(principal.tenant_id)
            if row.deleting and principal.manages(row.owner_id)
        ]
        latest_first = sorted(rows, key=lambda row: row.deleting_since or row.updated_at, reverse=True)
        address = cache(self.address)
        return api.Deletions(items=tuple(self._deletion(row, address) for row in latest_first))

    def rebuild(self, principal: Principal, kb_id: str, *, correlation_id: str) -> api.KnowledgeBase:
        """Have every document processed again from its file; each answers from its old version until then.

        Raises:
            NotFound: not visible to the person.
            Forbidden: somebody else's.
        """
        row = self._owned(principal, kb_id)
        row = change_knowledge_base(
            self.registry, row, lambda current: begin_rebuild(current, self.clock(), requested_by=principal.user_id)
        )
        self._tell(row, correlation_id)
        return self.get(principal, kb_id)

    def activity(self, principal: Principal, kb_id: str, *, cursor: str, limit: int) -> api.Activities:
        """Return a page of what happened in it, newest first. Raises NotFound, Invalid `bad_cursor`."""
        readable_kb(self.registry, principal, kb_id)
        rows, following = self.log.activity(principal.tenant_id, kb_id, cursor=cursor, limit=limit)
        return api.Activities(items=tuple(activity.shown(row) for row in rows), cursor=following)

    def _deletion(self, row: KnowledgeBaseRow, address: AddressOf) -> api.KnowledgeBaseDeletion:
        documents = [] if row.receipt else list(all_documents(self.registry, row.tenant_id, row.kb_id))
        return knowledge_bases.deletion_of(row, documents, deleter=address(row.tenant_id, row.deleted_by))

    def _tell(self, row: KnowledgeBaseRow, correlation_id: str) -> None:
        """Set off the work on its documents; each asking does, so that asking again helps."""
        now = isoformat(self.clock())
        event = DocumentChanged(
            event_id=effect_id(row.kb_id, str(row.revision), now),
            correlation_id=correlation_id,
            tenant_id=row.tenant_id,
            occurred_at=now,
            kb_id=row.kb_id,
        )
        self.queue.send([event])

    def _owned(self, principal: Principal, kb_id: str, *, deleting_too: bool = False) -> KnowledgeBaseRow:
        row = self.registry.knowledge_base(principal.tenant_id, kb_id)
        if row is None or (row.deleting and not deleting_too) or not principal.reads(row.readers):
            raise NotFound("There is no such knowledge base, or you may not read it.", code="unknown_knowledge_base")
        if not principal.manages(row.owner_id):
            raise Forbidden("Only the knowledge base's owner or an administrator may change it.", code="not_owner")
        return row


def count(documents: Iterable[DocumentRow]) -> dict[Status, int]:
    """Count the documents by state; those that are gone are not counted."""
    states = Counter(item.status for item in documents)
    return {status: number for status, number in states.items() if status != "DELETED"}


def position(row: KnowledgeBaseRow) -> str:
    """Return what a page's cursor compares: time of creation, then id."""
    return f"{row.created_at}#{row.kb_id}"


def changed_event(row: DocumentRow, correlation_id: str, now: str) -> DocumentChanged:
    """Make the hint for ingestion that a row changed; the same change makes the same event."""
    return DocumentChanged(
        event_id=effect_id(row.document_id, str(row.generation), str(row.revision)),
        correlation_id=correlation_id,
        tenant_id=row.tenant_id,
        occurred_at=now,
        kb_id=row.kb_id,
        document_id=row.document_id,
        object_key=row.object_key,
    )
