"""The ObjectStore port on S3."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from os.path import commonprefix
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from functions.ml.object_metadata import told_day, told_filename, told_tags
from functions.ml.ports import StoredObject
from shared.kernel.aws import client, error_code, unavailable
from shared.kernel.errors import Conflict, NotFound, PlatformError, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

GONE = frozenset({"404", "NoSuchKey", "NotFound"})
CHANGED = frozenset({"412", "PreconditionFailed"})


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

    def delete(self, keys: Sequence[str], *, still: Callable[[], bool] | None = None, keep_live: bool = False) -> int:
        """Delete versions and then delete markers of the keys; counts versions, which hold bytes."""
        removed = 0
        try:
            for prefix, wanted in _by_prefix(keys).items():
                removed += self._delete_versions(prefix, wanted, still, keep_live=keep_live)
        except PlatformError:
            raise
        except Exception as error:
            unavailable("Storage", error)
        return removed

    def count_versions(self, keys: Sequence[str], *, keep_live: bool = False) -> int:
        """Count the versions, which hold bytes; delete markers do not."""
        found = 0
        try:
            for prefix, wanted in _by_prefix(keys).items():
                pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix)
                found += sum(len(_versions(page, wanted, keep_live=keep_live)) for page in pages)
        except Exception as error:
            unavailable("Storage", error)
        return found

    def _delete_versions(
        self, prefix: str, wanted: frozenset[str], still: Callable[[], bool] | None, *, keep_live: bool
    ) -> int:
        removed = 0
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix)
        for page in pages:
            versions = _versions(page, wanted, keep_live=keep_live)
            markers = [item for item in page.get("DeleteMarkers", []) if item["Key"] in wanted]
            if still is not None and (versions or markers) and not still():
                return removed
            # The markers last: without its marker an older version would come to light again.
            for batch in (versions, markers):
                self._delete_batch([(item["Key"], item["VersionId"]) for item in batch])
            removed += len(versions)
        return removed

    def _delete_batch(self, versions: Sequence[tuple[str, str]]) -> None:
        """Delete what one page of a listing held; such a page has no more than a call takes."""
        if not versions:
            return
        answer = self._s3.delete_objects(
            Bucket=self._bucket,
            Delete={"Objects": [{"Key": key, "VersionId": version} for key, version in versions], "Quiet": True},
        )
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


def _versions(page: Mapping[str, Any], wanted: Collection[str], *, keep_live: bool) -> list[Any]:
    return [item for item in page.get("Versions", []) if item["Key"] in wanted and not (keep_live and item["IsLatest"])]


def _by_prefix(keys: Sequence[str]) -> dict[str, frozenset[str]]:
    """Group keys by what their versions are listed under: what all keys of one folder begin with."""
    folders: dict[str, set[str]] = defaultdict(set)
    for key in keys:
        folders[key.rpartition("/")[0]].add(key)
    return {commonprefix(sorted(found)): frozenset(found) for found in folders.values()}  # noqa: RUF071 - of keys


def _raise(error: Exception, key: str) -> NoReturn:
    code = error_code(error)
    if code in GONE:
        raise NotFound(f"There is no object {key}.", code="object_not_found") from error
    if code in CHANGED:
        raise Conflict("The file was replaced while it was being read.", code="object_replaced") from error
    unavailable("Storage", error)
