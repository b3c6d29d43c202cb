"""What the adapter does on Serverless, where half of the engine's calls are forbidden."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError, RequestError

from functions.ml.adapters.opensearch_index import OpenSearchIndex
from functions.ml.adapters.opensearch_index.dialects import VISIBLE_POLLS
from functions.ml.adapters.opensearch_index.documents import document_of
from functions.ml.adapters.opensearch_index.layout import VERSION
from functions.ml.documents import Metadata
from functions.ml.ports import Candidates, Filters, Scope, StoredGeneration
from infra.local.opensearch.server import OpenSearchServer
from shared.kernel.errors import Invalid, Unavailable
from tests.fakes.chunks import EVERYBODY, TENANT, make_chunk
from tests.fakes.opensearch_serverless import Gate, serverless_index
from tests.opensearch_server import fresh_prefix, request

pytestmark = pytest.mark.opensearch
SCOPE = Scope(TENANT, ("kb-1",), (EVERYBODY,))
VECTOR = (1.0, 0.0, 0.0)


@pytest.fixture
def prefix(opensearch: OpenSearchServer) -> Iterator[str]:
    name = fresh_prefix()
    yield name
    request(opensearch, "DELETE", f"/{name}-*?expand_wildcards=all")
    request(opensearch, "DELETE", f"/_index_template/{name}-*")


@pytest.fixture
def index(opensearch: OpenSearchServer, prefix: str) -> OpenSearchIndex:
    return serverless_index(opensearch.url, prefix)


def test_the_gate_refuses_what_serverless_refuses(opensearch: OpenSearchServer) -> None:
    client = OpenSearch([opensearch.url], connection_class=Gate)
    with pytest.raises(NotFoundError):
        client.delete_by_query(index="x", body={"query": {"match_all": {}}})
    with pytest.raises(NotFoundError):
        client.indices.refresh(index="x")
    with pytest.raises(RequestError):
        client.bulk(body=[{"index": {"_index": "x", "_id": "1"}}, {"a": 1}])
    with pytest.raises(RequestError):
        client.bulk(body=[{"index": {"_index": "x"}}, {"a": 1}], params={"refresh": "true"})
    with pytest.raises(RequestError):
        client.search(index="x", body={"query": {"match_all": {}}}, params={"routing": "t"})
    client.close()


def test_an_empty_collection_answers_nothing(index: OpenSearchIndex) -> None:
    assert index.search(SCOPE, text="anything", vector=VECTOR, limit=5) == Candidates((), ())
    assert index.count(TENANT, "doc-1", 1) == 0
    assert index.delete(TENANT, "doc-1", through_generation=9) == 0
    assert (list(index.generations(TENANT)), index.tenants()) == ([], [])


def test_what_is_written_is_found_on_return_as_on_a_server(index: OpenSearchIndex) -> None:
    told = Metadata(folder="a/b", tags=("x",))
    chunk = replace(make_chunk("green tea", readers=("user:1", EVERYBODY)), text_key="k", metadata=told)
    other = make_chunk("black coffee", document_id="doc-2", vector=(0.6, 0.8, 0.0))
    assert index.upsert([chunk, other]) == []
    found = index.search(SCOPE, text="tea", vector=VECTOR, limit=5)
    assert [hit.indexed for hit in found.lexical] == [replace(chunk, vector=(), text_key="")]
    assert [hit.indexed.document_id for hit in found.dense] == ["doc-1", "doc-2"]
    assert [hit.score for hit in found.dense] == pytest.approx([1.0, 0.6])
    narrowed = replace(SCOPE, filters=Filters(folders=("a",), tags=("x", "y")))
    assert list(index.chunks(narrowed, [chunk.chunk_id, other.chunk_id])) == [chunk.chunk_id]
    assert index.vectors(TENANT, ["k"]) == {"k": pytest.approx(VECTOR)}
    assert index.releases(TENANT, ["kb-1"]) == {"release-1"}
    assert index.tenants() == [TENANT]
    with pytest.raises(Invalid) as mismatch:
        index.search(SCOPE, text="", vector=(1.0, 0.0), limit=5)
    assert mismatch.value.code == "dimension_mismatch"


def test_a_chunk_that_is_written_again_is_there_once(index: OpenSearchIndex) -> None:
    index.upsert([make_chunk("old words"), make_chunk("bystander", ordinal=1)])
    index.upsert([make_chunk("new text", vector=(0.0, 1.0, 0.0))])
    assert index.count(TENANT, "doc-1", 1) == 2
    found = index.search(SCOPE, text="old new bystander", vector=(0.0, 1.0, 0.0), limit=5)
    assert {hit.indexed.chunk.text for hit in found.lexical} == {"new text", "bystander"}
    assert len({hit.indexed.chunk_id for hit in found.dense}) == len(found.dense) == 2
    assert index.delete(TENANT, "doc-1", through_generation=1) == 2
    assert index.search(SCOPE, text="old new bystander", vector=VECTOR, limit=5) == Candidates((), ())


def test_a_chunk_with_two_documents_is_one_chunk(
    index: OpenSearchIndex, opensearch: OpenSearchServer, prefix: str
) -> None:
    """As after a worker that ended between its write and the delete of what it replaced."""
    chunk = make_chunk("left behind")
    index.upsert([chunk])
    target = f"/{prefix}-chunks-v{VERSION}-d3/_doc?refresh=true"
    request(opensearch, "POST", target, document_of(chunk))
    found = index.search(SCOPE, text="behind", vector=VECTOR, limit=5)
    assert (len(found.lexical), len(found.dense)) == (1, 1)
    assert index.count(TENANT, "doc-1", None) == 1
    assert [one.chunks for one in index.generations(TENANT)] == [1]
    assert index.delete(TENANT, "doc-1", through_generation=1) == 1
    assert index.search(SCOPE, text="behind", vector=VECTOR, limit=5) == Candidates((), ())


def test_generations_are_deleted_between_others(index: OpenSearchIndex) -> None:
    for generation in (1, 2, 3):
        index.upsert([make_chunk("text", generation=generation, ordinal=n) for n in range(3)])
    assert index.delete(TENANT, "doc-1", from_generation=2, through_generation=2) == 3
    assert list(index.generations(TENANT)) == [StoredGeneration("kb-1", "doc-1", n, 3) for n in (1, 3)]


def test_a_write_that_does_not_show_is_not_taken_for_done(opensearch: OpenSearchServer, prefix: str) -> None:
    waited: list[float] = []
    engine = serverless_index(opensearch.url, prefix)
    engine.upsert([make_chunk()])
    request(opensearch, "PUT", f"/{prefix}-*/_settings", {"index": {"refresh_interval": "-1"}})
    blind = serverless_index(opensearch.url, prefix, pause=waited.append)
    with pytest.raises(Unavailable) as told:
        blind.upsert([make_chunk("unseen", ordinal=1)])
    assert told.value.code == "index_not_visible"
    assert len(waited) == VISIBLE_POLLS
