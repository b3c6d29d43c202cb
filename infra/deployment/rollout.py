"""Deploy and roll back, stack by stack: prepared as a change set, shown, agreed to, done, and kept as a release."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import ClientError

from infra.deployment.account import Account
from infra.deployment.archives import ROOT, Archive, layer_archive
from infra.deployment.change_sets import ChangeSet, ChangeSets
from infra.deployment.compatibility import CONTRACTS, RELEASED, breaks, contracts
from infra.deployment.packages import built, package_archive
from infra.deployment.releases import Release, Releases, release_before
from infra.deployment.stacks import DeployFailed
from infra.deployment.stages import Stage
from infra.deployment.templates import (
    CODE,
    STACKS,
    Document,
    InvalidTemplate,
    Template,
    code_folder,
    translate,
)

Report = Callable[[str], None]
Agree = Callable[[str], bool]


class NotAgreed(Exception):
    """The person saw what would happen and said no; nothing happened to that stack."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """Deployments of one stage.

    Attributes:
        account: where to.
        stage: with which parameters and code.
        report: told one line at a time what is done.
        agree: asked with a question once the differences were shown; False leaves the stack alone.
        checkout: the sources that are deployed.
    """

    account: Account
    stage: Stage
    report: Report
    agree: Agree
    checkout: Path = ROOT

    def deploy(self, stacks: Sequence[str] = STACKS, *, templates: Mapping[str, Template] | None = None) -> None:
        """Bring stacks to what the checkout says.

        Args:
            stacks: some of `STACKS`; deployed in their order whatever the order here.
            templates: other templates than the committed ones, by stack.

        Raises:
            DeployFailed: refused, or failed and put back by CloudFormation; names the resource and the reason.
            NotAgreed: the person said no.
        """
        refuse_breaking_contracts(self.checkout)
        known(stacks)
        bucket = self.account.releases_bucket(self.stage.name, make=True)
        releases = Releases(self.account.s3, str(bucket))
        for name in (one for one in STACKS if one in stacks):
            template = (templates or {}).get(name) or Template(name, self.checkout / "infra" / f"{name}.yaml")
            self._make(self._release(name, template, releases), releases)

    def rollback(self, stack: str) -> None:
        """Put a stack back to the release before, with its own template, packages and parameters.

        Args:
            stack: one of `STACKS`.

        Raises:
            DeployFailed: there is no release before, or it could not be made.
            NotAgreed: the person said no.
        """
        known([stack])
        bucket = self.account.releases_bucket(self.stage.name, make=False)
        releases = Releases(self.account.s3, bucket) if bucket else None
        past = releases.all(stack) if releases else []
        before = release_before(past)
        if releases is None or before is None:
            raise DeployFailed(
                f"There is no release of {stack} before the one in force in the stage {self.stage.name}."
            )
        self.report(f"{self._name(stack)}: back to release {before.number} of {before.deployed_at}")
        self._make(replace(before, number=past[-1].number + 1, deployed_at=_now()), releases)

    def _make(self, release: Release, releases: Releases) -> None:
        """Show a release's differences, make it, keep its record."""
        name = self._name(release.stack)
        change_sets = ChangeSets(self.account.stacks)
        prepared = change_sets.prepare(
            name,
            template_url=self.account.url(releases.bucket, release.template),
            parameters=release.parameters,
        )
        if not prepared.changes:
            self.report(f"{name}: unchanged")
            return
        self._show(prepared, release, releases)
        if not self.agree(f"Deploy these changes to {name}?"):
            change_sets.discard(prepared)
            raise NotAgreed
        change_sets.execute(prepared)
        releases.keep(release)
        self.report(f"{name}: {'created' if prepared.is_new else 'updated'}, release {release.number}")

    def _show(self, prepared: ChangeSet, release: Release, releases: Releases) -> None:
        """Report resources, parameters and packages that differ from the release in force."""
        past = releases.all(release.stack)
        before = past[-1] if past else None
        self.report(f"{prepared.stack}: {'will be created' if prepared.is_new else 'will change'}")
        for change in prepared.changes:
            self.report(str(change))
        if before is not None:
            for line in _differences("parameter", before.parameters, release.parameters):
                self.report(line)
            for line in _differences("package", before.packages, release.packages):
                self.report(line)

    def _release(self, name: str, template: Template, releases: Releases) -> Release:
        """Upload what a deployment of the checkout would be made of."""
        document, archives = self._packaged(name, template, releases.bucket)
        for archive in {archive.key: archive for archive in archives.values()}.values():
            self._put(releases.bucket, archive.key, archive.body)
        try:
            translated = translate(document, region=self.account.region, given=self._parameters())
        except InvalidTemplate as error:
            raise DeployFailed(f"{template.path.name} is not a valid template. {error}") from error
        body = json.dumps(translated, sort_keys=True).encode()
        key = f"templates/{name}-{hashlib.sha256(body).hexdigest()}.json"
        self._put(releases.bucket, key, body)
        past = releases.all(name)
        number = past[-1].number + 1 if past else 1
        packages = {logical_id: archive.key for logical_id, archive in archives.items()}
        values = template.values(self.stage.name, self._parameters())
        return Release(number, name, key, packages, values, of=number, deployed_at=_now())

    def _packaged(self, name: str, template: Template, bucket: str) -> tuple[Document, dict[str, Archive]]:
        document: Document = json.loads(json.dumps(template.document))
        archives: dict[str, Archive] = {}
        by_folder: dict[str, Archive] = {}
        for logical_id, resource in document["Resources"].items():
            if resource["Type"] == "AWS::Serverless::Function":
                folder = Path(code_folder(document, resource)).name
                by_folder.setdefault(folder, self._archive(str(CODE[name]), folder))
                archives[logical_id] = by_folder[folder]
                resource["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": by_folder[folder].key}
        return document, archives

    def _archive(self, layer: str, folder: str) -> Archive:
        if self.stage.code == "sources":
            return layer_archive(layer, root=self.checkout)
        return package_archive(folder, self.checkout / "build")

    def _parameters(self) -> dict[str, str]:
        """Return the stage's parameters; packages bring the runtime that they were built for."""
        runtime = built(self.checkout / "build").parameters if self.stage.code == "build" else {}
        return {**self.stage.parameters, **runtime}

    def _put(self, bucket: str, key: str, body: bytes) -> None:
        """Upload an object named by its content, unless it is there."""
        try:
            self.account.s3.head_object(Bucket=bucket, Key=key)
        except ClientError:
            self.account.s3.put_object(Bucket=bucket, Key=key, Body=body)

    def _name(self, stack: str) -> str:
        return f"strata-{self.stage.name}-{stack}"


def refuse_breaking_contracts(checkout: Path = ROOT) -> None:
    """Refuse a deployment whose contracts the other layer's last release would not survive.

    Args:
        checkout: the sources that would be deployed.

    Raises:
        DeployFailed: names each break.
    """
    found = breaks(contracts(RELEASED), contracts(checkout / CONTRACTS.relative_to(ROOT)))
    if found:
        raise DeployFailed("The other layer's last release would break. " + " | ".join(found))


def known(stacks: Sequence[str]) -> None:
    """Refuse names of stacks that do not exist.

    Raises:
        DeployFailed: names them and those that do.
    """
    unknown = sorted(set(stacks) - set(STACKS))
    if unknown:
        raise DeployFailed(f"There is no stack {', '.join(unknown)}; there are {', '.join(STACKS)}.")


def _differences(kind: str, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return [
        f"  ~ {kind} {name}: {before.get(name, '(default)')} -> {after.get(name, '(default)')}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
