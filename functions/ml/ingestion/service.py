"""Ingest one document: look at the registry, then at S3, and do what the difference asks for.

A message is only a hint that something changed (protocol rule 1), so that duplicated, late and reordered messages do no
harm: the same state gives the same work, and a generation that was overtaken fails at its next fenced write.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from functions.ml.ingestion.knowledge_bases import TendKnowledgeBase
from functions.ml.ingestion.language import GuessLanguage, no_language
from functions.ml.ingestion.notifications import Hint
from functions.ml.ingestion.parts import WriteParts, WrittenParts, part_messages
from functions.ml.ingestion.purge import PurgeDocuments
from functions.ml.ingestion.reading import Reader, Reading
from functions.ml.ingestion.unread_pages import UnreadPages
from functions.ml.outcomes import document_event
from functions.ml.ports import Bus, ObjectStore, Queue, StoredObject
from functions.ml.releases.catalogue import ReleaseSpec
from functions.ml.storage import InboxObject, UploadedObject, parse_key
from shared.contracts.events import DocumentParsed, DocumentRejected
from shared.contracts.registry import DocumentRow, KnowledgeBaseRow
from shared.kernel.clock import Clock, parse_time
from shared.kernel.errors import Conflict, Rejected, TooLarge
from shared.kernel.ids import derived_id
from shared.registry.ports import Registry
from shared.registry.transitions import (
    await_recognition,
    cut,
    fail,
    lose_source,
    new_document,
    open_generation,
    resume,
)

Outcome = Literal[
    "ignored",
    "unchanged",
    "resent",
    "recognising",
    "parsed",
    "rejected",
    "purged",
    "superseded",
    "page",
    "waiting",
    "finished",
]

RESEND_AFTER = timedelta(seconds=5)
"""A worker that died before it sent its messages is followed by the next delivery, which comes later than this."""


@dataclass(frozen=True)
class IngestDocument:
    """From a hint to parts that wait to be embedded.

    Attributes:
        reader_for: reads a file and cuts it as a release says.
        chunks_per_part: how many chunks one embed message covers at most; small enough that it is done in seconds and
            that progress shows, large enough that the overhead of a message is a small part of its work.
        most_chunks: limit of a single document.
        unread: text recognition of pages without a text layer; None where it is switched off.
        guess_language: tells in which language a text is written.
        most_bytes: limit of a file; checked here again because nothing before S3 can be trusted to have done it.
    """

    registry: Registry
    documents: ObjectStore
    artifacts: ObjectStore
    reader_for: Callable[[ReleaseSpec], Reader]
    release: Callable[[str], ReleaseSpec]
    embed_queue: Queue
    bus: Bus
    purge: PurgeDocuments
    tend: TendKnowledgeBase
    clock: Clock
    unread: UnreadPages | None = None
    guess_language: GuessLanguage = no_language
    chunks_per_part: int = 32
    most_chunks: int = 100_000
    most_bytes: int = 200 * 1024 * 1024

    def __call__(self, hint: Hint) -> Outcome:
        """Bring one document up to date.

        Raises:
            Unavailable: a neighbour does not answer; deliver the message again later.
        """
        if hint.is_about_knowledge_base:
            return self.tend(hint)
        row = self._row(hint)
        if row is None:
            return "ignored"
        if row.status == "DELETED":
            return self._refuse_late(row)
        if row.status == "DELETING":
            self.purge([row])
            return "purged"
        stored = self.documents.head(row.object_key)
        return self._missing(row) if stored is None else self._compare(row, stored)

    def _compare(self, row: DocumentRow, stored: StoredObject) -> Outcome:
        """Process what is new; PARSING of the same version means that a worker died, and QUEUED that it may begin."""
        if stored.version == row.version and row.status in ("READY", "FAILED"):
            return "unchanged"
        if stored.version == row.version and row.status == "EMBEDDING":
            return self._resend(row)
        if stored.version == row.version and row.status == "RECOGNISING":
            return self._carry_on(row)
        return self._process(row, stored)

    def _resend(self, row: DocumentRow) -> Outcome:
        """Queue what is missing, unless it was just queued: a second notification must not embed everything twice."""
        if self.clock() < parse_time(row.updated_at) + RESEND_AFTER:
            return "unchanged"
        self._send_parts(row)
        return "resent"

    def _row(self, hint: Hint) -> DocumentRow | None:
        """Find the row that the hint is about; an object that other systems dropped gets one."""
        if hint.document_id:
            return self.registry.document(hint.tenant_id, hint.kb_id, hint.document_id)
        place = parse_key(hint.object_key)
        if isinstance(place, UploadedObject):
            row = self.registry.document(place.tenant_id, place.kb_id, place.document_id)
            return row or self._adopt(hint, place.tenant_id, place.kb_id, place.document_id, "")
        if isinstance(place, InboxObject):
            kb = self._knowledge_base(place)
            if kb is None:
                return None
            document_id = derived_id("doc", place.tenant_id, kb.kb_id, hint.object_key)
            row = self.registry.document(place.tenant_id, kb.kb_id, document_id)
            if row is None or row.status == "DELETED":
                return self._adopt(hint, place.tenant_id, kb.kb_id, document_id, place.path, replaces=row)
            return row
        return None

    def _knowledge_base(self, place: InboxObject) -> KnowledgeBaseRow | None:
        rows = [row for row in self.registry.knowledge_bases(place.tenant_id) if not row.deleting]
        return next((row for row in rows if place.kb in (row.kb_id, row.name)), None)

    def _adopt(
        self,
        hint: Hint,
        tenant_id: str,
        kb_id: str,
        document_id: str,
        path: str,
        *,
        replaces: DocumentRow | None = None,
    ) -> DocumentRow | None:
        """Make the row of an object that nobody announced, or that came again after a delete."""
        kb = self.registry.knowledge_base(tenant_id, kb_id)
        stored = self.documents.head(hint.object_key)
        if kb is None or kb.deleting or stored is None:
            return None
        row = new_document(
            kb=kb,
            document_id=document_id,
            filename=path or stored.filename or document_id,
            media_type="",
            size_bytes=stored.size_bytes,
            object_key=hint.object_key,
            owner_id=kb.owner_id,
            correlation_id=derived_id("corr", hint.cause_id, hint.object_key),
            now=self.clock(),
            tags=stored.tags,
            modified_on=stored.modified_on,
        )
        if replaces is not None:
            # The generation goes on counting, so that whatever the index still holds of the older life stays behind it.
            return self.registry.replace_document(
                replaces, row.model_copy(update={"generation": replaces.generation, "created_at": replaces.created_at})
            )
        self.registry.create_document(row)
        return row

    def _missing(self, row: DocumentRow) -> Outcome:
        """Treat an object that was removed from the bucket as a delete; one that never came is still awaited."""
        if row.status == "UPLOADING":
            return "ignored"
        deleting = self.registry.replace_document(row, lose_source(row, self.clock()))
        self.purge([deleting])
        return "purged"

    def _refuse_late(self, row: DocumentRow) -> Outcome:
        """Remove bytes that came under the key of a deleted document: a signed upload outlives the delete."""
        if not isinstance(parse_key(row.object_key), UploadedObject) or not self.documents.delete([row.object_key]):
            return "unchanged"
        return "purged"

    def _process(self, row: DocumentRow, stored: StoredObject) -> Outcome:
        kb = self.registry.knowledge_base(row.tenant_id, row.kb_id)
        release_id = kb.release_id if kb else row.release_id
        announced = row.size_bytes if row.status == "UPLOADING" else None
        try:
            row = self.registry.replace_document(
                row,
                open_generation(
                    row,
                    version=stored.version,
                    size_bytes=stored.size_bytes,
                    release_id=release_id,
                    now=self.clock(),
                    modified_on=stored.modified_on,
                ),
            )
        except Conflict:
            return "superseded"  # another worker or a delete came first; its own message carries on
        try:
            self._check_size(row, announced)
        except TooLarge as error:
            return self._reject(row, error)
        return self._carry_on(row)

    def _carry_on(self, row: DocumentRow) -> Outcome:
        """Read an opened generation as far as it can be: to its parts, or to the pages that must be recognised first.

        Whether those are done is read from S3 and not from the row, so that it may be done over at any moment.
        """
        try:
            with self._read(row) as reading:
                missing = self.unread.missing(row, reading.unread_pages) if self.unread else ()
                if missing:
                    return self._await_pages(row, reading.pages, missing)
                if row.status == "RECOGNISING":
                    row = self.registry.replace_document(row, resume(row, self.clock()))
                written = self._write_parts(row, reading)
        except Conflict:
            return "superseded"  # the object was overwritten while it was read, or another worker carries on
        except Rejected as error:
            return self._reject(row, error)
        return self._hand_over(row, written)

    def _await_pages(self, row: DocumentRow, pages: int, missing: tuple[int, ...]) -> Outcome:
        """Ask for pages; the row counts them down from the first time on, and again only if some got lost."""
        if row.status != "RECOGNISING" or len(row.parts_done) >= row.parts_total:
            awaiting = await_recognition(row, unread=len(missing), pages=pages, now=self.clock())
            row = self.registry.replace_document(row, awaiting)
        if self.unread is not None:
            self.unread.request(row, missing)
        return "recognising"

    def _check_size(self, row: DocumentRow, announced: int | None) -> None:
        """Hold an upload to what was announced, as the presigned POST's policy does where it is enforced."""
        if row.size_bytes > self.most_bytes:
            raise TooLarge(
                f"The file has {row.size_bytes / 1e6:.0f} MB; the limit is {self.most_bytes / 1e6:.0f} MB. "
                "Split it and upload the parts.",
                code="file_too_large",
            )
        uploaded = isinstance(parse_key(row.object_key), UploadedObject)
        if announced is not None and uploaded and row.size_bytes > announced:
            raise TooLarge(
                f"The file that arrived has {row.size_bytes:,} bytes, but {announced:,} were announced. "
                "It changed while it was sent, or is another one: upload it again.",
                code="larger_than_announced",
            )

    @contextmanager
    def _read(self, row: DocumentRow) -> Iterator[Reading]:
        read = self.reader_for(self.release(row.release_id))
        with tempfile.TemporaryDirectory(prefix="strata-") as folder:
            path = Path(folder) / "source"
            self.documents.download(row.object_key, path, version=row.version)
            with read(path, filename=row.filename) as reading:
                yield reading

    def _write_parts(self, row: DocumentRow, reading: Reading) -> WrittenParts:
        write = WriteParts(self.artifacts, self.unread, self.chunks_per_part, self.most_chunks, self.guess_language)
        return write(row, reading)

    def _hand_over(self, row: DocumentRow, made: WrittenParts) -> Outcome:
        pages, chunks = made.pages, made.chunks
        try:
            embedding = cut(
                row,
                parts_total=made.parts,
                chunks=chunks,
                pages=pages,
                now=self.clock(),
                warnings=made.warnings,
                file_format=made.format,
                language=made.language,
            )
            row = self.registry.replace_document(row, embedding)
        except Conflict:
            return "superseded"
        self._send_parts(row)
        self.bus.publish([document_event(row, DocumentParsed, pages=pages, chunks=chunks)])
        return "parsed"

    def _send_parts(self, row: DocumentRow) -> None:
        """Queue the parts that are not done yet; a part that arrives twice is skipped by the set of done parts."""
        self.embed_queue.send(part_messages(row, self.clock()))

    def _reject(self, row: DocumentRow, error: Rejected) -> Outcome:
        try:
            row = self.registry.replace_document(
                row, fail(row, code=error.code, reason=error.message, permanent=True, now=self.clock())
            )
        except Conflict:
            return "superseded"
        self.bus.publish([document_event(row, DocumentRejected, code=error.code, reason=error.message)])
        return "rejected"
