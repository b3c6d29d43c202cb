"""Requests to the public API: sign-in, retries, and errors as failures that a person can read."""

import time
import uuid
from collections.abc import Callable, Mapping

import httpx
from pydantic import BaseModel

from infra.cli.failures import Failure, SignInNeeded, Unreachable
from infra.cli.http import READ_TIMEOUT_S, open_http
from infra.cli.sign_in import SignIn
from infra.cli.target import Platform

TRIES = 4
FIRST_PAUSE_S = 0.2
MAX_RETRY_AFTER_S = 60.0
_UNAUTHORIZED = 401
_TOO_MANY = 429
_TEMPORARY = frozenset({502, 503, 504})


def pause_s(attempt: int, retry_after: str = "") -> float:
    """Return how long to wait before the next try, in seconds.

    Args:
        attempt: tries so far, at least 1; each doubles the pause.
        retry_after: the header of that name, in whole seconds; longer than a minute is cut to a minute.
    """
    if retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after), MAX_RETRY_AFTER_S)
    return float(FIRST_PAUSE_S * 2 ** (attempt - 1))


class Transport:
    """Sends requests to one platform as one person; safe to share between threads.

    Args:
        platform: where the API is.
        sign_in: brings the token.
        sleep: waits for some seconds between tries.
    """

    def __init__(self, platform: Platform, sign_in: SignIn, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._platform = platform
        self._sign_in = sign_in
        self._sleep = sleep
        self._http = open_http(platform.api_url)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(
        self, method: str, path: str, *, body: BaseModel | None = None, query: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send one request until it is answered for good.

        A connection that fails is tried again: a write carries an `Idempotency-Key`, so that it happens once. A 429 is
        tried again after its `Retry-After`, a 502, 503 or 504 only for reads. A 401 renews the token once.

        Args:
            method: the HTTP method.
            path: below `/v1`, with a leading slash.
            body: becomes JSON; fields that were not set stay out.
            query: parameters of the address; empty ones stay out.

        Returns:
            A response of success.

        Raises:
            Failure: the platform refused, with its code and message.
            SignInNeeded: the platform does not accept the sign-in, not even a renewed one.
            Unreachable: nobody answered.
        """
        request = self._request(method, path, body, query)
        attempt = 1
        while True:
            response = self._answer(request, last=attempt == TRIES)
            if response is not None and response.is_success:
                return response
            if response is not None and (attempt == TRIES or not _is_temporary(method, response.status_code)):
                raise failure_of(response)
            self._sleep(pause_s(attempt, response.headers.get("Retry-After", "") if response is not None else ""))
            attempt += 1

    def _answer(self, request: httpx.Request, *, last: bool) -> httpx.Response | None:
        """Send once, and once more with a renewed token where the first was not accepted."""
        response = self._try(request, last=last)
        if response is None or response.status_code != _UNAUTHORIZED:
            return response
        self._authorize(request, self._sign_in.renewed(_token_of(request)))
        return self._try(request, last=last)

    def _request(
        self, method: str, path: str, body: BaseModel | None, query: Mapping[str, str] | None
    ) -> httpx.Request:
        headers = {"Accept": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = body.model_dump_json(exclude_unset=True).encode()
        url = f"{self._platform.api_url}/v1{path}"
        parameters = {name: value for name, value in (query or {}).items() if value}
        request = self._http.build_request(method, url, headers=headers, content=content, params=parameters or None)
        self._authorize(request, self._sign_in.token())
        return request

    def _try(self, request: httpx.Request, *, last: bool) -> httpx.Response | None:
        """Send once; None when the connection failed and another try can help.

        Raises:
            Unreachable: it failed and this was the last try.
        """
        try:
            return self._http.send(request)
        except httpx.ReadTimeout as error:
            # The platform took the request and works on it: asking again would only add to its load.
            raise Unreachable(
                f"The platform did not answer within {READ_TIMEOUT_S:.0f} s. It may still be at work.",
                code="timeout",
            ) from error
        except httpx.TransportError as error:
            if last:
                raise Unreachable(self._platform.silence) from error
            return None

    @staticmethod
    def _authorize(request: httpx.Request, token: str) -> None:
        request.headers["Authorization"] = f"Bearer {token}"


def _token_of(request: httpx.Request) -> str:
    return request.headers["Authorization"].removeprefix("Bearer ")


def _is_temporary(method: str, status: int) -> bool:
    return status == _TOO_MANY or (method == "GET" and status in _TEMPORARY)


def failure_of(response: httpx.Response) -> Failure:
    """Turn a response over 399 into the failure it means, with the platform's own code, message and request id."""
    code, message, request_id = _error_of(response)
    request_id = request_id or response.headers.get("x-amzn-requestid", "")
    if response.status_code == _UNAUTHORIZED:
        text = f"The platform does not accept the sign-in: {message} Sign in with `strata login`."
        return SignInNeeded(text, code=code, request_id=request_id)
    return Failure(message, code=code, status=response.status_code, request_id=request_id)


def _error_of(response: httpx.Response) -> tuple[str, str, str]:
    """Read code, message and request id; a gateway in front of the API sends only `{"message"}`, or not even JSON."""
    try:
        content = response.json()
    except ValueError:
        content = None
    content = content if isinstance(content, dict) else {}
    error = content.get("error")
    detail = error if isinstance(error, dict) else {}
    status = response.status_code
    message = detail.get("message") or content.get("message") or f"The platform answered {status} without a reason."
    return str(detail.get("code") or f"http_{status}"), str(message), str(detail.get("request_id") or "")
