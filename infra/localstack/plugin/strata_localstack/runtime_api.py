"""The Lambda Runtime API for one execution environment, on a free port of 127.0.0.1.

Source:
    AWS Lambda Developer Guide, "Using the Lambda runtime API" (version 2018-06-01).
"""

import queue
import threading
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PREFIX = "/2018-06-01/runtime/"


@dataclass(frozen=True)
class Invocation:
    """One event for the function.

    Args:
        request_id: of the invocation.
        headers: what the Runtime API says of it.
        event: JSON.
        outcome: becomes (is an error, JSON) when the function answers.
    """

    request_id: str
    headers: dict[str, str]
    event: bytes
    outcome: "Future[tuple[bool, bytes]]" = field(default_factory=Future)


class InitFailed(Exception):
    """The function's module could not be loaded; `payload` is the error that its runtime reported."""

    def __init__(self, payload: bytes) -> None:
        super().__init__("the function could not be loaded")
        self.payload = payload


class RuntimeApi:
    """Hands invocations to one runtime process, one at a time, and takes their outcomes."""

    def __init__(self) -> None:
        self.ready: Future[None] = Future()
        self._waiting: queue.Queue[Invocation | None] = queue.Queue()
        self._current: Invocation | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"api": self}))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def address(self) -> str:
        """Give what `AWS_LAMBDA_RUNTIME_API` holds: host and port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def submit(self, invocation: Invocation) -> None:
        """Queue an event for the runtime's next poll."""
        self._waiting.put(invocation)

    def close(self) -> None:
        """Stop listening and let a poll that waits end."""
        self._waiting.put(None)
        self._server.shutdown()
        self._server.server_close()

    def next(self) -> Invocation | None:
        """Wait for the next event; the first call says that the function is loaded. None when closed."""
        with suppress(InvalidStateError):
            self.ready.set_result(None)
        self._current = self._waiting.get()
        return self._current

    def report(self, path: str, body: bytes) -> bool:
        """Take what the runtime posts; False for an unknown path or an invocation that is over."""
        if path == "init/error":
            with suppress(InvalidStateError):
                self.ready.set_exception(InitFailed(body))
            return True
        request_id, _, kind = path.removeprefix("invocation/").partition("/")
        current = self._current
        if current is None or current.request_id != request_id or kind not in {"response", "error"}:
            return False
        with suppress(InvalidStateError):  # it timed out a moment ago
            current.outcome.set_result((kind == "error", body))
        return True


class _Handler(BaseHTTPRequestHandler):
    api: RuntimeApi
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body go in two writes: 40 ms of delayed acknowledgement otherwise
    wbufsize = -1

    def do_GET(self) -> None:
        invocation = self.api.next() if self.path == PREFIX + "invocation/next" else None
        if invocation is None:
            self._answer(404, b"{}")
        else:
            self._answer(200, invocation.event, invocation.headers)

    def do_POST(self) -> None:
        body = self._body()
        self._answer(202 if self.api.report(self.path.removeprefix(PREFIX), body) else 400, b"{}")

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":  # errors arrive in chunks
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(ConnectionError):  # the runtime was killed
            self.wfile.write(body)
            self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Keep LocalStack's log free of polls."""
