"""Decides whether what was found can answer a question, before anything is written.

A few signs are weighed by a logistic regression: how much of the question the best passage holds, how much its best
sentence, how much the passage nearest in meaning, and how far that one stands out. Cosines have no common scale:
unrelated texts score 0.75 with one model and 0.1 with another, and more in one language than in another. So the noise
is read from the passages further down the same list, which are about something else.

There are three sets of weights: for passages in the question's language; for those in another, where words cannot match
and the cosine itself decides; and for passages without a cosine. Weights, noise and thresholds are data of the release,
fitted by `benchmarks/refusals.py`.
"""

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from functions.ml.answering.sentences import split_sentences
from functions.ml.answering.words import HAN, all_terms, content_terms, language_of
from functions.ml.ports import Passage

_WORD = re.compile(r"[^\W_]+")
_YEAR = re.compile(r"(?<![\d.,])(?:1\d|20)\d\d(?![\d.,]\d|\d)")
_LINK = re.compile(r"\S*(?:://|\w/\w|www\.)\S*")
_SCRIPTS = {
    "han": re.compile(f"[{HAN}]"),
    "arabic": re.compile("[\u0600-\u06ff]"),
    "cyrillic": re.compile("[\u0400-\u04ff]"),
    "latin": re.compile("[A-Za-z]"),
}
_NAME_WEIGHT = 1.7
_READ_CHARACTERS = 500
_JUDGED_BY_MODEL_TERMS = 2
_LEAST_JUDGED_TERMS = 2
MOST_UNITS = 2.0


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for an answer.

    Attributes:
        passage: largest part of the question's weight that a passage holds with its headings, in [0, 1].
        sentence: largest part that one sentence of a passage holds, in [0, 1].
        nearest: part that the passage nearest in meaning holds, in [0, 1].
        stands_out: cosine of the nearest passage above the noise of this list, in units of the release, in [0, 2].
        nearness: the same above the release's own noise, in [-2, 2].
        weighed_by: the set of weights that fits.
    """

    passage: float
    sentence: float
    nearest: float
    stands_out: float = 0.0
    nearness: float = 0.0
    weighed_by: Literal["one_language", "two_languages", "words_alone"] = "words_alone"


WORDS_ALONE: Mapping[str, float] = {"passage": 5.0, "sentence": 5.0, "bias": -5.0}
"""What counts where there is nothing but words, and in releases from before the calibration."""


@dataclass(frozen=True, slots=True)
class GateParameters:
    """What a release calibrates; a set of weights names signs, and `bias`.

    Attributes:
        noise_cosine: what an unrelated passage scores with this embedder; counts where a list is too short to tell.
        noise_weight: how many passages of the list that is worth.
        cosine_unit: what a right passage stands above the noise, about, so that the weights of all signs compare.
        one_language: weights where question and nearest passage are in one language.
        two_languages: where they are in two.
        words_alone: where nothing is known of meaning.
        refuse_below: confidence under which nothing is quoted.
        refuse_below_with_model: the same where a model writes: it reads, and refuses by itself, so that only what is
            plainly about something else is kept from it.
    """

    noise_cosine: float = 0.0
    noise_weight: int = 10
    cosine_unit: float = 0.1
    one_language: Mapping[str, float] = field(default_factory=dict)
    two_languages: Mapping[str, float] = field(default_factory=dict)
    words_alone: Mapping[str, float] = field(default_factory=lambda: WORDS_ALONE)
    refuse_below: float = 0.5
    refuse_below_with_model: float = 0.1


def importance(question: str) -> dict[str, float]:
    """Weigh the question's terms among themselves: names and numbers say most about what is asked.

    How rare a term is among the passages cannot be used: among passages about something else all are rare.
    """
    words = _WORD.findall(question)
    named = {term for word in words[1:] if word[0].isupper() for term in content_terms(word)}
    return {term: _NAME_WEIGHT if term in named or term[0].isdecimal() else 1.0 for term in content_terms(question)}


def covered(terms: Collection[str], weights: Mapping[str, float]) -> float:
    """Return the part of the weight that these terms cover, in [0, 1]."""
    return sum(weight for term, weight in weights.items() if term in terms) / (sum(weights.values()) or 1.0)


def is_readable(text: str) -> bool:
    """Is most of it words? The words of a link match many a question and answer none."""
    return 2 * len(_LINK.sub("", text)) > len(text)


def noise_of(cosines: Sequence[float], parameters: GateParameters) -> float:
    """Estimate what a passage about something else scores for this question.

    Args:
        cosines: of what was found behind the passages that are read; may be empty.
        parameters: what counts where there are few.
    """
    known = [cosine for cosine in cosines if cosine > 0]
    total = sum(known) + parameters.noise_weight * parameters.noise_cosine
    return total / ((len(known) + parameters.noise_weight) or 1)


def _scripts(text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in _SCRIPTS.items() if pattern.search(text))


def in_two_languages(question: str, text: str) -> bool:
    """Tell whether a passage is surely in another language than the question."""
    text = text[:_READ_CHARACTERS]
    asked, read = language_of(question), language_of(text)
    if asked and read:
        return asked != read
    scripts, found = _scripts(question), _scripts(text)
    return bool(scripts) and scripts.isdisjoint(found)


def _coverages(question: str, passages: Sequence[Passage]) -> Iterator[tuple[float, float]]:
    """Yield per passage what it and its best sentence hold of the question."""
    weights = importance(question)
    words = frozenset(term for term in weights if not term[0].isdecimal())
    years = frozenset(_YEAR.findall(question))
    for passage in passages:
        units = split_sentences(passage.text, kind=passage.kind)
        sentences = [all_terms(unit.text) for unit in units if is_readable(unit.text)]
        held = all_terms(passage.context).union(*sentences)
        if not sentences or not years <= held or (words and not words & held):
            yield 0.0, 0.0  # what was in another year is no answer, and a number alone stands in many a passage
        else:
            yield covered(held, weights), max(covered(terms, weights) for terms in sentences)


def read_signs(
    question: str, passages: Sequence[Passage], parameters: GateParameters, *, further: Sequence[float] = ()
) -> Signs:
    """Read the signs.

    Args:
        question: complete in itself.
        passages: what would be read, at least one.
        parameters: of the release.
        further: cosines of what was found behind them.
    """
    coverages = list(_coverages(question, passages))
    first = max(range(len(passages)), key=lambda place: passages[place].dense)
    cosine, whole = passages[first].dense, max(whole for whole, _ in coverages)
    sentence = max(sentence for _, sentence in coverages)
    if cosine <= 0:
        return Signs(whole, sentence, nearest=0.0)
    two = in_two_languages(question, passages[first].text)
    return Signs(
        passage=whole,
        sentence=sentence,
        nearest=coverages[first][0],
        stands_out=max(0.0, _units(cosine - noise_of(further, parameters), parameters)),
        nearness=_units(cosine - parameters.noise_cosine, parameters),
        weighed_by="two_languages" if two else "one_language",
    )


def _units(cosine: float, parameters: GateParameters) -> float:
    return max(-MOST_UNITS, min(MOST_UNITS, cosine / parameters.cosine_unit))


def confidence(signs: Signs, parameters: GateParameters) -> float:
    """Return how sure an answer stands in the passages, in [0, 1]."""
    weights = getattr(parameters, signs.weighed_by) or parameters.words_alone
    logit = sum(weight * getattr(signs, name) for name, weight in weights.items() if name != "bias")
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, logit + weights.get("bias", 0.0)))))


def judged_text(asked: str, searched: str) -> str:
    """Choose what passages are judged by: the question as asked, where it says enough by itself.

    What was added to a follow-up leads to the right passages, but the sentence that answers need not repeat it.
    """
    return asked if len(content_terms(asked)) >= _LEAST_JUDGED_TERMS else searched


def can_answer(
    question: str,
    passages: Sequence[Passage],
    parameters: GateParameters,
    *,
    further: Sequence[float] = (),
    with_model: bool = False,
) -> bool:
    """Tell whether the passages are worth an answer.

    Args:
        question: complete in itself.
        passages: what would be read.
        parameters: of the release.
        further: cosines of what was found behind the passages.
        with_model: a model writes the answer. A question of next to no content (`summarise this`) is its to judge.
    """
    terms = content_terms(question)
    if not passages or (with_model and len(terms) <= _JUDGED_BY_MODEL_TERMS):
        return bool(passages)
    if not terms:
        return False
    least = parameters.refuse_below_with_model if with_model else parameters.refuse_below
    return confidence(read_signs(question, passages, parameters, further=further), parameters) >= least
