"""What a failure looks like over HTTP: one place for both REST APIs."""

from typing import Any

from pydantic import ValidationError

from shared.contracts.filters import FILTER_ERRORS
from shared.kernel.errors import PlatformError, TooMany

_INTERNAL = "Something went wrong on our side. Try again; if it stays, tell an administrator the time and this address."


def error_response(error: Exception) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Turn an error into a response.

    Args:
        error: ours, a validation error of a request, or anything unexpected.

    Returns:
        Status, body `{"error": {"code", "message"}}` and headers. An unexpected error is 500 without detail.
    """
    headers: dict[str, str] = {}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    if isinstance(error, PlatformError):
        return error.status, _body(error.code, error.message), headers
    if isinstance(error, ValidationError):
        return _of_validation(error)
    return 500, _body("internal", _INTERNAL), headers


def _of_validation(error: ValidationError) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Name the fields; a text that is too long is 413, and a filter that is wrong has a code of its own."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    if any(item["type"] == "json_invalid" for item in problems):
        return 400, _body("invalid_json", "The body is not valid JSON. Send a JSON object."), {}
    for problem in problems:
        if problem["type"] in FILTER_ERRORS:
            return 400, _body(problem["type"], problem["msg"]), {}
    named = "; ".join(
        f"{'.'.join(str(part) for part in item['loc']) or 'body'}: {item['msg']}" for item in problems[:5]
    )
    if problems and all(item["type"] == "string_too_long" for item in problems):
        return 413, _body("too_large", f"The text is too long. {named}."), {}
    return 400, _body("invalid", f"The request is wrong. {named}."), {}


def _body(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
