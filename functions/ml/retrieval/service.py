"""Retrieval: from a question to the passages that may be shown to this caller, best first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from functions.ml.ports import Candidates, Embedder, Hit, RankedHit, Ranker, Scope, SearchIndex, Vector
from functions.ml.retrieval.fusion import scale_scores
from functions.ml.retrieval.liveness import document_keys, is_open, live_only
from shared.kernel.errors import Invalid, NotFound
from shared.registry.ports import Registry

EmbedderForRelease = Callable[[str], Embedder]
"""Gives the embedding model of a pipeline release by its id. Raises NotFound, Unavailable."""

RankerForRelease = Callable[[str], Ranker]
"""Gives the ranker of a pipeline release by its id. Raises NotFound, Unavailable."""


@dataclass(frozen=True, slots=True)
class Probe:
    """The question as one model sees it, with the releases whose chunks that model embedded."""

    vector: Vector
    releases: frozenset[str]


@dataclass(frozen=True, slots=True)
class Retrieve:
    """Searches by words and by vector, checks every hit against the registry, and ranks.

    Attributes:
        embedder_for_release: each chunk is compared with the question as embedded by its own release's model.
        ranker: for chunks of releases that rank differently, or where `ranker_for_release` is not given.
        ranker_for_release: chunks are ranked as their release says, because it knows its model; rankers are compared
            by value.
        depth: how many hits each list is asked for; more than is shown, so that dropped hits do not starve the result.
        deeper: by how much `depth` grows, once, when too few hits were left.
    """

    index: SearchIndex
    registry: Registry
    embedder_for_release: EmbedderForRelease
    ranker: Ranker
    ranker_for_release: RankerForRelease | None = None
    depth: int = 100
    deeper: int = 5

    def __call__(self, scope: Scope, query: str, *, limit: int) -> list[RankedHit]:
        """Find the passages that answer a question.

        Args:
            scope: the caller's tenant, knowledge bases and principals.
            query: any text with a character that is not white space.
            limit: most hits to return, at least 1.

        Returns:
            Live hits that the caller may see, best first, each chunk once; empty only when nothing was found.

        Raises:
            Invalid: `empty_query`, `limit_out_of_range`, `dimension_mismatch`.
            NotFound: `knowledge_base_not_found`: none of the knowledge bases exists and is open to the caller.
            Unavailable: the registry, the index or the embedding model does not answer.
        """
        text = query.strip()
        if not text:
            raise Invalid("The question is empty; write what you want to know.", code="empty_query")
        if limit < 1:
            raise Invalid("At least one result must be asked for.", code="limit_out_of_range")
        allowed = self._open_scope(scope)
        probes = self._probes(allowed, text)
        depth = max(self.depth, limit)
        ranked, was_full = self._ranked(allowed, text, probes, limit=limit, depth=depth)
        if len(ranked) < limit and was_full:
            ranked, _ = self._ranked(allowed, text, probes, limit=limit, depth=depth * self.deeper)
        return ranked

    def _open_scope(self, scope: Scope) -> Scope:
        """Narrow the scope to the knowledge bases that the caller may search now."""
        kb_ids = dict.fromkeys(scope.kb_ids)
        allowed = tuple(kb for kb in kb_ids if is_open(self.registry.knowledge_base(scope.tenant_id, kb), scope))
        if not allowed:
            raise NotFound(
                "There is no such knowledge base, or it is not shared with you.", code="knowledge_base_not_found"
            )
        return replace(scope, kb_ids=allowed)

    def _probes(self, scope: Scope, text: str) -> list[Probe]:
        """Embed the question once per model that any chunk of the scope was embedded by."""
        models: dict[str, tuple[Embedder, list[str]]] = {}
        for release_id in sorted(self.index.releases(scope.tenant_id, scope.kb_ids)):
            embedder = self.embedder_for_release(release_id)
            models.setdefault(embedder.model_id, (embedder, []))[1].append(release_id)
        return [
            Probe(embedder.embed([text], purpose="query")[0], frozenset(releases))
            for embedder, releases in models.values()
        ]

    def _ranked(
        self, scope: Scope, text: str, probes: list[Probe], *, limit: int, depth: int
    ) -> tuple[list[RankedHit], bool]:
        """Search, check and rank; says also whether the index had more to give."""
        found = [
            self.index.search(scope, text="" if n else text, vector=probe.vector, limit=depth, releases=probe.releases)
            for n, probe in enumerate(probes)
        ]
        was_full = any(depth in (len(one.lexical), len(one.dense)) for one in found)
        candidates, cosines = _merged(found)
        documents = self.registry.documents(scope.tenant_id, document_keys(candidates))
        ranked = self._ranker(probes)(text, live_only(candidates, documents, scope), limit=limit)
        return [_with_cosine(hit, cosines.get(hit.indexed.chunk_id, 0.0)) for hit in ranked], was_full

    def _ranker(self, probes: list[Probe]) -> Ranker:
        """Choose the ranker that all releases searched name, or the general one."""
        if self.ranker_for_release is None:
            return self.ranker
        named = {self.ranker_for_release(release) for probe in probes for release in probe.releases}
        return named.pop() if len(named) == 1 else self.ranker


def _merged(found: list[Candidates]) -> tuple[Candidates, Mapping[str, float]]:
    """Join the searches of several models into one pair of lists, with the true cosine of each dense hit.

    Cosines of different models have no common scale (one's unrelated texts score 0.7, another's 0.1), so each model's
    list is scaled by itself before they are joined.
    """
    cosines = {hit.indexed.chunk_id: hit.score for one in found for hit in one.dense}
    if len(found) == 1:
        return found[0], cosines
    dense: list[Hit] = []
    for one in found:
        scaled = scale_scores({hit.indexed.chunk_id: hit.score for hit in one.dense})
        dense += [replace(hit, score=scaled[hit.indexed.chunk_id]) for hit in one.dense]
    dense.sort(key=lambda hit: (-hit.score, hit.indexed.chunk_id))
    return Candidates(tuple(hit for one in found for hit in one.lexical), tuple(dense)), cosines


def _with_cosine(hit: RankedHit, cosine: float) -> RankedHit:
    return hit if hit.dense == cosine else replace(hit, dense=cosine)
