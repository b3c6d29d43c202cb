"""Frames to messages, and errors as clients see them."""

import json
from typing import Any, get_args

from pydantic import ValidationError

from shared.contracts.api import ErrorDetail
from shared.contracts.ml_api import MAX_QUESTION_CHARACTERS
from shared.contracts.sockets import MAX_MESSAGE_BYTES, MAX_REFERENCE_CHARACTERS, UP, Refused, Up
from shared.kernel.errors import Invalid, PlatformError, TooLarge, TooMany

BY_ACTION: dict[str, type[Up]] = {get_args(kind.__annotations__["action"])[0]: kind for kind in UP}


def parse(body: str) -> Up:
    """Read one frame.

    Raises:
        Invalid: not JSON, an unknown action, or a field is missing, unknown or wrong.
        TooLarge: the frame or a question is over its limit.
    """
    if len(body.encode()) > MAX_MESSAGE_BYTES:
        raise TooLarge(f"The message is over the limit of {MAX_MESSAGE_BYTES // 1024} KB.", code="message_too_large")
    document = _object(body)
    kind = BY_ACTION.get(str(document.get("action")))
    if kind is None:
        raise Invalid(f"action: must be one of {', '.join(BY_ACTION)}.", code="unknown_action")
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise _refusal(error) from error


def addressed(body: str) -> tuple[str, str]:
    """Return reference and action of a frame that may be unreadable, so that its refusal finds its sender."""
    try:
        document = _object(body)
    except Invalid:
        return "", ""
    return tuple(str(document.get(name, ""))[:MAX_REFERENCE_CHARACTERS] for name in ("ref", "action"))  # type: ignore[return-value]


def refused(error: PlatformError, ref: str, action: str, request_id: str) -> Refused:
    """Make the answer to a message that was refused."""
    detail = ErrorDetail(code=error.code, message=error.message, request_id=request_id)
    wait_s = error.retry_after_s if isinstance(error, TooMany) else 0.0
    return Refused(ref=ref, action=action, error=detail, retry_after_s=wait_s)


def _object(body: str) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Invalid("The message is not JSON. Send a JSON object.", code="invalid_json") from error
    if not isinstance(document, dict):
        raise Invalid("The message is not a JSON object.", code="invalid_json")
    return document


def _refusal(error: ValidationError) -> PlatformError:
    problems = error.errors(include_url=False, include_input=False)
    if any(problem["type"] == "string_too_long" and problem["loc"] == ("text",) for problem in problems):
        return TooLarge(
            f"The question is over the limit of {MAX_QUESTION_CHARACTERS:,} characters. Shorten it.",
            code="question_too_long",
        )
    named = "; ".join(f"{'.'.join(map(str, item['loc'])) or 'message'}: {item['msg']}" for item in problems[:5])
    return Invalid(f"{named}.", code="invalid_request")
