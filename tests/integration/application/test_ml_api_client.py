"""The ML API's client against a real HTTP server that answers what each test wants."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest

from functions.application.adapters.ml_api_client import MlApiClient
from shared.contracts.ml_api import AnswerRequest, Caller
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
from tests.cloud import cloud
from tests.fakes.application_ports import MemoryMl, SteppedClock

REQUEST = AnswerRequest(
    caller=Caller(tenant_id="acme", user_id="ada", readers=("tenant:acme",)), kb_ids=("kb_1",), question="Größe?"
)
ANSWER = MemoryMl().answer(REQUEST).model_dump_json().encode()


class MlServer(ThreadingHTTPServer):
    """Answers every request with `reply`; keeps what came."""

    reply: tuple[int, bytes] = (200, ANSWER)
    seen: list[tuple[str, str, dict[str, str], bytes]]


class Respond(BaseHTTPRequestHandler):
    server: MlServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.command, self.path, headers, body))
        status, content = self.server.reply
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST  # noqa: N815 - the names are the server's

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[MlServer]:
    made = MlServer(("127.0.0.1", 0), Respond)
    made.seen = []
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def ml(server: MlServer, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[MlApiClient]:
    with cloud(monkeypatch):
        set_url(f"http://127.0.0.1:{server.server_port}/live/")
        made = MlApiClient("/strata/test/ml-api-url", clock)
        yield made
        made._pool.clear()


def set_url(url: str) -> None:
    boto3.client("ssm").put_parameter(Name="/strata/test/ml-api-url", Value=url, Type="String", Overwrite=True)


def test_a_question_is_sent_signed_and_its_answer_read(server: MlServer, ml: MlApiClient) -> None:
    assert ml.answer(REQUEST).text == "answer 1 [1]"
    method, path, headers, body = server.seen[0]
    assert (method, path) == ("POST", "/live/v1/answers")
    assert AnswerRequest.model_validate_json(body) == REQUEST
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=")
    assert "/eu-central-1/execute-api/aws4_request" in headers["authorization"]


def test_a_read_has_no_body(server: MlServer, ml: MlApiClient) -> None:
    server.reply = (200, MemoryMl().releases().model_dump_json().encode())
    assert len(ml.releases().releases) == 2
    assert (server.seen[0][0], server.seen[0][1], server.seen[0][3]) == ("GET", "/live/v1/releases", b"")


def test_the_reconciler_is_run_and_its_report_read(server: MlServer, ml: MlApiClient) -> None:
    report = MemoryMl().reconcile()
    server.reply = (200, report.model_dump_json().encode())
    assert ml.reconcile() == ml.reconciliation() == report
    assert [seen[:2] for seen in server.seen] == [(m, "/live/v1/reconciliations") for m in ("POST", "GET")]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Invalid),
        (403, Forbidden),
        (404, NotFound),
        (409, Conflict),
        (413, TooLarge),
        (429, TooMany),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_an_error_keeps_its_kind_code_and_message(
    server: MlServer, ml: MlApiClient, status: int, kind: type[PlatformError]
) -> None:
    server.reply = (status, json.dumps({"error": {"code": "the_code", "message": "The sentence."}}).encode())
    with pytest.raises(kind) as caught:
        ml.answer(REQUEST)
    assert (caught.value.code, caught.value.message) == ("the_code", "The sentence.")
    if isinstance(caught.value, TooMany):
        assert caught.value.retry_after_s == 7


@pytest.mark.parametrize("reply", [(403, b'{"message": "Forbidden"}'), (502, b"<html>"), (504, b""), (301, b"")])
def test_what_is_not_the_ml_layers_word_is_unavailable(
    server: MlServer, ml: MlApiClient, reply: tuple[int, bytes]
) -> None:
    server.reply = reply
    with pytest.raises(Unavailable):
        ml.answer(REQUEST)


@pytest.mark.parametrize("content", [b"", b"{}", b"not json"])
def test_an_unreadable_answer_is_never_an_empty_one(server: MlServer, ml: MlApiClient, content: bytes) -> None:
    server.reply = (200, content)
    with pytest.raises(Unavailable) as caught:
        ml.answer(REQUEST)
    assert caught.value.code == "ml_reply_malformed"


def test_a_refused_connection_is_unavailable_and_a_new_address_is_found_within_a_minute(
    server: MlServer, ml: MlApiClient, clock: SteppedClock
) -> None:
    set_url("http://127.0.0.1:9")
    with pytest.raises(Unavailable) as caught:
        ml.answer(REQUEST)
    assert caught.value.code == "ml_unavailable"
    set_url(f"http://127.0.0.1:{server.server_port}")
    with pytest.raises(Unavailable):
        ml.answer(REQUEST)
    clock.advance(61)
    assert ml.answer(REQUEST).refused is False
    assert server.seen[0][1] == "/v1/answers"


def test_a_missing_address_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    with cloud(monkeypatch), pytest.raises(Unavailable):
        MlApiClient("/none").releases()
