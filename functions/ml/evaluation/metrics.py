"""Scores one answer and the whole run. Pure arithmetic over texts and names.

Source:
    Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension of Text", EMNLP 2016 (normalisation and token
    F1; here articles of more languages are dropped, and Han, kana and Hangul count by character as in MLQA).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean

from shared.contracts.ml_api import QuestionScore

HITS = 10
_ARTICLES = frozenset(
    "a an the der die das den dem des ein eine einen einem einer eines le la les un une el los las una".split()
)
_BY_CHARACTER = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")


def normalised_tokens(text: str) -> list[str]:
    """Lower case, without punctuation and articles; languages without spaces by character."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(" " if unicodedata.category(sign)[0] in "PS" else sign for sign in folded)
    spaced = _BY_CHARACTER.sub(lambda match: f" {match.group()} ", kept)
    words = ["".join(sign for sign in word if unicodedata.category(sign) != "Mn") for word in spaced.split()]
    return [word.removeprefix("ال") or word for word in words if word and word not in _ARTICLES]


def token_f1(answer: str, expected: Sequence[str]) -> float:
    """Return the best overlap with any expected answer, in [0, 1]."""
    return max((_f1(normalised_tokens(answer), normalised_tokens(text)) for text in expected), default=0.0)


def _f1(said: list[str], wanted: list[str]) -> float:
    if not said or not wanted:
        return float(said == wanted)
    common = sum((Counter(said) & Counter(wanted)).values())
    return 2 * common / (len(said) + len(wanted))


def holds(quotes: Iterable[str], expected: Sequence[str]) -> bool:
    """Tell whether an expected answer stands in one of the quotes, as a run of normalised tokens."""
    texts = [f" {' '.join(normalised_tokens(quote))} " for quote in quotes]
    wanted = [" ".join(normalised_tokens(text)) for text in expected]
    return any(f" {answer} " in text for answer in wanted if answer for text in texts)


def reciprocal_rank(found: Sequence[Iterable[str]], expected: Iterable[str]) -> float:
    """Return 1 / rank of the first hit of an expected document, 0 when there is none.

    Args:
        found: the names each hit goes by (file name, document id), best first.
        expected: names of the right documents.
    """
    right = frozenset(expected)
    return next((1 / rank for rank, names in enumerate(found, 1) if right & frozenset(names)), 0.0)


def summary(scores: Sequence[QuestionScore]) -> dict[str, float]:
    """Return the means over the questions that each metric applies to, in [0, 1] but for the latency.

    Questions that failed count in `failed` only.
    """
    good = [score for score in scores if not score.error]
    columns: dict[str, list[float]] = {
        "hit_at_10": [float(score.retrieved) for score in good if score.retrieved is not None],
        "mrr": [score.reciprocal_rank for score in good if score.reciprocal_rank is not None],
        "citation_precision": [float(score.cited) for score in good if score.cited is not None],
        "token_f1": [score.token_f1 for score in good if score.token_f1 is not None],
        "answer_in_quotes": [float(score.answer_in_quotes) for score in good if score.answer_in_quotes is not None],
        "refusal_accuracy": [float(score.correctly_refused) for score in good if score.correctly_refused is not None],
        "failed": [float(bool(score.error)) for score in scores],
        "latency_ms": [float(score.latency_ms) for score in good],
    }
    return {name: round(fmean(values), 4) for name, values in columns.items() if values}
