"""Deploy the committed templates to the emulator on this machine: only what changed, in the order of the stacks."""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.config import Config

from infra.deployment.adoption import adopt, surviving_buckets
from infra.deployment.archives import Archive, layer_archive
from infra.deployment.stacks import DIGEST, DeployFailed, Stack, Stacks
from infra.deployment.templates import (
    CODE,
    NEIGHBOUR_TYPE,
    STACKS,
    Document,
    InvalidTemplate,
    Template,
    committed,
    translate,
    with_code,
)
from infra.local.clients import REGION, session

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient

__all__ = ["DeployFailed", "deploy"]


def deploy(
    endpoint: str, *, stage: str, parameters: Mapping[str, str], report: Callable[[str], None]
) -> dict[str, str]:
    """Bring the stacks to what the checkout says.

    A stack is touched only when its template, its layer's code, a parameter or a neighbour's value changed.

    Args:
        endpoint: the emulator, e.g. `http://127.0.0.1:4566`.
        stage: the installation; part of every name.
        parameters: values by parameter name of whichever templates declare them, e.g. `SearchUrl`.
        report: told one line per stack.

    Returns:
        The outputs of all stacks, names in snake_case: `api_url`, `ml_api_url`, `documents_bucket`, ...

    Raises:
        DeployFailed: names the resource and the reason, or the parameter that no template declares.
    """
    given = {"ApiAddress": f"{endpoint}/_aws/execute-api", "Size": "machine", **parameters}
    given.setdefault("SocketAddress", given["ApiAddress"].replace("http", "ws", 1))
    templates = [committed(name) for name in STACKS]
    unknown = [name for name in given if not any(name in template.parameters for template in templates)]
    if unknown:
        raise DeployFailed(f"No template declares the parameters {', '.join(sorted(unknown))}.")
    deployment = _Deployment.at(endpoint, stage)
    outputs: dict[str, str] = {}
    for template in templates:
        outputs |= deployment.bring_up(template, given, report).outputs
    return {_snake_case(name): value for name, value in outputs.items()}


@dataclass(frozen=True, slots=True)
class _Deployment:
    stage: str
    endpoint: str
    s3: "S3Client"
    ssm: "SSMClient"
    stacks: Stacks

    @classmethod
    def at(cls, endpoint: str, stage: str) -> "_Deployment":
        aws = session()
        path_style = Config(s3={"addressing_style": "path"})
        return cls(
            stage=stage,
            endpoint=endpoint,
            s3=aws.client("s3", endpoint_url=endpoint, config=path_style),
            ssm=aws.client("ssm", endpoint_url=endpoint),
            stacks=Stacks(aws.client("cloudformation", endpoint_url=endpoint), timeout_s=120.0),
        )

    @property
    def bucket(self) -> str:
        return f"strata-{self.stage}-code-{REGION}"

    def bring_up(self, template: Template, given: Mapping[str, str], report: Callable[[str], None]) -> Stack:
        """Deploy one stack unless it already is what it should be."""
        name = f"strata-{self.stage}-{template.name}"
        layer = CODE[template.name]
        archive = layer_archive(layer) if layer else None
        digest = template.digest(archive.key if archive else "")
        values = template.values(self.stage, given)
        found = self.stacks.find(name)
        if found and found.is_sound and found.digest == digest and self._fits(template, found, values):
            report(f"{name}: unchanged")
            return found
        document = self._translated(template, archive, digest)
        if found is None or found.is_wreck:
            self._adopt_survivors(name, document, found, report)
        stack = self.stacks.apply(name, template_url=self._upload(template, document, digest), parameters=values)
        report(f"{name}: {'updated' if found and not found.is_wreck else 'created'}")
        return stack

    def _adopt_survivors(
        self, name: str, document: Document, wreck: Stack | None, report: Callable[[str], None]
    ) -> None:
        """Take over the buckets of an emulator whose other state was lost, with the documents in them."""
        if wreck:
            self.stacks.delete(name)
        account = session().client("sts", endpoint_url=self.endpoint).get_caller_identity()["Account"]
        names = {"Stage": self.stage, "AWS::AccountId": account, "AWS::Region": REGION}
        buckets = surviving_buckets(document, names, self.s3)
        if buckets:
            adopt(self.stacks, name, document, buckets)
            report(f"{name}: took over {', '.join(sorted(buckets.values()))}")

    def _fits(self, template: Template, found: Stack, values: Mapping[str, str]) -> bool:
        """Would a deployment give the stack the values it has?"""
        declared = template.parameters
        wanted = {name: values.get(name, str(parameter.get("Default", ""))) for name, parameter in declared.items()}
        neighbours = {name for name, parameter in declared.items() if parameter["Type"] == NEIGHBOUR_TYPE}
        current = self._current([wanted[name] for name in neighbours])
        return dict(found.parameters) == {
            name: current.get(value, "") if name in neighbours else value for name, value in wanted.items()
        }

    def _current(self, names: list[str]) -> dict[str, str]:
        values: dict[str, str] = {}
        for start in range(0, len(names), 10):  # GetParameters takes ten names
            got = self.ssm.get_parameters(Names=names[start : start + 10])
            values |= {item["Name"]: item["Value"] for item in got["Parameters"]}
        return values

    def _translated(self, template: Template, archive: Archive | None, digest: str) -> Document:
        document = template.document
        if archive:
            self._put(archive.key, archive.body)
            document = with_code(document, self.bucket, archive.key)
        try:
            return {**translate(document, region=REGION), "Metadata": {DIGEST: digest}}
        except InvalidTemplate as error:
            raise DeployFailed(f"{template.path.name} is not a valid template. {error}") from error

    def _upload(self, template: Template, document: Document, digest: str) -> str:
        key = f"templates/{template.name}-{digest}.json"
        self._put(key, json.dumps(document).encode())
        return f"{self.endpoint}/{self.bucket}/{key}"

    def _put(self, key: str, body: bytes) -> None:
        """Put an object, named by its content, into the bucket of deployments; makes the bucket where needed."""
        with suppress(self.s3.exceptions.BucketAlreadyOwnedByYou):
            self.s3.create_bucket(Bucket=self.bucket)
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
