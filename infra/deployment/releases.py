"""What was deployed, kept in the account: each release of a stack is its template, its packages and its parameters."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Release:
    """One deployment of one stack; all it names is kept, so that it can be made again.

    Attributes:
        number: counts the stack's deployments from 1.
        template: the translated template's key in the bucket of releases; the key holds its SHA-256.
        packages: keys of the packages by the functions' logical ids; each key holds its SHA-256.
        parameters: the values given, neighbours by the names of their SSM parameters.
        of: the release whose content this is: its own number, or for a rollback the number it went back to.
        deployed_at: UTC, ISO 8601.
    """

    number: int
    stack: str
    template: str
    packages: Mapping[str, str]
    parameters: Mapping[str, str]
    of: int
    deployed_at: str


@dataclass(frozen=True, slots=True)
class Releases:
    """The records of one installation, one object each, never changed."""

    s3: "S3Client"
    bucket: str

    def all(self, stack: str) -> list[Release]:
        """Return a stack's releases, oldest first."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"releases/{stack}/")
        keys = sorted(item["Key"] for page in pages for item in page.get("Contents", []))
        return [Release(**json.loads(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())) for key in keys]

    def keep(self, release: Release) -> None:
        """Write one record."""
        key = f"releases/{release.stack}/{release.number:06d}.json"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=json.dumps(asdict(release), indent=2).encode())


def release_before(releases: list[Release]) -> Release | None:
    """Find what a rollback goes back to: the release that was in force before the present one was deployed.

    What a rollback left is never gone back to, however often one rolls back, and also after a later deployment.

    Args:
        releases: of one stack, oldest first.

    Returns:
        The release, None when there is nothing older.
    """
    line: list[Release] = []
    for release in releases:
        if release.of == release.number:
            line.append(release)
        else:
            line = [one for one in line if one.number <= release.of]
    return line[-2] if len(line) > 1 else None
