"""The ObjectStore port on S3."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import unquote

from functions.ml.ports import StoredObject
from shared.kernel.aws import client, error_code, unavailable
from shared.kernel.errors import Conflict, NotFound

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

GONE = frozenset({"404", "NoSuchKey", "NotFound"})
CHANGED = frozenset({"412", "PreconditionFailed"})
DELETE_LIMIT = 1000  # keys per DeleteObjects call, an AWS limit


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
        return StoredObject(
            key=key,
            version=answer["ETag"].strip('"'),
            size_bytes=answer["ContentLength"],
            filename=unquote(answer.get("Metadata", {}).get("filename", "")),
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

    def delete(self, keys: Sequence[str]) -> int:
        """Delete every version and delete marker of the keys; counts versions that held bytes."""
        removed = 0
        try:
            for key in keys:
                removed += self._delete_versions(key)
        except Exception as error:
            unavailable("Storage", error)
        return removed

    def _delete_versions(self, key: str) -> int:
        removed = 0
        for page in self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=key):
            versions = [item for item in page.get("Versions", []) if item["Key"] == key]
            markers = [item for item in page.get("DeleteMarkers", []) if item["Key"] == key]
            for item in (*versions, *markers):
                self._s3.delete_object(Bucket=self._bucket, Key=key, VersionId=item["VersionId"])
            removed += len(versions)
        return removed

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the live objects."""
        try:
            for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                for item in page.get("Contents", []):
                    yield StoredObject(key=item["Key"], version=item["ETag"].strip('"'), size_bytes=item["Size"])
        except Exception as error:
            unavailable("Storage", error)


def _raise(error: Exception, key: str) -> NoReturn:
    code = error_code(error)
    if code in GONE:
        raise NotFound(f"There is no object {key}.", code="object_not_found") from error
    if code in CHANGED:
        raise Conflict("The file was replaced while it was being read.", code="object_replaced") from error
    unavailable("Storage", error)
