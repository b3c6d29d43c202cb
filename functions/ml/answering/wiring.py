"""Chooses the adapters of the ML API; nothing is built before its first use.

`retrieve` is finished where the registry's, the index's and the embedder's adapters meet.
"""

import os
from functools import cache

from functions.ml.answering.extractive import ExtractiveParameters
from functions.ml.answering.service import AnswerQuestion, Retrieve, SearchPassages
from functions.ml.evaluation.requests import ReadEvaluation, RequestEvaluation
from functions.ml.ports import Generator, ObjectStore, Queue
from functions.ml.releases.catalogue import PipelineRelease, Releases, load_releases
from functions.ml.settings import AnsweringSettings
from shared.kernel.clock import system_clock
from shared.kernel.errors import Unavailable
from shared.kernel.ids import new_id


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
    from shared.kernel.aws import client

    try:
        return client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    except Exception as error:
        raise Unavailable("The model's key cannot be read. Tell an administrator.", code="model_unavailable") from error


@cache
def _generator(release_id: str) -> Generator:
    from functions.ml.adapters.generators import generator_for

    release = list_releases().by_id(release_id)
    return generator_for(
        release.model,
        url=settings().answer_model_url,
        key=_model_key(),
        extractive=ExtractiveParameters(**release.answer.extractive),  # type: ignore[arg-type]
    )


def generator_of(release: PipelineRelease) -> Generator:
    """Return the generator of a release, kept for the life of the environment."""
    return _generator(release.release_id)


@cache
def retrieve() -> Retrieve:
    """Return retrieval over this installation's index."""
    raise Unavailable("This installation has no search yet. Tell an administrator.", code="not_wired")


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
def answer_question() -> AnswerQuestion:
    """Return the service behind `POST /v1/answers`."""
    return AnswerQuestion(retrieve(), generator_of, list_releases(), system_clock)


@cache
def search_passages() -> SearchPassages:
    """Return the service behind `POST /v1/searches`."""
    return SearchPassages(retrieve(), list_releases())


@cache
def request_evaluation() -> RequestEvaluation:
    """Return the service behind `POST /v1/evaluations`."""
    return RequestEvaluation(artifacts(), evaluation_queue(), list_releases(), system_clock, new_id)


@cache
def read_evaluation() -> ReadEvaluation:
    """Return the service behind `GET /v1/evaluations/{evaluation_id}`."""
    return ReadEvaluation(artifacts())
