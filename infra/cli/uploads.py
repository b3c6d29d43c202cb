"""Sending one file's bytes to the object store, as a presigned POST.

Source: Amazon S3 API, POST Object: the fields first, then the file as the last part of a multipart/form-data body.
"""

import io
import re
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from infra.cli.failures import Failure, Unreachable
from infra.cli.http import open_http
from infra.cli.transport import TRIES, pause_s
from shared.contracts import api

_SERVER_ERROR = 500


class Stopped(Exception):
    """The person stopped the upload."""


class CountedFile(io.FileIO):
    """A file that tells how far it was read.

    Args:
        path: the file.
        on_position: called with the bytes read so far after every read; may raise to stop the upload.
    """

    def __init__(self, path: Path, on_position: Callable[[int], None]) -> None:
        super().__init__(path)
        self._on_position = on_position

    def read(self, size: int | None = -1, /) -> bytes:
        """Read and tell."""
        content = super().read(-1 if size is None else size) or b""
        self._on_position(self.tell())
        return content


def send_file(
    path: Path,
    upload: api.Upload,
    media_type: str,
    on_position: Callable[[int], None],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Send a file's bytes; a cut connection and an error of the store are tried again from the start.

    Args:
        path: the file.
        upload: where to, with the fields that authorise it.
        media_type: of the file.
        on_position: called with the bytes sent so far, from 0 again for every try; may raise `Stopped`.
        sleep: waits for some seconds between tries.

    Raises:
        Failure: the store refuses, or the file cannot be read.
        Unreachable: every try was cut.
    """
    with open_http(upload.url) as http:
        for attempt in range(1, TRIES + 1):
            response = _post(http, path, upload, media_type, on_position)
            if response is not None and response.is_success:
                return
            if response is not None and (response.status_code < _SERVER_ERROR or attempt == TRIES):
                raise _refusal(response)
            if attempt < TRIES:
                sleep(pause_s(attempt))
    raise Unreachable("The upload was cut again and again; try again later.", code="cut")


def _post(
    http: httpx.Client, path: Path, upload: api.Upload, media_type: str, on_position: Callable[[int], None]
) -> httpx.Response | None:
    """Send the file once; None when the connection was cut."""
    try:
        with CountedFile(path, on_position) as file:
            return http.post(upload.url, data=upload.fields, files={"file": ("document", file, media_type)})
    except httpx.LocalProtocolError as error:
        raise Failure("The file changed while it was read; try again.", code="file_changed") from error
    except httpx.TransportError:
        return None
    except OSError as error:
        raise Failure(f"The file cannot be read: {error.strerror}.", code="file_unreadable") from error


def _refusal(response: httpx.Response) -> Failure:
    """Read the store's error, an XML document with Code and Message."""
    found = re.search(r"<Message>([^<]+)</Message>", response.text)
    reason = found[1] if found else f"it answered {response.status_code}"
    return Failure(f"The store refused the file: {reason}", code="upload_refused", status=response.status_code)
