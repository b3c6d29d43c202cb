"""The `SearchIndex` port on OpenSearch."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeVar

from functions.ml.adapters.opensearch_index import queries
from functions.ml.adapters.opensearch_index.address import Address
from functions.ml.adapters.opensearch_index.cluster import Cluster, Json, connect
from functions.ml.adapters.opensearch_index.dialects import Dialect, Server, Serverless
from functions.ml.adapters.opensearch_index.documents import chunk_of, key_term
from functions.ml.adapters.opensearch_index.layout import Layout
from functions.ml.adapters.opensearch_index.writing import Writer
from functions.ml.documents import IndexedChunk
from functions.ml.ports import Candidates, Hit, ItemFailure, Scope, StoredGeneration, Vector
from functions.ml.retrieval.tokens import query_tokens
from shared.kernel.errors import Invalid

MAX_QUERY_TOKENS = 64
"""A longer query is cut to its rarest tokens, as on the other engine; the engine itself takes 1,024."""
EXACT_CHUNKS = 10_000
TOKENS_AT_ONCE = 500
NAMED_AT_ONCE = 1_000
Item = TypeVar("Item")


class OpenSearchIndex:
    """One installation's passages in one engine.

    Args:
        cluster: the engine.
        prefix: the start of all names of indices.
        dialect: which kind of engine it is.
        exact_chunks: up to how many chunks in sight are all compared with a query's vector.
    """

    def __init__(self, cluster: Cluster, prefix: str, dialect: Dialect, *, exact_chunks: int = EXACT_CHUNKS) -> None:
        self._cluster = cluster
        self._dialect = dialect
        self._layout = Layout(cluster, prefix, dialect)
        self._writer = Writer(cluster, self._layout, dialect)
        self._exact_chunks = exact_chunks

    @classmethod
    def at(cls, setting: str) -> "OpenSearchIndex":
        """Build the engine that a setting names; nothing is asked yet. Raises SettingsError."""
        address = Address.parse(setting)
        dialect: Dialect = Serverless() if address.is_serverless else Server(address.shards)
        return cls(Cluster(lambda: connect(address)), address.prefix, dialect)

    @property
    def _every(self) -> str:
        """Where all chunks are, once it is known that none are in an index of other rules."""
        self._layout.check()
        return self._layout.every_index

    def upsert(self, chunks: Sequence[IndexedChunk]) -> list[ItemFailure]:
        """Write chunks of one tenant, read item by item. Raises Invalid (`mixed_tenants`), Unavailable."""
        if len({chunk.tenant_id for chunk in chunks}) > 1:
            raise Invalid("One write to the search index must be of one tenant.", code="mixed_tenants")
        return self._writer.write(chunks)

    def vectors(self, tenant_id: str, text_keys: Collection[str]) -> dict[str, Vector]:
        """Return what is known of these keys; see the port. Raises Unavailable."""
        wanted = {key_term(key): key for key in text_keys if key}
        found: dict[str, Vector] = {}
        for batch in _batches(list(wanted)):
            only: list[Json] = [{"term": {"tenant_id": tenant_id}}, {"terms": {"text_key": batch}}]
            body = {
                "query": queries.filtered(only),
                "collapse": {"field": "text_key"},
                "_source": ["vector", "text_key"],
                "size": len(batch),
            }
            answer = self._cluster.search(self._every, body, **self._dialect.routing(tenant_id))
            kept = (hit["_source"] for hit in answer["hits"]["hits"])
            found |= {wanted[one["text_key"]]: tuple(map(float, one["vector"])) for one in kept}
        return found

    def count(self, tenant_id: str, document_id: str, generation: int | None) -> int:
        """Return how many chunks of this generation, or of all, are visible. Raises Unavailable."""
        query = queries.of_document(tenant_id, document_id, first=generation, last=generation)
        body = {"query": query, "size": 0, "track_total_hits": True, "aggs": self._dialect.chunk_count}
        answer = self._cluster.search(self._every, body, **self._dialect.routing(tenant_id))
        found = {"doc_count": answer["hits"]["total"]["value"], **answer.get("aggregations", {})}
        return self._dialect.chunks_in(found)

    def delete(self, tenant_id: str, document_id: str, *, through_generation: int, from_generation: int = 0) -> int:
        """Delete the document's chunks of a range of generations; returns how many. Raises Unavailable."""
        query = queries.of_document(tenant_id, document_id, first=from_generation, last=through_generation)
        return self._dialect.delete(self._cluster, self._every, tenant_id, query)

    def search(
        self, scope: Scope, *, text: str, vector: Vector | None, limit: int, releases: Collection[str] | None = None
    ) -> Candidates:
        """Find the best chunks by words and by vector; see the port. Raises Invalid, Unavailable."""
        compared = vector if vector is not None and releases != [] else None
        first: list[Json] = []
        tokens = self._telling(query_tokens(text), scope)
        if tokens:
            first.append(queries.by_words(tokens, queries.in_scope(scope), limit))
        if compared is not None:
            first.append(queries.lengths_in(queries.in_scope(scope, releases)))
        routing = self._dialect.routing(scope.tenant_id)
        answers = self._cluster.search_many(self._every, first, **routing) if first else []
        lexical = _hits(answers[0], float, limit) if tokens else ()
        if compared is None:
            return Candidates(lexical, ())
        return Candidates(lexical, self._nearest(scope, compared, releases, _lengths(answers[-1]), limit))

    def _nearest(
        self, scope: Scope, vector: Vector, releases: Collection[str] | None, lengths: dict[int, int], limit: int
    ) -> tuple[Hit, ...]:
        """Rank by cosine, exactly where that is affordable."""
        others = sorted(length for length in lengths if length != len(vector))
        if others:
            raise _mismatch(len(vector), others[0])
        if not lengths:
            return ()
        is_exact = self._dialect.has_scripts and lengths[len(vector)] <= self._exact_chunks
        rank = queries.by_all_vectors if is_exact else queries.by_graph
        body = rank(vector, queries.in_scope(scope, releases), limit)
        target = self._layout.index_of(len(vector))
        answer = self._cluster.search(target, body, **self._dialect.routing(scope.tenant_id))
        return _hits(answer, queries.cosine_of, limit)

    def _telling(self, tokens: list[str], scope: Scope) -> list[str]:
        """Return the tokens to search by: of very many, the rarest that stand in any chunk in sight."""
        if len(tokens) <= MAX_QUERY_TOKENS:
            return tokens
        only = queries.in_scope(scope)
        batches = list(_batches(tokens, TOKENS_AT_ONCE))
        bodies = [queries.frequencies(batch, only) for batch in batches]
        answers = self._cluster.search_many(self._every, bodies, **self._dialect.routing(scope.tenant_id))
        counted: list[tuple[int, str]] = []
        for batch, answer in zip(batches, answers, strict=True):
            buckets = answer.get("aggregations", {}).get("found", {}).get("buckets", {})
            counted += [(int(bucket["doc_count"]), batch[int(place)]) for place, bucket in buckets.items()]
        return [token for chunks, token in sorted(counted, key=lambda pair: pair[0]) if chunks][:MAX_QUERY_TOKENS]

    def chunks(self, scope: Scope, chunk_ids: Collection[str]) -> dict[str, IndexedChunk]:
        """Return those of these chunks that the scope may see, by id. Raises Unavailable."""
        found: dict[str, IndexedChunk] = {}
        for batch in _batches(sorted(set(chunk_ids))):
            only = [*queries.in_scope(scope), {"terms": {"chunk_id": batch}}]
            body = {**queries.SHOWN, "size": queries.MOST_HITS, "query": queries.filtered(only)}
            answer = self._cluster.search(self._every, body, **self._dialect.routing(scope.tenant_id))
            found |= {one.chunk_id: one for one in map(_chunk, answer["hits"]["hits"])}
        return found

    def releases(self, tenant_id: str, kb_ids: Sequence[str]) -> frozenset[str]:
        """Return the releases that the chunks of these knowledge bases were made by. Raises Unavailable."""
        query = queries.filtered([{"term": {"tenant_id": tenant_id}}, {"terms": {"kb_id": list(kb_ids)}}])
        routing = self._dialect.routing(tenant_id)
        pages = self._cluster.pages(self._every, {"query": query}, ["release_id"], **routing)
        return frozenset(page["key"]["release_id"] for page in pages)

    def generations(self, tenant_id: str) -> Iterator[StoredGeneration]:
        """Yield what the index holds, for the reconciler. Raises Unavailable."""
        query = queries.filtered([{"term": {"tenant_id": tenant_id}}])
        fields = ["kb_id", "document_id", "generation"]
        routing = self._dialect.routing(tenant_id)
        counted = {"query": query, "aggs": self._dialect.chunk_count}
        for page in self._cluster.pages(self._every, counted, fields, **routing):
            key, chunks = page["key"], self._dialect.chunks_in(page)
            yield StoredGeneration(key["kb_id"], key["document_id"], int(key["generation"]), chunks)

    def tenants(self) -> list[str]:
        """Return the tenants that the index holds anything of. Raises Unavailable."""
        pages = self._cluster.pages(self._every, {"query": {"match_all": {}}}, ["tenant_id"])
        return sorted(str(page["key"]["tenant_id"]) for page in pages)


def _batches(items: list[Item], size: int = NAMED_AT_ONCE) -> Iterator[list[Item]]:
    """Cut into pieces that fit one query."""
    return (items[start : start + size] for start in range(0, len(items), size))


def _chunk(hit: Json) -> IndexedChunk:
    return chunk_of(hit["fields"]["body"][0])


def _hits(answer: Json, score_of: Callable[[float], float], limit: int) -> tuple[Hit, ...]:
    """Read hits in the engine's order, each chunk once."""
    hits = {
        hit["sort"][1]: Hit(_chunk(hit), score_of(float(hit["_score"]))) for hit in reversed(answer["hits"]["hits"])
    }
    return tuple(reversed(hits.values()))[:limit]


def _lengths(answer: Json) -> dict[int, int]:
    """Read how many chunks there are of each length of vector."""
    buckets = answer.get("aggregations", {}).get("lengths", {}).get("buckets", ())
    return {int(bucket["key"]): int(bucket["doc_count"]) for bucket in buckets}


def _mismatch(given: int, stored: int) -> Invalid:
    """Tell that two models were mixed."""
    return Invalid(
        f"The query's vector has {given} numbers and the index holds vectors of {stored}: another embedding model is "
        "at work than the one the documents were processed with. Process the documents again with this release.",
        code="dimension_mismatch",
    )
