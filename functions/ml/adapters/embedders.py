"""Chooses the embedder that a pipeline release names."""

from functools import cache
from pathlib import Path

from functions.ml.ports import Embedder
from shared.kernel.errors import Invalid

LOCAL_MODELS = ("multilingual", "fast-english")
FORMS = (*(f"local:{name}" for name in LOCAL_MODELS), "bedrock:<model id>", "litellm:<model>")
CONNECT_TIMEOUT_S = 3
READ_TIMEOUT_S = 30


@cache
def embedder_for(spec: str, *, models_directory: Path, threads: int) -> Embedder:
    """Return the embedder of a spec, the same one for the same arguments, so that a model is loaded once.

    Nothing is loaded or reached before the first text.

    Args:
        spec: `local:multilingual`, `local:fast-english`, `bedrock:<model id>` or `litellm:<model>`.
        models_directory: where local models are looked for.
        threads: texts that a local model embeds at the same time, at least 1.

    Raises:
        Invalid: the spec names no embedder (`unknown_embedder`).
    """
    kind, _, model = spec.partition(":")
    if kind == "local" and model in LOCAL_MODELS:
        from functions.ml.adapters.onnx_embedder import OnnxEmbedder

        return OnnxEmbedder(models_directory, model, threads)
    if kind == "bedrock" and model:
        return _bedrock(model)
    if kind == "litellm" and model:
        from functions.ml.adapters.litellm_embedder import LiteLLMEmbedder

        return LiteLLMEmbedder(model)
    raise Invalid(f"{spec!r} names no embedder; one of {', '.join(FORMS)}.", code="unknown_embedder")


def _bedrock(model: str) -> Embedder:
    """Return an embedder with a client of its own, which a test's or an operator's endpoint setting reaches."""
    import boto3
    from botocore.config import Config

    from functions.ml.adapters.bedrock_embedder import BedrockEmbedder

    retries = {"total_max_attempts": 3, "mode": "standard"}
    config = Config(connect_timeout=CONNECT_TIMEOUT_S, read_timeout=READ_TIMEOUT_S, retries=retries)  # type: ignore[arg-type]
    return BedrockEmbedder(boto3.client("bedrock-runtime", config=config), model)
