"""CloudFormation stacks: create, update, wait, and say what failed and why."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

DIGEST = "StrataDigest"
_BEYOND_UPDATE = frozenset(
    {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"}
)
_SUCCEEDED = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE", "IMPORT_COMPLETE"})
_POLL_S = 0.1


class DeployFailed(Exception):
    """A stack could not be brought to the wanted state; the message names the resource and the reason."""


@dataclass(frozen=True, slots=True)
class Stack:
    """What CloudFormation says of a stack.

    Attributes:
        status: e.g. `CREATE_COMPLETE`.
        parameters: the values in force; of a neighbour's value what it was at the last deployment.
        outputs: by name.
        digest: of what it was made from; empty when unknown.
    """

    name: str
    status: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]
    digest: str

    @property
    def is_sound(self) -> bool:
        """The last operation succeeded."""
        return self.status in _SUCCEEDED

    @property
    def is_wreck(self) -> bool:
        """Its creation failed: it can only be deleted."""
        return self.status in _BEYOND_UPDATE


@dataclass(frozen=True, slots=True)
class Stacks:
    """The stacks of one account and region.

    Attributes:
        client: the CloudFormation client.
        timeout_s: how long one operation may take.
    """

    client: "CloudFormationClient"
    timeout_s: float = 300.0

    def find(self, name: str) -> Stack | None:
        """Return the stack, None when there is none."""
        described = self._describe(name)
        if described is None or described["StackStatus"] == "DELETE_COMPLETE":
            return None
        return Stack(
            name=name,
            status=described["StackStatus"],
            parameters={
                item["ParameterKey"]: item.get("ResolvedValue", item["ParameterValue"])
                for item in described.get("Parameters", [])
            },
            outputs={item["OutputKey"]: item["OutputValue"] for item in described.get("Outputs", [])},
            digest=self._digest(name),
        )

    def apply(self, name: str, *, template_url: str, parameters: Mapping[str, str]) -> Stack:
        """Create the stack, or update it where it exists, and wait for the end.

        Args:
            name: of the stack.
            template_url: where the translated template lies in S3.
            parameters: values by name; an update falls back to the template's default for those left out.

        Raises:
            DeployFailed: CloudFormation refused or rolled back.
        """
        found = self.find(name)
        if found is not None and found.is_wreck:
            self.delete(name)
            found = None
        request: dict[str, Any] = {
            "StackName": name,
            "TemplateURL": template_url,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        }
        seen = self.seen_events(name) if found else set()
        try:
            operation = self.client.update_stack if found else self.client.create_stack
            operation(**request)
        except ClientError as error:
            if _is_nothing_to_do(error):
                return self._existing(name)
            raise DeployFailed(f"The stack {name} was refused: {error.response['Error']['Message']}") from error
        return self.wait(name, seen)

    def import_resources(self, name: str, *, template: Mapping[str, Any], identifiers: list[Any]) -> None:
        """Make a stack of resources that exist already.

        Args:
            name: of the new stack.
            template: only these resources, each with its deletion policy.
            identifiers: which existing resource each of them is, as CloudFormation's `ResourcesToImport`.

        Raises:
            DeployFailed: a resource was not taken.
        """
        created = self.client.create_change_set(
            StackName=name,
            ChangeSetName="adopt",
            ChangeSetType="IMPORT",
            TemplateBody=json.dumps(template),
            ResourcesToImport=identifiers,
        )
        deadline = time.monotonic() + self.timeout_s
        while time.monotonic() < deadline:
            change_set = self.client.describe_change_set(ChangeSetName=created["Id"])
            if change_set["Status"] == "CREATE_COMPLETE":
                self.client.execute_change_set(ChangeSetName=created["Id"])
                self.wait(name, set())
                return
            if change_set["Status"] == "FAILED":
                break
            time.sleep(_POLL_S)
        raise DeployFailed(f"The stack {name} could not take over what exists: {change_set.get('StatusReason', '')}")

    def delete(self, name: str) -> None:
        """Delete a stack and wait; what holds data stays, by its deletion policy."""
        self.client.delete_stack(StackName=name)
        self._until_at_rest(name)

    def seen_events(self, name: str) -> set[str]:
        """Return the ids of a stack's events so far, to tell those of the next operation apart."""
        return {event["EventId"] for event in self._events(name)}

    def wait(self, name: str, seen: set[str]) -> Stack:
        """Wait for the end of the operation under way.

        Args:
            name: of the stack.
            seen: ids of the events before the operation.

        Raises:
            DeployFailed: it failed; the message names each resource with the reason.
        """
        status = self._until_at_rest(name)
        if status in _SUCCEEDED:
            return self._existing(name)
        failures = [
            f"{event['LogicalResourceId']} ({event['ResourceType']}): {event.get('ResourceStatusReason', 'no reason')}"
            for event in self._events(name)
            if event["EventId"] not in seen
            and event["ResourceStatus"].endswith("_FAILED")
            and "cancelled" not in event.get("ResourceStatusReason", "").lower()
        ]
        raise DeployFailed(f"The stack {name} could not be deployed ({status}). " + " | ".join(reversed(failures)))

    def _until_at_rest(self, name: str) -> str:
        deadline = time.monotonic() + self.timeout_s
        while time.monotonic() < deadline:
            described = self._describe(name)
            status = described["StackStatus"] if described else "DELETE_COMPLETE"
            if not status.endswith("_IN_PROGRESS"):
                return str(status)
            time.sleep(_POLL_S)
        raise DeployFailed(f"The stack {name} did not come to rest within {self.timeout_s:.0f} s.")

    def _existing(self, name: str) -> Stack:
        found = self.find(name)
        if found is None:
            raise DeployFailed(f"The stack {name} vanished while it was being deployed.")
        return found

    def _describe(self, name: str) -> Any | None:
        try:
            return self.client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationError":  # the one code CloudFormation has for "not there"
                return None
            raise

    def _digest(self, name: str) -> str:
        body: Any = self.client.get_template(StackName=name, TemplateStage="Original").get("TemplateBody", "")
        document = json.loads(body) if isinstance(body, str) and body.startswith("{") else body
        return str(document.get("Metadata", {}).get(DIGEST, "")) if isinstance(document, dict) else ""

    def _events(self, name: str) -> Iterator[Any]:
        for page in self.client.get_paginator("describe_stack_events").paginate(StackName=name):
            yield from page["StackEvents"]


def _is_nothing_to_do(error: ClientError) -> bool:
    # CloudFormation has no code of its own for this, only the sentence.
    return "No updates are to be performed" in error.response["Error"]["Message"]
