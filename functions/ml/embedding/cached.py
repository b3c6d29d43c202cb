"""An embedder that embeds a passage once, however often it comes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from functions.ml.ports import Embedder, Purpose, Vector, VectorCache

NORM_TOLERANCE = 1e-3
"""How far from 1 a cached norm may be: float32 keeps seven digits, and what is further off was damaged."""


@dataclass(frozen=True, slots=True)
class CachedEmbedder:
    """An `Embedder` in front of another that asks a cache first.

    Queries go straight through: a question is asked once, and waiting for a cache would slow it down.

    Attributes:
        embedder: gives what the cache lacks; must give the same vector for the same text and `model_id`.
        cache: remembers passages.
    """

    embedder: Embedder
    cache: VectorCache

    @property
    def model_id(self) -> str:
        """As the embedder's."""
        return self.embedder.model_id

    @property
    def dimensions(self) -> int:
        """As the embedder's."""
        return self.embedder.dimensions

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        """Return one vector of L2 norm 1 per text, in order; each distinct passage is embedded at most once.

        Raises:
            Unavailable, Invalid: as the embedder.
        """
        if purpose == "query":
            return self.embedder.embed(texts, purpose=purpose)
        distinct = list(dict.fromkeys(texts))
        known = dict(zip(distinct, self._cached(distinct), strict=True))
        lacking = [text for text, vector in known.items() if vector is None]
        found = {text: vector for text, vector in known.items() if vector is not None}
        if lacking:
            vectors = self.embedder.embed(lacking, purpose=purpose)
            self.cache.put(self.model_id, lacking, vectors)
            found.update(zip(lacking, vectors, strict=True))
        return [found[text] for text in texts]

    def _cached(self, texts: list[str]) -> list[Vector | None]:
        """Return what the cache knows, leaving out what cannot be a vector of this model."""
        if not texts:
            return []
        return [vector if self._is_sound(vector) else None for vector in self.cache.get(self.model_id, texts)]

    def _is_sound(self, vector: Vector | None) -> bool:
        """Has the vector the model's length and norm 1?"""
        return (
            vector is not None
            and len(vector) == self.dimensions
            and math.isclose(math.hypot(*vector), 1.0, abs_tol=NORM_TOLERANCE)
        )
