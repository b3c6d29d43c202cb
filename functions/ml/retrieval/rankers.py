"""The rankers that a pipeline release can name."""

from functions.ml.ports import Ranker
from functions.ml.releases.catalogue import RankerChoice
from functions.ml.retrieval.fusion import ConvexRanker, ReciprocalRanker
from functions.ml.retrieval.weighing import EvidenceRanker


def ranker_of(choice: RankerChoice) -> Ranker:
    """Return the ranker that a release describes.

    Raises:
        Invalid: `fusion_weight`: the dense weight is no share, where the method is a convex sum.
    """
    if choice.method == "evidence":
        return EvidenceRanker(
            choice.dense_weight,
            choice.trust_in_words,
            choice.phrase_weight,
            choice.spot_weight,
            languages=choice.languages,
        )
    return ReciprocalRanker() if choice.method == "reciprocal" else ConvexRanker(choice.dense_weight)
