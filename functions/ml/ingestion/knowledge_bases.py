"""Work on all documents of a knowledge base, page by page: its delete, and its rebuild from S3.

A message does one page and sends the next. Nothing but the rows says what is left, so that a message that comes twice,
late or after a kill repeats what was done already and goes on; the reconciler sends a message when a page got lost.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Literal

from functions.ml.ingestion.notifications import Hint
from functions.ml.ingestion.purge import PurgeDocuments
from functions.ml.ports import ObjectStore, Queue
from functions.ml.storage import manifest_key
from shared.contracts.events import DocumentChanged, effect_id
from shared.contracts.registry import DocumentRow, KnowledgeBaseReceipt, KnowledgeBaseRow
from shared.kernel.clock import Clock, isoformat, parse_time
from shared.kernel.errors import Conflict, Unavailable
from shared.registry.ports import Registry
from shared.registry.transitions import KNOWLEDGE_BASE_WINDOW, begin_delete, requeue, waits_for_rebuild

Outcome = Literal["ignored", "page", "waiting", "finished"]
AFTER_ALL = "~"
"""A cursor behind every document id: no page is left, only the end."""
IN_WORK = frozenset({"QUEUED", "PARSING", "RECOGNISING", "EMBEDDING"})
MOST_MARK_ATTEMPTS = 5
IN_HAND = timedelta(seconds=10)
"""Longer than a page takes; whoever began to delete a document earlier than this has died over it."""


@dataclass(frozen=True)
class TendKnowledgeBase:
    """One message about a knowledge base as a whole.

    Attributes:
        queue: the ingest queue, for the documents' own messages and for the next page.
        documents_per_page: small enough that a page is done long before its message would come again.
        rows_per_sweep: rows of deleted documents that one message removes at the end.
    """

    registry: Registry
    documents: ObjectStore
    purge: PurgeDocuments
    queue: Queue
    clock: Clock
    documents_per_page: int = 50
    rows_per_sweep: int = 1_000

    def __call__(self, hint: Hint) -> Outcome:
        """Do one page of the delete or of the rebuild that the knowledge base's row asks for.

        Raises:
            Unavailable: a neighbour does not answer; deliver again.
            Conflict: somebody else changed the knowledge base at the same moment; deliver again.
        """
        kb = self.registry.knowledge_base(hint.tenant_id, hint.kb_id)
        if kb is not None and kb.receipt is not None:
            return self._sweep(kb)
        if kb is not None and kb.deleting:
            return self._delete(kb, hint.cursor)
        if kb is not None and kb.is_rebuilding:
            return self._rebuild(kb, hint.cursor)
        return "ignored"

    def _delete(self, kb: KnowledgeBaseRow, cursor: str) -> Outcome:
        """Carry out the delete of a page's documents, after the next page was sent: pages are worked on side by side.

        What a page could not do stays undone for now: the end looks for it, and sends for it again.
        """
        if cursor == AFTER_ALL:
            return self._close(kb)
        if not cursor:
            self._keep(kb)
        rows, following = self._page(kb, cursor)
        self._go_on(kb, following or AFTER_ALL)
        mine = [row for row in rows if row.status != "DELETED" and not self._is_in_hand(row)]
        try:
            self.purge(mine, intend=lambda row: begin_delete(row, self.clock(), requested_by=kb.deleted_by))
        except (Conflict, Unavailable):
            return "waiting"
        return "page"

    def _is_in_hand(self, row: DocumentRow) -> bool:
        """Has somebody begun with it just now? Its own message, or an earlier delivery of this page."""
        return row.status == "DELETING" and self.clock() < parse_time(row.updated_at) + IN_HAND

    def _close(self, kb: KnowledgeBaseRow) -> Outcome:
        """Write the receipt when every document has its own; before that, look again in a while."""
        documents, verified, before = 0, 0, ""
        removed: dict[str, int] = {}
        for row in self._all(kb):
            if row.status != "DELETED":
                # A page that was interrupted, or one that was announced in the moment of the delete: begin again there.
                self._wait(kb, before)
                return "waiting"
            documents, before = documents + 1, row.document_id
            verified += bool(row.deletion and row.deletion.verified)
            for store, number in (row.receipt or {}).items():
                removed[store] = removed.get(store, 0) + number
        now = isoformat(self.clock())
        receipt = KnowledgeBaseReceipt(finished_at=now, documents=documents, removed=removed, verified=verified)
        closed = kb.model_copy(update={"receipt": receipt, "updated_at": now})
        self._keep(closed)
        return self._sweep(self.registry.replace_knowledge_base(kb, closed))

    def _keep(self, kb: KnowledgeBaseRow) -> None:
        """Write into the manifest that it is deleted: a registry rebuilt from manifests must not bring it back."""
        key = manifest_key(kb.tenant_id, kb.kb_id)
        self.documents.write(key, kb.model_dump_json().encode(), media_type="application/json")

    def _sweep(self, kb: KnowledgeBaseRow) -> Outcome:
        """Remove the rows of the documents that the receipt adds up; the knowledge base's own row stays with it."""
        rows = list(islice(self._all(kb), self.rows_per_sweep + 1))
        self.registry.remove_documents(rows[: self.rows_per_sweep])
        if len(rows) > self.rows_per_sweep:
            self._go_on(kb, AFTER_ALL)
            return "page"
        if kb.deadline:
            self.registry.replace_knowledge_base(kb, kb.model_copy(update={"deadline": ""}))
        return "finished"

    def _rebuild(self, kb: KnowledgeBaseRow, cursor: str) -> Outcome:
        """Queue what a page holds, wait until it is at rest, then go on: the queue stays free for other people."""
        rows, following = self._page(kb, cursor)
        queued = self._change(
            (row for row in rows if waits_for_rebuild(row, kb)),
            lambda row: requeue(row, tries=0, now=self.clock()) if waits_for_rebuild(row, kb) else row,
        )
        if queued or any(row.status in IN_WORK for row in rows):
            self._wait(kb, cursor)
            return "waiting"
        if following:
            self._go_on(kb, following)
            return "page"
        now = isoformat(self.clock())
        ended = {"rebuild_finished_at": now, "updated_at": now, "deadline": ""}
        self.registry.replace_knowledge_base(kb, kb.model_copy(update=ended))
        return "finished"

    def _change(self, rows: Iterator[DocumentRow], transition: Callable[[DocumentRow], DocumentRow]) -> int:
        """Write the transition and send a message for each document; one that changes all the time is left out."""
        written = [row for row in (self._changed(row, transition) for row in rows) if row is not None]
        if written:
            self.queue.send([self._hint(row) for row in written])
        return len(written)

    def _changed(self, row: DocumentRow, transition: Callable[[DocumentRow], DocumentRow]) -> DocumentRow | None:
        current: DocumentRow | None = row
        for _ in range(MOST_MARK_ATTEMPTS):
            if current is None:
                return None
            wanted = transition(current)
            if wanted is current:
                return current
            try:
                return self.registry.replace_document(current, wanted)
            except Conflict:
                current = self.registry.document(row.tenant_id, row.kb_id, row.document_id)
        return None

    def _page(self, kb: KnowledgeBaseRow, cursor: str) -> tuple[list[DocumentRow], str]:
        return self.registry.list_documents(kb.tenant_id, kb.kb_id, cursor=cursor, limit=self.documents_per_page)

    def _all(self, kb: KnowledgeBaseRow) -> Iterator[DocumentRow]:
        cursor = ""
        while True:
            rows, cursor = self.registry.list_documents(kb.tenant_id, kb.kb_id, cursor=cursor, limit=200)
            yield from rows
            if not cursor:
                return

    def _go_on(self, kb: KnowledgeBaseRow, cursor: str) -> None:
        self._renew(kb)
        self.queue.send([self._next(kb, cursor)])

    def _wait(self, kb: KnowledgeBaseRow, cursor: str) -> None:
        """Look again soon where it just began, and ever more rarely where it lasts."""
        self._renew(kb)
        age = self.clock() - parse_time(kb.deleting_since or kb.rebuild_requested_at or isoformat(self.clock()))
        delay = min(max(age / 8, timedelta(seconds=2)), timedelta(seconds=30))
        self.queue.postpone(self._next(kb, cursor).model_dump_json(), delay_s=round(delay.total_seconds()))

    def _renew(self, kb: KnowledgeBaseRow) -> None:
        """Tell the reconciler that the work goes on; that somebody else told it does as well."""
        try:
            deadline = isoformat(self.clock() + KNOWLEDGE_BASE_WINDOW)
            self.registry.replace_knowledge_base(kb, kb.model_copy(update={"deadline": deadline}))
        except Conflict:
            return

    def _next(self, kb: KnowledgeBaseRow, cursor: str) -> DocumentChanged:
        now = isoformat(self.clock())
        return DocumentChanged(
            event_id=effect_id(kb.kb_id, str(kb.revision), cursor, now),
            correlation_id=effect_id(kb.kb_id, kb.deleting_since or kb.rebuild_requested_at),
            tenant_id=kb.tenant_id,
            occurred_at=now,
            kb_id=kb.kb_id,
            cursor=cursor,
        )

    def _hint(self, row: DocumentRow) -> DocumentChanged:
        return DocumentChanged(
            event_id=effect_id(row.document_id, str(row.generation), str(row.revision)),
            correlation_id=row.correlation_id,
            tenant_id=row.tenant_id,
            occurred_at=isoformat(self.clock()),
            kb_id=row.kb_id,
            document_id=row.document_id,
        )
