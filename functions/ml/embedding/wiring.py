"""Build the collaborators of the embedding function."""

import os
from functools import cache
from pathlib import Path

from functions.ml.adapters.embedders import embedder_for
from functions.ml.adapters.event_bus import EventBridgeBus
from functions.ml.adapters.s3_objects import S3Objects
from functions.ml.adapters.search_engines import search_index
from functions.ml.adapters.sqs_queue import SqsQueue
from functions.ml.embedding.publishing import PublishGeneration
from functions.ml.embedding.service import EmbedPart
from functions.ml.ports import Embedder, Queue
from functions.ml.releases.catalogue import load_releases
from functions.ml.releases.store import ReleaseStore
from functions.ml.settings import EmbeddingSettings
from shared.kernel.clock import system_clock
from shared.registry.dynamodb import DynamoRegistry


def embed_part() -> EmbedPart:
    """Build the service on the function's environment."""
    settings = EmbeddingSettings.from_env(os.environ)
    artifacts = S3Objects(settings.artifacts_bucket)
    releases = ReleaseStore(load_releases(settings.answer_model, settings.default_release), artifacts)

    @cache
    def embedder(release_id: str) -> Embedder:
        return embedder_for(
            releases.by_id(release_id).embedder,
            models_directory=Path(settings.models_directory),
            threads=settings.embed_threads,
        )

    registry = DynamoRegistry(settings.registry_table)
    index = search_index(settings.search_url)
    publish = PublishGeneration(registry, artifacts, index, EventBridgeBus(settings.bus_name), system_clock)
    return EmbedPart(registry, artifacts, index, embedder, publish)


def embed_queue() -> Queue:
    """Return the function's own queue, to postpone a message."""
    return SqsQueue(EmbeddingSettings.from_env(os.environ).embed_queue_url)
