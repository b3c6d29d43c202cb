"""Where and how often the keys of sign-in are fetched."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from functions.application.adapters.tokens import CognitoTokens, cognito_tokens, fetch_keys
from shared.kernel.errors import Unauthorized, Unavailable
from tests.cloud import cloud
from tests.fakes.application import AUDIENCE, ISSUER
from tests.fakes.application_ports import SteppedClock
from tests.handlers.api.client import key_set, token


class CountedKeys:
    """A key set that counts how often it is read."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {"keys": []}
        self.reads = 0

    def __call__(self) -> dict[str, Any]:
        self.reads += 1
        return self.keys


def test_keys_are_fetched_once_and_for_unknown_keys_at_most_every_five_minutes() -> None:
    keys, clock = CountedKeys(), SteppedClock()
    keys.keys = key_set()
    verify = CognitoTokens(issuer=ISSUER, audience=AUDIENCE, fetch_keys=keys, clock=clock)
    assert verify(token("ada")) == "ada"
    assert verify(token("bob")) == "bob"
    for _ in range(5):
        with pytest.raises(Unauthorized):
            verify(token("ada", kid="unknown"))
    assert keys.reads == 1
    clock.advance(301)
    for _ in range(5):
        with pytest.raises(Unauthorized):
            verify(token("ada", kid="unknown"))
    assert keys.reads == 2


def test_a_rotated_key_is_found() -> None:
    keys, clock = CountedKeys(), SteppedClock()
    keys.keys = {"keys": [{**key_set()["keys"][0], "kid": "old"}]}
    verify = CognitoTokens(issuer=ISSUER, audience=AUDIENCE, fetch_keys=keys, clock=clock)
    with pytest.raises(Unauthorized):
        verify(token("ada"))
    keys.keys = key_set()
    clock.advance(301)
    assert verify(token("ada")) == "ada"


class Keys(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.path == "/eu-central-1_pool/.well-known/jwks.json"
        content = b'{"keys": []}' if known else b"{}"
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    with cloud(monkeypatch):
        yield url
    server.shutdown()
    thread.join()
    server.server_close()


def test_keys_come_from_where_the_cognito_client_points(endpoint: str) -> None:
    assert fetch_keys("eu-central-1_pool") == {"keys": []}
    with pytest.raises(Unavailable):
        fetch_keys("eu-central-1_other")


def test_the_issuer_is_the_pools_and_never_the_endpoint(endpoint: str) -> None:
    assert cognito_tokens("eu-central-1_pool", "client")._issuer == ISSUER
