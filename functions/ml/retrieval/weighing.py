"""Weighing: a ranker whose weights follow from evidence found in each pair of lists.

See docs/retrieval.md for the method, its parameters and what it reaches.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.ml.documents import IndexedChunk
from functions.ml.ports import Candidates, RankedHit
from functions.ml.retrieval.evidence import Sightings, agreement, coverage, is_familiar, terms_of
from functions.ml.retrieval.fusion import ranked_hits, scores_by_id

_SPREADS = 5.0
_LEADERS = 5


@dataclass(frozen=True, slots=True)
class EvidenceRanker:
    """Ranks by a sum of word scores, vector scores and how the question stands in each passage: a `Ranker`.

        score = lexical / highest + weight * (cosine - lowest) / (5 * spread) + phrase * nearness + spot * density

    with weight = dense_weight * e^(-trust * coverage), divided by the most that the question could give. `coverage` is
    the share of the question's words in the best lexical passage: where the words of the question stand in the
    documents they can be relied upon, and where they do not (another language, other words) the vector decides. Where
    the model does not know the language, its weight is `agreement` with the words instead, so a vote that is noise
    fades by itself.

    Attributes:
        dense_weight: weight of the vector when no word of the question is found, at least 0.
        trust_in_words: how fast that weight falls with coverage, at least 0.
        phrase_weight: weight of neighbouring words standing near each other, at least 0.
        spot_weight: weight of the question's words standing together in one spot, at least 0.
        looked_at: in how many of the best passages it is looked for how the question stands.
        languages: what the embedding model knows, ISO 639-1; empty for every language.
        collapse_duplicates: keep only the best of chunks with the same text; see `plain`.
    """

    dense_weight: float = 3.0
    trust_in_words: float = 1.6
    phrase_weight: float = 1.5
    spot_weight: float = 1.5
    looked_at: int = 100
    languages: tuple[str, ...] = ()
    collapse_duplicates: bool = True

    def __call__(self, query: str, candidates: Candidates, *, limit: int) -> list[RankedHit]:
        """Return up to `limit` hits, best first, each chunk once; equal scores order by chunk id."""
        lexical, dense = scores_by_id(candidates.lexical), scores_by_id(candidates.dense)
        texts = {hit.indexed.chunk_id: _searched(hit.indexed) for hit in (*candidates.dense, *candidates.lexical)}
        terms = terms_of(query)
        words, vector = scale_to_highest(lexical), scale_to_spread(dense)
        weight = self._vector_weight(query, terms, texts, lexical, dense)
        fused = {key: words.get(key, 0.0) + weight * vector.get(key, 0.0) for key in texts}
        leaders = sorted(fused, key=lambda key: (-fused[key], key))[: self.looked_at]
        seen = Sightings(terms, {key: texts[key] for key in leaders})
        nearness, density = seen.nearness(), seen.density()
        for key in leaders:
            fused[key] += self.phrase_weight * nearness[key] + self.spot_weight * density[key]
        most = bool(words) + weight * max(vector.values(), default=0.0) + self.phrase_weight + self.spot_weight
        scaled = {key: min(1.0, score / most) if most > 0 else 0.0 for key, score in fused.items()}
        return ranked_hits(candidates, scaled, limit=limit, collapse=self.collapse_duplicates)

    def _vector_weight(
        self,
        query: str,
        terms: Sequence[str],
        texts: Mapping[str, str],
        lexical: Mapping[str, float],
        dense: Mapping[str, float],
    ) -> float:
        """Weigh the vector against the words."""
        if not lexical:
            return 1.0
        best = list(lexical)[:_LEADERS]
        if not is_familiar(query, [texts[key] for key in best], self.languages):
            return agreement(lexical, dense)
        return self.dense_weight * math.exp(-self.trust_in_words * coverage(terms, texts[best[0]]))


def scale_to_highest(scores: Mapping[str, float]) -> dict[str, float]:
    """Divide scores by the highest: word scores have a true zero, that of a passage with none of the words.

    Returns:
        A number in [0, 1] by the same ids; 0 for all when none is over 0.
    """
    highest = max(scores.values(), default=0.0)
    return {key: max(0.0, score / highest) if highest > 0 else 0.0 for key, score in scores.items()}


def scale_to_spread(scores: Mapping[str, float]) -> dict[str, float]:
    """Measure scores from the lowest in units of five standard deviations: cosines have no zero and no scale.

    A list whose best stands out reaches 1 and more, one without a clear best does not, and so has less of a say.

    Returns:
        A number of at least 0 by the same ids; 1 for all when all are equal.
    """
    if not scores:
        return {}
    lowest, mean = min(scores.values()), math.fsum(scores.values()) / len(scores)
    spread = math.sqrt(math.fsum((score - mean) ** 2 for score in scores.values()) / len(scores))
    if not spread > 0:
        return dict.fromkeys(scores, 1.0)
    return {key: (score - lowest) / (_SPREADS * spread) for key, score in scores.items()}


def _searched(chunk: IndexedChunk) -> str:
    """Return the text that a chunk is found by."""
    return f"{chunk.chunk.context}\n{chunk.chunk.text}" if chunk.chunk.context else chunk.chunk.text
