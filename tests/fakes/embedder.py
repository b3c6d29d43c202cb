"""Embedders in memory."""

import hashlib
import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from functions.ml.ports import Purpose, Vector

DIMENSIONS = 64


@dataclass
class HashEmbedder:
    """A bag of words in 64 numbers: texts that share words are close, whatever their order.

    Attributes:
        model_id: may be changed, to play another model.
        embedded: every text embedded so far, in order.
    """

    model_id: str = "hash-64"
    dimensions: int = DIMENSIONS
    embedded: list[str] = field(default_factory=list)

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        self.embedded += texts
        return [_bag(text, self.dimensions) for text in texts]


def _bag(text: str, dimensions: int) -> Vector:
    numbers = [0.0] * dimensions
    for word in text.casefold().split() or [""]:
        digest = hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()
        numbers[digest[0] % dimensions] += 1.0
    norm = math.hypot(*numbers)
    return tuple(array("f", [number / norm for number in numbers]))  # in the precision that is stored


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
