"""Chooses a generator by its name in the settings."""

from functions.ml.answering.extractive import MODEL, ExtractiveGenerator, ExtractiveParameters
from functions.ml.ports import Generator
from shared.kernel.errors import Invalid


def generator_for(
    spec: str, *, url: str = "", key: str = "", extractive: ExtractiveParameters | None = None
) -> Generator:
    """Make the generator that a name stands for; nothing is imported or called before its first question.

    Args:
        spec: `extractive`, `bedrock:<model id>` or `litellm:<provider>/<model>`.
        url: another endpoint than the provider's own.
        key: the provider's key (LiteLLM only).
        extractive: the release's parameters of the extractive answerer.

    Raises:
        Invalid: no such kind of generator (`unknown_model`).
    """
    kind, _, model = spec.partition(":")
    if spec == MODEL:
        return ExtractiveGenerator(extractive)
    if kind == "bedrock" and model:
        from functions.ml.adapters.bedrock_generator import BedrockGenerator

        return BedrockGenerator(model, url=url)
    if kind == "litellm" and model:
        from functions.ml.adapters.litellm_generator import LiteLlmGenerator

        return LiteLlmGenerator(model, url=url, key=key)
    raise Invalid(
        f"There is no model {spec!r}. Set the model to extractive, bedrock:<model id> or litellm:<provider>/<model>.",
        code="unknown_model",
    )
