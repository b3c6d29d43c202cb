"""Deleting every version of objects, on S3 in process (moto)."""

from collections.abc import Iterator

import boto3
import pytest

from functions.ml.adapters.s3_objects import S3Objects
from shared.kernel.errors import Unavailable
from tests.cloud import REGION, cloud

BUCKET = "documents"
FOLDER = "parts/acme/kb_1/doc_1/000001/"


@pytest.fixture(autouse=True)
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with cloud(monkeypatch):
        s3 = boto3.client("s3")
        where = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)  # type: ignore[arg-type]
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield


def versions() -> list[str]:
    answer = boto3.client("s3").list_object_versions(Bucket=BUCKET)
    return sorted(item["Key"] for item in (*answer.get("Versions", []), *answer.get("DeleteMarkers", [])))


def test_every_version_and_marker_goes_and_versions_that_held_bytes_are_counted() -> None:
    objects = S3Objects(BUCKET)
    for _ in range(2):
        objects.write("a/source", b"x")
    boto3.client("s3").delete_object(Bucket=BUCKET, Key="a/source")
    assert objects.delete(["a/source"]) == 2
    assert versions() == []
    assert objects.delete(["a/source"]) == 0


def test_a_key_that_begins_like_a_deleted_one_is_left_alone() -> None:
    objects = S3Objects(BUCKET)
    kept = [f"{FOLDER}00000.json.old", f"{FOLDER}00002.json", "parts/acme/kb_1/doc_10/000001/00000.json"]
    gone = [f"{FOLDER}00000.json", f"{FOLDER}00001.json", "parts/acme/kb_1/doc_2/000001/00000.json"]
    for key in (*kept, *gone):
        objects.write(key, b"x")
    assert objects.delete(gone) == 3
    assert versions() == sorted(kept)


def test_nothing_to_delete_asks_nobody() -> None:
    assert S3Objects("there-is-no-such-bucket").delete([]) == 0


def test_a_bucket_that_does_not_answer_is_no_success() -> None:
    with pytest.raises(Unavailable):
        S3Objects("there-is-no-such-bucket").delete(["a"])
