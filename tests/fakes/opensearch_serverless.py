"""A collection of Serverless for tests: a real server behind a gate that refuses what Serverless refuses.

What comes through is answered by the real engine, with one that it has in the place of faiss, and becomes visible by
a clock of its own, as there.
"""

import json
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from opensearchpy import OpenSearch, Urllib3HttpConnection
from opensearchpy.exceptions import NotFoundError, RequestError

from functions.ml.adapters.opensearch_index import OpenSearchIndex
from functions.ml.adapters.opensearch_index.cluster import Cluster
from functions.ml.adapters.opensearch_index.dialects import Serverless

VISIBLE_AFTER = "300ms"
OWN_SETTINGS = {"knn", "similarity"}
UNKNOWN_PATHS = ("_delete_by_query", "_update_by_query", "_refresh", "_forcemerge", "_cluster")
UNKNOWN_PARAMETERS = {"refresh", "routing", "require_alias", "wait_for_active_shards", "max_docs", "conflicts"}


class Gate(Urllib3HttpConnection):
    """A connection that lets through what a collection of vectors takes."""

    def perform_request(  # noqa: PLR0917 - the library's own signature
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        timeout: float | None = None,
        ignore: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        if any(path in url for path in UNKNOWN_PATHS):
            raise NotFoundError(404, "no handler found", {})
        self._refuse(UNKNOWN_PARAMETERS & set(params or ()), "parameter")
        lines = [json.loads(line) for line in (body or b"").splitlines()] if body else []
        if "_bulk" in url:
            self._check_bulk(lines)
        elif "_msearch" in url:
            self._refuse(UNKNOWN_PARAMETERS & {name for line in lines[::2] for name in line}, "header")
        self._refuse({"script"} if b'"script' in (body or b"") else set(), "query")
        if method == "PUT":
            body = json.dumps(self._own(lines[0])).encode()
        return super().perform_request(method, url, params, body, timeout, ignore, headers)

    @staticmethod
    def _refuse(names: set[str], what: str) -> None:
        if names:
            raise RequestError(400, "illegal_argument_exception", {"reason": f"{what} {sorted(names)} not supported"})

    def _check_bulk(self, lines: list[dict[str, Any]]) -> None:
        for line in lines:
            told = line.get("index", line.get("create"))
            if isinstance(told, dict):
                self._refuse({"_id", "routing"} & set(told), "Document ID")

    def _own(self, made: dict[str, Any]) -> dict[str, Any]:
        """Check what an index is made with, and make it what this server has."""
        settings = made.get("template", {}).get("settings", {}).get("index", {})
        self._refuse(set(settings) - OWN_SETTINGS, "setting")
        if settings:
            settings["refresh_interval"] = VISIBLE_AFTER
        vector = made.get("mappings", {}).get("properties", {}).get("vector")
        if vector:
            self._refuse({vector["method"]["engine"]} - {"faiss"}, "engine")
            vector["method"]["engine"] = "lucene"
        return made


def serverless_index(url: str, prefix: str, *, pause: Callable[[float], None] | None = None) -> OpenSearchIndex:
    """An index of the kind for Serverless, on a server behind the gate."""
    client = OpenSearch([url], connection_class=Gate, timeout=10, max_retries=0)
    waits = pause or (lambda s: time.sleep(min(s, 0.1)))
    return OpenSearchIndex(Cluster(lambda: client, pause=waits), prefix, Serverless())
