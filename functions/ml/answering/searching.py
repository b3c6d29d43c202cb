"""Searches passages, and what every search has: its scope, its narrowing and words to look for."""

from dataclasses import dataclass
from typing import Protocol

from functions.ml.ports import Filters, RankedHit, Scope
from functions.ml.releases.catalogue import Releases
from functions.ml.retrieval.narrowing import Narrow
from shared.contracts.ml_api import Caller, SearchHit, SearchRequest, SearchResponse
from shared.kernel.errors import Invalid


class Retrieve(Protocol):
    """Finds passages, each checked against the registry."""

    def __call__(self, scope: Scope, query: str, *, limit: int) -> list[RankedHit]:
        """Return visible hits, best first.

        Raises:
            NotFound: a knowledge base does not exist in this tenant or is not the caller's to read.
            Unavailable: index, embedder or registry do not answer.
        """


def scope_of(caller: Caller, kb_ids: tuple[str, ...], filters: Filters = Filters()) -> Scope:  # noqa: B008 - frozen
    """Confine a search to what the caller may see and asked for."""
    return Scope(caller.tenant_id, tuple(dict.fromkeys(kb_ids)), caller.readers, filters)


def check_words(searched: str) -> None:
    """Let pass what can be looked for.

    Raises:
        Invalid: there is no word or number in it (`no_words`).
    """
    if not any(sign.isalnum() for sign in searched):
        raise Invalid("The question holds no word and no number. Write in words what to look for.", code="no_words")


@dataclass(frozen=True)
class SearchPassages:
    """Finds passages and shows them with their place."""

    retrieve: Retrieve
    releases: Releases
    narrow: Narrow

    def __call__(self, request: SearchRequest) -> SearchResponse:
        """Search.

        Raises:
            Invalid: there is no word or number in the query (`no_words`), as for an answer.
            NotFound, Unavailable: as `Retrieve` and `Narrow`.
        """
        check_words(request.query)
        filters = self.narrow(request.caller.tenant_id, request.kb_ids, request.filters)
        hits = self.retrieve(scope_of(request.caller, request.kb_ids, filters), request.query, limit=request.limit)
        return SearchResponse(
            hits=tuple(_search_hit(rank, hit) for rank, hit in enumerate(hits, 1)),
            release_id=hits[0].indexed.release_id if hits else self.releases.default.release_id,
        )


def _search_hit(rank: int, hit: RankedHit) -> SearchHit:
    found = hit.indexed
    return SearchHit(
        rank=rank,
        score=hit.score,
        chunk_id=found.chunk_id,
        kb_id=found.kb_id,
        document_id=found.document_id,
        filename=found.filename,
        text=found.chunk.text,
        kind=found.chunk.kind,
        place=found.chunk.place,
    )
