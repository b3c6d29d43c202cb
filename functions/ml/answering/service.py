"""Answers a question: complete it, retrieve, judge, generate, check, suggest what to ask next, or refuse."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from functions.ml.answering.checking import CheckedAnswer, CheckedCitation, check
from functions.ml.answering.extractive import MODEL as EXTRACTIVE
from functions.ml.answering.gate import GateParameters, can_answer, judged_text
from functions.ml.answering.grounding import GroundingParameters
from functions.ml.answering.refusals import refusal_text
from functions.ml.answering.resolution import resolve
from functions.ml.answering.searching import Retrieve, check_words, scope_of
from functions.ml.answering.streaming import Judge, Stream, Written, write_in_pieces, write_whole
from functions.ml.answering.suggestions import suggestions
from functions.ml.answering.words import language_of
from functions.ml.ports import GenerationRequest, Generator, Passage, RankedHit, Scope, Turn
from functions.ml.ports import Usage as GeneratorUsage
from functions.ml.releases.catalogue import ReleaseSpec
from functions.ml.retrieval.expansion import ReadAround
from functions.ml.retrieval.narrowing import Narrow
from shared.contracts.ml_api import (
    MAX_QUESTION_CHARACTERS,
    AnswerRequest,
    AnswerResponse,
    Citation,
    Usage,
)
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.streams.ports import AnswerStreams

logger = logging.getLogger(__name__)
_HITS_PER_PASSAGE = 3


class ReleasesById(Protocol):
    """Knows the default release and each by its id."""

    @property
    def default(self) -> ReleaseSpec:
        """The release that is used where none is chosen."""

    def by_id(self, release_id: str) -> ReleaseSpec:
        """Return a release. Raises NotFound."""


@dataclass(frozen=True)
class AnswerQuestion:
    """Answers from passages with checked citations, or refuses.

    Attributes:
        retrieve: finds the passages.
        generator_of: gives the generator of a release.
        releases: what can be chosen.
        clock: measures the latency.
        narrow: makes one filter of the bot's and the caller's.
        read_around: puts in place of hits the passages that they are read in; None reads every hit alone.
        streams: where an answer is shown while it grows; None shows none.
    """

    retrieve: Retrieve
    generator_of: Callable[[ReleaseSpec], Generator]
    releases: ReleasesById
    clock: Clock
    narrow: Narrow
    read_around: ReadAround | None = None
    streams: AnswerStreams | None = None

    def __call__(self, request: AnswerRequest) -> AnswerResponse:
        """Answer one question.

        Raises:
            Invalid: there is no word or number in the question (`no_words`).
            NotFound: an unknown release or knowledge base.
            Invalid: the filters together name more documents than a search can be narrowed to.
            Unavailable, TooMany, Rejected: retrieval or the model failed; never an empty answer.
        """
        started = self.clock()
        release = self.releases.by_id(request.release_id) if request.release_id else self.releases.default
        history = tuple(Turn(turn.role, turn.content) for turn in request.history)
        model = None if release.model == EXTRACTIVE else self.generator_of(release)
        resolved = resolve(request.question, history, model=model)
        searched = resolved.text[:MAX_QUESTION_CHARACTERS]
        check_words(searched)
        filters = self.narrow(request.caller.tenant_id, request.kb_ids, request.filters)
        scope = scope_of(request.caller, request.kb_ids, filters)
        found = self.retrieve(scope, searched, limit=release.answer.passages + release.answer.noise_passages)
        hits = self._read(scope, searched, found, release.answer.passages)
        written = self._write(request, release, searched, history, hits=hits, further=found[release.answer.passages :])
        checked, usage = written.checked, written.usage
        latency_ms = round((self.clock() - started).total_seconds() * 1_000)
        text = checked.text
        if checked.refusal:
            reason = checked.refusal if hits else "nothing_passes" if request.filters else "nothing_found"
            asked = " and ".join(item.in_words() for item in request.filters)
            text = refusal_text(
                reason,
                knowledge_bases=len(scope.kb_ids),
                passages=len(hits),
                filters=asked,
                language=language_of(request.question),
            )
        citations = tuple(_citation(citation, hits) for citation in checked.citations)
        return AnswerResponse(
            text=text,
            refused=checked.refused,
            citations=citations,
            usage=Usage(
                model=usage.model or release.model,
                input_tokens=usage.input_tokens,
                output_tokens=usage.output_tokens,
                latency_ms=latency_ms,
            ),
            release_id=release.release_id,
            searched=searched,
            searched_by=resolved.by,
            stopped=written.stopped,
            suggestions=self._suggestions(request, release, found, [one.chunk_id for one in citations]),
        )

    def _suggestions(
        self, request: AnswerRequest, release: ReleaseSpec, found: list[RankedHit], cited: Sequence[str]
    ) -> tuple[str, ...]:
        asked = [turn.content for turn in request.history if turn.role == "user"]
        further = found[release.answer.passages :]
        return suggestions(
            [*asked, request.question],
            found,
            cited,
            is_answered_by=lambda question, hit: self._is_answered(release, question, hit, further),
        )

    def _is_answered(self, release: ReleaseSpec, question: str, hit: RankedHit, further: list[RankedHit]) -> bool:
        """Would this passage alone answer a question? A model is not asked for that, what quotes is."""
        if not self._can_answer(release, question, [hit], further):
            return False
        wanted = GenerationRequest(question, (_passage(1, hit),))
        return release.model != EXTRACTIVE or not self.generator_of(release).generate(wanted).refused

    def _read(self, scope: Scope, searched: str, found: list[RankedHit], limit: int) -> list[RankedHit]:
        """Return the passages to answer from; where small hits stand for large passages, enough are looked for."""
        hits = found[:limit]
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
        *,
        hits: list[RankedHit],
        further: list[RankedHit],
    ) -> Written:
        """Generate and check; where what was found is about something else no model is asked."""
        passages = tuple(_passage(n, hit) for n, hit in enumerate(hits, 1))
        if not self._can_answer(release, judged_text(request.question, searched), hits, further):
            return Written(CheckedAnswer("", (), "said_so"), GeneratorUsage(release.model))
        quotes = release.model == EXTRACTIVE
        question = searched if quotes else request.question
        wanted = GenerationRequest(question, passages, history=history, instructions=request.instructions)
        rules = GroundingParameters(**release.answer.grounding)  # type: ignore[arg-type]
        written = self._generate(
            request,
            self.generator_of(release),
            wanted,
            lambda draft: check(draft, passages, rules, question=request.question),
            at_once=quotes,
        )
        checked = written.checked
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
        return written

    def _generate(
        self, request: AnswerRequest, generator: Generator, wanted: GenerationRequest, judge: Judge, *, at_once: bool
    ) -> Written:
        """Ask the generator, and show pieces where somebody waits for them; those of a quotation come at its end."""
        if not request.stream_id or self.streams is None:
            return write_whole(generator, wanted, judge, None)
        stream = Stream(self.streams, request.caller.tenant_id, request.stream_id, self.clock)
        return (write_whole if at_once else write_in_pieces)(generator, wanted, judge, stream)

    def _can_answer(self, release: ReleaseSpec, question: str, hits: list[RankedHit], further: list[RankedHit]) -> bool:
        """Judge the passages by the release's gate; what was found after them is the noise they stand out of."""
        gate = _gate(release)
        read = [replace(_passage(n, hit), dense=self._cosine(hit, gate)) for n, hit in enumerate(hits, 1)]
        noise = [self._cosine(hit, gate) for hit in further]
        return can_answer(question, read, gate, further=noise, with_model=release.model != EXTRACTIVE)

    def _cosine(self, hit: RankedHit, gate: GateParameters) -> float:
        """Bring the cosine of another release's embedder to the scale of this gate: each has a noise of its own."""
        if hit.dense <= 0:
            return 0.0
        try:
            own = _gate(self.releases.by_id(hit.indexed.release_id))
        except NotFound:
            return hit.dense
        return gate.noise_cosine + (hit.dense - own.noise_cosine) / own.cosine_unit * gate.cosine_unit


def _gate(release: ReleaseSpec) -> GateParameters:
    return GateParameters(**release.answer.gate)  # type: ignore[arg-type]


def _passage(n: int, hit: RankedHit) -> Passage:
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
