"""An embedder in memory: words that a model knows point somewhere, the same text always to the same place."""

import hashlib
import math
from collections.abc import Sequence

from functions.ml.ports import Purpose, Vector


class WordEmbedder:
    """Hashes each word to one of the dimensions; remembers what it was asked."""

    def __init__(self, model_id: str = "words-1", dimensions: int = 16) -> None:
        self.model_id = model_id
        self.dimensions = dimensions
        self.asked: list[tuple[str, Purpose]] = []

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        self.asked += [(text, purpose) for text in texts]
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> Vector:
        counts = [1e-3] * self.dimensions
        for word in text.lower().split():
            counts[hashlib.sha256(f"{self.model_id} {word}".encode()).digest()[0] % self.dimensions] += 1.0
        norm = math.hypot(*counts)
        return tuple(count / norm for count in counts)
