"""Keeps vectors in S3, one small object per text, so that a text is embedded once under a model."""

import hashlib
import logging
import sys
from array import array
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import quote

from functions.ml.ports import Vector

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FLOAT_BYTES = 4
PURPOSE = "passage"
"""Only passages are cached: a question is asked once, a passage is embedded again at every refresh."""

logger = logging.getLogger(__name__)


class S3VectorCache:
    """A `VectorCache` over a bucket: `vectors/<model id>/<sha256[:2]>/<sha256 of purpose and text>`.

    An object holds the vector as float32, little endian. One that is missing, unreadable or of another length than a
    vector is simply not known.

    Args:
        client: of S3.
        bucket: its name.
        threads: requests at the same time, at least 1.
    """

    def __init__(self, client: "S3Client", bucket: str, *, threads: int = 16) -> None:
        self._client = client
        self._bucket = bucket
        self._threads = threads

    def get(self, model_id: str, texts: Sequence[str]) -> list[Vector | None]:
        """Return what is known, None where nothing is; a bucket that does not answer knows nothing."""
        with ThreadPoolExecutor(max_workers=self._threads) as pool:
            return list(pool.map(lambda text: self._read(_key(model_id, text)), texts))

    def put(self, model_id: str, texts: Sequence[str], vectors: Sequence[Vector]) -> None:
        """Remember vectors; failing to is no error."""
        with ThreadPoolExecutor(max_workers=self._threads) as pool:
            for _ in pool.map(lambda text, vector: self._write(_key(model_id, text), vector), texts, vectors):
                pass

    def _read(self, key: str) -> Vector | None:
        """Return one vector."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "NoSuchKey":
                logger.warning("vector cache not readable", exc_info=True)
            return None
        except BotoCoreError:
            logger.warning("vector cache not reachable", exc_info=True)
            return None
        return _vector(body)

    def _write(self, key: str, vector: Vector) -> None:
        """Write one vector."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=_body(vector), ContentType="application/octet-stream"
            )
        except (BotoCoreError, ClientError):
            logger.warning("vector cache not writable", exc_info=True)


def _key(model_id: str, text: str) -> str:
    """Return the key of a text under a model."""
    digest = hashlib.sha256(f"{PURPOSE}\x1f{text}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"vectors/{quote(model_id, safe='')}/{digest[:2]}/{digest}"


def _body(vector: Vector) -> bytes:
    """Pack a vector."""
    return _little_endian(array("f", vector)).tobytes()


def _vector(body: bytes) -> Vector | None:
    """Unpack a vector; None for what cannot be one."""
    if not body or len(body) % FLOAT_BYTES:
        return None
    return tuple(_little_endian(array("f", body)))


def _little_endian(numbers: "array[float]") -> "array[float]":
    """Swap the bytes on a big-endian machine."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
