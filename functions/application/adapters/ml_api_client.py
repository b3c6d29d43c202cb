"""The ML layer's REST API over HTTP, signed with this function's role."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared.contracts.ml_api import (
    AnswerRequest,
    AnswerResponse,
    ChunkPreview,
    ChunkPreviewRequest,
    DocumentChunksRequest,
    DocumentChunksResponse,
    DocumentPagesRequest,
    DocumentPagesResponse,
    ErrorResponse,
    EvaluationRequest,
    EvaluationResponse,
    ReconciliationResponse,
    ReleasesResponse,
    SearchRequest,
    SearchResponse,
)
from shared.kernel.aws import client, unavailable
from shared.kernel.clock import Clock, system_clock
from shared.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PlatformError,
    TooLarge,
    TooMany,
    Unavailable,
)

if TYPE_CHECKING:
    import urllib3
    from botocore.auth import SigV4Auth

ResponseT = TypeVar("ResponseT", bound=BaseModel)
URL_KEPT = timedelta(seconds=60)
CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 25.0  # the function itself, like API Gateway, has 29 s and must still say what happened
BY_STATUS: dict[int, type[PlatformError]] = {
    error.status: error for error in (Invalid, NotFound, Conflict, TooLarge, TooMany)
}


class MlApiClient:
    """The MlApi port.

    Args:
        url_parameter: name of the SSM parameter that holds the API's address; read again every minute, so that the
            ML layer can move without a deploy of this one.
    """

    def __init__(self, url_parameter: str, clock: Clock = system_clock) -> None:
        self._parameter = url_parameter
        self._clock = clock
        self._url = ""
        self._read_at: datetime | None = None

    def answer(self, request: AnswerRequest) -> AnswerResponse:
        """Answer a question."""
        return self._call("POST", "/v1/answers", request, AnswerResponse)

    def search(self, request: SearchRequest) -> SearchResponse:
        """Find passages."""
        return self._call("POST", "/v1/searches", request, SearchResponse)

    def releases(self) -> ReleasesResponse:
        """Return the releases."""
        return self._call("GET", "/v1/releases", None, ReleasesResponse)

    def preview_chunks(self, request: ChunkPreviewRequest) -> ChunkPreview:
        """Show how a document or a file is cut."""
        return self._call("POST", "/v1/chunk-previews", request, ChunkPreview)

    def document_pages(self, request: DocumentPagesRequest) -> DocumentPagesResponse:
        """Return stretches of a document."""
        return self._call("POST", "/v1/document-pages", request, DocumentPagesResponse)

    def document_chunks(self, request: DocumentChunksRequest) -> DocumentChunksResponse:
        """Return passages of a document."""
        return self._call("POST", "/v1/document-chunks", request, DocumentChunksResponse)

    def evaluate(self, request: EvaluationRequest) -> EvaluationResponse:
        """Start a scored run."""
        return self._call("POST", "/v1/evaluations", request, EvaluationResponse)

    def evaluation(self, evaluation_id: str) -> EvaluationResponse:
        """Return a scored run."""
        return self._call("GET", f"/v1/evaluations/{evaluation_id}", None, EvaluationResponse)

    def reconcile(self) -> ReconciliationResponse:
        """Run the reconciler."""
        return self._call("POST", "/v1/reconciliations", None, ReconciliationResponse)

    def reconciliation(self) -> ReconciliationResponse:
        """Return its last report."""
        return self._call("GET", "/v1/reconciliations", None, ReconciliationResponse)

    def _call(self, method: str, path: str, request: BaseModel | None, response: type[ResponseT]) -> ResponseT:
        body = request.model_dump_json().encode() if request else b""
        status, headers, content = self._send(method, self._base_url() + path, body)
        if status >= 400:  # noqa: PLR2004 - HTTP's own number
            raise translated(status, headers, content)
        try:
            return response.model_validate_json(content)
        except ValidationError as error:
            raise Unavailable(
                "The answering service sent something unreadable. Try again in a moment.", code="ml_reply_malformed"
            ) from error

    def _send(self, method: str, url: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415 - botocore is loaded on first use

        try:
            signed = AWSRequest(method=method, url=url, data=body, headers={"Content-Type": "application/json"})
            self._signer.add_auth(signed)
            answer = self._pool.request(
                method, url, body=body, headers=dict(signed.headers.items()), retries=False, redirect=False
            )
        except Exception as error:
            raise Unavailable(
                "The answering service does not answer right now. Try again in a moment.", code="ml_unavailable"
            ) from error
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.data

    def _base_url(self) -> str:
        now = self._clock()
        if self._read_at is None or now - self._read_at > URL_KEPT:
            try:
                found: Any = client("ssm").get_parameter(Name=self._parameter)
            except Exception as error:
                unavailable("Settings", error)
            self._url = str(found["Parameter"]["Value"]).rstrip("/")
            self._read_at = now
        return self._url

    @cached_property
    def _pool(self) -> "urllib3.PoolManager":
        import urllib3  # noqa: PLC0415 - comes with botocore, loaded on first use

        return urllib3.PoolManager(timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S))

    @cached_property
    def _signer(self) -> "SigV4Auth":
        import boto3  # noqa: PLC0415 - loaded on first use
        from botocore.auth import SigV4Auth  # noqa: PLC0415

        credentials: Any = boto3.session.Session().get_credentials()  # they refresh themselves
        return SigV4Auth(credentials, "execute-api", client("ssm").meta.region_name)


def translated(status: int, headers: dict[str, str], content: bytes) -> PlatformError:
    """Turn the ML layer's error into ours, with its code and message.

    What the ML layer says about this layer's own signature (401, 403 of the gateway) is an operator's matter, so it
    becomes Unavailable like every status that is not in the tree.
    """
    try:
        detail = ErrorResponse.model_validate_json(content).error
    except ValidationError:
        return Unavailable(
            f"The answering service does not answer right now (status {status}). Try again in a moment.",
            code="ml_unavailable",
        )
    if status == TooMany.status:
        wait = headers.get("retry-after", "")
        return TooMany(detail.message, code=detail.code, retry_after_s=float(wait) if wait.isdigit() else 1.0)
    if status == Forbidden.status:
        return Forbidden(detail.message, code=detail.code)
    return BY_STATUS.get(status, Unavailable)(detail.message, code=detail.code)
