"""What only OpenSearch must do: die in the middle, be busy, be away, be made by several at once, be Serverless."""

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.ml.adapters.opensearch_index import OpenSearchIndex, layout
from functions.ml.adapters.opensearch_index.address import Address
from functions.ml.adapters.opensearch_index.cluster import Cluster, connect
from functions.ml.adapters.opensearch_index.dialects import Server
from functions.ml.adapters.search_engines import search_index
from functions.ml.documents import IndexedChunk
from functions.ml.ports import Candidates, Hit, Scope
from infra.local.opensearch.server import OpenSearchServer
from shared.kernel.errors import Invalid, Unavailable
from tests.fakes.chunks import EVERYBODY, TENANT, make_chunk
from tests.integration.emulator_process import free_port
from tests.opensearch_server import fresh_index, fresh_prefix, request, running_server, setting

pytestmark = pytest.mark.opensearch
SCOPE = Scope(TENANT, ("kb-1",), (EVERYBODY,))
VECTOR = (1.0, 0.0, 0.0)


@pytest.fixture
def index(opensearch: OpenSearchServer) -> Iterator[OpenSearchIndex]:
    with fresh_index(opensearch) as engine:
        yield engine


def ids(hits: tuple[Hit, ...]) -> list[str]:
    return [hit.indexed.chunk_id for hit in hits]


def uses(engine: OpenSearchIndex) -> list[Callable[[], object]]:
    """Every call of the port."""
    return [
        lambda: engine.upsert([make_chunk()]),
        lambda: engine.search(SCOPE, text="line", vector=VECTOR, limit=5),
        lambda: engine.chunks(SCOPE, ["doc-1#1#0"]),
        lambda: engine.vectors(TENANT, ["key"]),
        lambda: engine.count(TENANT, "doc-1", 1),
        lambda: engine.delete(TENANT, "doc-1", through_generation=1),
        lambda: engine.releases(TENANT, ["kb-1"]),
        lambda: list(engine.generations(TENANT)),
        engine.tenants,
    ]


def unhurried(url: str) -> OpenSearchIndex:
    """An index whose tries follow each other at once."""
    address = Address.parse(f"opensearch:{url}/test")
    return OpenSearchIndex(Cluster(lambda: connect(address), pause=lambda _: None), "test", Server())


def test_a_killed_server_keeps_what_it_confirmed_and_takes_the_rest_again(tmp_path: Path) -> None:
    """The server dies while bulks run; nothing confirmed is lost, and what was not is written again whole."""
    confirmed: list[list[IndexedChunk]] = []
    with running_server(tmp_path / "server") as server:
        engine = search_index(setting(server, "test"))
        parts = [
            [make_chunk(f"line {n}", document_id=f"doc-{part}", ordinal=n) for n in range(200)] for part in range(200)
        ]

        def write() -> None:
            for part in parts:
                try:
                    assert engine.upsert(part) == []
                except Unavailable:
                    return
                confirmed.append(part)

        writer = threading.Thread(target=write)
        writer.start()
        while len(confirmed) < 3:
            time.sleep(0.01)
        server.kill()
        writer.join(60)
        assert 3 <= len(confirmed) < len(parts)
        with pytest.raises(Unavailable):
            engine.search(SCOPE, text="line", vector=VECTOR, limit=5)
        server.start(on_progress=lambda _: None).wait_until_healthy()
        found = {one.document_id: one.chunks for one in engine.generations(TENANT)}
        assert all(found[part[0].document_id] == 200 for part in confirmed)
        interrupted = parts[len(confirmed)]
        assert engine.upsert(interrupted) == []
        assert engine.count(TENANT, interrupted[0].document_id, 1) == 200
        again = engine.search(SCOPE, text="line", vector=VECTOR, limit=100)
        assert (len(again.lexical), len(again.dense)) == (100, 100)


def test_an_engine_that_is_away_is_never_an_empty_one() -> None:
    for use in uses(unhurried(f"http://127.0.0.1:{free_port()}")):
        with pytest.raises(Unavailable) as told:
            use()
        assert told.value.code == "index_failed"
        assert told.value.message.endswith(".")


@contextmanager
def answering(status: int, body: object) -> Iterator[tuple[str, list[str]]]:
    """A server that answers everything alike; yields its address and what it was asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(f"{self.command} {self.path}")
            self.rfile.read(int(self.headers.get("content-length", 0)))
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer  # noqa: N815 - the library's names

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@pytest.mark.parametrize(
    ("status", "code"), [(429, "index_busy"), (403, "index_denied"), (503, "index_failed"), (500, "index_failed")]
)
def test_an_engine_that_refuses_for_now_is_unavailable_and_says_why(status: int, code: str) -> None:
    with answering(status, {"error": {"type": "some_exception"}, "status": status}) as (url, asked):
        for use in uses(unhurried(url)):
            with pytest.raises(Unavailable) as told:
                use()
            assert told.value.code == code
    tries = 4 if status in (429, 503) else 1
    assert len(asked) == tries * len(uses(unhurried(url)))


@pytest.mark.parametrize(
    "part",
    [
        {"_shards": {"failed": 1, "failures": [{"reason": {"type": "shard_trouble"}}]}},
        {"timed_out": True, "_shards": {"failed": 0}},
        {"error": {"type": "all_shards_failed"}, "status": 503},
    ],
)
def test_an_answer_that_a_part_is_missing_from_is_none(part: dict[str, Any]) -> None:
    answer = {"hits": {"hits": [], "total": {"value": 0}}, **part}
    with answering(200, {**answer, "responses": [answer]}) as (url, _):
        engine = unhurried(url)
        engine._layout._checked = True
        for use in (
            lambda: engine.search(SCOPE, text="line", vector=None, limit=5),
            lambda: engine.chunks(SCOPE, ["doc-1#1#0"]),
            lambda: engine.count(TENANT, "doc-1", None),
            engine.tenants,
        ):
            with pytest.raises(Unavailable) as told:
                use()
            assert told.value.code == "index_failed"


def bulk_answering(client: Any, items: Callable[[int], dict[str, Any]]) -> Any:
    """Put something in the way of bulks: they are not sent, and each item is answered like this."""
    perform = client.transport.perform_request

    def instead(method: str, url: str, **more: Any) -> Any:
        if "_bulk" not in url:
            return perform(method, url, **more)
        count = len(more["body"].splitlines()) // 2
        return {"errors": True, "items": [{"index": items(n)} for n in range(count)]}

    client.transport.perform_request = instead
    return client


@pytest.mark.parametrize(("status", "temporary"), [(429, True), (503, True), (500, True), (400, False), (413, False)])
def test_a_bulk_is_read_item_by_item(opensearch: OpenSearchServer, status: int, temporary: bool) -> None:
    prefix = fresh_prefix()
    client = connect(Address.parse(setting(opensearch, prefix)))

    def item(n: int) -> dict[str, Any]:
        return {"status": status, "error": {"type": "trouble"}} if n % 2 else {"status": 201}

    engine = OpenSearchIndex(Cluster(lambda: bulk_answering(client, item)), prefix, Server())
    failures = engine.upsert([make_chunk(f"line {n}", ordinal=n) for n in range(4)])
    assert [(one.chunk_id, one.temporary) for one in failures] == [("doc-1#1#1", temporary), ("doc-1#1#3", temporary)]
    assert failures[0].reason == f"trouble ({status})"
    client.close()


def test_a_whole_bulk_that_is_throttled_is_taken_later(index: OpenSearchIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    index.upsert([make_chunk("first")])
    chunks = [make_chunk("second", ordinal=n) for n in range(3)]
    with answering(429, {"error": {"type": "rejected_execution_exception"}, "status": 429}) as (url, _):
        busy = unhurried(url)
        monkeypatch.setattr(busy._writer._layout, "length_of", lambda *_: 3)
        failures = busy.upsert(chunks)
    assert [(one.chunk_id, one.temporary) for one in failures] == [(chunk.chunk_id, True) for chunk in chunks]


def test_workers_that_start_together_make_one_index(opensearch: OpenSearchServer) -> None:
    prefix, failures = fresh_prefix(), []
    engines = [OpenSearchIndex.at(setting(opensearch, prefix)) for _ in range(6)]
    start = threading.Barrier(len(engines))

    def first_write(n: int) -> None:
        start.wait()
        failures.extend(engines[n].upsert([make_chunk("line", document_id=f"doc-{n}")]))

    workers = [threading.Thread(target=first_write, args=(n,)) for n in range(len(engines))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert failures == []
    assert len(list(engines[0].generations(TENANT))) == len(engines)
    made = request(opensearch, "GET", f"/{prefix}-*/_alias")
    assert made == {f"{prefix}-chunks-v{layout.VERSION}-d3": {"aliases": {
        f"{prefix}-chunks-v{layout.VERSION}-release-release-1": {"filter": {"term": {"release_id": "release-1"}}}
    }}}  # fmt: skip
    request(opensearch, "DELETE", f"/{prefix}-*")


def test_a_field_that_nobody_declared_is_refused(index: OpenSearchIndex, opensearch: OpenSearchServer) -> None:
    index.upsert([make_chunk()])
    target = f"/{index._layout.index_of(3)}/_doc/x?routing={TENANT}"
    answer = request(opensearch, "POST", target, {"invented": 1})
    assert isinstance(answer, dict)
    assert answer["error"]["type"] == "strict_dynamic_mapping_exception"


def test_an_index_of_other_rules_is_told_of_and_not_searched(
    opensearch: OpenSearchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = fresh_prefix()
    OpenSearchIndex.at(setting(opensearch, prefix)).upsert([make_chunk("line")])
    monkeypatch.setattr(layout, "VERSION", layout.VERSION + 1)
    for use in uses(OpenSearchIndex.at(setting(opensearch, prefix))):
        with pytest.raises(Unavailable) as told:
            use()
        assert told.value.code == "index_outdated"
    request(opensearch, "DELETE", f"/{prefix}-*")


def test_an_index_that_somebody_removed_is_made_again(index: OpenSearchIndex, opensearch: OpenSearchServer) -> None:
    index.upsert([make_chunk("line")])
    request(opensearch, "DELETE", f"/{index._layout.index_of(3)}")
    assert index.search(SCOPE, text="line", vector=VECTOR, limit=5) == Candidates((), ())
    assert index.upsert([make_chunk("line")]) == []
    assert ids(index.search(SCOPE, text="line", vector=VECTOR, limit=5).dense) == ["doc-1#1#0"]


def test_a_vector_that_no_index_can_have_is_refused_by_name(index: OpenSearchIndex) -> None:
    with pytest.raises(Invalid) as refused:
        index.upsert([make_chunk(vector=(1.0,) * 16_001)])
    assert refused.value.code == "index_refused"


def test_surrogates_that_stand_side_by_side_stay_two(index: OpenSearchIndex) -> None:
    chunk = make_chunk("two \udbff\udfff and one \U0010ffff")
    index.upsert([chunk])
    assert index.chunks(SCOPE, [chunk.chunk_id]) == {chunk.chunk_id: replace(chunk, vector=())}


def test_the_graph_finds_what_comparing_all_finds(opensearch: OpenSearchServer) -> None:
    """Under filters of every width, with more chunks than are compared one by one."""
    prefix = fresh_prefix()
    address = Address.parse(setting(opensearch, prefix))
    exact = OpenSearchIndex(Cluster(lambda: connect(address)), prefix, Server())
    graph = OpenSearchIndex(Cluster(lambda: connect(address)), prefix, Server(), exact_chunks=0)
    vectors = _spread(1_500)
    exact.upsert([
        make_chunk(f"line {n}", ordinal=n, readers=(f"every-{n % 2}", f"tenth-{n % 10}", f"rare-{n % 300}"),
                   vector=vector) for n, vector in enumerate(vectors)
    ])  # fmt: skip
    for readers in (("every-0", "every-1"), ("tenth-3",), ("rare-7",)):
        scope = replace(SCOPE, readers=readers)
        for query in vectors[:10]:
            right = exact.search(scope, text="", vector=query, limit=20).dense
            near = graph.search(scope, text="", vector=query, limit=20).dense
            assert ids(near) == ids(right)
            assert [hit.score for hit in near] == pytest.approx([hit.score for hit in right], abs=1e-6)
    request(opensearch, "DELETE", f"/{prefix}-*")


def _spread(count: int) -> list[tuple[float, ...]]:
    """Vectors of 24 numbers in every direction."""
    import random

    draw = random.Random(3)
    return [tuple(draw.gauss(0, 1) for _ in range(24)) for _ in range(count)]
