"""The fake public API, its store, its user pool and its functions behind one real HTTP server on 127.0.0.1."""

import base64
import email.parser
import email.policy
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.public_api import PublicApi, Refused
from tests.fakes.public_api_routes import handle

FUNCTIONS = ("strata-local-reconciler", "strata-local-projector", "strata-local-ml-answering")


class Server(ThreadingHTTPServer):
    """Serves one `PublicApi`; requests that do not go through it take its lock."""

    daemon_threads = True

    def __init__(self, state: PublicApi) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.state = state
        self.lock = threading.Lock()
        state.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent: clients of these tests go away in the middle on purpose."""


class Handler(BaseHTTPRequestHandler):
    """Sorts requests by what they are for."""

    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""

    def _respond(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _handle(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/store":
            self._store()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if url.path.startswith("/2015-03-31/functions"):
            self._lambda(url.path, body)
        elif "X-Amz-Target" in self.headers:
            self._sign_in(json.loads(body))
        else:
            self._api(url.path, dict(parse_qsl(url.query)), json.loads(body) if body else None)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815 - names of the base class

    def _sign_in(self, wish: dict[str, Any]) -> None:
        try:
            with self.server.lock:
                result = self.server.state.sign_in(wish)
        except Refused as error:
            self._respond(error.status, json.dumps({"__type": error.code, "message": error.message}).encode())
        else:
            self._respond(200, json.dumps(result).encode())

    def _api(self, path: str, query: dict[str, str], body: Any) -> None:
        path = path.removeprefix("/v1")
        try:
            with self.server.lock:
                status, result = handle(self.server.state, f"{self.command} {path}", query, body, self.headers)
        except Refused as error:
            detail = {"code": error.code, "message": error.message, "request_id": "req-1"}
            self._respond(error.status, json.dumps({"error": detail}).encode(), error.headers)
        else:
            self._respond(status, result.model_dump_json().encode())

    def _store(self) -> None:
        length = int(self.headers["Content-Length"])
        with self.server.lock:
            cut = self.server.state.cut > 0
            self.server.state.cut -= cut
            self.server.state.seen.append("POST /store")
        if cut:
            self.rfile.read(length // 2)
            self.close_connection = True
            self.connection.close()
            return
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + self.rfile.read(length))
        parts = [(part.get_param("name", header="Content-Disposition"), part) for part in form.iter_parts()]
        fields = {str(name): bytes(part.get_payload(decode=True)) for name, part in parts}
        with self.server.lock:
            assert parts[-1][0] == "file"  # the store ignores every field after the file
            key = fields["key"].decode()
            if fields["file"].startswith(b"forbidden"):
                self._respond(403, b"<Error><Code>AccessDenied</Code><Message>Policy expired.</Message></Error>")
                return
            self.server.state.receive(key, fields["file"])
        self._respond(204, b"")

    def _lambda(self, path: str, body: bytes) -> None:
        if self.command == "GET":
            functions = [{"FunctionName": name} for name in FUNCTIONS]
            self._respond(200, json.dumps({"Functions": functions}).encode())
            return
        headers = {"X-Amz-Log-Result": base64.b64encode(b"START\nreconciled\nEND").decode()}
        if b"explode" in body:
            headers["X-Amz-Function-Error"] = "Unhandled"
        self._respond(200, json.dumps({"function": path.split("/")[3], "event": json.loads(body)}).encode(), headers)


@contextmanager
def serving(state: PublicApi) -> Iterator[Server]:
    """Serve a state until the block ends."""
    server = Server(state)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
