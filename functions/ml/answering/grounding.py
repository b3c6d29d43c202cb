"""Decides whether a passage says what a sentence claims, and which of its sentences says it best.

A likeness of words, not of meaning: it catches invented facts, numbers and names, and not a changed "not" or a swapped
subject and object. A number of the sentence must stand in the passage; so must its names; and enough of its content
words, counted once with and once without those of the question: what a model adds to a repeated question is its answer.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from functions.ml.answering.figures import claimed_figures, held_figures
from functions.ml.answering.sentences import Sentence, split_sentences
from functions.ml.answering.words import HAN, all_terms, content_terms, fold, language_of, numbers, stem
from functions.ml.ports import Passage

_WORD = re.compile(rf"[^\W\d_{HAN}]+")
_LIST_NUMBER = re.compile(r"^\s*(?:\d{1,3}[.)]|[-*•])\s+")
_CLAUSE_END = re.compile(r"[,;，；]\s|[，；]|\s[–—-]\s")
SHORT_TERMS = 3
_MARKS_NOUNS = frozenset({"de"})


@dataclass(frozen=True, slots=True)
class GroundingParameters:
    """What a release tunes.

    Attributes:
        min_overlap: share of a sentence's content terms that the cited passage holds.
        foreign_overlap: the same where sentence and passage are in two languages: names and borrowed words.
        new_overlap: share of the terms that the question does not hold which the cited passage holds.
        min_supported: share of the answer's claims that must be supported, else the whole answer is refused.
        clause_overlap: share of the terms of each clause: an invention must not hide behind a true half.
        clause_terms: content terms from which a clause is judged by itself.
        claim_terms: content terms from which a sentence claims something.
        quote_sentences: longest quote, in sentences of the passage.
    """

    min_overlap: float = 0.5
    foreign_overlap: float = 0.15
    new_overlap: float = 0.3
    clause_overlap: float = 0.25
    clause_terms: int = 3
    min_supported: float = 0.5
    claim_terms: int = 2
    quote_sentences: int = 2


def is_claim(sentence: str, parameters: GroundingParameters) -> bool:
    """Tell a statement from a heading, an introduction (`As follows:`) or a filler."""
    if sentence.rstrip().endswith((":", "：", "?", "？")):
        return False
    return len(content_terms(sentence)) >= parameters.claim_terms or bool(numbers(_LIST_NUMBER.sub("", sentence)))


def _names(sentence: str) -> frozenset[str]:
    """Return the capitalised words that do not begin the sentence."""
    words = _WORD.findall(_LIST_NUMBER.sub("", sentence))
    return frozenset(stem(fold(word)) for word in words[1:] if word[0].isupper() and content_terms(word))


def _whole(passage: Passage) -> str:
    """Return all that a passage can support a claim with."""
    return f"{passage.source}\n{passage.context}\n{passage.text}"


def _share(terms: Collection[str], held: frozenset[str]) -> float:
    return sum(term in held for term in terms) / len(terms) if terms else 1.0


def supports(sentence: str, passage: Passage, parameters: GroundingParameters, *, question: str = "") -> bool:
    """Tell whether the passage holds what the sentence says.

    Args:
        sentence: without citation markers.
        passage: its text, headings and source count.
        parameters: the thresholds.
        question: what was asked; its words in the sentence are no evidence.
    """
    plain, whole = _LIST_NUMBER.sub("", sentence), _whole(passage)
    wanted = content_terms(plain)
    if not wanted or _missing(plain, passage):
        return False
    held = all_terms(whole)
    if not _same_language(plain, passage):
        return _share(wanted, held) >= parameters.foreign_overlap
    new = frozenset(wanted) - all_terms(question)
    return (
        (language_of(plain) in _MARKS_NOUNS or _names(plain) <= held)
        and _share(wanted, held) >= parameters.min_overlap
        and _share(new, held) >= parameters.new_overlap
        and all(_share(terms, held) >= parameters.clause_overlap for terms in _clauses(plain, parameters))
        and not _strange_figures(plain, passage)
    )


def _clauses(sentence: str, parameters: GroundingParameters) -> Iterator[tuple[str, ...]]:
    """Yield the content terms of every clause that is long enough to claim something."""
    for clause in _CLAUSE_END.split(sentence):
        terms = content_terms(clause)
        if len(terms) >= parameters.clause_terms:
            yield terms


def _strange_figures(sentence: str, passage: Passage) -> frozenset[str]:
    """Return the figures that stand beside no word of the sentence: a passage holds many, of many things."""
    figures = claimed_figures(sentence) - held_figures(f"{passage.source}\n{passage.context}")
    words = frozenset(term for term in content_terms(sentence) if not term[0].isdecimal())
    for near in _neighbourhoods(passage) if figures else ():
        if not words or words & all_terms(near):
            figures -= held_figures(near)
    return figures


def _neighbourhoods(passage: Passage) -> Iterator[str]:
    """Yield the sentences of a passage, a short one with its neighbours; a table is one, as its heads are in a row."""
    units = [] if passage.kind == "table" else split_sentences(passage.text)
    if not units:
        yield passage.text
    for place, unit in enumerate(units):
        near = units[max(0, place - 1) : place + 2] if len(content_terms(unit.text)) <= SHORT_TERMS else [unit]
        yield passage.text[near[0].start : near[-1].end]


def invents(sentence: str, passages: Collection[Passage]) -> bool:
    """Tell whether a sentence states a name, or a figure of what it speaks of, that stands in none of the passages."""
    plain = _LIST_NUMBER.sub("", sentence)
    capitals_say_nothing = language_of(plain) in _MARKS_NOUNS or _is_title(plain)
    names = frozenset() if capitals_say_nothing else _names(plain)
    if not names <= all_terms("\n".join(map(_whole, passages))):
        return True
    figures = claimed_figures(plain)
    for passage in passages:
        if figures:
            figures &= _strange_figures(plain, passage) if _same_language(plain, passage) else _missing(plain, passage)
    return bool(figures)


def _same_language(sentence: str, passage: Passage) -> bool:
    said, read = language_of(sentence), language_of(passage.text)
    return not said or not read or said == read


def _missing(sentence: str, passage: Passage) -> frozenset[str]:
    return claimed_figures(sentence) - held_figures(_whole(passage))


def _is_title(sentence: str) -> bool:
    """Tell a heading that capitalises every word, like `Opening Hours:`."""
    words = [word for word in _WORD.findall(sentence) if content_terms(word)]
    return sentence.rstrip().endswith((":", "：")) and all(word[0].isupper() for word in words)


def best_quote(sentence: str, passage: Passage, parameters: GroundingParameters) -> Sentence:
    """Return the shortest stretch of the passage that holds most of what the sentence says.

    Returns:
        An exact slice: one sentence of the passage, or up to `quote_sentences` neighbours where they hold more.
    """
    units = split_sentences(passage.text, kind=passage.kind) or [Sentence(passage.text, 0, len(passage.text))]
    wanted = frozenset(content_terms(sentence))
    best, best_score = units[0], -1.0
    for length in range(1, parameters.quote_sentences + 1):
        for first in range(len(units) - length + 1):
            start, end = units[first].start, units[first + length - 1].end
            piece = passage.text[start:end]
            score = len(wanted & all_terms(piece)) - 0.5 * (length - 1) - len(piece) / 100_000
            if score > best_score:
                best, best_score = Sentence(piece, start, end), score
    return best
