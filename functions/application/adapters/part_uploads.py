"""S3: uploads in parts into the documents bucket."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote

from functions.application.domain.uploads import StoredPart
from shared.kernel.aws import client, error_code, unavailable
from shared.kernel.clock import Clock, isoformat, system_clock

UPLOAD_VALID = timedelta(minutes=60)
NO_UPLOAD = frozenset({"NoSuchUpload", "404"})
PLAIN_BYTES = "application/octet-stream"


class S3PartSigner:
    """The PartSigner port: S3's multipart upload; each address takes exactly one part of exactly one length."""

    def __init__(self, bucket: str, clock: Clock = system_clock) -> None:
        self._bucket = bucket
        self._clock = clock

    def begin(self, *, object_key: str, media_type: str, filename: str, modified_on: str = "") -> str:
        """Begin an upload."""
        metadata = {"filename": quote(filename), **({"modified": modified_on} if modified_on else {})}
        try:
            answer = client("s3").create_multipart_upload(
                Bucket=self._bucket, Key=object_key, ContentType=media_type or PLAIN_BYTES, Metadata=metadata
            )
        except Exception as error:
            unavailable("Document storage", error)
        return answer["UploadId"]

    def sign_parts(
        self, *, object_key: str, upload_id: str, sizes_bytes: Mapping[int, int]
    ) -> tuple[dict[int, str], str]:
        """Sign a PUT per part."""
        try:
            urls = {
                number: client("s3").generate_presigned_url(
                    "upload_part",
                    Params={
                        "Bucket": self._bucket,
                        "Key": object_key,
                        "UploadId": upload_id,
                        "PartNumber": number,
                        "ContentLength": size,
                    },
                    ExpiresIn=int(UPLOAD_VALID.total_seconds()),
                )
                for number, size in sizes_bytes.items()
            }
        except Exception as error:
            unavailable("Document storage", error)
        return urls, isoformat(self._clock() + UPLOAD_VALID)

    def parts(self, *, object_key: str, upload_id: str) -> Mapping[int, StoredPart] | None:
        """List what S3 has."""
        try:
            pages = client("s3").get_paginator("list_parts")
            return {
                item["PartNumber"]: StoredPart(item["ETag"].strip('"'), item["Size"])
                for page in pages.paginate(Bucket=self._bucket, Key=object_key, UploadId=upload_id)
                for item in page.get("Parts", [])
            }
        except Exception as error:
            if error_code(error) in NO_UPLOAD:
                return None
            unavailable("Document storage", error)

    def complete(self, *, object_key: str, upload_id: str, tags: Mapping[int, str]) -> None:
        """Make one object of the parts."""
        listed = [{"PartNumber": number, "ETag": tag} for number, tag in sorted(tags.items())]
        try:
            client("s3").complete_multipart_upload(
                Bucket=self._bucket,
                Key=object_key,
                UploadId=upload_id,
                MultipartUpload={"Parts": listed},  # type: ignore[typeddict-item]
            )
        except Exception as error:
            if error_code(error) not in NO_UPLOAD:  # an earlier call has completed it
                unavailable("Document storage", error)

    def abort(self, *, object_key: str, upload_id: str) -> None:
        """Throw the parts away."""
        try:
            client("s3").abort_multipart_upload(Bucket=self._bucket, Key=object_key, UploadId=upload_id)
        except Exception as error:
            if error_code(error) not in NO_UPLOAD:
                unavailable("Document storage", error)
