"""The ingestion pipeline of the ML layer on in-memory ports: the real services, driven message by message."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from functions.ml.documents import Chunk, ParsedDocument
from functions.ml.embedding.publishing import PublishGeneration
from functions.ml.embedding.service import EmbedPart
from functions.ml.ingestion.knowledge_bases import TendKnowledgeBase
from functions.ml.ingestion.notifications import Hint, read_hints
from functions.ml.ingestion.purge import PurgeDocuments
from functions.ml.ingestion.reading import Reader, ReadInProcess
from functions.ml.ingestion.service import IngestDocument
from functions.ml.ingestion.unread_pages import UnreadPages
from functions.ml.ports import Parser
from functions.ml.recognition.service import RecognisePages
from functions.ml.reconciliation.service import Reconcile
from functions.ml.releases.catalogue import ReleaseSpec
from shared.contracts.events import DocumentChunked, PagesUnread
from shared.contracts.registry import DocumentRow, KnowledgeBaseRow
from tests.fakes.embedder import HashEmbedder
from tests.fakes.object_store import MemoryObjects
from tests.fakes.parser import LineParser, chunk_per_block
from tests.fakes.queue import MemoryBus, MemoryQueue
from tests.fakes.recognition import TextDrawer, TextRecogniser
from tests.fakes.registry import MemoryRegistry
from tests.fakes.search_index import MemorySearchIndex
from tests.rows import NOW, document, knowledge_base


class Chunking:
    """The Chunker port over lines."""

    def __call__(self, document: ParsedDocument) -> list[Chunk]:
        """Cut."""
        return chunk_per_block(document)


@dataclass
class Pipeline:
    """Everything from the ingest queue to the index."""

    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    documents: MemoryObjects = field(default_factory=MemoryObjects)
    artifacts: MemoryObjects = field(default_factory=MemoryObjects)
    index: MemorySearchIndex = field(default_factory=MemorySearchIndex)
    ingest_queue: MemoryQueue = field(default_factory=MemoryQueue)
    embed_queue: MemoryQueue = field(default_factory=MemoryQueue)
    recognition_queue: MemoryQueue = field(default_factory=MemoryQueue)
    bus: MemoryBus = field(default_factory=MemoryBus)
    parser: Parser = field(default_factory=LineParser)
    reader: Reader | None = None
    embedder: HashEmbedder = field(default_factory=HashEmbedder)
    drawer: TextDrawer = field(default_factory=TextDrawer)
    recogniser: TextRecogniser = field(default_factory=TextRecogniser)
    recognition: bool = True
    most_recognised_pages: int = 200
    now: datetime = NOW

    def clock(self) -> datetime:
        """Return the pipeline's time."""
        return self.now

    @property
    def ingest(self) -> IngestDocument:
        """The ingestion service, two chunks a part."""
        purge = PurgeDocuments(self.registry, self.documents, self.artifacts, self.index, self.bus, self.clock)

        def reader_for(release: ReleaseSpec) -> Reader:
            return self.reader or ReadInProcess(self.parser, Chunking())

        return IngestDocument(
            registry=self.registry,
            documents=self.documents,
            artifacts=self.artifacts,
            reader_for=reader_for,
            release=lambda release_id: cast("ReleaseSpec", release_id),
            embed_queue=self.embed_queue,
            bus=self.bus,
            purge=purge,
            tend=TendKnowledgeBase(self.registry, self.documents, purge, self.ingest_queue, self.clock),
            clock=self.clock,
            unread=self._unread if self.recognition else None,
            chunks_per_part=2,
        )

    @property
    def _unread(self) -> UnreadPages:
        """Text recognition, two pages a message."""
        return UnreadPages(
            self.artifacts,
            self.recognition_queue,
            self.clock,
            most_pages=self.most_recognised_pages,
            pages_per_message=2,
        )

    @property
    def recognise(self) -> RecognisePages:
        """The service of text recognition."""
        return RecognisePages(
            registry=self.registry,
            documents=self.documents,
            artifacts=self.artifacts,
            draw=self.drawer,
            recognise=self.recogniser,
            ingest_queue=self.ingest_queue,
            clock=self.clock,
        )

    @property
    def embed(self) -> EmbedPart:
        """The embedding service."""
        publish = PublishGeneration(self.registry, self.artifacts, self.index, self.bus, self.clock)
        return EmbedPart(
            self.registry, self.artifacts, self.index, lambda _: self.embedder, publish, pause=lambda _: None
        )

    @property
    def reconcile(self) -> Reconcile:
        """The reconciler."""
        return Reconcile(
            registry=self.registry,
            documents=self.documents,
            artifacts=self.artifacts,
            index=self.index,
            ingest_queue=self.ingest_queue,
            bus=self.bus,
            clock=self.clock,
            keep_releases=lambda: None,
        )

    def announce(
        self, document_id: str = "doc_1", *, kb: KnowledgeBaseRow | None = None, size_bytes: int = 1_000_000
    ) -> DocumentRow:
        """Do what the application layer does before an upload."""
        kb = kb or knowledge_base()
        if self.registry.knowledge_base(kb.tenant_id, kb.kb_id) is None:
            self.registry.create_knowledge_base(kb)
        row = document(document_id, kb=kb).model_copy(update={"size_bytes": size_bytes})
        self.registry.create_document(row)
        return row

    def upload(self, text: str, document_id: str = "doc_1") -> DocumentRow:
        """Announce and drop a document; S3's notification waits to be processed by `hint`."""
        row = self.row(document_id) or self.announce(document_id)
        self.documents.write(row.object_key, text.encode())
        return row

    def hint(self, row: DocumentRow) -> str:
        """Deliver S3's notification about the document."""
        return self.ingest(Hint(cause_id="m1", object_key=row.object_key))

    def embed_next(self) -> str:
        """Deliver the oldest embed message."""
        return self.embed(DocumentChunked.parse(self.embed_queue.bodies.popleft()))

    def recognise_next(self) -> str:
        """Deliver the oldest recognition message."""
        return self.recognise(PagesUnread.parse(self.recognition_queue.bodies.popleft()))

    def rest(self) -> None:
        """Deliver everything until all queues are empty."""
        while self.ingest_queue.bodies or self.embed_queue.bodies or self.recognition_queue.bodies:
            while self.recognition_queue.bodies:
                self.recognise_next()
            while self.ingest_queue.bodies:
                for hint in read_hints(self.ingest_queue.bodies.popleft(), message_id="m"):
                    self.ingest(hint)
            while self.embed_queue.bodies:
                self.embed_next()

    def settle(self, *, most_rounds: int = 50) -> int:
        """Deliver everything, what was postponed too, with the time that it waits; returns how many rounds it took."""
        for number in range(most_rounds):
            self.rest()
            waiting, self.ingest_queue.postponed = self.ingest_queue.postponed, []
            if not waiting:
                return number
            self.pass_time(timedelta(seconds=max(delay_s for _, delay_s in waiting)))
            self.ingest_queue.bodies.extend(body for body, _ in waiting)
        raise AssertionError(f"not at rest after {most_rounds} rounds")

    def pass_time(self, span: timedelta) -> None:
        """Move the clock."""
        self.now += span

    def row(self, document_id: str = "doc_1") -> DocumentRow | None:
        """Return a document's row."""
        return next((row for row in self.registry.rows.values() if row.document_id == document_id), None)

    def state(self, document_id: str = "doc_1") -> DocumentRow:
        """Return a document's row, which must exist."""
        row = self.row(document_id)
        assert row is not None
        return row

    def indexed(self, document_id: str = "doc_1") -> dict[int, int]:
        """Return how many chunks of each generation the index holds."""
        return {
            stored.generation: stored.chunks
            for tenant_id in self.index.tenants()
            for stored in self.index.generations(tenant_id)
            if stored.document_id == document_id
        }
