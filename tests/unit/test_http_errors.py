import pytest
from pydantic import ValidationError

from shared.contracts.ml_api import AnswerRequest
from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound, PlatformError, TooLarge, TooMany, Unavailable
from shared.kernel.http_errors import error_response


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Invalid, 400),
        (Forbidden, 403),
        (NotFound, 404),
        (Conflict, 409),
        (TooLarge, 413),
        (TooMany, 429),
        (Unavailable, 503),
    ],
)
def test_our_errors_keep_their_status_code_and_sentence(error: type[PlatformError], status: int) -> None:
    code, body, _ = error_response(error("Do this.", code="some_code"))
    assert (code, body) == (status, {"error": {"code": "some_code", "message": "Do this."}})


def test_too_many_says_when_to_come_back() -> None:
    assert error_response(TooMany("Slow down.", retry_after_s=7))[2] == {"Retry-After": "7"}


def test_the_unexpected_tells_no_detail() -> None:
    code, body, _ = error_response(RuntimeError("secret table name"))
    assert code == 500
    assert "secret" not in str(body)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [("{", 400, "invalid_json"), ("{}", 400, "invalid"), ('{"question": "%s"}' % ("x" * 100_000), 400, "invalid")],
)
def test_a_wrong_body_is_named(body: str, status: int, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        AnswerRequest.model_validate_json(body)
    response = error_response(caught.value)
    assert (response[0], response[1]["error"]["code"]) == (status, code)
    assert len(str(response)) < 1_000


def test_a_question_that_is_too_long_is_413() -> None:
    caller = {"tenant_id": "t", "user_id": "u", "readers": ["tenant:t"]}
    with pytest.raises(ValidationError) as caught:
        AnswerRequest.model_validate({"caller": caller, "kb_ids": ["kb"], "question": "x" * 100_000})
    assert error_response(caught.value)[0] == 413
