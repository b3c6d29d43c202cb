"""Answers without a model: quotes the sentences that share most with the question.

Every sentence is scored by the part of the question's weight that it covers. A term weighs more the fewer of the
sentences hold it; what the heading and the neighbouring sentences cover counts in part, because a sentence often leaves
out its subject; a number is worth more where the question asks for one. Whether the passages are about the question at
all was judged before (`gate.py`).
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from functions.ml.answering.gate import covered, in_two_languages, is_readable
from functions.ml.answering.sentences import Sentence, split_sentences
from functions.ml.answering.words import all_terms, content_terms, fold, numbers
from functions.ml.ports import Draft, GenerationRequest, Passage, Usage

MODEL = "extractive"


@dataclass(frozen=True, slots=True)
class ExtractiveParameters:
    """What a release tunes; the defaults were chosen by `benchmarks/answers.py`.

    Attributes:
        max_sentences: the longest answer.
        keep: a further sentence scores at least this part of the best one.
        neighbours: weight of what the sentences beside it cover.
        heading: weight of what title and headings cover.
        passage: weight of the passage's own score against a coverage of 1.
        cue: added where the question asks for a number or a date and the sentence holds one.
        duplicate: share of common terms from which two sentences say the same.
    """

    max_sentences: int = 4
    keep: float = 0.65
    neighbours: float = 0.3
    heading: float = 0.3
    passage: float = 0.35
    cue: float = 0.12
    duplicate: float = 0.75


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage: Passage
    sentence: Sentence
    ordinal: int
    terms: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Scored:
    candidate: _Candidate
    score: float


_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|old|long|far|high|tall|large|big|often)\b|\bwhat (?:percent|number|amount|year|date)|\bwhen\b"
    r"|\bwie ?(?:viele?|alt|lange?|hoch|weit|gro(?:ss|ß)|oft)\b|\bwann\b|\bwelche[ms]? jahr"
    r"|\bcombien\b|\bquand\b|\bcu[aá]nt[oa]s?\b|\bcu[aá]ndo\b"
    r"|كم|متى|متي|عدد|多少|几|幾|何时|何時|哪一?年|什么时候|いつ|いくつ|कितन|कब"
)
_NUMBER_WORDS = frozenset(
    """
    one two three four five six seven eight nine ten eleven twelve hundred thousa millio billio half twice
    eins zwei drei vier funf sechs sieben acht neun zehn zwolf hunder tausen
    """.split()
)
_HAN_NUMBER = re.compile("[一二三四五六七八九十百千万億亿两]")
_MARKER = re.compile(r"\s?\[\d{1,3}(?:\s?,\s?\d{1,3})*\]")


def _candidates(passages: Sequence[Passage]) -> list[_Candidate]:
    return [
        _Candidate(passage, sentence, ordinal, all_terms(sentence.text))
        for passage in passages
        for ordinal, sentence in enumerate(split_sentences(passage.text, kind=passage.kind))
        if is_readable(sentence.text)
    ]


def _weights(query: Sequence[str], candidates: Sequence[_Candidate]) -> dict[str, float]:
    """Weigh each term by how few sentences hold it (the idf of BM25, never below 0)."""
    total = len(candidates)
    counts = {term: sum(term in candidate.terms for candidate in candidates) for term in query}
    return {term: math.log(1 + (total - count + 0.5) / (count + 0.5)) for term, count in counts.items()}


def _asks_for_number(question: str) -> bool:
    return bool(_ASKS_NUMBER.search(fold(question)) or _ASKS_NUMBER.search(question.lower()))


def _holds_number(candidate: _Candidate) -> bool:
    text = candidate.sentence.text
    return bool(numbers(text) or candidate.terms & _NUMBER_WORDS or _HAN_NUMBER.search(text))


def score_sentences(
    query: Sequence[str], question: str, candidates: Sequence[_Candidate], parameters: ExtractiveParameters
) -> list[_Scored]:
    """Score every sentence against the question, in the order given."""
    weights = _weights(query, candidates)
    own = [covered(candidate.terms, weights) for candidate in candidates]
    headings = {passage.n: all_terms(passage.context) for passage in {item.passage for item in candidates}}
    wants_number = _asks_for_number(question)
    scored = []
    for place, candidate in enumerate(candidates):
        beside: frozenset[str] = frozenset()
        for other in candidates[max(0, place - 1) : place + 2]:
            if other is not candidate and other.passage is candidate.passage:
                beside |= other.terms
        near = covered(candidate.terms | beside, weights) - own[place]
        heading = covered(candidate.terms | headings[candidate.passage.n], weights) - own[place]
        score = own[place] + parameters.neighbours * near + parameters.heading * heading
        score += parameters.passage * candidate.passage.score if own[place] + near > 0 else 0.0
        score += parameters.cue if wants_number and _holds_number(candidate) and own[place] > 0 else 0.0
        scored.append(_Scored(candidate, score))
    return scored


def _alike(left: frozenset[str], right: frozenset[str]) -> float:
    return len(left & right) / (min(len(left), len(right)) or 1)


def _repeats(candidate: _Candidate, other: _Candidate, parameters: ExtractiveParameters) -> bool:
    """Do both say the same? Rows of one table share their header, so that often only a number tells them apart."""
    if numbers(candidate.sentence.text) - numbers(other.sentence.text):
        return False
    return _alike(candidate.terms, other.terms) >= parameters.duplicate


def choose(scored: Sequence[_Scored], asked: frozenset[str], parameters: ExtractiveParameters) -> list[_Candidate]:
    """Take the best sentences that do not repeat each other, in reading order.

    Args:
        scored: at least one.
        asked: the question's numbers; where the best sentence is a table's row that holds one, a sentence without it is
            about another year or item, however alike it is.
        parameters: of the release.
    """
    ranked = sorted(scored, key=lambda item: (-item.score, item.candidate.passage.n, item.candidate.ordinal))
    best = ranked[0].candidate
    held = asked & best.terms if best.passage.kind == "table" else frozenset()
    chosen: list[_Candidate] = []
    for item in ranked:
        if not held <= item.candidate.terms:
            continue
        if len(chosen) == parameters.max_sentences or item.score < parameters.keep * ranked[0].score:
            break
        if not any(_repeats(item.candidate, other, parameters) for other in chosen):
            chosen.append(item.candidate)
    return sorted(chosen, key=lambda candidate: (candidate.passage.n, candidate.ordinal))


def _is_heading(candidate: _Candidate) -> bool:
    """Is it a heading of its own passage? It says where an answer stands, and nothing else."""
    return " ".join(candidate.sentence.text.split()) in candidate.passage.context


def _said(candidate: _Candidate) -> str:
    """Write a sentence as a line of the answer, without the source's own markers."""
    return " ".join(_MARKER.sub("", candidate.sentence.text).split())


class ExtractiveGenerator:
    """The generator of a platform that has no model: it can only quote.

    Args:
        parameters: what the release tunes.
    """

    def __init__(self, parameters: ExtractiveParameters | None = None) -> None:
        self._parameters = parameters or ExtractiveParameters()

    def generate(self, request: GenerationRequest) -> Draft:
        """Quote the best sentences in reading order, each with its citation; refuses where there is nothing to quote.

        In a document of another language words say little about which sentence answers, so that the passage nearest in
        meaning is quoted.

        Args:
            request: instructions and history are not used: nothing here can follow them.
        """
        query = content_terms(request.question)
        candidates = _candidates(request.passages)
        if not candidates or not query:
            return Draft("", refused=True, usage=Usage(MODEL))
        nearest = max(request.passages, key=lambda passage: passage.dense)
        parameters = self._parameters
        if in_two_languages(request.question, nearest.text):
            candidates = [item for item in candidates if item.passage is nearest] or candidates
            parameters = replace(parameters, keep=0.0)
        scored = score_sentences(query, request.question, candidates, parameters)
        if _asks_for_number(request.question):
            # No number can be learned from what says only what was asked, as titles often do.
            words = all_terms(request.question)
            scored = [item for item in scored if item.candidate.terms - words] or scored
        scored = [item for item in scored if not _is_heading(item.candidate)] or scored
        asked = frozenset(term for term in query if term[0].isdecimal())
        chosen = choose(scored, asked, parameters)
        text = "\n\n".join(f"{_said(item)} [{item.passage.n}]" for item in chosen)
        quotes = tuple((item.passage.n, item.sentence.text) for item in chosen)
        return Draft(text, refused=False, usage=Usage(MODEL), quotes=quotes)

    def stream(self, request: GenerationRequest) -> Iterator[str | Draft]:
        """Yield the sentences one by one and the draft."""
        draft = self.generate(request)
        for number, paragraph in enumerate(draft.text.split("\n\n") if draft.text else ()):
            yield paragraph if number == 0 else f"\n\n{paragraph}"
        yield draft
