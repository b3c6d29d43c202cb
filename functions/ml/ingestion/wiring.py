"""Build the collaborators of the ingestion function and of the dead-letter consumer."""

import os
from functools import partial

from functions.ml.adapters.event_bus import EventBridgeBus
from functions.ml.adapters.language_model import guess_language
from functions.ml.adapters.s3_objects import S3Objects
from functions.ml.adapters.search_engines import search_index
from functions.ml.adapters.sqs_queue import SqsQueue
from functions.ml.ingestion.dead_letters import RecordDeadLetter
from functions.ml.ingestion.knowledge_bases import TendKnowledgeBase
from functions.ml.ingestion.parsing.limits import MIB, ParserLimits
from functions.ml.ingestion.preview import PreviewChunks
from functions.ml.ingestion.purge import PurgeDocuments
from functions.ml.ingestion.reading import Reader
from functions.ml.ingestion.sandbox import SandboxedParser, isolation
from functions.ml.ingestion.sandboxed_reading import READ_PASSAGES, SandboxedReader
from functions.ml.ingestion.service import IngestDocument
from functions.ml.ingestion.unread_pages import UnreadPages
from functions.ml.ports import Queue
from functions.ml.releases.catalogue import ReleaseSpec, load_releases
from functions.ml.releases.store import ReleaseStore
from functions.ml.settings import IngestionSettings
from shared.kernel.clock import system_clock
from shared.registry.dynamodb import DynamoRegistry

__all__ = ["ingest_document", "ingest_queue", "isolation", "record_dead_letter"]


def ingest_document() -> IngestDocument:
    """Build the service on the function's environment."""
    settings = IngestionSettings.from_env(os.environ)
    registry = DynamoRegistry(settings.registry_table)
    documents = S3Objects(settings.documents_bucket)
    artifacts = S3Objects(settings.artifacts_bucket)
    bus = EventBridgeBus(settings.bus_name)
    releases = ReleaseStore(load_releases(settings.answer_model, settings.default_release), artifacts)
    index = search_index(settings.search_url)
    purge = PurgeDocuments(registry, documents, artifacts, index, bus, system_clock)
    return IngestDocument(
        registry=registry,
        documents=documents,
        artifacts=artifacts,
        reader_for=partial(_reader, SandboxedParser(_limits(settings), READ_PASSAGES)),
        release=releases.by_id,
        embed_queue=SqsQueue(settings.embed_queue_url),
        bus=bus,
        purge=purge,
        tend=TendKnowledgeBase(registry, documents, purge, SqsQueue(settings.ingest_queue_url), system_clock),
        clock=system_clock,
        unread=_unread_pages(settings, artifacts),
        guess_language=guess_language,
    )


def preview_chunks() -> PreviewChunks:
    """Build what shows how a document would be cut."""
    settings = IngestionSettings.from_env(os.environ)
    artifacts = S3Objects(settings.artifacts_bucket)
    return PreviewChunks(
        registry=DynamoRegistry(settings.registry_table),
        documents=S3Objects(settings.documents_bucket),
        artifacts=artifacts,
        reader_for=partial(SandboxedReader, sandbox=SandboxedParser(_limits(settings), READ_PASSAGES)),
        releases=ReleaseStore(load_releases(settings.answer_model, settings.default_release), artifacts),
    )


def ingest_queue() -> Queue:
    """Return the function's own queue, to postpone a message."""
    return SqsQueue(IngestionSettings.from_env(os.environ).ingest_queue_url)


def record_dead_letter() -> RecordDeadLetter:
    """Build the dead-letter consumer's service."""
    settings = IngestionSettings.from_env(os.environ)
    return RecordDeadLetter(DynamoRegistry(settings.registry_table), EventBridgeBus(settings.bus_name), system_clock)


def _unread_pages(settings: IngestionSettings, artifacts: S3Objects) -> UnreadPages | None:
    if not settings.recognition_queue_url:
        return None
    queue = SqsQueue(settings.recognition_queue_url)
    return UnreadPages(artifacts, queue, system_clock, most_pages=settings.recognition_pages)


def _reader(sandbox: SandboxedParser, release: ReleaseSpec) -> Reader:
    return SandboxedReader(release.chunker.strategy, release.chunker.parameters, sandbox)


def _limits(settings: IngestionSettings) -> ParserLimits:
    return ParserLimits(
        memory_bytes=settings.parser_memory_mib * MIB,
        cpu_s=settings.parser_cpu_s,
        wall_s=settings.parser_wall_s,
        pages=settings.document_pages,
    )
