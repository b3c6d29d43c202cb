"""Every embedder keeps the promises of the port: the fake, the local models, Bedrock and LiteLLM."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from functions.ml.adapters.bedrock_embedder import BedrockEmbedder
from functions.ml.adapters.litellm_embedder import LiteLLMEmbedder
from functions.ml.adapters.onnx_embedder import OnnxEmbedder
from functions.ml.ports import Embedder
from shared.kernel.errors import Invalid, PlatformError, Rejected, Unavailable
from tests.embedding_server import (
    EmbeddingServer,
    HungUp,
    Reply,
    bedrock_error,
    openai_error,
    running_embedding_server,
    vector_of,
)
from tests.fakes.embedder import HashEmbedder
from tests.local_models import install_local_models

TITAN = "amazon.titan-embed-text-v2:0"
LITELLM_ATTEMPTS = 3
ENGINES = ("fake", "multilingual", "fast-english", "titan", "cohere-v3", "cohere-v4", "litellm")
REMOTE = ("titan", "cohere-v3", "cohere-v4", "litellm")


@pytest.fixture(scope="module")
def models_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_local_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with running_embedding_server() as running:
        yield running


def bedrock(server: EmbeddingServer, model: str, *, read_timeout_s: float = 5.0) -> BedrockEmbedder:
    client = boto3.client(
        "bedrock-runtime",
        endpoint_url=server.url,
        region_name="eu-central-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=read_timeout_s),
    )
    return BedrockEmbedder(client, model)


def litellm(server: EmbeddingServer, *, model: str = "embedding-of-tests", timeout_s: float = 5.0) -> LiteLLMEmbedder:
    return LiteLLMEmbedder(
        f"openai/{model}",
        api_base=f"{server.url}/v1",
        api_key="right-key",
        batch_size=3,
        timeout_s=timeout_s,
    )


def embedder_named(engine: str, server: EmbeddingServer, models_directory: Path) -> Embedder:
    makers: dict[str, Callable[[], Embedder]] = {
        "fake": HashEmbedder,
        "multilingual": lambda: OnnxEmbedder(models_directory, "multilingual", threads=2),
        "fast-english": lambda: OnnxEmbedder(models_directory, "fast-english", threads=2),
        "titan": lambda: bedrock(server, TITAN),
        "cohere-v3": lambda: bedrock(server, "cohere.embed-multilingual-v3"),
        "cohere-v4": lambda: bedrock(server, "eu.cohere.embed-v4:0"),
        "litellm": lambda: litellm(server),
    }
    return makers[engine]()


@pytest.fixture(params=ENGINES)
def embedder(request: pytest.FixtureRequest, server: EmbeddingServer, models_directory: Path) -> Embedder:
    return embedder_named(request.param, server, models_directory)


TEXTS = ["one", "two words", "", "   ", "größer 東京 مرحبا", "x" * 60_000, "half a pair \ud83d here", "nul \x00 byte"]


def test_every_text_gets_a_vector_of_the_promised_length_and_norm(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS, purpose="passage")
    assert [len(vector) for vector in vectors] == [embedder.dimensions] * len(TEXTS)
    assert [math.hypot(*vector) for vector in vectors] == pytest.approx([1.0] * len(TEXTS), abs=1e-5)


def test_no_text_gives_no_vector(embedder: Embedder) -> None:
    assert embedder.embed([], purpose="passage") == []
    assert embedder.embed([], purpose="query") == []


def test_a_text_has_the_same_vector_whatever_its_neighbours_and_place(embedder: Embedder) -> None:
    texts = [f"passage number {number} " * (1 + number % 7) for number in range(20)]
    alone = [embedder.embed([text], purpose="passage")[0] for text in texts]
    assert embedder.embed(texts, purpose="passage") == alone
    assert embedder.embed(texts[::-1], purpose="passage") == alone[::-1]


def test_the_order_of_vectors_is_the_order_of_texts(embedder: Embedder) -> None:
    river, bank = (embedder.embed([text], purpose="query")[0] for text in ("a river", "a bank account"))
    assert river != bank
    assert embedder.embed(["a river", "a bank account"], purpose="query") == [river, bank]


def test_the_model_has_an_id_that_does_not_change(embedder: Embedder) -> None:
    before = embedder.model_id
    embedder.embed(["a text"], purpose="query")
    assert embedder.model_id == before != ""


def test_more_texts_than_one_request_takes_are_all_embedded(server: EmbeddingServer) -> None:
    texts = [f"text {number}" for number in range(200)]
    vectors = bedrock(server, "cohere.embed-english-v3").embed(texts, purpose="passage")
    assert sorted(len(body["texts"]) for _, body in server.requests) == [8, 96, 96]
    assert vectors[150] == pytest.approx(vector_of("search_documenttext 150", 1024))


def test_cohere_is_told_whether_it_reads_a_question_or_a_passage(server: EmbeddingServer) -> None:
    embedder = bedrock(server, "cohere.embed-multilingual-v3")
    assert embedder.embed(["same"], purpose="query") != embedder.embed(["same"], purpose="passage")
    assert [body["input_type"] for _, body in server.requests] == ["search_query", "search_document"]


def test_the_numbers_are_the_provider_s_numbers(server: EmbeddingServer) -> None:
    assert litellm(server).embed(["a", "b"], purpose="query")[1] == pytest.approx(vector_of("b", 48), abs=1e-6)
    assert bedrock(server, TITAN).embed(["b"], purpose="query")[0] == pytest.approx(vector_of("b", 1024), abs=1e-6)


MALFORMED = {
    "no JSON": "<html>",
    "no vectors": {"object": "list", "model": "m", "usage": {}},
    "too few": {"object": "list", "data": [], "embeddings": [], "model": "m"},
    "no numbers": {"data": [{"index": 0, "embedding": ["a"]}], "embedding": ["a"], "embeddings": [["a"]]},
    "zero": {"data": [{"index": 0, "embedding": [0.0] * 48}], "embedding": [0.0] * 1024, "embeddings": [[0.0] * 1024]},
}


@pytest.mark.parametrize("engine", REMOTE)
@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_reply_is_an_error_that_time_can_mend(
    engine: str, kind: str, server: EmbeddingServer, models_directory: Path
) -> None:
    server.queued.append(Reply(MALFORMED[kind]))  # type: ignore[arg-type]
    with pytest.raises(Unavailable) as caught:
        embedder_named(engine, server, models_directory).embed(["a"], purpose="passage")
    assert caught.value.code in {"embedder_reply_malformed", "embedder_unavailable"}


@pytest.mark.parametrize(
    ("reply", "error", "code"),
    [
        (bedrock_error(429, "ThrottlingException"), Unavailable, "embedder_throttled"),
        (bedrock_error(500, "InternalServerException"), Unavailable, "embedder_unavailable"),
        (bedrock_error(408, "ModelTimeoutException"), Unavailable, "embedder_unavailable"),
        (bedrock_error(400, "ValidationException"), Invalid, "embedder_input"),
        (bedrock_error(403, "AccessDeniedException"), Rejected, "embedder_refused"),
        (bedrock_error(404, "ResourceNotFoundException"), Rejected, "embedder_refused"),
        (HungUp(), Unavailable, "embedder_unavailable"),
    ],
    ids=["throttled", "failed", "model-timeout", "wrong-input", "no-access", "no-model", "hung-up"],
)
def test_bedrock_s_errors_become_ours(
    reply: Reply | HungUp, error: type[PlatformError], code: str, server: EmbeddingServer
) -> None:
    server.queued.append(reply)
    with pytest.raises(error) as caught:
        bedrock(server, TITAN, read_timeout_s=0.3).embed(["a"], purpose="query")
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("reply", "error", "code"),
    [
        (openai_error(429, "rate_limit_exceeded"), Unavailable, "embedder_throttled"),
        (openai_error(500, "server_error"), Unavailable, "embedder_unavailable"),
        (openai_error(400, "invalid_request_error"), Invalid, "embedder_input"),
        (openai_error(401, "invalid_api_key"), Rejected, "embedder_refused"),
        (openai_error(404, "model_not_found"), Rejected, "embedder_refused"),
        (HungUp(), Unavailable, "embedder_timeout"),
    ],
    ids=["throttled", "failed", "wrong-input", "no-key", "no-model", "hung-up"],
)
def test_litellm_s_errors_become_ours(
    reply: Reply | HungUp, error: type[PlatformError], code: str, server: EmbeddingServer
) -> None:
    server.queued.extend([reply] * LITELLM_ATTEMPTS)
    with pytest.raises(error) as caught:
        litellm(server, timeout_s=0.3).embed(["a"], purpose="query")
    assert caught.value.code == code


@pytest.mark.parametrize("engine", REMOTE)
def test_a_provider_that_nobody_hears_of_is_unavailable(
    engine: str, server: EmbeddingServer, models_directory: Path
) -> None:
    with running_embedding_server() as gone:
        pass
    with pytest.raises(Unavailable) as caught:
        embedder_named(engine, gone, models_directory).embed(["a"], purpose="query")
    assert caught.value.code == "embedder_unavailable"


def test_one_failed_request_fails_the_whole_call(server: EmbeddingServer) -> None:
    server.queued.extend([openai_error(500, "server_error")] * LITELLM_ATTEMPTS)
    with pytest.raises(Unavailable):
        litellm(server).embed(["a", "b", "c", "d"], purpose="passage")
