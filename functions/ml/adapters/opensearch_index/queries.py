"""The engine's query language for what the port asks. Pure."""

from collections.abc import Collection, Mapping, Sequence

from functions.ml.adapters.opensearch_index.cluster import Json
from functions.ml.adapters.opensearch_index.documents import terms, unit_vector
from functions.ml.adapters.opensearch_index.layout import K1
from functions.ml.ports import Filters, Scope, Vector

MOST_HITS = 10_000
"""The engine gives no more in one answer."""
BEST_FIRST = [{"_score": "desc"}, {"chunk_id": "asc"}]
SHOWN: Mapping[str, object] = {"_source": False, "stored_fields": ["body"], "track_total_hits": False}
WIDENING, LEAST_NEIGHBOURS = 4, 400


def in_scope(scope: Scope, releases: Collection[str] | None = None) -> list[Json]:
    """Return the filters of a scope, and of the releases that a vector may be compared with."""
    only: list[Json] = [
        {"term": {"tenant_id": scope.tenant_id}},
        {"terms": {"kb_id": list(scope.kb_ids)}},
        {"terms": {"readers": terms(scope.readers)}},
        *_narrowed(scope.filters),
    ]
    return only if releases is None else [*only, {"terms": {"release_id": list(releases)}}]


def _narrowed(filters: Filters) -> list[Json]:
    """Return what `Filters.keep` says in the engine's words."""
    values = {
        "document_id": filters.document_ids,
        "filename": filters.filenames,
        "folders": filters.folders,
        "format": filters.formats,
        "language": filters.languages,
        "tags": filters.tags,
    }
    bounds = {name: value for name, value in (("gte", filters.since), ("lte", filters.until)) if value}
    only: list[Json] = [{"terms": {name: terms(wanted)}} for name, wanted in values.items() if wanted]
    return [*only, {"range": {"date": bounds}}] if bounds else only


def filtered(only: Sequence[Json]) -> Json:
    """Return the query of all that passes some filters."""
    return {"bool": {"filter": list(only)}}


def by_words(tokens: Sequence[str], only: Sequence[Json], limit: int) -> Json:
    """Rank by BM25, written with its factor k1 + 1, what holds any of the tokens."""
    words = {"match": {"tokens": {"query": " ".join(tokens), "boost": K1 + 1}}}
    query = {"bool": {"filter": list(only), "must": [words]}}
    return {**SHOWN, "size": min(limit, MOST_HITS), "query": query, "sort": BEST_FIRST}


def by_all_vectors(vector: Vector, only: Sequence[Json], limit: int) -> Json:
    """Rank by the cosine of every vector that passes."""
    params = {"field": "vector", "query_value": unit_vector(vector), "space_type": "innerproduct"}
    script = {"lang": "knn", "source": "knn_score", "params": params}
    query = {"script_score": {"query": filtered(only), "script": script}}
    return {**SHOWN, "size": min(limit, MOST_HITS), "query": query, "sort": BEST_FIRST}


def by_graph(vector: Vector, only: Sequence[Json], limit: int) -> Json:
    """Rank by cosine what the graph of neighbours leads to, among all that passes."""
    neighbours = min(max(WIDENING * limit, LEAST_NEIGHBOURS), MOST_HITS)
    wanted = {"vector": unit_vector(vector), "k": neighbours, "filter": filtered(only)}
    return {**SHOWN, "size": min(limit, MOST_HITS), "query": {"knn": {"vector": wanted}}, "sort": BEST_FIRST}


def cosine_of(score: float) -> float:
    """Return the cosine that the engine's score of an inner product stands for.

    Source:
        OpenSearch documentation, "k-NN spaces": 1 + p for a product p of at least 0, else 1 / (1 - p).
    """
    product = score - 1 if score >= 1 else 1 - 1 / score
    return max(-1.0, min(1.0, product))


def lengths_in(only: Sequence[Json]) -> Json:
    """Count what passes, by the length of its vectors."""
    lengths = {"terms": {"field": "dimensions", "size": 100}}
    return {"size": 0, "track_total_hits": False, "query": filtered(only), "aggs": {"lengths": lengths}}


def frequencies(tokens: Sequence[str], only: Sequence[Json]) -> Json:
    """Count in how many of the chunks that pass each token stands; by place in the list."""
    each = {str(place): {"term": {"tokens": token}} for place, token in enumerate(tokens)}
    aggregation = {"found": {"filters": {"filters": each}}}
    return {"size": 0, "track_total_hits": False, "query": filtered(only), "aggs": aggregation}


def of_document(tenant_id: str, document_id: str, *, first: int | None, last: int | None) -> Json:
    """Return the query of a document's chunks in a range of generations, open where a bound is None."""
    only: list[Json] = [{"term": {"tenant_id": tenant_id}}, {"term": {"document_id": document_id}}]
    bounds = {name: value for name, value in (("gte", first), ("lte", last)) if value is not None}
    return filtered([*only, {"range": {"generation": bounds}}] if bounds else only)
