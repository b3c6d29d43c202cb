"""A bucket that refuses access, over HTTP as S3 refuses it: what an operator can mend, never a missing object."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from functions.ml.adapters.s3_objects import S3Objects
from shared.kernel import aws
from shared.kernel.errors import Unavailable

BODY = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


class Refuses(BaseHTTPRequestHandler):
    """Answers 403 to everything; a HEAD has no body."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(403)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(BODY)

    do_HEAD = do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815 - the names that the server looks for

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Objects]:
    with HTTPServer(("127.0.0.1", 0), Refuses) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        aws._client.cache_clear()
        yield S3Objects("documents")
        aws._client("s3").close()  # type: ignore[attr-defined]
        aws._client.cache_clear()
        server.shutdown()


@pytest.mark.parametrize("call", ["head", "read", "download", "write", "delete", "list"])
def test_a_refused_right_is_told_as_such(bucket: S3Objects, call: str, tmp_path: Path) -> None:
    calls = {
        "head": lambda: bucket.head("a"),
        "read": lambda: bucket.read("a"),
        "download": lambda: bucket.download("a", tmp_path / "a", version="v"),
        "write": lambda: bucket.write("a", b"x"),
        "delete": lambda: bucket.delete(["a"]),
        "list": lambda: list(bucket.list("a")),
    }
    with pytest.raises(Unavailable) as refused:
        calls[call]()  # type: ignore[no-untyped-call]
    assert refused.value.code == "storage_denied"
    assert "operator" in refused.value.message
