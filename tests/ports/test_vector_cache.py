"""Every cache of vectors keeps the promises of the port: the fake and S3."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws
from mypy_boto3_s3 import S3Client

from functions.ml.adapters.s3_vector_cache import S3VectorCache
from functions.ml.embedding.cached import CachedEmbedder
from functions.ml.ports import VectorCache
from tests.fakes.embedder import HashEmbedder, MemoryVectorCache

BUCKET = "vectors-of-tests"
MODEL = "litellm:openai/some model@1"
VECTOR = (0.5, -0.25, 0.125)


@pytest.fixture
def s3() -> Iterator[S3Client]:
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture(params=["fake", "s3"])
def cache(request: pytest.FixtureRequest, s3: S3Client) -> VectorCache:
    return MemoryVectorCache() if request.param == "fake" else S3VectorCache(s3, BUCKET)


def test_what_was_put_is_known_in_the_order_asked(cache: VectorCache) -> None:
    cache.put(MODEL, ["a", "b", ""], [VECTOR, (1.0, 0.0), (0.0, 1.0)])
    assert cache.get(MODEL, ["", "never seen", "b", "a"]) == [(0.0, 1.0), None, (1.0, 0.0), VECTOR]


def test_another_model_knows_nothing_of_it(cache: VectorCache) -> None:
    cache.put(MODEL, ["a"], [VECTOR])
    assert cache.get(MODEL + "0", ["a"]) == [None]


def test_asking_for_nothing_gives_nothing(cache: VectorCache) -> None:
    assert cache.get(MODEL, []) == []
    cache.put(MODEL, [], [])


def test_any_text_is_a_text(cache: VectorCache) -> None:
    texts = ["größer 東京", "half \ud83d pair", "x" * 100_000, "../../etc", "a\x00b", " a", "a "]
    vectors = [(float(number), 1.0) for number in range(len(texts))]
    cache.put(MODEL, texts, vectors)
    assert cache.get(MODEL, texts) == vectors


def test_putting_again_replaces(cache: VectorCache) -> None:
    cache.put(MODEL, ["a"], [VECTOR])
    cache.put(MODEL, ["a"], [(1.0, 0.0)])
    assert cache.get(MODEL, ["a"]) == [(1.0, 0.0)]


def test_an_object_holds_float32_little_endian_under_a_key_without_the_text(s3: S3Client) -> None:
    S3VectorCache(s3, BUCKET).put("a/b:c", ["secret"], [(1.0, -2.0)])
    (key,) = [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    prefix, model, start, digest = key.split("/")
    assert (prefix, model, start) == ("vectors", "a%2Fb%3Ac", digest[:2])
    assert len(digest) == 64
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"\x00\x00\x80\x3f\x00\x00\x00\xc0"


@pytest.mark.parametrize(
    "body", [b"", b"\x00\x00\x80", b"\x00" * (64 * 4), b"\x00\x00\x80\x3f" * 3, b"\xff" * (64 * 4)]
)
def test_a_damaged_object_is_embedded_again(body: bytes, s3: S3Client) -> None:
    embedder = HashEmbedder()
    cached = CachedEmbedder(embedder, S3VectorCache(s3, BUCKET))
    before = cached.embed(["a text"], purpose="passage")
    (key,) = [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    assert cached.embed(["a text"], purpose="passage") == before
    assert embedder.embedded == ["a text", "a text"]
    assert cached.embed(["a text"], purpose="passage") == before
    assert len(embedder.embedded) == 2


def test_a_bucket_that_is_not_there_knows_nothing_and_takes_nothing(s3: S3Client) -> None:
    cache = S3VectorCache(s3, "no-such-bucket-of-tests")
    cache.put(MODEL, ["a"], [VECTOR])
    assert cache.get(MODEL, ["a"]) == [None]


def test_a_store_that_nobody_hears_of_knows_nothing_and_takes_nothing() -> None:
    client = boto3.client(
        "s3",
        endpoint_url="http://127.0.0.1:9",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=1),
    )
    cache = S3VectorCache(client, BUCKET)
    cache.put(MODEL, ["a"], [VECTOR])
    assert cache.get(MODEL, ["a"]) == [None]
