"""Recognise pages of one version of a document, and tell ingestion when they were the last ones.

A page is kept by its content's version, so that whatever happens in between - a kill, a second delivery, a newer
generation of the same bytes - no page is recognised twice and none is lost.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from functions.ml.ports import ObjectStore, PageDrawer, Queue, Recogniser
from functions.ml.recognised import RecognisedPage, dump_page, page_key
from shared.contracts.events import DocumentChanged, PagesUnread
from shared.contracts.registry import DocumentRow
from shared.kernel.clock import Clock, isoformat
from shared.kernel.errors import Conflict, NotFound, Rejected, Unavailable
from shared.registry.ports import Registry
from shared.registry.transitions import extend

if TYPE_CHECKING:
    from typing_extensions import TypeIs

Outcome = Literal["recognised", "completed", "superseded"]


@dataclass(frozen=True)
class RecognisePages:
    """One message: some pages of a version become text in S3."""

    registry: Registry
    documents: ObjectStore
    artifacts: ObjectStore
    draw: PageDrawer
    recognise: Recogniser
    ingest_queue: Queue
    clock: Clock

    def __call__(self, event: PagesUnread) -> Outcome:
        """Process one message.

        Raises:
            Unavailable: the model or a store does not answer; deliver the message again later.
        """
        if event.recogniser != self.recognise.name:
            raise Unavailable(
                "Text recognition is being updated; pages wait until it is done.", code="recogniser_outdated"
            )
        row = self._row(event)
        try:
            if not _is_current(row, event):
                raise Conflict("The pages are not awaited any more.", code="superseded")
            row = self._recognised(row, event)
        except (Conflict, NotFound):
            self._forget(event)
            return "superseded"
        if len(row.parts_done) < row.parts_total:
            return "recognised"
        self._hint(row, event)
        return "completed"

    def await_neighbour(self, event: PagesUnread, error: Unavailable) -> None:
        """Show people what the document waits for, and give it time; losing this write to progress is fine."""
        row = self._row(event)
        if _is_current(row, event):
            with contextlib.suppress(Conflict):
                self.registry.replace_document(
                    row, extend(row, reason=error.message, code=error.code, now=self.clock())
                )

    def _row(self, event: PagesUnread) -> DocumentRow | None:
        return self.registry.document(event.tenant_id, event.kb_id, event.document_id)

    def _recognised(self, row: DocumentRow, event: PagesUnread) -> DocumentRow:
        """Recognise what is not there yet, and count it; the source is fetched only when it is needed."""
        with contextlib.ExitStack() as stack:
            source: Path | None = None
            for page in event.pages:
                key = page_key(event, self.recognise.name, page)
                if self.artifacts.head(key) is None:
                    source = source or stack.enter_context(self._source(row))
                    self.artifacts.write(key, dump_page(self._read(source, row, page)), media_type="application/json")
                if page not in row.parts_done:
                    row = self.registry.add_part(row, page, status="RECOGNISING")
        return row

    @contextlib.contextmanager
    def _source(self, row: DocumentRow) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="strata-") as folder:
            path = Path(folder) / "source"
            self.documents.download(row.object_key, path, version=row.version)
            yield path

    def _read(self, source: Path, row: DocumentRow, page: int) -> RecognisedPage:
        """Read one page; one that cannot be read leaves the rest of the document unharmed."""
        try:
            return self.recognise(self.draw(source, filename=row.filename, page=page))
        except Rejected as error:
            return RecognisedPage(warning=error.message)

    def _forget(self, event: PagesUnread) -> None:
        """Remove what was written of a version that is gone: its collection may have been before the write."""
        row = self._row(event)
        if row is None or row.status in ("DELETING", "DELETED") or row.version != event.version:
            self.artifacts.delete([page_key(event, event.recogniser, page) for page in event.pages])

    def _hint(self, row: DocumentRow, event: PagesUnread) -> None:
        """Let ingestion go on; the reconciler does the same when this message gets lost."""
        changed = event.causes(
            DocumentChanged,
            occurred_at=isoformat(self.clock()),
            kb_id=row.kb_id,
            document_id=row.document_id,
        )
        self.ingest_queue.send([changed])


def _is_current(row: DocumentRow | None, event: PagesUnread) -> "TypeIs[DocumentRow]":
    """Does the document still wait for these pages?"""
    if row is None:
        return False
    fence = (row.generation, row.version, row.status)
    return fence == (event.generation, event.version, "RECOGNISING")
