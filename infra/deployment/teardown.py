"""Take an installation down without losing anything: refused, with the reasons, where something would be lost."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from infra.deployment.account import Account
from infra.deployment.change_sets import KEEPS_DATA
from infra.deployment.rollout import Agree, NotAgreed, Report, known
from infra.deployment.stacks import DeployFailed
from infra.deployment.templates import NEIGHBOUR_TYPE, STACKS, committed

_RETAINING = frozenset({"Retain", "RetainExceptOnCreate"})
_COUNTS: Any = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


@dataclass(frozen=True, slots=True)
class Survey:
    """What a teardown of one stack would do.

    Attributes:
        name: the stack's full name.
        lost: one sentence for each thing that would be gone for good.
        kept: one line for each thing that stays behind, with what it holds.
    """

    name: str
    lost: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Teardown:
    """The end of an installation's stacks.

    Attributes:
        account: where they are.
        stage: the installation's name.
        report: told one line at a time.
        agree: asked once it is known what stays behind.
    """

    account: Account
    stage: str
    report: Report
    agree: Agree

    def run(self, stacks: Sequence[str] = STACKS, *, lose_data: bool = False) -> None:
        """Delete stacks, the last deployed first.

        Args:
            stacks: some of `STACKS`; every stack that reads from one of them must be among them, or gone.
            lose_data: go on although something would be lost.

        Raises:
            DeployFailed: something would be lost, or a stack that stays still needs one of these.
            NotAgreed: the person said no.
        """
        known(stacks)
        chosen = [name for name in reversed(STACKS) if name in stacks and self._exists(name)]
        self._refuse_needed(chosen)
        surveys = [self.survey(name) for name in chosen]
        lost = [sentence for survey in surveys for sentence in survey.lost]
        if lost and not lose_data:
            raise DeployFailed("Nothing was taken down, because data would be lost: " + " ".join(lost))
        for survey in surveys:
            self.report(f"{survey.name}: will be deleted")
            for line in survey.kept:
                self.report(f"  = {line}")
        for sentence in lost:
            self.report(f"  !! {sentence}")
        if not chosen:
            self.report(f"There is nothing of the stage {self.stage} to take down.")
        elif not self.agree(f"Delete {len(chosen)} stacks of the stage {self.stage}?"):
            raise NotAgreed
        for survey in surveys:
            self.account.stacks.delete(survey.name)
            self.report(f"{survey.name}: deleted")

    def survey(self, stack: str) -> Survey:
        """Find what a stack holds, and what of it its deletion would lose."""
        name = self._name(stack)
        policies = self._policies(name)
        lost, kept = [], []
        pages = self.account.stacks.client.get_paginator("list_stack_resources").paginate(StackName=name)
        for resource in (item for page in pages for item in page["StackResourceSummaries"]):
            place, kind = resource.get("PhysicalResourceId", ""), resource["ResourceType"]
            if kind == "AWS::SQS::Queue":
                waiting = self._waiting(place)
                if waiting:
                    lost.append(f"{waiting} messages wait in {place.rsplit('/', 1)[-1]}.")
            elif kind in KEEPS_DATA and policies.get(resource["LogicalResourceId"]) in _RETAINING:
                kept.append(f"{place} ({kind}) stays with what it holds")
            elif kind in KEEPS_DATA:
                lost.append(f"{place} ({kind}) has no deletion policy that keeps it.")
        return Survey(name, tuple(lost), tuple(kept))

    def _refuse_needed(self, chosen: Sequence[str]) -> None:
        if not chosen:
            return
        first = min(STACKS.index(name) for name in chosen)
        needing = [name for name in STACKS[first:] if name not in chosen and self._exists(name)]
        readers = [name for name in needing if any(_reads(name, one) for one in chosen)]
        if readers:
            raise DeployFailed(
                f"The stacks {', '.join(readers)} still read from what would be deleted; take them down too, or first."
            )

    def _policies(self, name: str) -> dict[str, str]:
        body: Any = self.account.stacks.client.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
        document = json.loads(body) if isinstance(body, str) else body
        return {key: resource.get("DeletionPolicy", "") for key, resource in document["Resources"].items()}

    def _waiting(self, url: str) -> int:
        counts = self.account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_COUNTS))["Attributes"]
        return sum(int(counts.get(name, 0)) for name in _COUNTS)

    def _exists(self, stack: str) -> bool:
        return self.account.stacks.find(self._name(stack)) is not None

    def _name(self, stack: str) -> str:
        return f"strata-{self.stage}-{stack}"


def _reads(stack: str, other: str) -> bool:
    """Does a stack's template read what another stack wrote into SSM?"""
    declared = committed(stack).parameters.values()
    return any(one["Type"] == NEIGHBOUR_TYPE and str(one["Default"]).split("/")[3] == other for one in declared)
