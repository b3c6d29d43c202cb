"""Change sets: what a deployment would do to a stack, known before it is done."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import ClientError

from infra.deployment.stacks import DeployFailed, Stack, Stacks

CAPABILITIES: Any = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
KEEPS_DATA = frozenset({"AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::Cognito::UserPool"})
_SIGNS = {"Add": "+", "Modify": "~", "Remove": "-", "Import": "<"}
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Change:
    """What would happen to one resource.

    Attributes:
        action: `Add`, `Modify`, `Remove`, `Import`.
        replaces: whether the resource is made anew: `True`, `False`, `Conditional`, empty where it is not modified.
    """

    action: str
    logical_id: str
    type: str
    replaces: str

    @property
    def endangers_data(self) -> bool:
        """It takes away, or makes anew, a resource that holds people's data."""
        gone = self.action == "Remove" or (self.action == "Modify" and self.replaces == "True")
        return gone and self.type in KEEPS_DATA

    def __str__(self) -> str:
        """One line of a diff."""
        replaced = {"True": " (made anew)", "Conditional": " (perhaps made anew)"}.get(self.replaces, "")
        warning = " !! holds data" if self.endangers_data else ""
        return f"  {_SIGNS.get(self.action, '?')} {self.logical_id} {self.type}{replaced}{warning}"


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """A prepared deployment of one stack; nothing has happened yet."""

    id: str
    stack: str
    is_new: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class ChangeSets:
    """The change sets of one account and region."""

    stacks: Stacks

    def prepare(self, name: str, *, template_url: str, parameters: Mapping[str, str]) -> ChangeSet:
        """Let CloudFormation work out what a deployment would change; an empty one changes nothing.

        Args:
            name: of the stack.
            template_url: where the translated template lies in S3.
            parameters: values by name.

        Raises:
            DeployFailed: CloudFormation refused the template or a parameter.
        """
        found = self.stacks.find(name)
        if found is not None and found.is_wreck:
            self.stacks.delete(name)
            found = None
        kind: Literal["UPDATE", "CREATE"] = "UPDATE" if found else "CREATE"
        try:
            created = self.stacks.client.create_change_set(
                StackName=name,
                ChangeSetName=f"deploy-{time.time_ns()}",
                ChangeSetType=kind,
                TemplateURL=template_url,
                Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
                Capabilities=CAPABILITIES,
            )
        except ClientError as error:
            raise DeployFailed(f"The stack {name} was refused: {error.response['Error']['Message']}") from error
        return self._prepared(created["Id"], name, is_new=found is None)

    def execute(self, prepared: ChangeSet) -> Stack:
        """Do what was prepared and wait; on a failure CloudFormation has put back what was there before.

        Raises:
            DeployFailed: names each resource that failed, and why.
        """
        seen = set() if prepared.is_new else self.stacks.seen_events(prepared.stack)
        self.stacks.client.execute_change_set(ChangeSetName=prepared.id)
        return self.stacks.wait(prepared.stack, seen)

    def discard(self, prepared: ChangeSet) -> None:
        """Forget what was prepared, and the empty stack that a first deployment's change set makes."""
        with suppress(ClientError):  # CloudFormation may have cleaned up by itself
            self.stacks.client.delete_change_set(ChangeSetName=prepared.id)
        if prepared.is_new:
            self.stacks.delete(prepared.stack)

    def _prepared(self, identifier: str, name: str, *, is_new: bool) -> ChangeSet:
        deadline = time.monotonic() + self.stacks.timeout_s
        while time.monotonic() < deadline:
            described = self.stacks.client.describe_change_set(ChangeSetName=identifier)
            if described["Status"] == "CREATE_COMPLETE":
                return ChangeSet(identifier, name, is_new, self._changes(identifier))
            if described["Status"] == "FAILED":
                empty = ChangeSet(identifier, name, is_new, ())
                self.discard(empty)
                if _is_without_changes(described.get("StatusReason", "")):
                    return empty
                raise DeployFailed(f"The stack {name} was refused: {described.get('StatusReason', 'no reason given')}")
            time.sleep(_POLL_S)
        raise DeployFailed(f"The change set of {name} was not ready within {self.stacks.timeout_s:.0f} s.")

    def _changes(self, identifier: str) -> tuple[Change, ...]:
        pages = self.stacks.client.get_paginator("describe_change_set").paginate(ChangeSetName=identifier)
        found = [item["ResourceChange"] for page in pages for item in page["Changes"]]
        return tuple(
            Change(one["Action"], one["LogicalResourceId"], one["ResourceType"], one.get("Replacement", ""))
            for one in found
        )


def _is_without_changes(reason: str) -> bool:
    # CloudFormation has no code of its own for this, only these two sentences.
    return "didn't contain changes" in reason or "No updates are to be performed" in reason
