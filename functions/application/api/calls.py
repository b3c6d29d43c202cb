"""One call of the API as its views see it, and every error as clients see it."""

import json
import math
import traceback
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from functions.application.domain.principals import Principal
from shared.contracts.api import MAX_PAGE_ITEMS, ErrorBody, ErrorDetail
from shared.contracts.filters import FILTER_ERRORS
from shared.contracts.ml_api import MAX_QUESTION_CHARACTERS
from shared.kernel.errors import Invalid, PlatformError, TooLarge, TooMany
from shared.kernel.observability import logger

RequestT = TypeVar("RequestT", bound=BaseModel)
MAX_BODY_BYTES: Final = 5 * 1024 * 1024  # a function's request is limited to 6 MB
MAX_KEY_CHARACTERS: Final = 200
DEFAULT_PAGE_ITEMS: Final = 100
QUESTION_FIELDS: Final = frozenset({"content", "question", "query", "text"})
Outcome = Literal["RequestsServed", "RequestsRejected", "RequestsFailed"]


@dataclass(frozen=True)
class Call:
    """A request of a known person.

    Attributes:
        correlation_id: the gateway's request id; in every log line, event and error that the call sets off.
        idempotency_key: empty when the client sent none.
    """

    principal: Principal
    correlation_id: str
    raw_body: bytes
    query: dict[str, str]
    idempotency_key: str = ""

    def body(self, model: type[RequestT]) -> RequestT:
        """Read the body.

        Raises:
            Invalid: not JSON (`invalid_json`), or a field is missing, unknown or wrong (`invalid_request`).
            TooLarge: the body or a question is over its limit.
        """
        return parse_body(model, self.raw_body)

    @property
    def cursor(self) -> str:
        """Where the page begins."""
        return self.query.get("cursor", "")

    @property
    def limit(self) -> int:
        """Most items of the page. Raises Invalid."""
        given = self.query.get("limit", str(DEFAULT_PAGE_ITEMS))
        if not (given.isascii() and given.isdigit() and 1 <= int(given[:10]) <= MAX_PAGE_ITEMS):
            raise Invalid(f"limit: must be a number from 1 to {MAX_PAGE_ITEMS}.", code="invalid_request")
        return int(given)


def parse_body(model: type[RequestT], raw: bytes) -> RequestT:
    """Read a JSON body into its model. Raises Invalid, TooLarge."""
    if len(raw) > MAX_BODY_BYTES:
        raise TooLarge(f"The request is over the limit of {MAX_BODY_BYTES // 1024**2} MB.", code="request_too_large")
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Invalid("The body is not JSON. Send a JSON object.", code="invalid_json") from error
    try:
        return model.model_validate_json(raw) if isinstance(document, dict) else model.model_validate(document)
    except ValidationError as error:
        raise from_validation(error) from error


def from_validation(error: ValidationError) -> PlatformError:
    """Name the first wrong fields of a body; long questions and wrong filters get codes of their own."""
    problems = error.errors(include_url=False, include_input=False)
    for problem in problems:
        if problem["type"] == "string_too_long" and problem["loc"][-1:] and problem["loc"][-1] in QUESTION_FIELDS:
            return TooLarge(
                f"The question is over the limit of {MAX_QUESTION_CHARACTERS:,} characters. Shorten it.",
                code="question_too_long",
            )
        code = problem["type"]
        if code in FILTER_ERRORS:
            return Invalid(problem["msg"], code=code)
    named = "; ".join(f"{'.'.join(map(str, item['loc'])) or 'body'}: {item['msg']}" for item in problems[:5])
    return Invalid(f"{named}.", code="invalid_request")


def served(result: BaseModel | str, status: int) -> dict[str, Any]:
    """Make the answer of a view: what is sent, and what a repeated call gets again."""
    body = result if isinstance(result, str) else result.model_dump_json()
    return {"status": status, "body": body}


def refused(error: PlatformError, request_id: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Make the answer to an expected failure, and its headers."""
    detail = ErrorDetail(code=error.code, message=error.message, request_id=request_id)
    headers = {"Retry-After": str(math.ceil(error.retry_after_s))} if isinstance(error, TooMany) else {}
    return served(ErrorBody(error=detail), error.status), headers


def failed(error: Exception, request_id: str) -> dict[str, Any]:
    """Make the answer to a defect: no detail for the client; type and frames, but no values, for the log."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    logger().error("request failed", error_type=type(error).__name__, frames=frames)
    detail = ErrorDetail(
        code="internal",
        message="Something went wrong on our side. Try again; if it stays, tell an administrator the request id.",
        request_id=request_id,
    )
    return served(ErrorBody(error=detail), PlatformError.status)


def outcome_of(status: int) -> Outcome:
    """Name the metric of a response."""
    if status < 400:  # noqa: PLR2004 - HTTP's own numbers
        return "RequestsServed"
    return "RequestsRejected" if status < PlatformError.status else "RequestsFailed"
