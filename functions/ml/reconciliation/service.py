"""Compare registry, S3 and index, and set off the work that the difference asks for (protocol rule 10).

The reconciler sends hints and collects garbage; it never processes a document itself, so running it twice, or beside
live work, does no harm.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from functions.ml.outcomes import document_event
from functions.ml.ports import Bus, ObjectStore, Queue, SearchIndex, StoredObject
from functions.ml.reconciliation.garbage import CollectGarbage
from functions.ml.reconciliation.report import REPORT_KEY, Report
from functions.ml.storage import (
    DOCUMENTS,
    INBOX,
    MANIFESTS,
    InboxObject,
    UploadedObject,
    manifest_key,
    parse_key,
)
from shared.contracts.events import DocumentChanged, DocumentRejected, effect_id
from shared.contracts.ml_api import DifferenceKind
from shared.contracts.registry import DocumentRow, KnowledgeBaseRow
from shared.kernel.clock import Clock, isoformat, parse_time
from shared.kernel.errors import Conflict
from shared.kernel.ids import derived_id
from shared.registry.ports import Registry
from shared.registry.transitions import (
    DELETE_WINDOW,
    MOST_TRIES,
    RETRY_PAUSE,
    UPLOAD_MISSING,
    begin_delete,
    fail,
    requeue,
)

Key = tuple[str, str, str]
"""tenant_id, kb_id, document_id."""


@dataclass
class Picture:
    """What the three stores hold at the start of a run; the registry was read first (rule 1)."""

    knowledge_bases: dict[tuple[str, str], KnowledgeBaseRow] = field(default_factory=dict)
    documents: dict[Key, DocumentRow] = field(default_factory=dict)
    objects: dict[str, StoredObject] = field(default_factory=dict)
    manifests: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Reconcile:
    """One run over everything.

    Attributes:
        keep_releases: keeps the pipeline releases of the catalogue for ever.
        most_hints: hints sent in one run, so that a rebuild of many documents comes in portions.
    """

    registry: Registry
    documents: ObjectStore
    artifacts: ObjectStore
    index: SearchIndex
    ingest_queue: Queue
    bus: Bus
    clock: Clock
    keep_releases: Callable[[], None]
    most_hints: int = 1_000

    def __call__(self) -> Report:
        """Run once, and leave the report where people can read it.

        Raises:
            Unavailable: a store does not answer; the next run starts again.
        """
        started_at, report = isoformat(self.clock()), Report()
        self.keep_releases()
        picture = self._look(report)
        hints: list[DocumentChanged] = []
        for row in picture.documents.values():
            hints += self._mend(row, picture, report)
        hints += self._unregistered(picture, report)
        hints += self._check_index(picture, report)
        for kb in picture.knowledge_bases.values():
            hints += self._carry_on(kb, picture, report)
        report.documents = len(picture.documents)
        report.hinted = min(len(hints), self.most_hints)
        if hints:
            self.ingest_queue.send(hints[: self.most_hints])
        told = report.told(started_at=started_at, finished_at=isoformat(self.clock()))
        self.artifacts.write(REPORT_KEY, told.model_dump_json().encode(), media_type="application/json")
        return report

    def _look(self, report: Report) -> Picture:
        picture = Picture()
        for row in self.registry.scan():
            if isinstance(row, KnowledgeBaseRow):
                picture.knowledge_bases[row.tenant_id, row.kb_id] = row
            else:
                picture.documents[row.tenant_id, row.kb_id, row.document_id] = row
        for prefix in (DOCUMENTS, INBOX):
            picture.objects.update({stored.key: stored for stored in self.documents.list(prefix)})
        self._keep_manifests(picture, report)
        return picture

    def _keep_manifests(self, picture: Picture, report: Report) -> None:
        """Write what a lost registry would be rebuilt from, and rebuild what was lost."""
        picture.manifests = manifests = {stored.key for stored in self.documents.list(MANIFESTS)}
        for kb in picture.knowledge_bases.values():
            key = manifest_key(kb.tenant_id, kb.kb_id)
            if not kb.deleting and key not in manifests:
                # Only the first: a run that looked before a delete must not write over what the delete left there.
                self.documents.create(key, kb.model_dump_json().encode(), media_type="application/json")
        known = {manifest_key(*identity) for identity in picture.knowledge_bases}
        for key in sorted(manifests - known):
            kb = KnowledgeBaseRow.model_validate_json(self.documents.read(key))
            try:
                self.registry.create_knowledge_base(kb)
            except Conflict:
                continue
            picture.knowledge_bases[kb.tenant_id, kb.kb_id] = kb
            report.restored_knowledge_bases += 1

    def _mend(self, row: DocumentRow, picture: Picture, report: Report) -> Iterator[DocumentChanged]:
        """Yield a hint when the document does not stand where it should."""
        now = self.clock()
        kb = picture.knowledge_bases.get((row.tenant_id, row.kb_id))
        if row.status not in ("DELETING", "DELETED") and kb is not None and kb.deleting:
            if self._replace(row, begin_delete(row, now, requested_by=kb.deleted_by)):
                yield self._hint(row, "deleted-with-knowledge-base")
        elif not row.is_terminal:
            yield from self._mend_late(row, picture, report, now)
        elif row.status == "FAILED" and not row.permanent and row.tries < MOST_TRIES:
            if _is_past(row.updated_at, now - RETRY_PAUSE):
                _note(report, row, "temporary_failure", row.code)
                yield from self._requeue(row, report, now)
        elif self._differs(row, picture.objects.get(row.object_key)):
            gone = row.object_key not in picture.objects
            _note(report, row, "version_differs", "the file is gone" if gone else "the file was replaced")
            yield self._hint(row, isoformat(now))

    def _differs(self, row: DocumentRow, stored: StoredObject | None) -> bool:
        """Does the bucket hold something else than what this document rests on?"""
        if row.status == "DELETED":
            # Bytes that came after the delete: an inbox path comes to life again by its own key, an upload never.
            return stored is not None and isinstance(parse_key(row.object_key), UploadedObject)
        return (stored.version if stored else "") != row.version  # one that never came has no version either

    def _mend_late(
        self, row: DocumentRow, picture: Picture, report: Report, now: datetime
    ) -> Iterator[DocumentChanged]:
        if row.status == "UPLOADING" and row.object_key in picture.objects:
            _note(report, row, "arrived_unnoticed")
            yield self._hint(row, "arrived")
            return
        if not _is_past(row.deadline, now):
            if row.status == "RECOGNISING" and len(row.parts_done) >= row.parts_total:
                yield self._hint(row, "recognised")  # the worker that did the last page died before it said so
            return
        _note(report, row, "deadline_passed", f"{row.status} since {row.status_since or row.updated_at}")
        if row.status == "UPLOADING":
            self._fail(row, UPLOAD_MISSING, "The file never arrived. Upload it again.", report, now)
        elif row.status == "DELETING":
            later = {"deadline": isoformat(now + DELETE_WINDOW), "updated_at": isoformat(now)}
            if self._replace(row, row.model_copy(update=later)):
                yield self._hint(row, isoformat(now))
        elif row.tries < MOST_TRIES:
            yield from self._requeue(row, report, now)
        else:
            reason = f"Processing did not finish in {MOST_TRIES + 1} attempts. Retry it, or ask the operators."
            self._fail(row, "deadline_exceeded", reason, report, now)

    def _requeue(self, row: DocumentRow, report: Report, now: datetime) -> Iterator[DocumentChanged]:
        if self._replace(row, requeue(row, tries=row.tries + 1, now=now)):
            report.requeued += 1
            yield self._hint(row, f"try-{row.tries + 1}")

    def _fail(self, row: DocumentRow, code: str, reason: str, report: Report, now: datetime) -> None:
        written = self._replace(row, fail(row, code=code, reason=reason, permanent=True, now=now))
        if written is not None:
            report.failed += 1
            self.bus.publish([document_event(written, DocumentRejected, code=code, reason=reason)])

    def _replace(self, old: DocumentRow, new: DocumentRow) -> DocumentRow | None:
        try:
            return self.registry.replace_document(old, new)
        except Conflict:
            return None  # somebody made progress since the picture was taken

    def _unregistered(self, picture: Picture, report: Report) -> Iterator[DocumentChanged]:
        """Yield hints for objects that have no row: dropped while nobody listened, or the registry was lost.

        What came for a knowledge base after its delete is removed.
        """
        for key in picture.objects:
            place = parse_key(key)
            if place is None or _row_of(place, key, picture) is not None:
                continue
            if _is_closed(place, picture):
                self.documents.delete([key])
                continue
            report.note("object_without_row", place.tenant_id, "", "", key)
            yield DocumentChanged(
                event_id=effect_id(key, picture.objects[key].version, isoformat(self.clock())),
                correlation_id=derived_id("corr", key, picture.objects[key].version),
                tenant_id=place.tenant_id,
                occurred_at=isoformat(self.clock()),
                object_key=key,
            )

    def _check_index(self, picture: Picture, report: Report) -> Iterator[DocumentChanged]:
        """Collect what can never be visible again; yield hints for live generations that the index lost."""
        collect = CollectGarbage(self.registry, self.artifacts, self.index, report.note)
        seen, report.collected_chunks = collect.chunks(picture.documents)
        report.collected_parts = collect.parts(picture.documents)
        now = self.clock()
        for key, row in picture.documents.items():
            if row.status == "READY" and seen.get(key, 0) != row.live_chunks:
                _note(report, row, "index_lost_passages", f"{seen.get(key, 0)} of {row.live_chunks}")
                yield from self._requeue(row.model_copy(update={"tries": 0}), report, now)

    def _carry_on(self, kb: KnowledgeBaseRow, picture: Picture, report: Report) -> Iterator[DocumentChanged]:
        """Yield a hint for a delete or a rebuild of a whole knowledge base whose next page got lost."""
        gone = kb.receipt is not None and not any(key[:2] == (kb.tenant_id, kb.kb_id) for key in picture.documents)
        unfinished = not gone if kb.deleting else kb.is_rebuilding
        if not unfinished or (kb.deadline and not _is_past(kb.deadline, self.clock())):
            return
        report.resumed_knowledge_bases += 1
        report.note("knowledge_base_unfinished", kb.tenant_id, kb.kb_id, "", "delete" if kb.deleting else "rebuild")
        now = isoformat(self.clock())
        yield DocumentChanged(
            event_id=effect_id(kb.kb_id, str(kb.revision), now),
            correlation_id=derived_id("corr", kb.kb_id, now),
            tenant_id=kb.tenant_id,
            occurred_at=now,
            kb_id=kb.kb_id,
        )

    def _hint(self, row: DocumentRow, reason: str) -> DocumentChanged:
        return DocumentChanged(
            event_id=effect_id(row.document_id, str(row.generation), row.status, reason),
            correlation_id=row.correlation_id,
            tenant_id=row.tenant_id,
            occurred_at=isoformat(self.clock()),
            kb_id=row.kb_id,
            document_id=row.document_id,
        )


def _note(report: Report, row: DocumentRow, kind: DifferenceKind, detail: str = "") -> None:
    report.note(kind, row.tenant_id, row.kb_id, row.document_id, detail)


def _is_past(moment: str, now: datetime) -> bool:
    return bool(moment) and parse_time(moment) < now


def _row_of(place: UploadedObject | InboxObject, key: str, picture: Picture) -> DocumentRow | None:
    if isinstance(place, UploadedObject):
        return picture.documents.get((place.tenant_id, place.kb_id, place.document_id))
    for (tenant_id, kb_id), kb in picture.knowledge_bases.items():
        if tenant_id == place.tenant_id and place.kb in (kb_id, kb.name) and not kb.deleting:
            row = picture.documents.get((tenant_id, kb_id, derived_id("doc", tenant_id, kb_id, key)))
            return None if row is not None and row.status == "DELETED" else row
    return None


def _is_closed(place: UploadedObject | InboxObject, picture: Picture) -> bool:
    """Is the object of a deleted knowledge base? One that is named may wait for another of the same name."""
    kb_id = place.kb_id if isinstance(place, UploadedObject) else place.kb
    kb = picture.knowledge_bases.get((place.tenant_id, kb_id))
    return kb is not None and kb.deleting
