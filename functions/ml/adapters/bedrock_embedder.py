"""Embeds texts with Amazon Bedrock: Titan Text Embeddings and Cohere Embed through `invoke_model`.

Source:
    Amazon Bedrock User Guide, "Amazon Titan Text Embeddings", "Cohere Embed v3" and "Cohere Embed v4".
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from functions.ml.adapters.readable_text import sendable
from functions.ml.adapters.unit_vectors import unit_vectors
from functions.ml.ports import Purpose, Vector
from shared.kernel.errors import Invalid, PlatformError, Rejected, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

THROTTLED = {"ThrottlingException", "TooManyRequestsException", "ServiceQuotaExceededException"}
WRONG_INPUT = {"ValidationException"}
REFUSED = {
    "AccessDeniedException", "ResourceNotFoundException", "UnrecognizedClientException", "InvalidSignatureException",
    "ExpiredTokenException", "IncompleteSignature", "InvalidClientTokenId",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of model on Bedrock and its limits.

    Attributes:
        marker: part of every model id of the family, inference profiles and ARNs included.
        protocol: how requests are written.
        dimensions: length of its vectors.
        texts_per_call: most texts in a request.
        characters: longest text that the service takes; longer ones are cut.
        truncate: what the protocol calls dropping the end of a text with too many tokens.
    """

    marker: str
    protocol: Literal["titan", "titan_v1", "cohere"]
    dimensions: int
    texts_per_call: int
    characters: int
    truncate: str = ""


FAMILIES = (
    Family("amazon.titan-embed-text-v2", "titan", 1024, texts_per_call=1, characters=50_000),
    Family("amazon.titan-embed-text-v1", "titan_v1", 1536, texts_per_call=1, characters=50_000),
    Family("cohere.embed-english-v3", "cohere", 1024, texts_per_call=96, characters=2_048, truncate="END"),
    Family("cohere.embed-multilingual-v3", "cohere", 1024, texts_per_call=96, characters=2_048, truncate="END"),
    Family("cohere.embed-v4", "cohere", 1536, texts_per_call=96, characters=400_000, truncate="RIGHT"),
)


class BedrockEmbedder:
    """An `Embedder` over one Bedrock model.

    Args:
        client: of `bedrock-runtime`, with its timeouts and retries.
        model: id of the model or of an inference profile of it.
        parallel_calls: requests at the same time, at least 1.

    Raises:
        Invalid: the model is of no family that is known (`unknown_embedder`).
    """

    def __init__(self, client: "BedrockRuntimeClient", model: str, *, parallel_calls: int = 4) -> None:
        found = [family for family in FAMILIES if family.marker in model]
        if not found:
            raise Invalid(
                f"{model} is no Bedrock embedding model that is known here; one of "
                f"{', '.join(family.marker for family in FAMILIES)}.",
                code="unknown_embedder",
            )
        self._client = client
        self._model = model
        self._family = found[0]
        self._parallel_calls = parallel_calls

    @property
    def model_id(self) -> str:
        """The provider's id of the model, which names its version."""
        return f"bedrock:{self._model}"

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return self._family.dimensions

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        """Return one vector of L2 norm 1 per text, in order.

        Raises:
            Unavailable: throttled, timed out, not reachable, or the reply is malformed.
            Invalid: the service refuses a text for good (`embedder_input`).
            Rejected: no access to the model, or no such model (`embedder_refused`).
        """
        readable = [sendable(text, characters=self._family.characters) for text in texts]
        size = self._family.texts_per_call
        batches = [readable[start : start + size] for start in range(0, len(readable), size)]
        if len(batches) == 1:
            return self._invoke(batches[0], purpose)
        with ThreadPoolExecutor(max_workers=self._parallel_calls) as pool:
            replies: Iterator[list[Vector]] = pool.map(lambda batch: self._invoke(batch, purpose), batches)
            return [vector for reply in replies for vector in reply]

    def _invoke(self, batch: list[str], purpose: Purpose) -> list[Vector]:
        """Send one request."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            reply = self._client.invoke_model(
                modelId=self._model,
                body=json.dumps(self._request(batch, purpose)).encode(),
                contentType="application/json",
                accept="application/json",
            )
            content = reply["body"].read()
        except ClientError as error:
            raise _translated(error.response, self._model) from error
        except BotoCoreError as error:
            raise Unavailable(
                f"Bedrock did not answer for the embedding model {self._model}. Try again in a minute.",
                code="embedder_unavailable",
            ) from error
        return unit_vectors(lambda: _vectors(json.loads(content)), count=len(batch), dimensions=self.dimensions)

    def _request(self, batch: list[str], purpose: Purpose) -> dict[str, Any]:
        """Write the body of a request in the family's protocol."""
        match self._family.protocol:
            case "titan":
                return {"inputText": batch[0], "dimensions": self.dimensions, "normalize": True}
            case "titan_v1":
                return {"inputText": batch[0]}
            case "cohere":
                kind = "search_query" if purpose == "query" else "search_document"
                truncate = self._family.truncate
                return {"texts": batch, "input_type": kind, "embedding_types": ["float"], "truncate": truncate}


def _vectors(reply: Mapping[str, Any]) -> list[list[float]]:
    """Take the vectors out of a reply: Titan sends one, Cohere a list, or lists by type."""
    if "embedding" in reply:
        return [reply["embedding"]]
    embeddings = reply["embeddings"]
    vectors: list[list[float]] = embeddings["float"] if isinstance(embeddings, dict) else embeddings
    return vectors


def _translated(response: Mapping[str, Any], model: str) -> PlatformError:
    """Turn the service's error into ours by its code."""
    code = response.get("Error", {}).get("Code", "")
    if code in THROTTLED:
        return Unavailable(
            f"Bedrock limits how often the embedding model {model} may be called. Try again in a minute.",
            code="embedder_throttled",
        )
    if code in WRONG_INPUT:
        return Invalid(
            f"The embedding model {model} does not take this request: the text is too long for it, or the model cannot "
            "be called in this region. Shorten the text, or ask an operator to check the model id.",
            code="embedder_input",
        )
    if code in REFUSED:
        return Rejected(
            f"Bedrock gives no access to the embedding model {model}. Ask an operator to check the model id, the "
            "region and the permissions.",
            code="embedder_refused",
        )
    return Unavailable(
        f"Bedrock failed while running the embedding model {model}. Try again in a minute.", code="embedder_unavailable"
    )
