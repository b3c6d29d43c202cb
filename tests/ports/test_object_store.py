"""Conformance of the ObjectStore port: a bucket in memory and S3 (moto) pass the same tests."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import boto3
import pytest

from functions.ml.adapters.s3_objects import S3Objects
from functions.ml.ports import ObjectStore
from shared.kernel.errors import Conflict, NotFound, Unavailable
from tests.cloud import REGION, cloud
from tests.fakes.object_store import MemoryObjects


@pytest.fixture(params=["memory", "s3"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    if request.param == "memory":
        yield MemoryObjects()
        return
    with cloud(monkeypatch):
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
        yield S3Objects("bucket")


def test_what_is_written_is_read(store: ObjectStore) -> None:
    store.write("a/ü b+c.txt", b"text")
    assert store.read("a/ü b+c.txt") == b"text"
    stored = store.head("a/ü b+c.txt")
    assert stored is not None
    assert (stored.key, stored.size_bytes) == ("a/ü b+c.txt", 4)


def test_an_object_is_created_only_where_none_is(store: ObjectStore) -> None:
    assert store.create("key", b"first")
    assert not store.create("key", b"second")
    assert store.read("key") == b"first"
    store.delete(["key"])
    assert store.create("key", b"third")


def test_what_is_not_there_is_none_or_not_found(store: ObjectStore, tmp_path: Path) -> None:
    assert store.head("nothing") is None
    with pytest.raises(NotFound):
        store.read("nothing")
    with pytest.raises(NotFound):
        store.download("nothing", tmp_path / "x", version="0")


def test_equal_bytes_have_equal_versions_and_others_do_not(store: ObjectStore) -> None:
    versions = []
    for body in (b"one", b"two", b"one"):
        store.write("key", body)
        stored = store.head("key")
        assert stored is not None
        versions.append(stored.version)
    assert versions[0] == versions[2] != versions[1]
    assert [item.version for item in store.list("key")] == [versions[2]]


def test_a_download_is_of_the_version_that_was_asked_for(store: ObjectStore, tmp_path: Path) -> None:
    store.write("key", b"old")
    old = store.head("key")
    assert old is not None
    store.download("key", tmp_path / "file", version=old.version)
    assert (tmp_path / "file").read_bytes() == b"old"
    store.write("key", b"new")
    with pytest.raises(Conflict):
        store.download("key", tmp_path / "file", version=old.version)


def test_deleting_removes_every_version_and_only_of_these_keys(store: ObjectStore) -> None:
    for body in (b"1", b"2", b"3"):
        store.write("a", body)
    store.write("ab", b"other")
    assert store.delete(["a", "missing"]) == 3
    assert store.list_versions(["a"]) == []
    assert store.head("a") is None
    assert store.read("ab") == b"other"
    assert store.delete(["a"]) == 0


def test_versions_are_listed_of_these_keys_alone_and_tell_which_is_live(store: ObjectStore) -> None:
    for key in ("t/kb/a/1", "t/kb/a/1", "t/kb/aa/1", "t/kb/b/1", "t/kb/c/1", "t/other/a/1", "t/kb/c/1"):
        store.write(key, b"bytes")
    found = store.list_versions(["t/kb/a/1", "t/kb/c/1", "t/other/a/1", "t/kb/missing"])
    assert Counter(version.key for version in found) == {"t/kb/a/1": 2, "t/kb/c/1": 2, "t/other/a/1": 1}
    assert sorted(version.key for version in found if version.is_live) == ["t/kb/a/1", "t/kb/c/1", "t/other/a/1"]
    assert not any(version.is_marker for version in found)
    assert store.list_versions([]) == []


def test_exactly_those_versions_are_deleted_that_are_named(store: ObjectStore) -> None:
    store.write("a", b"1")
    listed = store.list_versions(["a"])
    store.write("a", b"2")
    store.delete_versions(listed)
    assert store.read("a") == b"2"
    assert len(store.list_versions(["a"])) == 1
    store.delete_versions(listed)
    assert store.read("a") == b"2"


def test_what_is_live_goes_last_so_that_no_older_version_comes_to_light(monkeypatch: pytest.MonkeyPatch) -> None:
    with cloud(monkeypatch):
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
        store = S3Objects("bucket")
        for body in (b"1", b"2", b"3"):
            store.write("a", body)
        live = [version.version_id for version in store.list_versions(["a"]) if version.is_live]
        calls: list[list[str]] = []

        def noted(listed: Sequence[Any]) -> None:
            calls.append([item["VersionId"] for item in listed])
            s3.delete_objects(Bucket="bucket", Delete={"Objects": listed})

        monkeypatch.setattr(store, "_delete_batch", noted)
        store.delete_versions(store.list_versions(["a"]))
        assert [len(call) for call in calls] == [2, 1]
        assert calls[-1] == live


def test_an_object_that_was_removed_leaves_no_version_behind_and_never_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with cloud(monkeypatch):
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
        store = S3Objects("bucket")
        store.write("k", b"1")
        store.write("k", b"2")
        s3.delete_object(Bucket="bucket", Key="k")
        assert [version.is_live for version in store.list_versions(["k"])] == [False, False, False]
        assert store.delete(["k"]) == 2
        assert store.head("k") is None
        left = s3.list_object_versions(Bucket="bucket")
    assert "Versions" not in left
    assert "DeleteMarkers" not in left


def test_a_listing_is_of_one_prefix_in_key_order(store: ObjectStore) -> None:
    for key in ("p/2", "p/1", "q/1"):
        store.write(key, key.encode())
    store.delete(["p/3"])
    assert [item.key for item in store.list("p/")] == ["p/1", "p/2"]
    assert list(store.list("none/")) == []


def test_the_name_in_an_objects_metadata_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    with cloud(monkeypatch):
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="bucket", Key="k", Body=b"x", Metadata={"filename": "%C3%9Cber%20uns.pdf"})
        stored = S3Objects("bucket").head("k")
    assert stored is not None
    assert stored.filename == "Über uns.pdf"


@pytest.mark.parametrize("call", ["head", "read", "download", "write", "delete", "list", "list_versions"])
def test_a_bucket_that_is_not_there_is_never_an_object_that_is_not_there(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = S3Objects("missing")
    calls: dict[str, Callable[[], object]] = {
        "head": lambda: store.head("k"),
        "read": lambda: store.read("k"),
        "download": lambda: store.download("k", tmp_path / "k", version="v"),
        "write": lambda: store.write("k", b""),
        "delete": lambda: store.delete(["k"]),
        "list": lambda: list(store.list("k")),
        "list_versions": lambda: store.list_versions(["k"]),
    }
    with cloud(monkeypatch), pytest.raises(Unavailable) as told:
        calls[call]()
    assert told.value.code == "storage_missing"
    assert "operator" in told.value.message


def test_what_an_object_tells_of_its_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with cloud(monkeypatch):
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
        told = {"filename": "hr/%C3%9C.pdf", "modified": "2025-12-24", "tags": "HR,annual%20leave"}
        s3.put_object(Bucket="bucket", Key="told", Body=b"1", Metadata=told)
        s3.put_object(Bucket="bucket", Key="silent", Body=b"1")
        stored, silent = S3Objects("bucket").head("told"), S3Objects("bucket").head("silent")
    assert stored is not None
    assert (stored.filename, stored.modified_on, stored.tags) == ("hr/Ü.pdf", "2025-12-24", ("hr", "annual leave"))
    assert silent is not None
    assert (silent.filename, len(silent.modified_on), silent.tags) == ("", len("2025-12-24"), ())
