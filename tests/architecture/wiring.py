"""The stacks as translated, with what rules ask of them: resources by type, neighbours followed, rights."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from infra.deployment.templates import STACKS, committed, translate, with_code

Document = dict[str, Any]


@dataclass(frozen=True)
class Wiring:
    """The stacks, translated to plain CloudFormation."""

    stacks: dict[str, Document]

    @classmethod
    def committed(cls) -> "Wiring":
        packaged = {name: with_code(committed(name).document, "code", "key") for name in STACKS}
        return cls({name: translate(document, region="us-east-1") for name, document in packaged.items()})

    def of(self, stack: str, logical_id: str) -> Document:
        """Return a resource's properties."""
        properties: Document = self.stacks[stack]["Resources"][logical_id]["Properties"]
        return properties

    def of_type(self, kind: str) -> Iterator[tuple[str, str, Document]]:
        """Yield (stack, logical id, properties)."""
        for stack, document in self.stacks.items():
            for logical_id, resource in document["Resources"].items():
                if resource["Type"] == f"AWS::{kind}":
                    yield stack, logical_id, resource["Properties"]

    @cached_property
    def written(self) -> dict[str, Document]:
        """What every SSM parameter's name stands for, by `<stack>/<name>`."""
        found = {}
        for stack, _, properties in self.of_type("SSM::Parameter"):
            name = properties["Name"]["Fn::Sub"]
            found[name.removeprefix("/strata/${Stage}/")] = {"stack": stack, "value": properties["Value"]}
        return found

    def queue(self, stack: str, reference: Document) -> tuple[str, Document]:
        """Follow a reference, through a neighbour's parameter where needed, to the queue."""
        if "Ref" in reference and reference["Ref"] in self.stacks[stack]["Parameters"]:
            default = self.stacks[stack]["Parameters"][reference["Ref"]]["Default"]
            entry = self.written[default.removeprefix("/strata/dev/")]
            return self.queue(entry["stack"], entry["value"])
        logical_id = reference["Fn::GetAtt"][0] if "Fn::GetAtt" in reference else reference["Ref"]
        return logical_id, self.stacks[stack]["Resources"][logical_id]["Properties"]

    def statements(self, stack: str, role: str) -> Iterator[Document]:
        """Yield what a role allows, conditional and managed policies included."""
        resources = self.stacks[stack]["Resources"]
        properties = resources[role]["Properties"]
        for policy in properties["Policies"]:
            yield from policy["PolicyDocument"]["Statement"]
        for managed in properties.get("ManagedPolicyArns", []):
            logical_id = managed["Fn::If"][1]["Ref"]
            yield from resources[logical_id]["Properties"]["PolicyDocument"]["Statement"]

    def rights(self, role: str) -> str:
        """Everything that a role may do, as text to search in."""
        stack = next(stack for stack, document in self.stacks.items() if role in document["Resources"])
        return json.dumps(list(self.statements(stack, role)))
