"""The account, region and partition that a deployment goes to: those of whoever is signed in."""

import json
import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from infra.deployment.stacks import DeployFailed, Stacks
from infra.deployment.templates import ROOT, read

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient


@dataclass(frozen=True)
class Account:
    """Where a deployment goes.

    Attributes:
        session: signs the requests; `AWS_ENDPOINT_URL` sends them to an emulator.
        timeout_s: how long one stack may take.
    """

    session: boto3.session.Session
    timeout_s: float = 3600.0

    @classmethod
    def signed_in(cls) -> "Account":
        """Return the account of the environment's sign-in.

        Raises:
            DeployFailed: there is no sign-in, or no region.
        """
        session = boto3.session.Session()
        try:
            signed_in = session.get_credentials() is not None
        except BotoCoreError as error:
            raise DeployFailed(f"The sign-in to AWS does not work: {error}") from error
        if not signed_in:
            raise DeployFailed("Nobody is signed in to AWS; use `aws sso login`, or set AWS_PROFILE.")
        if not session.region_name:
            raise DeployFailed("No region is chosen; set AWS_REGION, or choose one in the profile.")
        return cls(session)

    @property
    def region(self) -> str:
        """The region's name."""
        return str(self.session.region_name)

    @cached_property
    def s3(self) -> "S3Client":
        """Addresses buckets by path, which every partition and emulator understands."""
        return self.session.client("s3", config=Config(s3={"addressing_style": "path"}), endpoint_url=_emulator())

    @cached_property
    def ssm(self) -> "SSMClient":
        """Holds what the stacks tell each other."""
        return self.session.client("ssm", endpoint_url=_emulator())

    @cached_property
    def sqs(self) -> "SQSClient":
        """Holds the messages that a teardown would lose."""
        return self.session.client("sqs", endpoint_url=_emulator())

    @cached_property
    def stacks(self) -> Stacks:
        """The stacks of this account and region."""
        client = self.session.client("cloudformation", endpoint_url=_emulator())
        return Stacks(client, timeout_s=self.timeout_s)

    def url(self, bucket: str, key: str) -> str:
        """Return an object's address, in the host names of its region and partition."""
        return f"{self.s3.meta.endpoint_url}/{bucket}/{key}"

    def releases_bucket(self, stage: str, *, make: bool) -> str | None:
        """Return the installation's bucket of releases.

        Args:
            stage: the installation.
            make: whether to make it, from infra/bootstrap.yaml, where it is missing.

        Raises:
            DeployFailed: it could not be made.
        """
        name = f"strata-{stage}-bootstrap"
        found = self.stacks.find(name)
        if found is None and make:
            self.stacks.client.create_stack(
                StackName=name,
                TemplateBody=json.dumps(read(ROOT / "infra" / "bootstrap.yaml")),
                Parameters=[{"ParameterKey": "Stage", "ParameterValue": stage}],
                Capabilities=["CAPABILITY_NAMED_IAM"],
            )
            found = self.stacks.wait(name, set())
        return found.outputs["ReleasesBucket"] if found else None


def _emulator() -> str | None:
    return os.environ.get("AWS_ENDPOINT_URL") or None
