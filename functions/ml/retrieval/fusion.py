"""Fusion: two rankings of one query into one, by their scores or by their ranks.

Pure. What is tuned (weights, constants) comes from the pipeline release.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.ml.documents import IndexedChunk
from functions.ml.ports import Candidates, Hit, RankedHit
from shared.kernel.errors import Invalid

_SAME = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b"), "'"),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u00ab\u00bb"), '"'),
    **dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"), ""),
    **{0xFB00 + n: letters for n, letters in enumerate(("ff", "fi", "fl", "ffi", "ffl"))},
}
_HYPHENATED = re.compile(r"(?<=[^\W\d_])-\s*\n\s*(?=[^\W\d_])")


def scale_scores(scores: Mapping[str, float]) -> dict[str, float]:
    """Scale one ranking's scores to [0, 1]: (score - lowest) / (highest - lowest).

    Args:
        scores: finite scores by chunk id, higher is better, any scale.

    Returns:
        A number in [0, 1] by the same ids; 1 for all when all are equal.
    """
    if not scores:
        return {}
    lowest, highest = min(scores.values()), max(scores.values())
    spread = highest - lowest
    if not spread > 0:
        return dict.fromkeys(scores, 1.0)
    return {key: min(1.0, (score - lowest) / spread) for key, score in scores.items()}


def fuse_scores(rankings: Sequence[tuple[float, Mapping[str, float]]]) -> dict[str, float]:
    """Merge rankings by a convex sum of their scaled scores.

    A chunk scores the sum over rankings of weight x scaled score, divided by the sum of the weights; a ranking that
    does not hold the chunk gives 0. Empty rankings have no say: their weight is not counted.

    Args:
        rankings: pairs of a weight, at least 0, and the scores by chunk id.

    Returns:
        A score in [0, 1] for every chunk of any ranking.

    Source:
        Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", ACM TOIS 42(1), 2023 (TM2C2;
        both lists are scaled by their own minimum and maximum here).
    """
    present = [(weight, scale_scores(scores)) for weight, scores in rankings if scores]
    total = sum(weight for weight, _ in present)
    if total <= 0:
        present, total = [(1.0, scores) for _, scores in present], float(len(present))
    ids = dict.fromkeys(key for _, scores in present for key in scores)
    return {key: min(1.0, sum(weight * scores.get(key, 0.0) for weight, scores in present) / total) for key in ids}


def fuse_ranks(rankings: Sequence[Sequence[str]], *, k: int = 60) -> dict[str, float]:
    """Merge rankings by reciprocal rank fusion, scaled so that first in every ranking scores 1.

    A chunk scores the sum of (k + 1) / (k + rank) over the R rankings that hold it, divided by R, rank from 1.

    Args:
        rankings: chunk ids, best first, ids unique within a ranking; empty rankings are not counted.
        k: damping constant, at least 0; a larger k narrows the gap between neighbouring ranks.

    Returns:
        A score in (0, 1] for every chunk of any ranking.

    Source:
        Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion", SIGIR 2009 (k = 60 there).
    """
    present = [ranking for ranking in rankings if ranking]
    scores: dict[str, float] = {}
    for ranking in present:
        for rank, key in enumerate(ranking, start=1):
            scores[key] = scores.get(key, 0.0) + (k + 1) / (k + rank) / len(present)
    return scores


@dataclass(frozen=True, slots=True)
class ConvexRanker:
    """Ranks by `fuse_scores`: a `Ranker`.

    Attributes:
        dense_weight: the say of the dense list, in [0, 1]; the lexical list has the rest.
        collapse_duplicates: keep only the best of chunks with the same text; see `plain`.
    """

    dense_weight: float = 0.5
    collapse_duplicates: bool = True

    def __post_init__(self) -> None:
        """Refuse a weight that is no share.

        Raises:
            Invalid: `fusion_weight`.
        """
        if not 0.0 <= self.dense_weight <= 1.0:
            raise Invalid("The dense weight of a pipeline release must lie between 0 and 1.", code="fusion_weight")

    def __call__(self, query: str, candidates: Candidates, *, limit: int) -> list[RankedHit]:
        """Return up to `limit` hits, best first, each chunk once; equal scores order by chunk id."""
        lexical, dense = scores_by_id(candidates.lexical), scores_by_id(candidates.dense)
        fused = fuse_scores([(1.0 - self.dense_weight, lexical), (self.dense_weight, dense)])
        return ranked_hits(candidates, fused, limit=limit, collapse=self.collapse_duplicates)


@dataclass(frozen=True, slots=True)
class ReciprocalRanker:
    """Ranks by `fuse_ranks`: a `Ranker` for lists whose scores cannot be trusted.

    Attributes:
        k: the damping constant, at least 0.
        collapse_duplicates: keep only the best of chunks with the same text; see `plain`.
    """

    k: int = 60
    collapse_duplicates: bool = True

    def __call__(self, query: str, candidates: Candidates, *, limit: int) -> list[RankedHit]:
        """Return up to `limit` hits, best first, each chunk once; equal scores order by chunk id."""
        fused = fuse_ranks([list(scores_by_id(candidates.lexical)), list(scores_by_id(candidates.dense))], k=self.k)
        return ranked_hits(candidates, fused, limit=limit, collapse=self.collapse_duplicates)


def scores_by_id(hits: Sequence[Hit]) -> dict[str, float]:
    """Read scores by chunk id, best first."""
    ordered = sorted(hits, key=lambda hit: (-hit.score, hit.indexed.chunk_id))
    return {hit.indexed.chunk_id: hit.score for hit in ordered}


def ranked_hits(candidates: Candidates, fused: Mapping[str, float], *, limit: int, collapse: bool) -> list[RankedHit]:
    """Put the fused scores in order, with the chunk and the raw scores of each."""
    chunks: dict[str, IndexedChunk] = {hit.indexed.chunk_id: hit.indexed for hit in candidates.dense}
    chunks |= {hit.indexed.chunk_id: hit.indexed for hit in candidates.lexical}
    lexical, dense = scores_by_id(candidates.lexical), scores_by_id(candidates.dense)
    ranked: list[RankedHit] = []
    seen: set[str] = set()
    for key in sorted(fused, key=lambda key: (-fused[key], key)):
        text = plain(chunks[key].chunk.text)
        if collapse and text in seen:
            continue
        seen.add(text)
        ranked.append(RankedHit(chunks[key], fused[key], lexical.get(key, 0.0), dense.get(key, 0.0)))
        if len(ranked) >= limit:
            break
    return ranked


def plain(text: str) -> str:
    """Reduce a text to what is compared: what readers of different file formats make differently does not count.

    Case, white space, kinds of quotes and dashes, ligatures and hyphens at the ends of lines. Nothing more: a word, a
    number or a sign may be the difference between two editions of a rule, and both must be found.
    """
    same = text if text.isascii() else text.translate(_SAME)
    return " ".join((_HYPHENATED.sub("", same) if "-" in same and "\n" in same else same).casefold().split())
