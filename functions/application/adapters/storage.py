"""S3: presigned uploads into the documents bucket, datasets into the artifacts bucket."""

from datetime import timedelta
from urllib.parse import quote

from shared.contracts.api import Upload
from shared.kernel.aws import client, unavailable
from shared.kernel.clock import Clock, isoformat, system_clock

UPLOAD_VALID = timedelta(minutes=60)


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
