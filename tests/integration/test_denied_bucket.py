"""A bucket that refuses access, over HTTP as S3 refuses it: what an operator can mend, never a missing object."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.ml.adapters.s3_objects import S3Objects
from shared.kernel import aws
from shared.kernel.errors import Unavailable
from tests.refusing_bucket import refusing_bucket


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Objects]:
    with refusing_bucket() as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        aws._client.cache_clear()
        yield S3Objects("documents")
        aws._client("s3").close()  # type: ignore[attr-defined]
        aws._client.cache_clear()


@pytest.mark.parametrize("call", ["head", "read", "download", "write", "delete", "list"])
def test_a_refused_right_is_told_as_such(bucket: S3Objects, call: str, tmp_path: Path) -> None:
    calls = {
        "head": lambda: bucket.head("a"),
        "read": lambda: bucket.read("a"),
        "download": lambda: bucket.download("a", tmp_path / "a", version="v"),
        "write": lambda: bucket.write("a", b"x"),
        "delete": lambda: bucket.delete(["a"]),
        "list": lambda: list(bucket.list("a")),
    }
    with pytest.raises(Unavailable) as refused:
        calls[call]()  # type: ignore[no-untyped-call]
    assert refused.value.code == "storage_denied"
    assert "operator" in refused.value.message
