"""Chooses the adapters of the ML API; nothing is built before its first use.

`retrieve` is finished where the registry's, the index's and the embedder's adapters meet.
"""

import os
from functools import cache
from pathlib import Path

from functions.ml.answering.extractive import ExtractiveParameters
from functions.ml.answering.searching import SearchPassages
from functions.ml.answering.service import AnswerQuestion
from functions.ml.evaluation.requests import ReadEvaluation, RequestEvaluation
from functions.ml.ports import Embedder, Generator, ObjectStore, Queue, SearchIndex
from functions.ml.releases.catalogue import Releases, ReleaseSpec, load_releases
from functions.ml.releases.store import ReleaseStore
from functions.ml.retrieval.expansion import ReadAround
from functions.ml.retrieval.narrowing import Narrow, NarrowFilters
from functions.ml.retrieval.rankers import ranker_of
from functions.ml.retrieval.service import Retrieve
from functions.ml.settings import AnsweringSettings
from functions.ml.viewing.service import ShowChunks, ShowPages
from shared.kernel.aws import client
from shared.kernel.clock import system_clock
from shared.kernel.errors import Unavailable
from shared.kernel.ids import new_id
from shared.streams.ports import AnswerStreams


@cache
def settings() -> AnsweringSettings:
    """Read the environment, once."""
    return AnsweringSettings.from_env(os.environ)


@cache
def list_releases() -> Releases:
    """Return the releases with this installation's model."""
    return load_releases(settings().answer_model, settings().default_release)


@cache
def _model_key() -> str:
    """Read the provider's key from SSM; it is never in the environment."""
    name = settings().answer_model_key_parameter
    if not name:
        return ""

    try:
        return client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    except Exception as error:
        raise Unavailable("The model's key cannot be read. Tell an administrator.", code="model_unavailable") from error


@cache
def _generator(release_id: str) -> Generator:
    from functions.ml.adapters.generators import generator_for

    release = releases_ever().by_id(release_id)
    return generator_for(
        release.model,
        url=settings().answer_model_url,
        key=_model_key(),
        extractive=ExtractiveParameters(**release.answer.extractive),  # type: ignore[arg-type]
    )


def generator_of(release: ReleaseSpec) -> Generator:
    """Return the generator of a release, kept for the life of the environment."""
    return _generator(release.release_id)


@cache
def artifacts() -> ObjectStore:
    """Return the artifacts bucket."""
    from functions.ml.adapters.s3_objects import S3Objects

    return S3Objects(settings().artifacts_bucket)


@cache
def evaluation_queue() -> Queue:
    """Return the queue of evaluations."""
    from functions.ml.adapters.sqs_queue import SqsQueue

    return SqsQueue(settings().evaluation_queue_url)


@cache
def releases_ever() -> ReleaseStore:
    """Return the releases of the catalogue and of earlier ones."""
    return ReleaseStore(list_releases(), artifacts())


def embedder_for_release(release_id: str) -> Embedder:
    """Return the model that a release's chunks were embedded by."""
    from functions.ml.adapters.embedders import embedder_for

    return embedder_for(
        releases_ever().by_id(release_id).embedder,
        models_directory=Path(settings().models_directory),
        threads=settings().embed_threads,
    )


@cache
def _index() -> SearchIndex:
    from functions.ml.adapters.search_engines import search_index

    return search_index(settings().search_url)


@cache
def retrieve() -> Retrieve:
    """Return retrieval over this installation's index."""
    from shared.registry.dynamodb import DynamoRegistry

    choice = list_releases().default.ranker
    return Retrieve(
        index=_index(),
        registry=DynamoRegistry(settings().registry_table),
        embedder_for_release=embedder_for_release,
        ranker=ranker_of(choice),
        ranker_for_release=lambda release_id: ranker_of(releases_ever().by_id(release_id).ranker),
        depth=choice.candidates,
    )


@cache
def narrow() -> Narrow:
    """Return what makes one filter of several."""
    from shared.registry.dynamodb import DynamoRegistry

    return NarrowFilters(DynamoRegistry(settings().registry_table))


@cache
def answer_question() -> AnswerQuestion:
    """Return the service behind `POST /v1/answers`."""
    reading = ReadAround(_index())
    return AnswerQuestion(retrieve(), generator_of, releases_ever(), system_clock, narrow(), reading, streams())


@cache
def streams() -> AnswerStreams | None:
    """Return where answers are shown while they grow; None where this function shows none."""
    from shared.streams.dynamodb import DynamoStreams

    return DynamoStreams(settings().streams_table) if settings().streams_table else None


@cache
def search_passages() -> SearchPassages:
    """Return the service behind `POST /v1/searches`."""
    return SearchPassages(retrieve(), list_releases(), narrow())


@cache
def show_pages() -> ShowPages:
    """Return the service behind `POST /v1/document-pages`."""
    from shared.registry.dynamodb import DynamoRegistry

    return ShowPages(DynamoRegistry(settings().registry_table), artifacts())


@cache
def show_chunks() -> ShowChunks:
    """Return the service behind `POST /v1/document-chunks`."""
    from shared.registry.dynamodb import DynamoRegistry

    return ShowChunks(DynamoRegistry(settings().registry_table), _index())


@cache
def request_evaluation() -> RequestEvaluation:
    """Return the service behind `POST /v1/evaluations`."""
    return RequestEvaluation(artifacts(), evaluation_queue(), list_releases(), system_clock, new_id)


@cache
def read_evaluation() -> ReadEvaluation:
    """Return the service behind `GET /v1/evaluations/{evaluation_id}`."""
    return ReadEvaluation(artifacts())
