"""A server on 127.0.0.1 that speaks two embedding protocols: OpenAI `/v1/embeddings` and Bedrock `/model/{id}/invoke`.

It refuses what the real services refuse (blank texts, too many or too long texts, a missing key), gives the same text
the same vector, and answers with a queued reply first where a test queued one.
"""

import json
import math
import random
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import unquote

OPENAI_DIMENSIONS = 48
TITAN_DIMENSIONS = 1024
COHERE_MOST_TEXTS = 96


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with a status; `error_type` is the header by which AWS names an error."""

    body: Mapping[str, Any] | str
    status: int = 200
    error_type: str = ""


class HungUp:
    """Instead of an answer: nothing, until the server closes."""


@dataclass
class EmbeddingServer:
    """What the server holds.

    Attributes:
        url: where it listens.
        queued: answered before anything else, first in, first out.
        requests: path and body of every request.
    """

    url: str = ""
    queued: deque[Reply | HungUp] = field(default_factory=deque)
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def answer(self, path: str, body: dict[str, Any], authorization: str) -> Reply | HungUp:
        """Return the queued reply, else what the protocol says."""
        self.requests.append((path, body))
        if self.queued:
            return self.queued.popleft()
        if path == "/v1/embeddings":
            return _openai(body, authorization)
        model = unquote(path.split("/")[2])
        return _titan(body) if "titan" in model else _cohere(body, model)


def vector_of(text: str, dimensions: int, length: float = 1.0) -> list[float]:
    """Return a vector that only the text decides, of the given L2 norm."""
    numbers = random.Random(text)
    raw = [numbers.gauss(0, 1) for _ in range(dimensions)]
    norm = math.hypot(*raw)
    return [number * length / norm for number in raw]


def openai_error(status: int, kind: str) -> Reply:
    """An error as OpenAI's API words it."""
    return Reply({"error": {"message": kind, "type": kind, "param": None, "code": kind}}, status)


def bedrock_error(status: int, kind: str) -> Reply:
    """An error as Bedrock's API words it."""
    return Reply({"message": kind}, status, error_type=kind)


def _openai(body: dict[str, Any], authorization: str) -> Reply:
    texts = body["input"]
    if authorization != "Bearer right-key":
        return openai_error(401, "invalid_api_key")
    if body["model"] != "embedding-of-tests":
        return openai_error(404, "model_not_found")
    if not all(isinstance(text, str) and text for text in texts):
        return openai_error(400, "invalid_request_error")
    data = [
        {"object": "embedding", "index": index, "embedding": vector_of(text, OPENAI_DIMENSIONS, length=3.0)}
        for index, text in enumerate(texts)
    ]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return Reply({"object": "list", "data": data[::-1], "model": body["model"], "usage": usage})


def _titan(body: dict[str, Any]) -> Reply:
    if set(body) != {"inputText", "dimensions", "normalize"} or not 1 <= len(body["inputText"]) <= 50_000:
        return bedrock_error(400, "ValidationException")
    return Reply({"embedding": vector_of(body["inputText"], body["dimensions"]), "inputTextTokenCount": 1})


def _cohere(body: dict[str, Any], model: str) -> Reply:
    newer = "embed-v4" in model
    texts = body["texts"]
    too_long = not newer and any(len(text) > 2048 for text in texts)
    allowed = {"NONE", "LEFT", "RIGHT"} if newer else {"NONE", "START", "END"}
    if len(texts) > COHERE_MOST_TEXTS or too_long or not all(texts) or body["truncate"] not in allowed:
        return bedrock_error(400, "ValidationException")
    if body["input_type"] not in {"search_query", "search_document"}:
        return bedrock_error(400, "ValidationException")
    vectors = [vector_of(body["input_type"] + text, 1536 if newer else 1024, length=20.0) for text in texts]
    return Reply({"id": "1", "texts": texts, "response_type": "embeddings_by_type", "embeddings": {"float": vectors}})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        state = cast("_Server", self.server).state
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        reply = state.answer(self.path, body, self.headers.get("Authorization", ""))
        if isinstance(reply, HungUp):
            state.closing.wait()
            self.close_connection = True
            return
        content = (reply.body if isinstance(reply.body, str) else json.dumps(reply.body)).encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if reply.error_type:
            self.send_header("x-amzn-ErrorType", reply.error_type)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    state: EmbeddingServer


@contextmanager
def running_embedding_server() -> Iterator[EmbeddingServer]:
    """Run the server on a free port until the block ends."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.state = EmbeddingServer(url=f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.state
        finally:
            server.state.closing.set()
            server.shutdown()
            thread.join()
