"""A bucket that gives nothing, over HTTP as S3 says so: it refuses access, or is not there."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DENIED = (403, "AccessDenied")
MISSING = (404, "NoSuchBucket")


class Refuses(BaseHTTPRequestHandler):
    """Answers the same to everything; a HEAD has no body."""

    answer = DENIED

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, code = self.answer
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>No.</Message></Error>".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815 - the names that the server looks for

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def refusing_bucket(answer: tuple[int, str] = DENIED) -> Iterator[str]:
    """Answer with this status and code on a free port; yields the address."""
    handler = type("Answers", (Refuses,), {"answer": answer})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
