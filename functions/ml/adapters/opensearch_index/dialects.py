"""What differs between a server, which is all ours, and a collection of Serverless, which forbids much.

Serverless, for a collection of vectors:

- A document's id is the engine's own. So a chunk that is written again is a second document until the first one, found
  by its chunk id, is deleted; searches show each chunk once, counts count chunks.
- There is no refresh. A write is visible when the collection's own clock says so (up to a minute), and `upsert` and
  `delete` wait for that, because callers may rely on it: publishing on Serverless takes that long.
- There is no routing, no delete by query (ids are searched and deleted in bulk), and no script: nearest vectors come
  from the graph alone, which is the engine faiss.

Source:
    Amazon OpenSearch Service Developer Guide, "Supported operations and plugins in Amazon OpenSearch Serverless" and
    "Working with vector search collections" (limitations).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import uuid4

from functions.ml.adapters.opensearch_index.cluster import (
    NOT_FOUND,
    WRITE_TIMEOUT_S,
    Cluster,
    Failed,
    Json,
    as_lines,
)
from functions.ml.adapters.opensearch_index.documents import Document
from shared.kernel.errors import Unavailable

DELETED_AT_ONCE = 5_000
FRUITLESS_ROUNDS = 10
LISTED_AT_ONCE = 1_000
COUNTED_EXACTLY = 40_000
VISIBLE_POLL_S = 1.0
VISIBLE_POLLS = 90

Items = list[Json]


class Dialect(Protocol):
    """How one kind of engine is written to."""

    @property
    def engine(self) -> Literal["lucene", "faiss"]:
        """What keeps the vectors."""

    @property
    def has_scripts(self) -> bool:
        """May a query compare every vector?"""

    @property
    def index_settings(self) -> Mapping[str, object]:
        """What an index of this kind is made with."""

    def routing(self, tenant_id: str) -> Mapping[str, str]:
        """Return the parameters that lead to the shard of a tenant."""

    def write(self, cluster: Cluster, target: str, alias: str, documents: Sequence[Document]) -> Items:
        """Write documents of one tenant through an alias; returns the engine's answer for each. Raises Failed."""

    @property
    def chunk_count(self) -> Json:
        """What must be aggregated to know how many chunks some documents are."""

    def chunks_in(self, found: Json) -> int:
        """Read how many chunks some documents are, from their `doc_count` and what was aggregated."""

    def delete(self, cluster: Cluster, target: str, tenant_id: str, query: Json) -> int:
        """Delete what a query finds and return how many chunks that were. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class Server:
    """A domain of the managed service, or a server of one's own.

    Attributes:
        shards: of a new index; the engine decides where it is None.
    """

    shards: int | None = None
    engine: Literal["lucene", "faiss"] = "lucene"
    has_scripts: bool = True

    @property
    def index_settings(self) -> Mapping[str, object]:
        """Refreshed by writes alone, each of them on disk when it returns, with a replica where there is a place."""
        settings: dict[str, object] = {"refresh_interval": "-1", "auto_expand_replicas": "0-1"}
        settings["translog"] = {"durability": "request"}
        return settings | ({"number_of_shards": self.shards} if self.shards else {})

    def routing(self, tenant_id: str) -> Mapping[str, str]:
        """Lead to the tenant's shard."""
        return {"routing": tenant_id}

    def write(self, cluster: Cluster, target: str, alias: str, documents: Sequence[Document]) -> Items:
        """Write in one bulk under ids of ours, so that the same chunk is the same document."""
        lines: list[Json] = []
        for document in documents:
            tenant_id = document["tenant_id"]
            lines += [{"index": {"_id": f"{tenant_id}/{document['chunk_id']}", "routing": tenant_id}}, document]
        answer = cluster.call(
            "POST", f"/{alias}/_bulk", as_lines(lines), timeout_s=WRITE_TIMEOUT_S, refresh="true", require_alias="true"
        )
        return [item["index"] for item in answer["items"]]

    @property
    def chunk_count(self) -> Json:
        """Nothing: each document is a chunk."""
        return {}

    def chunks_in(self, found: Json) -> int:
        """Count the documents."""
        return int(found["doc_count"])

    def delete(self, cluster: Cluster, target: str, tenant_id: str, query: Json) -> int:
        """Delete by query in bounded rounds, what an interrupted write left unseen included."""
        cluster.ask("POST", f"/{target}/_refresh", ignore=NOT_FOUND)
        removed = fruitless = 0
        while fruitless < FRUITLESS_ROUNDS:
            answer = cluster.ask(
                "POST", f"/{target}/_delete_by_query", {"query": query}, timeout_s=WRITE_TIMEOUT_S, refresh="true",
                conflicts="proceed", max_docs=DELETED_AT_ONCE, **self.routing(tenant_id),
            )  # fmt: skip
            if answer.get("failures") or answer.get("timed_out"):
                break
            removed += int(answer.get("deleted", 0))
            if not answer.get("version_conflicts") and int(answer.get("total", 0)) < DELETED_AT_ONCE:
                return removed
            fruitless = 0 if answer.get("deleted") else fruitless + 1
        raise Unavailable(
            "The search engine did not delete all passages of a document; they are deleted later.", code="index_failed"
        )


@dataclass(frozen=True, slots=True)
class Serverless:
    """A collection of vectors of Amazon OpenSearch Serverless.

    Attributes:
        write_id: gives a new name for each write.
    """

    engine: Literal["lucene", "faiss"] = "faiss"
    has_scripts: bool = False
    write_id: Callable[[], str] = lambda: uuid4().hex

    @property
    def index_settings(self) -> Mapping[str, object]:
        """Everything else is the collection's own business."""
        return {}

    def routing(self, tenant_id: str) -> Mapping[str, str]:
        """Nothing: the collection has no shards that we know of."""
        return {}

    def write(self, cluster: Cluster, target: str, alias: str, documents: Sequence[Document]) -> Items:
        """Write new documents, delete those they replace, and wait until both can be seen."""
        tenant_id = documents[0]["tenant_id"]
        same = {"terms": {"chunk_id": [document["chunk_id"] for document in documents]}}
        former = list(_ids(cluster, target, {"bool": {"filter": [{"term": {"tenant_id": tenant_id}}, same]}}))
        write_id = self.write_id()
        lines: list[Json] = []
        for document in documents:
            lines += [{"index": {}}, {**document, "write_id": write_id}]
        answer = cluster.call("POST", f"/{alias}/_bulk", as_lines(lines), timeout_s=WRITE_TIMEOUT_S)
        items = [item["index"] for item in answer["items"]]
        taken = sum(_is_taken(item) for item in items)
        refused = {document["chunk_id"] for document, item in zip(documents, items, strict=True) if not _is_taken(item)}
        replaced = [one for one in former if one["chunk_id"] not in refused]
        _delete(cluster, replaced)
        written, gone = {"term": {"write_id": write_id}}, {"ids": {"values": [one["_id"] for one in replaced]}}
        _await(
            cluster,
            lambda: _total(cluster, target, written) >= taken and not (replaced and _total(cluster, target, gone)),
        )
        return items

    @property
    def chunk_count(self) -> Json:
        """The ids: a chunk that is just being replaced has two documents."""
        return {"chunks": {"cardinality": {"field": "chunk_id", "precision_threshold": COUNTED_EXACTLY}}}

    def chunks_in(self, found: Json) -> int:
        """Count the ids; without any index there are none."""
        return int(found.get("chunks", {}).get("value", 0))

    def delete(self, cluster: Cluster, target: str, tenant_id: str, query: Json) -> int:
        """Search ids and delete them in bulk, until nothing more is seen."""
        gone: set[str] = set()

        def round_of_deletes() -> bool:
            found = list(_ids(cluster, target, query))
            _delete(cluster, found)
            gone.update(one["chunk_id"] for one in found)
            return not found

        _await(cluster, round_of_deletes)
        return len(gone)


def _is_taken(item: Json) -> bool:
    return int(item.get("status", 0)) in (200, 201)


def _total(cluster: Cluster, target: str, query: Json) -> int:
    """Count the documents that a query finds."""
    body = {"query": query, "size": 0, "track_total_hits": True}
    return int(cluster.search(target, body)["hits"]["total"]["value"])


def _ids(cluster: Cluster, target: str, query: Json) -> Iterable[Json]:
    """Yield index, id and chunk id of every document that a query finds, page by page."""
    after: list[object] = []
    while True:
        body = {"query": query, "size": LISTED_AT_ONCE, "_source": ["chunk_id"], "sort": [{"chunk_id": "asc"}]}
        hits = cluster.search(target, {**body, "search_after": after} if after else body)["hits"]["hits"]
        yield from ({"_index": hit["_index"], "_id": hit["_id"], "chunk_id": hit["sort"][0]} for hit in hits)
        if len(hits) < LISTED_AT_ONCE:
            return
        after = hits[-1]["sort"]


def _delete(cluster: Cluster, found: Sequence[Json]) -> None:
    """Delete documents by id; one that is gone is no error. Raises Unavailable."""
    for start in range(0, len(found), LISTED_AT_ONCE):
        batch = found[start : start + LISTED_AT_ONCE]
        lines = [{"delete": {"_index": one["_index"], "_id": one["_id"]}} for one in batch]
        answer = cluster.ask("POST", "/_bulk", as_lines(lines), timeout_s=WRITE_TIMEOUT_S)
        left = [item["delete"] for item in answer["items"] if item["delete"].get("status") not in (200, NOT_FOUND)]
        if left:
            Failed(int(left[0].get("status", 0)) or 503, "delete").give_up()


def _await(cluster: Cluster, seen: Callable[[], bool]) -> None:
    """Look until it is so.

    Raises:
        Unavailable: it never was (`index_not_visible`); the work is done again later.
    """
    for _ in range(VISIBLE_POLLS):
        if seen():
            return
        cluster.pause(VISIBLE_POLL_S)
    raise Unavailable(
        "The search engine took the passages but does not show them yet; they are written again later.",
        code="index_not_visible",
    )
