import json
from typing import Any

import pytest
from chalice.app import Chalice

from functions.ml.answering.extractive import ExtractiveGenerator
from functions.ml.answering.routes import ErrorLog, routes
from functions.ml.answering.searching import SearchPassages
from functions.ml.answering.service import AnswerQuestion
from functions.ml.evaluation.requests import ReadEvaluation, RequestEvaluation
from functions.ml.releases.catalogue import Releases, load_releases
from functions.ml.retrieval.narrowing import NarrowFilters
from functions.ml.viewing.service import ShowChunks, ShowPages
from shared.contracts.ml_api import AnswerResponse, EvaluationResponse, ReleasesResponse, SearchResponse
from shared.kernel.clock import system_clock
from shared.kernel.errors import Unavailable
from tests.fakes.object_store import MemoryObjects
from tests.fakes.queue import MemoryQueue
from tests.fakes.registry import MemoryRegistry
from tests.fakes.search_index import MemorySearchIndex
from tests.passages import KeptPassages, hit

CALLER = {"tenant_id": "t1", "user_id": "u1", "readers": ["tenant:t1"]}
QUESTION = {"caller": CALLER, "kb_ids": ["kb_1"], "question": "When does the office open?"}


class Platform:
    """The services over memory."""

    def __init__(self) -> None:
        self.objects, self.queue = MemoryObjects(), MemoryQueue()
        self.releases = load_releases("extractive", "multilingual")
        self.objects.write("datasets/t1/a.jsonl", b"{}")

    def answer_question(self) -> AnswerQuestion:
        return AnswerQuestion(
            KeptPassages(hit()),
            lambda _: ExtractiveGenerator(),
            self.releases,
            system_clock,
            NarrowFilters(MemoryRegistry()),
        )

    def search_passages(self) -> SearchPassages:
        return SearchPassages(KeptPassages(hit()), self.releases, NarrowFilters(MemoryRegistry()))

    def show_pages(self) -> ShowPages:
        return ShowPages(MemoryRegistry(), self.objects)

    def show_chunks(self) -> ShowChunks:
        return ShowChunks(MemoryRegistry(), MemorySearchIndex())

    def list_releases(self) -> Releases:
        return self.releases

    def request_evaluation(self) -> RequestEvaluation:
        return RequestEvaluation(
            self.objects, self.queue, self.releases, system_clock, lambda prefix: f"{prefix}_{'b' * 32}"
        )

    def read_evaluation(self) -> ReadEvaluation:
        return ReadEvaluation(self.objects)


class Client:
    """Calls the Chalice application as API Gateway does."""

    def __init__(self, platform: Platform) -> None:
        self.unexpected: list[Exception] = []
        self.app = Chalice(app_name="test", configure_logs=False)
        self.app.register_blueprint(routes(platform, ErrorLog(self.unexpected.append)))

    def __call__(self, method: str, resource: str, body: object = None, **path: str) -> tuple[int, Any, dict[str, str]]:
        event = {
            "httpMethod": method, "headers": {"content-type": "application/json"}, "multiValueHeaders": {},
            "queryStringParameters": None, "multiValueQueryStringParameters": None, "pathParameters": path or None,
            "stageVariables": None, "isBase64Encoded": False, "path": resource.format(**path),
            "body": body if isinstance(body, str | None) else json.dumps(body),
            "requestContext": {"resourcePath": resource, "path": resource, "httpMethod": method, "identity": {}},
        }  # fmt: skip
        response = self.app(event, None)
        return response["statusCode"], json.loads(response["body"]), response.get("headers", {})


@pytest.fixture
def client() -> Client:
    return Client(Platform())


def test_an_answer_comes_with_its_citations(client: Client) -> None:
    status, body, _ = client("POST", "/v1/answers", QUESTION)
    answer = AnswerResponse.model_validate(body)
    assert (status, answer.refused, answer.citations[0].page) == (200, False, 3)


def test_a_search_gives_hits(client: Client) -> None:
    status, body, _ = client("POST", "/v1/searches", {**QUESTION, "query": "office"})
    assert (status, len(SearchResponse.model_validate(body).hits)) == (200, 1)


@pytest.mark.parametrize("path", ["/v1/document-pages", "/v1/document-chunks"])
def test_a_document_that_is_not_there_cannot_be_shown(client: Client, path: str) -> None:
    wish = {"caller": CALLER, "kb_id": "kb_1", "document_id": "doc_1"}
    status, body, _ = client("POST", path, wish)
    assert (status, body["error"]["code"]) == (404, "unknown_document")
    status, body, _ = client("POST", path, {**wish, "limit": 10_000})
    assert (status, body["error"]["code"]) == (400, "invalid")


def test_the_releases_are_listed_with_their_default(client: Client) -> None:
    _, body, _ = client("GET", "/v1/releases")
    releases = ReleasesResponse.model_validate(body).releases
    assert [(release.name, release.is_default) for release in releases] == [
        ("multilingual", True),
        ("fast-english", False),
    ]


def test_an_evaluation_is_accepted_and_can_be_followed(client: Client) -> None:
    status, body, _ = client("POST", "/v1/evaluations", {**QUESTION, "dataset_key": "datasets/t1/a.jsonl"})
    queued = EvaluationResponse.model_validate(body)
    assert (status, queued.status) == (202, "QUEUED")
    status, body, _ = client("GET", "/v1/evaluations/{evaluation_id}", evaluation_id=queued.evaluation_id)
    assert (status, EvaluationResponse.model_validate(body)) == (200, queued)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "invalid_json"),
        ("", 400, "invalid_json"),
        ({}, 400, "invalid"),
        ({**QUESTION, "kb_ids": []}, 400, "invalid"),
        ({**QUESTION, "caller": {**CALLER, "readers": []}}, 400, "invalid"),
        ({**QUESTION, "question": "x" * 100_000}, 413, "too_large"),
        ({**QUESTION, "release_id": "rel_no"}, 404, "unknown_release"),
    ],
)
def test_bad_requests_are_typed(client: Client, body: object, status: int, code: str) -> None:
    got, answer, _ = client("POST", "/v1/answers", body)
    assert (got, answer["error"]["code"]) == (status, code)
    assert client.unexpected == []


def test_an_unknown_evaluation_is_404(client: Client) -> None:
    status, body, _ = client("GET", "/v1/evaluations/{evaluation_id}", evaluation_id="eval_nope")
    assert (status, body["error"]["code"]) == (404, "unknown_evaluation")


def test_an_outage_is_503_and_a_defect_500_without_detail_and_both_are_logged() -> None:
    class Broken(Platform):
        def answer_question(self) -> AnswerQuestion:
            raise Unavailable("The model cannot be reached.", code="model_unavailable")

        def search_passages(self) -> SearchPassages:
            raise RuntimeError("secret")

    client = Client(Broken())
    assert client("POST", "/v1/answers", QUESTION)[:2] == (
        503, {"error": {"code": "model_unavailable", "message": "The model cannot be reached."}},
    )  # fmt: skip
    status, body, _ = client("POST", "/v1/searches", {**QUESTION, "query": "x"})
    assert (status, "secret" in str(body)) == (500, False)
    assert len(client.unexpected) == 2


def test_a_filter_that_nobody_knows_is_refused_and_not_left_out(client: Client) -> None:
    for path, body in (("/v1/answers", QUESTION), ("/v1/searches", {**QUESTION, "query": "x"})):
        status, refused, _ = client("POST", path, {**body, "filters": [{"colour": ["red"]}]})
        assert (status, refused["error"]["code"]) == (400, "unknown_filter")
        assert "files, folders, types" in refused["error"]["message"]
