"""The ObjectStore port on S3."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from os.path import commonprefix
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from functions.ml.object_metadata import told_day, told_filename, told_tags
from functions.ml.ports import ObjectVersion, StoredObject
from shared.kernel.aws import client, error_code, unavailable
from shared.kernel.errors import Conflict, NotFound, PlatformError, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

GONE = frozenset({"404", "NoSuchKey", "NotFound"})
CHANGED = frozenset({"412", "PreconditionFailed"})
BATCH_LIMIT = 1_000  # keys per DeleteObjects call, an AWS limit
FOLDERS_LISTED_TOGETHER = 3
"""What a key belongs to, its tenant and its knowledge base: objects of one are listed together."""


class S3Objects:
    """One bucket; the entity tag serves as version, because listings carry it and equal bytes have equal tags."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    @property
    def _s3(self) -> "S3Client":
        return client("s3")

    def head(self, key: str) -> StoredObject | None:
        """Return what is there now."""
        try:
            answer = self._s3.head_object(Bucket=self._bucket, Key=key)
        except Exception as error:
            if error_code(error) in GONE:
                self._look_for_the_bucket(key)
                return None
            unavailable("Storage", error)
        metadata = answer.get("Metadata", {})
        return StoredObject(
            key=key,
            version=answer["ETag"].strip('"'),
            size_bytes=answer["ContentLength"],
            filename=told_filename(metadata),
            modified_on=told_day(metadata, answer["LastModified"]),
            tags=told_tags(metadata),
        )

    def _look_for_the_bucket(self, key: str) -> None:
        """Fail where the bucket is not there: a HEAD's answer has no body to tell that from a missing object."""
        try:
            self._s3.list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1)
        except Exception as error:
            unavailable("Storage", error)

    def read(self, key: str) -> bytes:
        """Return the bytes."""
        try:
            return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except Exception as error:
            _raise(error, key)

    def download(self, key: str, target: Path, *, version: str) -> None:
        """Stream one version into a file."""
        try:
            body = self._s3.get_object(Bucket=self._bucket, Key=key, IfMatch=f'"{version}"')["Body"]
            with target.open("wb") as file:
                for piece in body.iter_chunks(1024 * 1024):
                    file.write(piece)
        except Exception as error:
            _raise(error, key)

    def write(self, key: str, body: bytes, *, media_type: str = "application/octet-stream") -> None:
        """Write an object."""
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=media_type)
        except Exception as error:
            unavailable("Storage", error)

    def create(self, key: str, body: bytes, *, media_type: str = "application/octet-stream") -> bool:
        """Write an object on the condition that S3 knows none."""
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=media_type, IfNoneMatch="*")
        except Exception as error:
            if error_code(error) in CHANGED:
                return False
            unavailable("Storage", error)
        return True

    def delete(self, keys: Sequence[str]) -> int:
        """Delete versions and then delete markers of the keys, a page of the listing at a time; counts versions."""
        removed = 0
        for page in self._pages(keys):
            self.delete_versions(page)
            removed += sum(not version.is_marker for version in page)
        return removed

    def list_versions(self, keys: Sequence[str]) -> list[ObjectVersion]:
        """List them under what the keys of a folder begin with."""
        return [version for page in self._pages(keys) for version in page]

    def delete_versions(self, versions: Sequence[ObjectVersion]) -> None:
        """Delete in batches, markers and what is live last: without them an older version would come to light."""
        for covers in (False, True):
            going = [one for one in versions if (one.is_marker or one.is_live) == covers]
            listed = [{"Key": one.key, "VersionId": one.version_id} for one in going]
            for start in range(0, len(listed), BATCH_LIMIT):
                self._delete_batch(listed[start : start + BATCH_LIMIT])

    def _pages(self, keys: Sequence[str]) -> Iterator[list[ObjectVersion]]:
        for prefix, wanted in _by_prefix(keys).items():
            last = max(wanted)
            for page in self._listing(prefix):
                yield [version for version in page if version.key in wanted]
                if page and page[-1].key > last:
                    break

    def _listing(self, prefix: str) -> Iterator[list[ObjectVersion]]:
        """Yield pages in key order."""
        try:
            for page in self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix):
                held = [_version(item, is_marker=False) for item in page.get("Versions", [])]
                held += [_version(item, is_marker=True) for item in page.get("DeleteMarkers", [])]
                yield sorted(held, key=lambda version: version.key)
        except PlatformError:
            raise
        except Exception as error:
            unavailable("Storage", error)

    def _delete_batch(self, listed: Sequence[Any]) -> None:
        try:
            answer = self._s3.delete_objects(Bucket=self._bucket, Delete={"Objects": listed, "Quiet": True})
        except Exception as error:
            unavailable("Storage", error)
        if answer.get("Errors"):
            raise Unavailable(
                f"Storage did not delete {len(answer['Errors'])} objects. Try again in a moment.",
                code="storage_unavailable",
            )

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the live objects."""
        try:
            for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                for item in page.get("Contents", []):
                    yield StoredObject(key=item["Key"], version=item["ETag"].strip('"'), size_bytes=item["Size"])
        except Exception as error:
            unavailable("Storage", error)


def _version(item: Mapping[str, Any], *, is_marker: bool) -> ObjectVersion:
    is_live = bool(item["IsLatest"]) and not is_marker
    return ObjectVersion(item["Key"], item["VersionId"], is_live=is_live, is_marker=is_marker)


def _by_prefix(keys: Sequence[str]) -> dict[str, frozenset[str]]:
    """Group keys by what their versions are listed under: what all keys of a knowledge base begin with."""
    folders: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for key in keys:
        folders[tuple(key.split("/")[:FOLDERS_LISTED_TOGETHER])].add(key)
    return {commonprefix(sorted(found)): frozenset(found) for found in folders.values()}  # noqa: RUF071 - of keys


def _raise(error: Exception, key: str) -> NoReturn:
    code = error_code(error)
    if code in GONE:
        raise NotFound(f"There is no object {key}.", code="object_not_found") from error
    if code in CHANGED:
        raise Conflict("The file was replaced while it was being read.", code="object_replaced") from error
    unavailable("Storage", error)
