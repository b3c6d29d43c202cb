"""The platform of one run: the real services of both layers on stepped ports."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from functions.application.domain.principals import Principal
from functions.application.services.documents import Documents
from functions.application.services.knowledge_bases import KnowledgeBases
from functions.application.services.names import KnowledgeBaseNames
from functions.ml.documents import Chunk, ParsedDocument
from functions.ml.embedding.publishing import PublishGeneration
from functions.ml.embedding.service import EmbedPart
from functions.ml.ingestion.dead_letters import RecordDeadLetter
from functions.ml.ingestion.knowledge_bases import TendKnowledgeBase
from functions.ml.ingestion.purge import PurgeDocuments
from functions.ml.ingestion.reading import ReadInProcess
from functions.ml.ingestion.service import IngestDocument
from functions.ml.ingestion.unread_pages import UnreadPages
from functions.ml.ports import Candidates, RankedHit
from functions.ml.recognised import RECOGNISER
from functions.ml.recognition.service import RecognisePages
from functions.ml.reconciliation.service import Reconcile
from functions.ml.releases.catalogue import ReleaseSpec
from functions.ml.retrieval.service import Retrieve
from functions.ml.storage import DOCUMENTS, INBOX
from tests.fakes.application_ports import CountedIds, MemoryMl, MemorySigner
from tests.fakes.parser import chunk_per_block
from tests.fakes.recognition import TextDrawer
from tests.simulation.plan import FAULTS_FROM_S, Plan
from tests.simulation.queues import Notifications, SteppedBus, SteppedQueue
from tests.simulation.scheduler import Faults, Scheduler
from tests.simulation.stores import (
    SteppedControlStore,
    SteppedEmbedder,
    SteppedIndex,
    SteppedObjects,
    SteppedParser,
    SteppedRecogniser,
    SteppedRegistry,
    Touched,
)

BEGIN = datetime(2026, 1, 31, 12, tzinfo=UTC)
MOST_SHOWN = 1_000
PROJECTOR_VISIBILITY_S = 180.0
"""As the templates set it: five receives outlast every outage of a run."""
PEOPLE = {
    person.user_id: person
    for person in (
        Principal("ada", "acme", "ada@acme.example", "Ada", "admin"),
        Principal("bob", "acme", "bob@acme.example", "Bob", "member"),
        Principal("cat", "acme", "cat@acme.example", "Cat", "member"),
        Principal("eve", "other", "eve@other.example", "Eve", "admin"),
    )
}


def as_found(query: str, candidates: Candidates, *, limit: int) -> list[RankedHit]:
    """Rank nothing: the Ranker port, in the order of the index."""
    return [RankedHit(hit.indexed, hit.score, hit.score, 0.0) for hit in candidates.lexical[:limit]]


class Chunking:
    """The Chunker port: one chunk per paragraph."""

    def __call__(self, document: ParsedDocument) -> list[Chunk]:
        return chunk_per_block(document)


@dataclass
class Switches:
    """What the tests of the safeguards turn off in the machinery around the services."""

    reconciler: bool = True
    dead_letter_consumer: bool = True


class World:
    """Everything of one run. A safeguard's switch replaces one of its parts before the run begins."""

    def __init__(
        self, plan: Plan, *, without: frozenset[str] = frozenset(), only: frozenset[str] | None = None
    ) -> None:
        self.plan = plan
        self.switches = Switches()
        self.undo = ExitStack()
        self.skew_s = 0.0
        faults = Faults(plan.rates, FAULTS_FROM_S, plan.calm_s, plan.outages, without, only)
        self.faults = faults
        self.scheduler = Scheduler(plan.seed, faults, stall_s=plan.stall_s)
        self.touched = Touched()
        self._build_stores()
        self._build_pipeline()
        self._build_application()

    def clock(self) -> datetime:
        """Return what the machines take for the time."""
        return BEGIN + timedelta(seconds=self.scheduler.now_s + self.skew_s)

    def _build_stores(self) -> None:
        scheduler, visible_s = self.scheduler, self.plan.visibility_s
        self.ingest_dead = SteppedQueue(scheduler, "ingest-dead", visibility_s=visible_s, workers=1)
        self.embed_dead = SteppedQueue(scheduler, "embed-dead", visibility_s=visible_s, workers=1)
        self.projector_dead = SteppedQueue(scheduler, "projector-dead", visibility_s=visible_s, workers=1)
        self.ingest_queue = SteppedQueue(scheduler, "ingest", visibility_s=visible_s, workers=4, dead=self.ingest_dead)
        self.embed_queue = SteppedQueue(scheduler, "embed", visibility_s=visible_s, workers=4, dead=self.embed_dead)
        self.projector_queue = SteppedQueue(
            scheduler, "projector", visibility_s=PROJECTOR_VISIBILITY_S, workers=2, dead=self.projector_dead
        )
        self.recognition_dead = SteppedQueue(scheduler, "recognition-dead", visibility_s=visible_s, workers=1)
        self.recognition_queue = SteppedQueue(
            scheduler, "recognition", visibility_s=visible_s, workers=2, dead=self.recognition_dead
        )
        self.queues = (
            self.recognition_queue,
            self.recognition_dead,
            self.ingest_queue,
            self.embed_queue,
            self.projector_queue,
            self.ingest_dead,
            self.embed_dead,
        )
        notify = Notifications(scheduler, self.ingest_queue, (DOCUMENTS, INBOX))
        self.documents = SteppedObjects(scheduler, "documents", notify)
        self.documents.echoes = self.plan.echoes
        self.artifacts = SteppedObjects(scheduler, "artifacts")
        self.registry = SteppedRegistry(scheduler, self.touched, self.clock)
        self.index = SteppedIndex(scheduler, self.touched)
        self.bus = SteppedBus(scheduler, self.projector_queue)
        self.control = SteppedControlStore(scheduler)
        self.embedder = SteppedEmbedder(scheduler)
        self.parser = SteppedParser(scheduler)
        self.recogniser = SteppedRecogniser(scheduler)

    def _build_pipeline(self) -> None:
        jitter = self.scheduler.stream("jitter").random
        self.purge = PurgeDocuments(self.registry, self.documents, self.artifacts, self.index, self.bus, self.clock)
        self.ingest = IngestDocument(
            registry=self.registry,
            documents=self.documents,
            artifacts=self.artifacts,
            reader_for=lambda _: ReadInProcess(self.parser, Chunking()),
            release=lambda release_id: cast("ReleaseSpec", release_id),
            embed_queue=self.embed_queue,
            bus=self.bus,
            purge=self.purge,
            tend=TendKnowledgeBase(
                self.registry,
                self.documents,
                self.purge,
                self.ingest_queue,
                self.clock,
                documents_per_page=2,
                rows_per_sweep=3,
            ),
            clock=self.clock,
            unread=UnreadPages(
                self.artifacts, self.recognition_queue, self.clock, recogniser=RECOGNISER, pages_per_message=1
            ),
            chunks_per_part=2,
        )
        self.recognise = RecognisePages(
            registry=self.registry,
            documents=self.documents,
            artifacts=self.artifacts,
            draw=TextDrawer(),
            recognise=self.recogniser,
            ingest_queue=self.ingest_queue,
            clock=self.clock,
        )
        self.publish = PublishGeneration(self.registry, self.artifacts, self.index, self.bus, self.clock)
        self.embed = EmbedPart(
            self.registry,
            self.artifacts,
            self.index,
            lambda _: self.embedder,
            self.publish,
            pause=self.scheduler.pause,
            jitter=jitter,
        )
        self.record_dead_letter = RecordDeadLetter(self.registry, self.bus, self.clock)
        self.reconcile = Reconcile(
            registry=self.registry,
            documents=self.documents,
            artifacts=self.artifacts,
            index=self.index,
            ingest_queue=self.ingest_queue,
            bus=self.bus,
            clock=self.clock,
            keep_releases=lambda: None,
        )
        self.retrieve = Retrieve(self.index, self.registry, lambda _: self.embedder, as_found)

    def _build_application(self) -> None:
        ids = CountedIds()
        self.documents_api = Documents(
            self.registry, MemorySigner(), self.documents, self.ingest_queue, self.clock, ids
        )
        self.knowledge_bases_api = KnowledgeBases(
            registry=self.registry,
            names=KnowledgeBaseNames(self.registry, self.control, self.clock),
            log=self.control,
            queue=self.ingest_queue,
            ml=MemoryMl(),
            clock=self.clock,
            new_id=ids,
            bucket="documents",
        )
