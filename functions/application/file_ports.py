"""The application layer's ports to files: how clients put and fetch them, and what the ML layer reads."""

from collections.abc import Mapping
from typing import Protocol

from functions.application.domain.sources import SignedSource
from functions.application.domain.uploads import StoredPart
from shared.contracts.api import Upload


class UploadSigner(Protocol):
    """Lets a client put one object into the documents bucket."""

    def sign(
        self, *, object_key: str, size_bytes: int, media_type: str, filename: str, modified_on: str = ""
    ) -> Upload:
        """Return a POST for exactly this key, type and name, of 1 to `size_bytes` bytes, for a limited time.

        The day of the file's last change goes with it where one is given.
        """


class PartSigner(Protocol):
    """Lets a client put one object into the documents bucket in parts."""

    def begin(self, *, object_key: str, media_type: str, filename: str, modified_on: str = "") -> str:
        """Begin an upload of exactly this key, type and name; returns its id. Raises Unavailable."""

    def sign_parts(
        self, *, object_key: str, upload_id: str, sizes_bytes: Mapping[int, int]
    ) -> tuple[dict[int, str], str]:
        """Return a PUT by number for each part of exactly this size, and until when. Raises Unavailable."""

    def parts(self, *, object_key: str, upload_id: str) -> Mapping[int, StoredPart] | None:
        """Return the parts that are there by number; None when there is no such upload. Raises Unavailable."""

    def complete(self, *, object_key: str, upload_id: str, tags: Mapping[int, str]) -> None:
        """Make one object of these parts; an upload that is completed already is no error. Raises Unavailable."""

    def abort(self, *, object_key: str, upload_id: str) -> None:
        """Throw the parts away; an upload that is not there is no error. Raises Unavailable."""


class SourceSigner(Protocol):
    """Lets a client fetch one version of an object of the documents bucket."""

    def sign_source(self, *, object_key: str, version: str, filename: str) -> SignedSource | None:
        """Return a GET for exactly this version, as an attachment of this name, for a few minutes.

        None when the bucket does not hold this version any more. Raises Unavailable.
        """


class SourceVersions(Protocol):
    """Knows what lies in the documents bucket."""

    def newest(self, object_key: str) -> str:
        """Name the newest version under a key, be it that the object was removed; empty when there is none.

        Raises Unavailable.
        """


class DatasetStore(Protocol):
    """Keeps evaluation datasets where the ML layer reads them."""

    def write(self, key: str, body: str, *, media_type: str) -> None:
        """Write or replace an object of the artifacts bucket. Raises Unavailable."""
