"""A small HTTP server on 127.0.0.1 that speaks two providers' protocols as they do, good days and bad.

`POST /v1/chat/completions` is OpenAI's (whole and as server-sent events); `POST /model/{id}/converse` and
`/converse-stream` are Bedrock's (JSON, and the binary event stream with its checksums). The model's name chooses the
behaviour, so that one server serves every case.
"""

import binascii
import http.server
import json
import struct
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SLOW_S = 5.0
HELD_S = 20.0
REPLIES = {
    "normal": "The office opens at 9:30 [1].",
    "refuses": "NOT_IN_THE_DOCUMENTS",
    "empty": "",
    "sentences": (
        "Every employee of Fernhill gets 27 days of paid leave a year [1].\n\n"
        "The car park of Fernhill opens at 6:30 and closes at 22:00 [1].\n\n"
        "Ask Ms Ackermann for a badge [1].\n\n"
        "Every employee of Fernhill gets 27 days of paid leave a year [1]."
    ),
}
"""`sentences` sends one paragraph each time that `ModelServer.go_on` is released."""


def event_message(event: str, payload: bytes, *, kind: str = "event") -> bytes:
    """Frame one message of `application/vnd.amazon.eventstream`: lengths, CRC, headers, payload, CRC."""
    name = ":exception-type" if kind == "exception" else ":event-type"
    pairs = {":message-type": kind, name: event, ":content-type": "application/json"}
    headers = b"".join(
        bytes([len(key)]) + key.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for key, value in pairs.items()
    )
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack(">I", binascii.crc32(prelude)) + headers + payload
    return message + struct.pack(">I", binascii.crc32(message))


class ModelHandler(http.server.BaseHTTPRequestHandler):
    """One request; the behaviour is the last part of the model's name."""

    protocol_version = "HTTP/1.1"
    server: "ModelServer"

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        path = urllib.parse.unquote(self.path)
        self.server.requests.append({"path": path, "body": body, "headers": dict(self.headers)})
        bedrock = path.startswith("/model/")
        behaviour = (path.split("/")[2] if bedrock else body["model"]).rpartition("-")[2]
        if behaviour == "slow":
            self.server.stopping.wait(SLOW_S)
        if behaviour in {"429", "500", "400", "403"}:
            self._fail(int(behaviour), bedrock=bedrock)
        elif bedrock and path.endswith("-stream"):
            self._bedrock_stream(behaviour)
        elif body.get("stream"):
            self._openai_stream(behaviour)
        else:
            self._whole(behaviour, bedrock=bedrock)

    def _send(self, status: int, body: bytes, media_type: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _fail(self, status: int, *, bedrock: bool) -> None:
        if bedrock:
            kinds = {
                429: "ThrottlingException", 500: "InternalServerException", 400: "ValidationException",
                403: "AccessDeniedException",
            }  # fmt: skip
            body = json.dumps({"message": "no"}).encode()
            self._send(status, body, x_amzn_errortype=kinds[status], retry_after="7")
        else:
            body = json.dumps({"error": {"message": "no", "type": "error", "param": None, "code": None}}).encode()
            self._send(status, body, retry_after="7")

    def _whole(self, behaviour: str, *, bedrock: bool) -> None:
        if behaviour == "malformed":
            self._send(200, b'{"choices": [{"mess')
            return
        text = REPLIES.get(behaviour, REPLIES["normal"])
        reply: dict[str, Any]
        if bedrock:
            reply = {
                "output": {"message": {"role": "assistant", "content": [{"text": text}]}}, "stopReason": "end_turn",
                "usage": {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18}, "metrics": {"latencyMs": 1},
            }  # fmt: skip
        else:
            message = {"role": "assistant", "content": text}
            reply = {
                "id": "c1", "object": "chat.completion", "created": 1, "model": "m",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
            }  # fmt: skip
        self._send(200, json.dumps(reply).encode())

    def _begin_stream(self, media_type: str) -> None:
        self.send_response(200)
        self.send_header("content-type", media_type)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _pieces(self, behaviour: str) -> list[str]:
        if behaviour == "sentences":
            return REPLIES[behaviour].splitlines(keepends=True)
        words = REPLIES.get(behaviour, REPLIES["normal"]).split(" ")
        return [word if place == 0 else f" {word}" for place, word in enumerate(words) if word]

    def _hang_up(self) -> None:
        """Close in the middle: the chunked body has no end."""
        self.close_connection = True
        self.connection.shutdown(2)

    def _openai_stream(self, behaviour: str) -> None:
        self._begin_stream("text/event-stream")
        if behaviour == "malformed":
            self._chunk(b'data: {"choices": [{"del\n\n')
            self._chunk(b"")
            return
        for place, piece in enumerate(self._pieces(behaviour)):
            if behaviour == "closed" and place == 2:
                self._hang_up()
                return
            if behaviour == "sentences" and piece.strip():
                self.server.go_on.acquire(timeout=HELD_S)
            self._event({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]})
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        self._event({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}})
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _event(self, fields: dict[str, Any]) -> None:
        event = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", **fields}
        self._chunk(f"data: {json.dumps(event)}\n\n".encode())

    def _bedrock_stream(self, behaviour: str) -> None:
        self._begin_stream("application/vnd.amazon.eventstream")
        if behaviour == "malformed":
            self._chunk(event_message("contentBlockDelta", b'{"delta": {"te')[:-2] + b"xx")
            self._chunk(b"")
            return
        self._chunk(event_message("messageStart", b'{"role": "assistant"}'))
        for place, piece in enumerate(self._pieces(behaviour)):
            if behaviour == "closed" and place == 2:
                self._hang_up()
                return
            payload = {"contentBlockIndex": 0, "delta": {"text": piece}}
            self._chunk(event_message("contentBlockDelta", json.dumps(payload).encode()))
            if behaviour == "throttledlate":
                self._chunk(event_message("throttlingException", b'{"message": "no"}', kind="exception"))
                self._chunk(b"")
                return
        self._chunk(event_message("contentBlockStop", b'{"contentBlockIndex": 0}'))
        self._chunk(event_message("messageStop", b'{"stopReason": "end_turn"}'))
        usage = {"usage": {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18}, "metrics": {"latencyMs": 1}}
        self._chunk(event_message("metadata", json.dumps(usage).encode()))
        self._chunk(b"")


class ModelServer(http.server.ThreadingHTTPServer):
    """The server with what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ModelHandler)
        self.requests: list[dict[str, Any]] = []
        self.stopping = threading.Event()
        self.go_on = threading.Semaphore(0)

    def handle_error(self, *_: Any) -> None:
        """A client that hung up is no news."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """Serve until the block ends."""
    server = ModelServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()
