"""Answers a question and searches passages: retrieve, generate, check, or refuse honestly."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from functions.ml.answering.checking import CheckedAnswer, CheckedCitation, check
from functions.ml.answering.followup import search_text
from functions.ml.answering.grounding import GroundingParameters
from functions.ml.answering.refusals import refusal_text
from functions.ml.ports import GenerationRequest, Generator, Passage, RankedHit, Scope, Turn
from functions.ml.ports import Usage as GeneratorUsage
from functions.ml.releases.catalogue import Releases, ReleaseSpec
from functions.ml.retrieval.expansion import ReadAround
from shared.contracts.ml_api import (
    MAX_QUESTION_CHARACTERS,
    AnswerRequest,
    AnswerResponse,
    Caller,
    Citation,
    SearchHit,
    SearchRequest,
    SearchResponse,
    Usage,
)
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound

logger = logging.getLogger(__name__)
_HITS_PER_PASSAGE = 3


class Retrieve(Protocol):
    """Finds passages, each checked against the registry."""

    def __call__(self, scope: Scope, query: str, *, limit: int) -> list[RankedHit]:
        """Return visible hits, best first.

        Raises:
            NotFound: a knowledge base does not exist in this tenant or is not the caller's to read.
            Unavailable: index, embedder or registry do not answer.
        """


class ReleasesById(Protocol):
    """Knows the default release and each by its id."""

    @property
    def default(self) -> ReleaseSpec:
        """The release that is used where none is chosen."""

    def by_id(self, release_id: str) -> ReleaseSpec:
        """Return a release. Raises NotFound."""


def scope_of(caller: Caller, kb_ids: tuple[str, ...]) -> Scope:
    """Confine a search to what the caller may see."""
    return Scope(caller.tenant_id, tuple(dict.fromkeys(kb_ids)), caller.readers)


@dataclass(frozen=True)
class SearchPassages:
    """Finds passages and shows them with their place."""

    retrieve: Retrieve
    releases: Releases

    def __call__(self, request: SearchRequest) -> SearchResponse:
        """Search. Raises what `Retrieve` raises."""
        hits = self.retrieve(scope_of(request.caller, request.kb_ids), request.query, limit=request.limit)
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


@dataclass(frozen=True)
class AnswerQuestion:
    """Answers from passages with checked citations, or refuses.

    Attributes:
        retrieve: finds the passages.
        generator_of: gives the generator of a release.
        releases: what can be chosen.
        clock: measures the latency.
        read_around: puts in place of hits the passages that they are read in; None reads every hit alone.
    """

    retrieve: Retrieve
    generator_of: Callable[[ReleaseSpec], Generator]
    releases: ReleasesById
    clock: Clock
    read_around: ReadAround | None = None

    def __call__(self, request: AnswerRequest) -> AnswerResponse:
        """Answer one question.

        Raises:
            NotFound: an unknown release or knowledge base.
            Unavailable, TooMany, Rejected: retrieval or the model failed; never an empty answer.
        """
        started = self.clock()
        release = self.releases.by_id(request.release_id) if request.release_id else self.releases.default
        history = tuple(Turn(turn.role, turn.content) for turn in request.history)
        searched = search_text(request.question, history)[:MAX_QUESTION_CHARACTERS]
        scope = scope_of(request.caller, request.kb_ids)
        hits = self._found(scope, searched, release.answer.passages)
        checked, usage = self._write(request, release, searched, history, hits)
        latency_ms = round((self.clock() - started).total_seconds() * 1_000)
        text = checked.text
        if checked.refusal:
            reason = checked.refusal if hits else "nothing_found"
            text = refusal_text(reason, knowledge_bases=len(scope.kb_ids), passages=len(hits))
        return AnswerResponse(
            text=text,
            refused=checked.refused,
            citations=tuple(_citation(citation, hits) for citation in checked.citations),
            usage=Usage(
                model=usage.model,
                input_tokens=usage.input_tokens,
                output_tokens=usage.output_tokens,
                latency_ms=latency_ms,
            ),
            release_id=release.release_id,
        )

    def _found(self, scope: Scope, searched: str, limit: int) -> list[RankedHit]:
        """Return the passages to answer from; where small hits stand for large passages, enough are looked for."""
        hits = self.retrieve(scope, searched, limit=limit)
        if self.read_around is None or all(hit.indexed.chunk.place.read_with is None for hit in hits):
            return hits
        if len(hits) == limit:
            hits = self.retrieve(scope, searched, limit=limit * _HITS_PER_PASSAGE)
        return self.read_around(scope, hits)[:limit]

    def _write(
        self,
        request: AnswerRequest,
        release: ReleaseSpec,
        searched: str,
        history: tuple[Turn, ...],
        hits: list[RankedHit],
    ) -> tuple[CheckedAnswer, GeneratorUsage]:
        """Generate and check; without passages no model is asked."""
        if not hits:
            return CheckedAnswer("", (), "said_so"), GeneratorUsage(release.model)
        passages = tuple(_passage(n, hit, floor_cosine=self._floor(hit)) for n, hit in enumerate(hits, 1))
        generator = self.generator_of(release)
        question = searched if release.model == "extractive" else request.question
        draft = generator.generate(
            GenerationRequest(question, passages, history=history, instructions=request.instructions)
        )
        rules = GroundingParameters(**release.answer.grounding)  # type: ignore[arg-type]
        checked = check(draft, passages, rules, question=request.question)
        logger.info(
            "answer checked",
            extra={
                "tenant_id": request.caller.tenant_id,
                "refusal": checked.refusal,
                "citations": len(checked.citations),
                "unknown_citations": checked.unknown,
                "unsupported_citations": checked.unsupported,
                "removed_sentences": checked.removed,
                "passages": len(passages),
            },
        )
        return checked, draft.usage

    def _floor(self, hit: RankedHit) -> float:
        """Return the floor of the release that read the passage: each embedder has a scale of its own."""
        try:
            return self.releases.by_id(hit.indexed.release_id).ranker.floor_cosine
        except NotFound:
            return 0.0


def _passage(n: int, hit: RankedHit, *, floor_cosine: float) -> Passage:
    chunk = hit.indexed.chunk
    return Passage(
        n=n,
        text=chunk.text,
        source=hit.indexed.filename,
        kind=chunk.kind,
        score=hit.score,
        context=chunk.context,
        lexical=hit.lexical,
        dense=hit.dense,
        is_near=hit.dense >= floor_cosine,
    )


def _citation(citation: CheckedCitation, hits: list[RankedHit]) -> Citation:
    found = hits[citation.passage.n - 1].indexed
    place = found.chunk.place.within(citation.start, citation.end)
    return Citation(
        n=citation.n,
        chunk_id=found.chunk_id,
        kb_id=found.kb_id,
        document_id=found.document_id,
        filename=found.filename,
        page=place.page,
        place=place,
        quote=citation.quote,
    )
