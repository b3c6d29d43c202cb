"""Requests to the engine: signed, limited in time, tried again where that helps, and their failures translated."""

import json
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from functions.ml.adapters.opensearch_index.address import Address
from shared.kernel.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

Json = dict[str, Any]
TIMEOUT_S = 10.0
WRITE_TIMEOUT_S = 30.0
POOLED_CONNECTIONS = 16
PAUSES_S = (0.1, 0.4, 1.2)
"""Between the tries of one request; about the time in which a new index gets its shard."""
THROTTLED = 429
PASSING = frozenset({THROTTLED, 502, 503, 504})
DENIED = frozenset({401, 403})
NOT_FOUND = 404


class Failed(Exception):
    """The engine answered with an error, or not at all.

    Attributes:
        status: of HTTP; 0 when no answer came.
        kind: the engine's name of the error, where it gave one.
        timed_out: it was not refused but silent.
    """

    def __init__(self, status: int, kind: str, *, timed_out: bool = False) -> None:
        super().__init__(kind)
        self.status = status
        self.kind = kind
        self.timed_out = timed_out

    @property
    def is_temporary(self) -> bool:
        """Can the same request succeed later?"""
        return self.status == 0 or self.status in PASSING or self.status >= 500  # noqa: PLR2004 - HTTP's own line

    def give_up(self) -> NoReturn:
        """Raise our error.

        Raises:
            Unavailable: `index_busy`, `index_denied` or `index_failed`.
            Invalid: `index_refused`: the request itself is wrong for good.
        """
        if self.status == THROTTLED:
            raise Unavailable("The search engine is busy; try again shortly.", code="index_busy") from self
        if self.status in DENIED:
            raise Unavailable(
                f"The search engine refuses access to the platform ({self.status}). An operator must give the access "
                "back; everything waits until then.",
                code="index_denied",
            ) from self
        if self.is_temporary or self.status == NOT_FOUND:
            raise Unavailable(
                f"The search engine does not answer right now ({self.kind}). Try again in a moment; if it lasts, an "
                "operator must look at it.",
                code="index_failed",
            ) from self
        raise Invalid(f"The search engine refuses this request ({self.kind}).", code="index_refused") from self


def connect(address: Address) -> "OpenSearch":
    """Return the vendor's client of an engine; nothing is asked yet."""
    from opensearchpy import OpenSearch, Urllib3AWSV4SignerAuth, Urllib3HttpConnection

    signer = None
    if address.service:
        import boto3

        session = boto3.Session()
        region = address.region or session.region_name
        signer = Urllib3AWSV4SignerAuth(session.get_credentials(), region, address.service)
    return OpenSearch(
        [address.url],
        http_auth=signer,
        connection_class=Urllib3HttpConnection,
        pool_maxsize=POOLED_CONNECTIONS,
        timeout=TIMEOUT_S,
        max_retries=0,  # the pauses between our own tries give a busy engine time
    )


class Cluster:
    """The engine.

    Args:
        client: the vendor's, or what makes it when it is first needed.
        pause: waits that many seconds.
        jitter: gives numbers in [0, 1), so that workers that were throttled together do not come back together.
    """

    def __init__(
        self,
        client: "Callable[[], OpenSearch]",
        *,
        pause: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._make = client
        self._client: OpenSearch | None = None
        self.pause = pause
        self._jitter = jitter

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        timeout_s: float = TIMEOUT_S,
        check: "Callable[[Json], None]" = lambda _: None,
        **params: object,
    ) -> Json:
        """Ask, and return the answer; a refused connection and a busy engine are tried again.

        Args:
            method: of HTTP.
            path: from `/`.
            body: sent as JSON; a string as it is.
            timeout_s: of one try.
            check: raises Failed where an answer is none.
            params: of the query.

        Raises:
            Failed: with the status.
        """
        limited = {**params, "request_timeout": timeout_s}

        def attempt() -> Json:
            answer = self._once(method, path, body, limited)
            check(answer)
            return answer

        for pause_s in PAUSES_S:
            try:
                return attempt()
            except Failed as failed:
                if failed.timed_out or not (failed.status in PASSING or failed.status == 0):
                    raise
                self.pause(pause_s * (0.5 + self._jitter()))
        return attempt()

    def _once(self, method: str, path: str, body: object, params: Mapping[str, object]) -> Json:
        from opensearchpy.exceptions import (
            ConnectionError as NoConnection,
        )
        from opensearchpy.exceptions import (
            ConnectionTimeout,
            OpenSearchException,
            TransportError,
        )

        if self._client is None:
            self._client = self._make()
        sent = body if isinstance(body, str) or body is None else json.dumps(body)
        try:
            answer = self._client.transport.perform_request(method, path, params=dict(params), body=sent)
        except ConnectionTimeout as error:
            raise Failed(0, "timeout", timed_out=True) from error
        except NoConnection as error:
            raise Failed(0, "no connection") from error
        except TransportError as error:
            status = error.status_code if isinstance(error.status_code, int) else 0
            raise Failed(status, str(error.error)) from error
        except OpenSearchException as error:
            raise Failed(0, type(error).__name__) from error
        return answer if isinstance(answer, dict) else {}

    def ask(self, method: str, path: str, body: object = None, **params: Any) -> Json:
        """Do as `call`, and raise our errors. Raises Unavailable, Invalid."""
        try:
            return self.call(method, path, body, **params)
        except Failed as failed:
            failed.give_up()

    def search(self, target: str, body: Json, **params: object) -> Json:
        """Search, and return an answer that no shard is missing from. Raises Unavailable, Invalid."""
        return self.ask("POST", f"/{target}/_search", body, check=_whole, ignore_unavailable="true", **params)

    def search_many(self, target: str, bodies: Sequence[Json], **header: object) -> list[Json]:
        """Search several times in one request; the answers are in order. Raises Unavailable, Invalid."""
        lines = [part for body in bodies for part in ({"ignore_unavailable": True, **header}, body)]
        answer = self.ask("POST", f"/{target}/_msearch", as_lines(lines), check=_all_whole)
        found: list[Json] = answer["responses"]
        return found

    def pages(self, target: str, body: Json, sources: Sequence[str], **params: object) -> Iterable[Json]:
        """Yield every combination of values of some fields: `key`, `doc_count` and, as `aggs` of the body, more.

        Raises:
            Unavailable: the engine does not answer.
        """
        composite: Json = {"size": 1000, "sources": [{name: {"terms": {"field": name}}} for name in sources]}
        more = body.get("aggs", {})
        while True:
            asked = {**body, "size": 0, "aggs": {"found": {"composite": composite, "aggs": more}}}
            found = self.search(target, asked, **params).get("aggregations", {}).get("found", {})
            yield from found.get("buckets", ())
            if "after_key" not in found:
                return
            composite = {**composite, "after": found["after_key"]}


def as_lines(parts: Iterable[object]) -> str:
    """Write one JSON document per line, as bulks are written; ASCII, so that nothing is lost on the way."""
    return "".join(json.dumps(part, separators=(",", ":")) + "\n" for part in parts)


def _all_whole(answer: Json) -> None:
    """Make sure of every answer of several searches. Raises Failed."""
    for one in answer["responses"]:
        _whole(one)


def _whole(answer: Json) -> None:
    """Make sure that no part of an answer is missing: a shard that failed must not look like one without hits.

    Raises:
        Failed: one did, or the time was up.
    """
    if "error" in answer:
        raise Failed(int(answer.get("status", 0)), str(answer["error"].get("type", "")))
    shards = answer.get("_shards", {})
    if answer.get("timed_out") or shards.get("failed"):
        reasons = shards.get("failures") or [{}]
        raise Failed(503, str(reasons[0].get("reason", {}).get("type", "timeout")))
