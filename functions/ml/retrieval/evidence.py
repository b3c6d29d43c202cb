"""Evidence: what two lists of candidates say about how far each of them can be trusted for this question.

Pure, and taken from the question, the candidates' texts and their scores alone, so that it is the same on any engine.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

from functions.ml.retrieval.languages import languages_of
from functions.ml.retrieval.tokens import query_tokens

MAX_TERMS = 32
STEM_LETTERS = 6
NEAR_CHARACTERS = 48
"""About eight words, the window of the sequential dependence model."""
NEAR_UNSPACED_CHARACTERS = 16
SPOT_WINDOWS = 2.5
"""A sentence of some twenty words."""
MOST_PLACES = 24
"""What stands there still more often says no more."""
SATURATION = 1.2
_FIRST_UNSPACED = "\u2e80"
_FOREIGN_SHARE = 0.5
_READ_CHARACTERS = 400
_LEAST_POINTS = 3


def terms_of(query: str) -> list[str]:
    """Cut a question into what is looked for in passages: the starts of its words, pairs of unspaced characters.

    Returns:
        At most 32 distinct strings in lower case, in the question's order; empty when it holds no word.

    Source:
        McNamee and Mayfield, "Character N-Gram Tokenization for European Language Text Retrieval", 2004 (words cut to
        their first letters stand for their stems).
    """
    tokens = query_tokens(query)
    longer = [token for token in tokens if len(token) > 1 or token.isascii()]
    starts = (token[:STEM_LETTERS] if token.isalpha() else token for token in longer or tokens)
    return list(dict.fromkeys(starts))[:MAX_TERMS]


def coverage(terms: Sequence[str], text: str) -> float:
    """Return the share of the terms that stand in a text, in [0, 1]; 0 without terms."""
    return sum(map(bool, _places_of(terms, text.casefold()))) / len(terms) if terms else 0.0


class Sightings:
    """Where the terms of one question stand in its best candidates.

    Args:
        terms: in the question's order.
        texts: the candidates, by any id; how rare a term is, is judged among them.
    """

    def __init__(self, terms: Sequence[str], texts: Mapping[str, str]) -> None:
        self.terms = tuple(terms)
        self._places = {key: _places_of(terms, text.casefold()) for key, text in texts.items()}
        holding = [sum(bool(found[n]) for found in self._places.values()) for n in range(len(terms))]
        self._rarity = [_rarity(count, len(self._places)) for count in holding]

    def nearness(self) -> dict[str, float]:
        """Say how much of the question's phrasing candidates keep: neighbouring terms that stand near each other.

        Each pair of neighbouring terms counts as its more frequent term does, and by how often the pair stands there,
        with diminishing returns.

        Returns:
            A number in [0, 1) by id; 0 for all when the question has fewer than two terms.

        Source:
            Metzler and Croft, "A Markov Random Field Model for Term Dependencies", SIGIR 2005 (unordered windows of
            eight words); Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009 (idf, saturation).
        """
        weights = [min(pair) for pair in pairwise(self._rarity)]
        windows = [_window(term) for term in self.terms]
        total = sum(weights) or 1.0
        result = {}
        for key, found in self._places.items():
            near = (_near(found[n], found[n + 1], windows[n]) for n in range(len(weights)))
            result[key] = sum(weight * _saturated(count) for weight, count in zip(weights, near, strict=True)) / total
        return result

    def density(self) -> dict[str, float]:
        """Say how much of the question stands together in one spot of a candidate, about as long as a sentence.

        Returns:
            Largest share of the terms' rarity within one window, in [0, 1], by id; 0 for all without terms.

        Source:
            Tao and Zhai, "An Exploration of Proximity Measures in Information Retrieval", SIGIR 2007 (passages that
            hold the question's words close together); the measure is the share of weight in the best fixed window.
        """
        total = sum(self._rarity) or 1.0
        span = int(SPOT_WINDOWS * max(map(_window, self.terms), default=0))
        return {key: _densest(found, self._rarity, span) / total for key, found in self._places.items()}


def _places_of(terms: Iterable[str], folded: str) -> list[list[int]]:
    return [_places(folded, term) for term in terms]


def _places(text: str, term: str) -> list[int]:
    """Return where a term stands in a text in lower case, in growing order; the first few places only."""
    # Words of other scripts may carry an article or a prefix written onto them.
    starts_words = term.isascii()
    places: list[int] = []
    at = text.find(term)
    while at >= 0 and len(places) < MOST_PLACES:
        if not starts_words or at == 0 or not (text[at - 1].isalnum() or text[at - 1] == "_"):
            places.append(at)
        at = text.find(term, at + len(term))
    return places


def _rarity(holding: int, texts: int) -> float:
    """Inverse document frequency, over 0."""
    return math.log(1 + (texts - holding + 0.5) / (holding + 0.5))


def _saturated(count: int) -> float:
    """A count to [0, 1), with diminishing returns."""
    return count / (count + SATURATION)


def _window(term: str) -> int:
    """Return the characters that eight words take in the script of a term."""
    return NEAR_CHARACTERS if term[0] < _FIRST_UNSPACED else NEAR_UNSPACED_CHARACTERS


def _near(places: Sequence[int], others: Sequence[int], window: int) -> int:
    """Count the places of one term with the other near it."""
    if not others:
        return 0
    return sum(bisect_right(others, at + window) > bisect_left(others, at - window) for at in places)


def _densest(places: Sequence[Sequence[int]], weights: Sequence[float], span: int) -> float:
    """Return the largest weight of distinct terms that stand within `span` characters."""
    events = sorted((at, term) for term, found in enumerate(places) for at in found)
    inside = [0] * len(places)
    held = best = 0.0
    first = 0
    for at, term in events:
        held += weights[term] if not inside[term] else 0.0
        inside[term] += 1
        while at - events[first][0] > span:
            gone = events[first][1]
            inside[gone] -= 1
            held -= weights[gone] if not inside[gone] else 0.0
            first += 1
        best = max(best, held)
    return best


def agreement(lexical: Mapping[str, float], dense: Mapping[str, float]) -> float:
    """Return the share of the dense scores' variance that the lexical scores explain; 0 where they contradict.

    Args:
        lexical: scores by chunk id; a chunk that words did not find scores 0.
        dense: scores by chunk id; the chunks that are compared.

    Returns:
        The squared correlation coefficient in [0, 1]; 0 for fewer than three chunks or equal scores.
    """
    xs, ys = [lexical.get(key, 0.0) for key in sorted(dense)], [dense[key] for key in sorted(dense)]
    if len(ys) < _LEAST_POINTS:
        return 0.0
    mean_x, mean_y = math.fsum(xs) / len(xs), math.fsum(ys) / len(ys)
    shared = math.fsum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    spread = math.fsum((x - mean_x) ** 2 for x in xs) * math.fsum((y - mean_y) ** 2 for y in ys)
    return min(1.0, shared**2 / spread) if shared > 0 and spread > 0 else 0.0


def is_familiar(query: str, passages: Sequence[str], languages: Collection[str]) -> bool:
    """Does a model that knows these languages know what is asked and what was found?

    Args:
        query: the question.
        passages: the best passages; their beginnings are read, because a question alone is too short to tell.
        languages: ISO 639-1, all written in Latin letters; empty for a model that knows every language.
    """
    if not languages:
        return True
    if _foreign_share(query) > _FOREIGN_SHARE:
        return False
    beginnings = "\n".join(text[:_READ_CHARACTERS] for text in passages)
    spoken = languages_of(f"{query}\n{beginnings}".casefold())
    return bool(spoken) and not set(spoken).isdisjoint(languages)


def _foreign_share(text: str) -> float:
    """Return the share of letters that are not Latin, 0 without letters."""
    letters = [sign for sign in text if sign.isalpha()]
    return sum(sign >= "\u0250" for sign in letters) / len(letters) if letters else 0.0
