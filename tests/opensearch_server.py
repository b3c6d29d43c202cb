"""A real OpenSearch for tests: one server a run, every test with indices of its own."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from functions.ml.adapters.opensearch_index import OpenSearchIndex
from functions.ml.adapters.opensearch_index.address import Address
from functions.ml.adapters.opensearch_index.cluster import Cluster, connect
from functions.ml.adapters.opensearch_index.dialects import Dialect, Server
from infra.local.opensearch.server import OpenSearchServer


@contextmanager
def running_server(folder: Path) -> Iterator[OpenSearchServer]:
    """Start a server and end it; where there is no Java the test fails and says what to install."""
    server = OpenSearchServer(folder)
    try:
        yield server.start(on_progress=lambda _: None).wait_until_healthy()
    finally:
        server.stop()


def setting(server: OpenSearchServer, prefix: str) -> str:
    """What SEARCH_URL is for this server."""
    return f"opensearch:{server.url}/{prefix}"


def fresh_prefix() -> str:
    return f"test-{uuid4().hex[:12]}"


def request(server: OpenSearchServer, method: str, path: str, body: object = None) -> object:
    """Ask the server past the adapter."""
    content = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(server.url + path, content, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            return json.loads(error.read())


@contextmanager
def fresh_index(server: OpenSearchServer, dialect: Dialect | None = None) -> Iterator[OpenSearchIndex]:
    """An index with indices of its own, which are removed with it."""
    prefix = fresh_prefix()
    address = Address.parse(setting(server, prefix))
    client = connect(address)
    try:
        yield OpenSearchIndex(Cluster(lambda: client, pause=lambda s: time.sleep(s / 10)), prefix, dialect or Server())
    finally:
        client.close()
        if server.process is not None and server.process.poll() is None:
            request(server, "DELETE", f"/{prefix}-*?expand_wildcards=all")
            request(server, "DELETE", f"/_index_template/{prefix}-*")
