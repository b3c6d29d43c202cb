"""A bucket that refuses access or is not there, as S3 says it over HTTP: for an operator, never a missing object."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from functions.ml.adapters.s3_objects import S3Objects
from functions.ml.ingestion.messages import ingest_message
from shared.kernel import aws
from shared.kernel.errors import Unavailable
from tests.fakes.pipeline import Pipeline
from tests.handlers.test_pipeline import notification
from tests.refusing_bucket import DENIED, MISSING, refusing_bucket


@pytest.fixture(params=[DENIED, MISSING], ids=["denied", "missing"])
def answer(request: pytest.FixtureRequest) -> tuple[int, str]:
    found: tuple[int, str] = request.param
    return found


@pytest.fixture
def bucket(answer: tuple[int, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Objects]:
    with refusing_bucket(answer) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        aws._client.cache_clear()
        yield S3Objects("documents")
        aws._client("s3").close()  # type: ignore[attr-defined]
        aws._client.cache_clear()


@pytest.mark.parametrize("call", ["head", "read", "download", "write", "delete", "list", "list_versions"])
def test_it_is_told_as_such_whatever_was_asked(
    bucket: S3Objects, answer: tuple[int, str], call: str, tmp_path: Path
) -> None:
    calls: dict[str, Callable[[], object]] = {
        "head": lambda: bucket.head("a"),
        "read": lambda: bucket.read("a"),
        "download": lambda: bucket.download("a", tmp_path / "a", version="v"),
        "write": lambda: bucket.write("a", b"x"),
        "delete": lambda: bucket.delete(["a"]),
        "list": lambda: list(bucket.list("a")),
        "list_versions": lambda: bucket.list_versions(["a"]),
    }
    with pytest.raises(Unavailable) as refused:
        calls[call]()
    assert refused.value.code == ("storage_denied" if answer == DENIED else "storage_missing")
    assert "operator" in refused.value.message


def test_it_deletes_and_fails_no_document(bucket: S3Objects) -> None:
    pipeline = Pipeline()
    row = pipeline.upload("One fact.")
    pipeline.hint(row)
    pipeline.rest()
    waiting = pipeline.announce("doc_2")
    ready = pipeline.state()
    pipeline.documents = bucket  # type: ignore[assignment]
    for key in (row.object_key, waiting.object_key):
        ((_, outcome, _),) = ingest_message(pipeline.ingest, pipeline.ingest_queue, notification(key), message_id="m")
        assert outcome == "postponed"
    with pytest.raises(Unavailable):
        pipeline.reconcile()
    assert pipeline.state() == ready
    assert pipeline.state("doc_2").status == "UPLOADING"
