"""Names, settings and mappings of indices, and how they come to be."""

import hashlib
import re
import threading
from collections.abc import Mapping

from functions.ml.adapters.opensearch_index.cluster import NOT_FOUND, Cluster, Failed, Json
from functions.ml.adapters.opensearch_index.dialects import Dialect
from functions.ml.retrieval.tokens import TOKENS_VERSION
from shared.kernel.errors import Unavailable

SCHEMA_VERSION = 1
VERSION = SCHEMA_VERSION * 1000 + TOKENS_VERSION
K1, B = 1.5, 0.75
HNSW = {"m": 16, "ef_construction": 128}
CREATED_ALREADY = "resource_already_exists_exception"
_PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_DIMENSIONS = re.compile(r"-d([0-9]+)$")
_KEYWORD = {"type": "keyword"}
_SHOWN = {"type": "text", "index": False, "store": True}
FIELDS: Mapping[str, Json] = {
    "chunk_id": _KEYWORD,
    "tenant_id": _KEYWORD,
    "kb_id": _KEYWORD,
    "document_id": _KEYWORD,
    "generation": {"type": "long"},
    "release_id": _KEYWORD,
    "dimensions": {"type": "integer"},
    "readers": _KEYWORD,
    "filename": _KEYWORD,
    "folders": _KEYWORD,
    "format": _KEYWORD,
    "language": _KEYWORD,
    "tags": _KEYWORD,
    "date": _KEYWORD,
    "text_key": _KEYWORD,
    "write_id": _KEYWORD,
    "tokens": {"type": "text", "analyzer": "whitespace", "index_options": "freqs", "similarity": "passages"},
    "body": _SHOWN,
}


class Layout:
    """The indices of one installation in one engine; safe between threads."""

    def __init__(self, cluster: Cluster, prefix: str, dialect: Dialect) -> None:
        self._cluster = cluster
        self._dialect = dialect
        self._every_version = f"{prefix}-chunks-v*"
        self.family = f"{prefix}-chunks-v{VERSION}"
        self._lock = threading.Lock()
        self._lengths: dict[str, int] = {}
        self._checked = False

    @property
    def every_index(self) -> str:
        """What reads of any length of vector go to; without any index it is an empty one."""
        return f"{self.family}-d*"

    def index_of(self, dimensions: int) -> str:
        """Name the index of a length of vector."""
        return f"{self.family}-d{dimensions}"

    def alias_of(self, release_id: str) -> str:
        """Name the alias of a release."""
        name = release_id
        if not _PLAIN_NAME.fullmatch(release_id):
            name = hashlib.sha256(release_id.encode("utf-8", "surrogatepass")).hexdigest()[:40]
        return f"{self.family}-release-{name}"

    def check(self) -> None:
        """Make sure that no index of other rules is there, which would be taken for an empty one.

        Raises:
            Unavailable: there is one (`index_outdated`), or the engine does not answer.
        """
        if self._checked:
            return
        found = self._indices(f"/{self._every_version}/_alias")
        others = sorted(name for name in found if not name.startswith(f"{self.family}-"))
        if others:
            raise Unavailable(
                f"The search index {others[0]} was made by another version of the platform. Remove the indices of that "
                "version and process the documents again; they are kept in S3 and nothing is lost.",
                code="index_outdated",
            )
        self._checked = True

    def _indices(self, path: str) -> list[str]:
        """Return the indices that a path names; none when nothing has this name."""
        found = self._cluster.ask("GET", path, ignore=NOT_FOUND)
        return [] if "error" in found else sorted(found)

    def length_of(self, release_id: str, otherwise: int) -> int:
        """Return the length of the vectors of a release; where it has none yet, make room for this length.

        Raises:
            Unavailable: the engine does not answer.
            Invalid: it refuses vectors of this length.
        """
        self.check()
        with self._lock:
            known = self._lengths.get(release_id)
        if known is None:
            known = self._alias_length(release_id)
            if known is None:
                known = self._make(release_id, otherwise)
            with self._lock:
                self._lengths[release_id] = known
        return known

    def forget(self) -> None:
        """Look again at what is there: somebody removed an index."""
        with self._lock:
            self._lengths = {}

    def _alias_length(self, release_id: str) -> int | None:
        """Return the length that the alias of a release tells; None where there is no alias."""
        found = [_DIMENSIONS.search(name) for name in self._indices(f"/_alias/{self.alias_of(release_id)}")]
        lengths = [int(match.group(1)) for match in found if match]
        return min(lengths) if lengths else None

    def _make(self, release_id: str, dimensions: int) -> int:
        """Make what is missing of template, index and alias; any number of workers may do so at once."""
        index = self.index_of(dimensions)
        self._cluster.ask("PUT", f"/_index_template/{self.family}", self._template())
        try:
            self._cluster.call("PUT", f"/{index}", {"mappings": {"properties": {"vector": self._vector(dimensions)}}})
        except Failed as failed:
            if CREATED_ALREADY not in failed.kind:
                failed.give_up()
        # The filter is for people who read the alias with tools of their own.
        of_release = {"alias": self.alias_of(release_id), "filter": {"term": {"release_id": release_id}}}
        self._cluster.ask("POST", "/_aliases", {"actions": [{"add": {"index": index, **of_release}}]})
        return self._alias_length(release_id) or dimensions

    def _template(self) -> Json:
        """Return what all indices of this version have."""
        similarity = {"passages": {"type": "BM25", "k1": K1, "b": B}}
        return {
            "index_patterns": [self.every_index],
            "template": {
                "settings": {"index": {"knn": True, "similarity": similarity, **self._dialect.index_settings}},
                "mappings": {
                    "dynamic": "strict",
                    "_source": {"excludes": ["body", "tokens"]},
                    "_meta": {"version": VERSION},
                    "properties": dict(FIELDS),
                },
            },
        }

    def _vector(self, dimensions: int) -> Json:
        method = {"name": "hnsw", "engine": self._dialect.engine, "space_type": "innerproduct", "parameters": HNSW}
        return {"type": "knn_vector", "dimension": dimensions, "method": method}
