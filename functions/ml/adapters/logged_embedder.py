"""Writes down each call of an embedding model before it is made, so that a call whose process dies counts, too."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.ml.ports import Embedder, Purpose, Vector
from shared.kernel.observability import logger


@dataclass(frozen=True, slots=True)
class LoggedEmbedder:
    """An `Embedder` in front of another that logs how many texts it is given, never the texts."""

    embedder: Embedder

    @property
    def model_id(self) -> str:
        """As the embedder's."""
        return self.embedder.model_id

    @property
    def dimensions(self) -> int:
        """As the embedder's."""
        return self.embedder.dimensions

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        """Return one vector of L2 norm 1 per text, in order.

        Raises:
            Unavailable, Invalid: as the embedder.
        """
        logger().info("texts are embedded", texts=len(texts), model_id=self.model_id)
        return self.embedder.embed(texts, purpose=purpose)
