"""Ingesting files: upload several at once, and wait until every document is terminal."""

import mimetypes
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from infra.cli.client import Client
from infra.cli.failures import Failure, SignInNeeded, Unreachable
from infra.cli.files import Found
from infra.cli.requests import request
from infra.cli.states import waiting_text
from infra.cli.uploads import Stopped, send_file
from shared.contracts import api
from shared.contracts.registry import TERMINAL

PARALLEL_UPLOADS = 4
LOOKS_PER_ROUND = 16
LISTED_AT_MOST = 300
"""Documents of a knowledge base up to which one listing is cheaper for the platform than a few single looks."""
LOOKED_SHARE = 0.1
"""Of the time: asking how far the work is must not slow the work."""
SINGLE_LOOKS = 4
PATIENCE_S = 60.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 2.0
_NOT_FOUND = 404
_GONE = frozenset({"DELETING", "DELETED"})

State = Literal[
    "WAITING",
    "UPLOADING",
    "QUEUED",
    "PARSING",
    "RECOGNISING",
    "EMBEDDING",
    "READY",
    "FAILED",
    "DELETING",
    "DELETED",
    "SKIPPED",
]


@dataclass
class Item:
    """One file on its way.

    Attributes:
        sent_bytes: of the current try.
        uploaded: the platform has all bytes.
        waiting: what it waits for, in words, while a part of the platform does not answer.
        older: documents with the same name that were there before.
        replaced: those of them that were deleted.
    """

    found: Found
    status: State = "WAITING"
    document_id: str = ""
    sent_bytes: int = 0
    uploaded: bool = False
    code: str = ""
    reason: str = ""
    waiting: str = ""
    chunks: int = 0
    chunks_done: int = 0
    pages: int = 0
    pages_unread: int = 0
    pages_recognised: int = 0
    warnings: tuple[str, ...] = ()
    older: list[api.Document] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)

    @property
    def is_settled(self) -> bool:
        """Nothing more will happen to it."""
        return self.status == "SKIPPED" or self.status in TERMINAL

    def fail(self, failure: Failure) -> None:
        """Record why it came to nothing."""
        self.status, self.code, self.reason = "FAILED", failure.code, failure.message

    def take(self, document: api.Document) -> None:
        """Take over what the platform says."""
        self.document_id, self.status = document.document_id, document.status
        self.code, self.reason, self.pages = document.code, document.reason, document.pages
        self.waiting = waiting_text(document)
        self.chunks, self.chunks_done = document.chunks, document.chunks_done
        self.pages_unread, self.pages_recognised = document.pages_unread, document.pages_recognised
        self.warnings = document.warnings
        if document.status in _GONE:
            self.fail(Failure("The document was deleted while it was processed.", code="deleted"))

    def as_data(self) -> dict[str, object]:
        """Return what `--json` prints of it."""
        names = ("document_id", "status", "code", "reason", "pages", "chunks", "warnings", "replaced")
        about = {"path": str(self.found.path), "filename": self.found.filename, "size_bytes": self.found.size_bytes}
        return {**about, **{name: getattr(self, name) for name in names}}


class Watcher(Protocol):
    """What follows an ingestion; called from several threads."""

    def changed(self, item: Item) -> None:
        """An item moved on."""

    def note(self, text: str) -> None:
        """Something happened that concerns all."""


class Ingestion:
    """A run over some files.

    Args:
        client: the platform; shared by the threads.
        kb_id: where the documents go.
        items: the files; skipped ones are left alone.
        watcher: is told every change.
        replace: delete older documents of the same name once the new one is READY.
        tags: for every file.
    """

    def __init__(
        self,
        client: Client,
        kb_id: str,
        items: list[Item],
        watcher: Watcher,
        *,
        replace: bool,
        tags: tuple[str, ...] = (),
    ) -> None:
        self._client = client
        self._kb_id = kb_id
        self._items = items
        self._watcher = watcher
        self._replace = replace
        self._tags = tags
        self._stop = threading.Event()
        self._ending: BaseException | None = None
        self._threads: list[threading.Thread] = []
        self._there = 0  # documents in the knowledge base when they were last listed
        self._looks = 0

    def run(self) -> None:
        """Upload and wait until every item is settled; each keeps its own failure.

        Raises:
            SignInNeeded, Unreachable: nothing more can be done; what was uploaded goes on being processed.
            KeyboardInterrupt: the person stopped it; the same holds.
        """
        try:
            self._start_uploads()
            self._wait()
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join(timeout=1)

    def _start_uploads(self) -> None:
        work: queue.SimpleQueue[Item] = queue.SimpleQueue()
        for item in self._items:
            if item.status == "WAITING":
                work.put(item)
        # Daemons: an upload that hangs in the network must not keep a stopped command alive.
        count = min(PARALLEL_UPLOADS, work.qsize())
        self._threads = [threading.Thread(target=self._work, args=(work,), daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _work(self, work: "queue.SimpleQueue[Item]") -> None:
        while not self._stop.is_set():
            try:
                item = work.get_nowait()
            except queue.Empty:
                return
            try:
                self._upload(item)
            except Stopped:
                return
            except BaseException as error:
                self._ending = error
                return
            self._watcher.changed(item)

    def _upload(self, item: Item) -> None:
        """Announce and send one file; only what concerns all files raises."""
        if item.found.problem:
            item.fail(Failure(item.found.problem, code="file_unreadable"))
            return
        media_type = mimetypes.guess_type(item.found.filename)[0] or "application/octet-stream"
        try:
            wish = request(
                api.CreateDocument,
                filename=item.found.filename,
                size_bytes=item.found.size_bytes,
                media_type=media_type,
                tags=self._tags,
                modified_on=item.found.modified_on,
            )
            made = self._client.create_document(self._kb_id, wish)
            item.take(made.document)
            self._watcher.changed(item)
            send_file(item.found.path, made.upload, media_type, self._teller(item))
        except (SignInNeeded, Unreachable) as failure:
            if failure.code not in ("cut", "timeout"):
                raise
            self._give_up(item, failure)
        except Failure as failure:
            self._give_up(item, failure)
        else:
            # The state first: as soon as it is `uploaded`, the waiting thread writes the state too.
            item.status = "QUEUED"
            item.uploaded = True

    def _teller(self, item: Item) -> Callable[[int], None]:
        def tell(position: int) -> None:
            if self._stop.is_set():
                raise Stopped
            item.sent_bytes = position
            self._watcher.changed(item)

        return tell

    def _give_up(self, item: Item, failure: Failure) -> None:
        """Fail an item; what was announced and got no bytes is taken back."""
        if item.document_id:
            try:
                self._client.delete_document(self._kb_id, item.document_id)
            except Failure:
                # The platform fails an upload that never comes by itself.
                self._watcher.note(f"{item.found.filename}: the announced upload could not be taken back.")
        item.fail(failure)

    def _wait(self) -> None:
        """Look at the documents until all are settled."""
        pause_s, patient_until = _FIRST_PAUSE_S, 0.0
        while self._unsettled():
            try:
                began = time.monotonic()
                moved = self._look_round()
                least_s = (time.monotonic() - began) * (1 / LOOKED_SHARE - 1)
                patient_until = 0.0
            except Unreachable as failure:
                moved, least_s = False, 0.0
                patient_until = patient_until or self._be_patient(failure)
                if time.monotonic() > patient_until:
                    raise
            if self._ending:
                raise self._ending
            pause_s = _FIRST_PAUSE_S if moved else min(pause_s * 1.5, _LONGEST_PAUSE_S)
            if self._unsettled():
                self._stop.wait(max(pause_s, min(least_s, _LONGEST_PAUSE_S)))

    def _unsettled(self) -> list[Item]:
        return [item for item in self._items if not item.is_settled]

    def _be_patient(self, failure: Unreachable) -> float:
        """Tell that the platform went away, and return until when it may come back."""
        self._watcher.note(f"{failure.message} Waiting for {PATIENCE_S:.0f} s whether it comes back.")
        return time.monotonic() + PATIENCE_S

    def _look_round(self) -> bool:
        """Look at every document that is on its way, or at the next few where a listing would cost more.

        Returns:
            Whether anything moved.
        """
        watched = self._unsettled()
        before = [(item.status, item.chunks_done) for item in watched]
        waiting = [item for item in watched if item.uploaded]
        if len(waiting) > SINGLE_LOOKS and self._there <= LISTED_AT_MOST:
            self._look_at_all(waiting)
        else:
            for item in self._next_few(waiting):
                self._look(item)
        return [(item.status, item.chunks_done) for item in watched] != before

    def _next_few(self, waiting: list[Item]) -> list[Item]:
        """Return those that came first, which are ready first, and some of the others in turn."""
        first, others = waiting[: LOOKS_PER_ROUND // 2], waiting[LOOKS_PER_ROUND // 2 :]
        turn = self._looks % len(others) if others else 0
        self._looks += LOOKS_PER_ROUND // 2
        return first + (others[turn:] + others[:turn])[: LOOKS_PER_ROUND // 2]

    def _look_at_all(self, waiting: list[Item]) -> None:
        """List the documents: one request for a page of them, where looking at each would be one for each."""
        listed = {document.document_id: document for document in self._client.documents(self._kb_id)}
        self._there = len(listed)
        for item in waiting:
            document = listed.get(item.document_id)
            if document is None:
                self._look(item)
            else:
                self._take(item, document)

    def _look(self, item: Item) -> None:
        try:
            self._take(item, self._client.document(self._kb_id, item.document_id))
        except Failure as failure:
            if failure.status != _NOT_FOUND:
                raise
            item.fail(Failure("The document was deleted while it was processed.", code="deleted"))
            self._watcher.changed(item)

    def _take(self, item: Item, document: api.Document) -> None:
        item.take(document)
        if item.status == "UPLOADING":
            item.status = "QUEUED"  # the bytes are there; the store's notification is on its way
        if item.status == "READY" and self._replace:
            self._remove_older(item)
        self._watcher.changed(item)

    def _remove_older(self, item: Item) -> None:
        for document in item.older:
            try:
                self._client.delete_document(self._kb_id, document.document_id)
                item.replaced.append(document.document_id)
            except Failure as failure:
                item.reason = f"The older document {document.document_id} is still there: {failure.message}"
