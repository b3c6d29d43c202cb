"""The ML layer's routes: parse, call one service, map the outcome. IAM authorises at the gateway."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Protocol

from chalice.app import Blueprint, Request, Response
from pydantic import BaseModel

from functions.ml.answering.searching import SearchPassages
from functions.ml.answering.service import AnswerQuestion
from functions.ml.evaluation.requests import ReadEvaluation, RequestEvaluation
from functions.ml.releases.catalogue import Releases, ReleaseSpec
from functions.ml.viewing.service import ShowChunks, ShowPages
from shared.contracts.ml_api import (
    AnswerRequest,
    Chunking,
    DocumentChunksRequest,
    DocumentPagesRequest,
    EvaluationRequest,
    Release,
    ReleasesResponse,
    SearchRequest,
)
from shared.kernel.http_errors import error_response

View = Callable[..., BaseModel]


class Services(Protocol):
    """What the routes call, each built on first use."""

    def answer_question(self) -> AnswerQuestion:
        """Return the service behind `POST /v1/answers`."""

    def search_passages(self) -> SearchPassages:
        """Return the service behind `POST /v1/searches`."""

    def list_releases(self) -> Releases:
        """Return the releases that can be chosen."""

    def show_pages(self) -> ShowPages:
        """Return the service behind `POST /v1/document-pages`."""

    def show_chunks(self) -> ShowChunks:
        """Return the service behind `POST /v1/document-chunks`."""

    def request_evaluation(self) -> RequestEvaluation:
        """Return the service behind `POST /v1/evaluations`."""

    def read_evaluation(self) -> ReadEvaluation:
        """Return the service behind `GET /v1/evaluations/{evaluation_id}`."""


@dataclass(frozen=True)
class ErrorLog:
    """Called with every error that is not ours, so that it reaches the log with its trace."""

    unexpected: Callable[[Exception], None]


class Routes(Blueprint):  # type: ignore[misc]
    """A blueprint whose views return models and raise our errors.

    Chalice turns an exception of a view into a bare 500 before any middleware sees it, so each view is wrapped.
    """

    def __init__(self, import_name: str, log: ErrorLog) -> None:
        super().__init__(import_name)
        self._log = log

    def view(self, path: str, method: str, status: int = 200) -> Callable[[View], View]:
        """Register a view for one method of a path."""

        def register(view: View) -> View:
            @wraps(view)
            def answered(**captured: str) -> Response:
                try:
                    return _response(status, view(**captured).model_dump(mode="json"))
                except Exception as error:
                    code, body, headers = error_response(error)
                    if code >= 500:  # noqa: PLR2004 - the HTTP class of our own failures
                        self._log.unexpected(error)
                    return _response(code, body, headers)

            self.route(path, methods=[method])(answered)
            return view

        return register


def _response(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(body, status_code=status, headers={"Content-Type": "application/json", **(headers or {})})


def _body(request: Request) -> bytes:
    return bytes(request.raw_body or b"")


def _shown(known: Releases, release: ReleaseSpec) -> Release:
    return Release(
        release_id=release.release_id,
        name=release.name,
        description=release.description,
        is_default=release == known.default,
        embedder=release.embedder,
        chunker=release.chunker.strategy,
        model=release.model,
        chunking=known.chunking_of(release),
        chunkings=tuple(
            Chunking(
                name=chunking.name,
                description=chunking.description,
                release_id=known.with_chunking(release, chunking.name).release_id,
            )
            for chunking in known.chunkings
        ),
    )


def routes(services: Services, log: ErrorLog) -> Routes:
    """Make the blueprint of the ML API.

    Args:
        services: builds what the views call.
        log: is told of what is not ours.
    """
    api = Routes(__name__, log)

    @api.view("/v1/answers", "POST")
    def answer() -> BaseModel:
        return services.answer_question()(AnswerRequest.model_validate_json(_body(api.current_request)))

    @api.view("/v1/searches", "POST")
    def search() -> BaseModel:
        return services.search_passages()(SearchRequest.model_validate_json(_body(api.current_request)))

    @api.view("/v1/releases", "GET")
    def list_releases() -> BaseModel:
        known = services.list_releases()
        return ReleasesResponse(releases=tuple(_shown(known, release) for release in known.all))

    @api.view("/v1/document-pages", "POST")
    def show_pages() -> BaseModel:
        return services.show_pages()(DocumentPagesRequest.model_validate_json(_body(api.current_request)))

    @api.view("/v1/document-chunks", "POST")
    def show_chunks() -> BaseModel:
        return services.show_chunks()(DocumentChunksRequest.model_validate_json(_body(api.current_request)))

    @api.view("/v1/evaluations", "POST", status=202)
    def request_evaluation() -> BaseModel:
        return services.request_evaluation()(EvaluationRequest.model_validate_json(_body(api.current_request)))

    @api.view("/v1/evaluations/{evaluation_id}", "GET")
    def read_evaluation(evaluation_id: str) -> BaseModel:
        return services.read_evaluation()(evaluation_id)

    return api
