"""Evidence: what two lists of candidates say about how far each of them can be trusted for this question.

Pure, and taken from the question, the candidates' texts and their scores alone, so that it is the same on any engine.
"""

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence

from functions.ml.retrieval.languages import languages_of
from functions.ml.retrieval.tokens import query_tokens

MAX_TERMS = 32
STEM_LETTERS = 6
NEAR_CHARACTERS = 48
"""About eight words, the window of the sequential dependence model."""
NEAR_UNSPACED_CHARACTERS = 16
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


class TermFinder:
    """Finds the terms of one question in passages, in one pass over each."""

    def __init__(self, terms: Sequence[str]) -> None:
        self.terms = tuple(terms)
        longest_first = sorted(self.terms, key=lambda term: (-len(term), term))
        # Words of other scripts may carry an article or a prefix written onto them.
        forms = (rf"(?<!\w){re.escape(term)}" if term.isascii() else re.escape(term) for term in longest_first)
        self._pattern = re.compile("|".join(forms)) if self.terms else None

    def places(self, text: str) -> dict[str, list[int]]:
        """Return for each term that stands in a text where it does, in growing order of characters."""
        found: dict[str, list[int]] = {}
        if self._pattern is not None:
            for match in self._pattern.finditer(text.casefold()):
                found.setdefault(match.group(), []).append(match.start())
        return found

    def coverage(self, text: str) -> float:
        """Return the share of the terms that stand in a text, in [0, 1]; 0 without terms."""
        return len(self.places(text)) / len(self.terms) if self.terms else 0.0

    def nearness(self, texts: Mapping[str, str]) -> dict[str, float]:
        """Say how much of the question's phrasing each text keeps: neighbouring terms that stand near each other.

        Each pair of neighbouring terms counts as its more frequent term does: by its rarity among the texts, and by how
        often the pair stands there, with diminishing returns.

        Args:
            texts: by any id; rarity is judged among them.

        Returns:
            A number in [0, 1) by the same ids; 0 for all when the question has fewer than two terms.

        Source:
            Metzler and Croft, "A Markov Random Field Model for Term Dependencies", SIGIR 2005 (unordered windows of
            eight words); Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009 (idf, saturation).
        """
        pairs = list(zip(self.terms, self.terms[1:], strict=False))
        places = {key: self.places(text) for key, text in texts.items()}
        rarity = {term: _rarity(sum(term in found for found in places.values()), len(places)) for term in self.terms}
        weights = [min(rarity[one], rarity[other]) for one, other in pairs]
        total = sum(weights)
        if not total > 0:
            return dict.fromkeys(texts, 0.0)
        return {
            key: sum(w * _saturated(_near(found, *pair)) for w, pair in zip(weights, pairs, strict=True)) / total
            for key, found in places.items()
        }


def _rarity(holding: int, texts: int) -> float:
    """Inverse document frequency, over 0."""
    return math.log(1 + (texts - holding + 0.5) / (holding + 0.5))


def _saturated(count: int) -> float:
    """A count to [0, 1), with diminishing returns."""
    return count / (count + SATURATION)


def _near(found: Mapping[str, list[int]], one: str, other: str) -> int:
    """Count the places of one term with the other near it."""
    window = NEAR_CHARACTERS if one[0] < _FIRST_UNSPACED else NEAR_UNSPACED_CHARACTERS
    others = found.get(other, [])
    return sum(bisect_right(others, at + window) > bisect_left(others, at - window) for at in found.get(one, ()))


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
