"""Embeds texts with any provider that LiteLLM knows."""

import os
from collections.abc import Sequence
from typing import Any

from functions.ml.adapters.readable_text import sendable
from functions.ml.adapters.unit_vectors import unit_vectors
from functions.ml.ports import Purpose, Vector
from shared.kernel.errors import Invalid, PlatformError, Rejected, Unavailable

PROBE = "dimensions"


class LiteLLMEmbedder:
    """An `Embedder` over one LiteLLM model, which sends a failed request twice more by itself.

    Args:
        model: as LiteLLM names it, e.g. `openai/text-embedding-3-small`.
        api_base: address of the provider; empty for the provider's own or the one in its environment variable.
        api_key: empty for the one in the provider's environment variable.
        batch_size: most texts in a request.
        timeout_s: longest wait for a reply.
    """

    def __init__(
        self,
        model: str,
        *,
        api_base: str = "",
        api_key: str = "",
        batch_size: int = 64,
        timeout_s: float = 30.0,
    ) -> None:
        self._model = model
        self._batch_size = batch_size
        self._dimensions: int | None = None
        self._options: dict[str, Any] = {"timeout": timeout_s}
        if api_base:
            self._options["api_base"] = api_base
        if api_key:
            self._options["api_key"] = api_key
        if "cohere" in model:
            self._by_purpose = {"query": {"input_type": "search_query"}, "passage": {"input_type": "search_document"}}
        else:
            self._by_purpose = {"query": {}, "passage": {}}

    @property
    def model_id(self) -> str:
        """The model as LiteLLM names it; providers do not say which build answers."""
        return f"litellm:{self._model}"

    @property
    def dimensions(self) -> int:
        """Length of every vector, found out from the model by a first call.

        Raises:
            Unavailable, Invalid, Rejected: as `embed`.
        """
        if self._dimensions is None:
            self._dimensions = len(self.embed([PROBE], purpose="passage")[0])
        return self._dimensions

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        """Return one vector of L2 norm 1 per text, in order.

        Raises:
            Unavailable: throttled, timed out, not reachable, or the reply is malformed.
            Invalid: the provider refuses a text for good (`embedder_input`).
            Rejected: the provider knows neither us nor the model (`embedder_refused`).
        """
        vectors: list[Vector] = []
        for start in range(0, len(texts), self._batch_size):
            batch = [sendable(text) for text in texts[start : start + self._batch_size]]
            vectors += self._send(batch, purpose)
        return vectors

    def _send(self, batch: list[str], purpose: Purpose) -> list[Vector]:
        """Send one request."""
        os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # it fetches a price map at import otherwise
        import litellm

        try:
            reply = litellm.embedding(
                model=self._model, input=batch, encoding_format="float", **self._by_purpose[purpose], **self._options
            )
        except Exception as error:  # LiteLLM's errors share no class of their own
            raise _translated(error, self._model) from error
        vectors = unit_vectors(lambda: _in_order(reply.data), count=len(batch), dimensions=self._dimensions)
        self._dimensions = len(vectors[0])
        return vectors


def _in_order(data: Sequence[Any]) -> list[list[float]]:
    """Take the vectors out of a reply in the order of their `index`."""
    return [item["embedding"] for item in sorted(data, key=lambda item: int(item["index"]))]


def _translated(error: Exception, model: str) -> PlatformError:
    """Turn LiteLLM's error into ours by its class."""
    from litellm import exceptions

    if isinstance(error, exceptions.RateLimitError):
        return Unavailable(
            f"The provider limits how often the embedding model {model} may be called. Try again in a minute.",
            code="embedder_throttled",
        )
    if isinstance(error, exceptions.Timeout):
        return Unavailable(
            f"The embedding model {model} took too long to answer. Try again in a minute.", code="embedder_timeout"
        )
    if isinstance(error, (exceptions.AuthenticationError, exceptions.PermissionDeniedError, exceptions.NotFoundError)):
        return Rejected(
            f"The provider gives no access to the embedding model {model}. Ask an operator to check the model's name "
            "and the key.",
            code="embedder_refused",
        )
    if isinstance(error, (exceptions.BadRequestError, exceptions.UnprocessableEntityError)):
        return Invalid(f"The embedding model {model} refuses this text. Shorten it or split it.", code="embedder_input")
    return Unavailable(
        f"The embedding model {model} cannot be reached. Try again in a minute.", code="embedder_unavailable"
    )
