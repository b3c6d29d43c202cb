"""S3: presigned uploads into the documents bucket, datasets into the artifacts bucket."""

from datetime import timedelta
from urllib.parse import quote

from functions.application.domain.sources import SignedSource
from shared.contracts.api import Upload
from shared.kernel.aws import client, error_code, unavailable
from shared.kernel.clock import Clock, isoformat, system_clock

UPLOAD_VALID = timedelta(minutes=60)
SOURCE_VALID = timedelta(minutes=5)
GONE = frozenset({"404", "NoSuchKey", "NotFound"})
PLAIN_BYTES = "application/octet-stream"
"""What every file is served as: a page of somebody's HTML under the bucket's address would be a page of ours."""


class S3UploadSigner:
    """The UploadSigner port: a POST policy with the exact key, the type and the range of sizes."""

    def __init__(self, bucket: str, clock: Clock = system_clock) -> None:
        self._bucket = bucket
        self._clock = clock

    def sign(
        self, *, object_key: str, size_bytes: int, media_type: str, filename: str, modified_on: str = ""
    ) -> Upload:
        """Return a POST for exactly this key, type, name and day of the last change.

        The name and the day travel as metadata of the object, percent-encoded because S3 takes only ASCII there; a
        registry that was lost is rebuilt with them.
        """
        exact = {"Content-Type": media_type, "x-amz-meta-filename": quote(filename)}
        if modified_on:
            exact["x-amz-meta-modified"] = modified_on
        try:
            post = client("s3").generate_presigned_post(
                self._bucket,
                object_key,
                Fields=exact,
                Conditions=[*({name: value} for name, value in exact.items()), ["content-length-range", 1, size_bytes]],
                ExpiresIn=int(UPLOAD_VALID.total_seconds()),
            )
        except Exception as error:
            unavailable("Document storage", error)
        return Upload(url=post["url"], fields=post["fields"], expires_at=isoformat(self._clock() + UPLOAD_VALID))


class S3SourceSigner:
    """The SourceSigner port; the registry knows a version by its entity tag, S3 fetches it by its version id."""

    def __init__(self, bucket: str, clock: Clock = system_clock) -> None:
        self._bucket = bucket
        self._clock = clock

    def sign_source(self, *, object_key: str, version: str, filename: str) -> SignedSource | None:
        """Find the version and sign a GET for it."""
        try:
            found = self._current(object_key, version) or self._older(object_key, version)
            if found is None:
                return None
            version_id, size_bytes = found
            url = client("s3").generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self._bucket,
                    "Key": object_key,
                    **({"VersionId": version_id} if version_id else {}),
                    "ResponseContentDisposition": attachment(filename),
                    "ResponseContentType": PLAIN_BYTES,
                    "ResponseCacheControl": "private, no-store",
                },
                ExpiresIn=int(SOURCE_VALID.total_seconds()),
            )
        except Exception as error:
            unavailable("Document storage", error)
        return SignedSource(url, isoformat(self._clock() + SOURCE_VALID), size_bytes)

    def _current(self, object_key: str, version: str) -> tuple[str, int] | None:
        """Return version id and size of what readers get, if it is this version: the usual case, in one call."""
        try:
            head = client("s3").head_object(Bucket=self._bucket, Key=object_key)
        except Exception as error:
            if error_code(error) in GONE:
                return None
            raise
        same = head["ETag"].strip('"') == version
        return (head.get("VersionId", ""), head["ContentLength"]) if same else None

    def _older(self, object_key: str, version: str) -> tuple[str, int] | None:
        """Look for it among the versions: a newer file may have come that does not answer yet."""
        pages = client("s3").get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=object_key)
        for page in pages:
            for item in page.get("Versions", []):
                if item["Key"] == object_key and item["ETag"].strip('"') == version:
                    return item["VersionId"], item["Size"]
        return None


class S3SourceVersions:
    """The SourceVersions port; by listing, because a HEAD of a missing key is refused to who may list only some."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def newest(self, object_key: str) -> str:
        """Look at the first page of the versions under the key, which begins with the key itself, newest first."""
        try:
            page = client("s3").list_object_versions(Bucket=self._bucket, Prefix=object_key)
        except Exception as error:
            unavailable("Document storage", error)
        held = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        return next((item["VersionId"] for item in held if item["Key"] == object_key and item["IsLatest"]), "")


def attachment(filename: str) -> str:
    """Write the header that has a browser save a file under its own name and show nothing of it.

    Source:
        RFC 6266, section 4.3; RFC 8187, section 3.2.
    """
    name = filename.rpartition("/")[2]
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%;' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


class S3DatasetStore:
    """The DatasetStore port."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def write(self, key: str, body: str, *, media_type: str) -> None:
        """Write or replace an object."""
        try:
            client("s3").put_object(Bucket=self._bucket, Key=key, Body=body.encode(), ContentType=media_type)
        except Exception as error:
            unavailable("Artifact storage", error)
