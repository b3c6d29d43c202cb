"""A pipeline release names its embedder by a spec."""

import subprocess
import sys
from pathlib import Path

import pytest

from functions.ml.adapters.bedrock_embedder import BedrockEmbedder
from functions.ml.adapters.embedders import LOCAL_MODELS, embedder_for
from functions.ml.adapters.litellm_embedder import LiteLLMEmbedder
from functions.ml.adapters.onnx_embedder import OnnxEmbedder
from functions.ml.adapters.unit_vectors import unit_vectors
from infra.local.models.recipe import recipes
from shared.kernel.errors import Invalid, Unavailable


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("local:multilingual", OnnxEmbedder),
        ("local:fast-english", OnnxEmbedder),
        ("bedrock:amazon.titan-embed-text-v2:0", BedrockEmbedder),
        ("bedrock:us.cohere.embed-v4:0", BedrockEmbedder),
        ("litellm:openai/text-embedding-3-small", LiteLLMEmbedder),
    ],
)
def test_a_spec_names_one_embedder_that_is_made_once(spec: str, kind: type, tmp_path: Path) -> None:
    first = embedder_for(spec, models_directory=tmp_path, threads=2)
    assert isinstance(first, kind)
    assert embedder_for(spec, models_directory=tmp_path, threads=2) is first


@pytest.mark.parametrize(
    "spec", ["", "multilingual", "local:", "local:klingon", "bedrock:", "bedrock:anthropic.claude", "litellm:", "x:y"]
)
def test_an_unknown_spec_is_answered_with_what_there_is(spec: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        embedder_for(spec, models_directory=tmp_path, threads=2)
    assert caught.value.code == "unknown_embedder"
    assert "local:fast-english" in caught.value.message or "amazon.titan-embed-text-v2" in caught.value.message


def test_the_local_models_are_those_that_can_be_installed() -> None:
    assert set(LOCAL_MODELS) == set(recipes())


def test_choosing_loads_no_vendor_s_library() -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from functions.ml.adapters.embedders import embedder_for\n"
        "embedder_for('local:multilingual', models_directory=Path('nowhere'), threads=2)\n"
        "embedder_for('litellm:openai/x', models_directory=Path('nowhere'), threads=2)\n"
        "import functions.ml.adapters.bedrock_embedder\n"
        "vendors = {'onnxruntime', 'numpy', 'tokenizers', 'sentencepiece', 'litellm', 'boto3', 'botocore'}\n"
        "print(sorted(vendors & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "raw", [[[1.0, 0.0]], [[1.0], [1.0, 0.0]], [[0.0], [1.0]], [["a"], [1.0]], [None, [1.0]], [[float("nan")], [1.0]]]
)
def test_a_reply_that_is_not_what_was_asked_for_is_malformed(raw: list[list[float]]) -> None:
    with pytest.raises(Unavailable) as caught:
        unit_vectors(lambda: raw, count=2)
    assert caught.value.code == "embedder_reply_malformed"


def test_a_reply_of_another_length_than_the_model_s_is_malformed() -> None:
    with pytest.raises(Unavailable):
        unit_vectors(lambda: [[3.0, 4.0]], count=1, dimensions=3)
    (vector,) = unit_vectors(lambda: [[3, 4]], count=1, dimensions=2)
    assert vector == pytest.approx((0.6, 0.8))
