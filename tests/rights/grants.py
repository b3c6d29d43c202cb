"""What the translated templates let each function do, beside what the runtime does on its behalf."""

import fnmatch
import json
import re
from collections.abc import Iterator
from typing import Any

from tests.architecture.wiring import Document, Wiring
from tests.rights.actions import Right

POLLING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
"""Of AWS's managed policy AWSLambdaSQSQueueExecutionRole: what Lambda needs to read a queue for a function."""
LOGGING = ("logs:CreateLogStream", "logs:PutLogEvents")
INDEXED = frozenset({"dynamodb:Query", "dynamodb:Scan"})
"""What can be done with an index; IAM takes every other action on one for granted and for nothing."""
NAMES = {
    "RegistryTable": "registry",
    "ControlTable": "control",
    "StreamsTable": "streams",
    "IdempotencyTable": "idempotency",
    "DocumentsBucket": "documents",
    "ArtifactsBucket": "artifacts",
    "BusName": "bus",
    "SocketsId": "sockets",
    "Sockets": "sockets",
    "MlApi": "ml-api",
}
"""The names of the recorded world, by what the templates call them."""


def granted(wiring: Wiring, function: str) -> set[Right]:
    """Return what a function's role and policies for it allow, without what depends on an installation's choices."""
    stack, role = _role(wiring, function)
    statements = [
        *(one for policy in wiring.of(stack, role)["Policies"] for one in policy["PolicyDocument"]["Statement"]),
        *_from_neighbours(wiring, stack, role),
    ]
    return {right for statement in statements for right in _rights(statement)}


def of_the_runtime(wiring: Wiring, function: str) -> set[Right]:
    """Return what Lambda does in a function's name: it logs, reads queues, and sends what failed away."""
    stack, _ = _role(wiring, function)
    log = wiring.of(stack, function)["LoggingConfig"]["LogGroup"]["Ref"]
    found = {(action, log) for action in LOGGING}
    for other, _, mapping in wiring.of_type("Lambda::EventSourceMapping"):
        if other == stack and mapping["FunctionName"]["Ref"] == function:
            found |= {(action, _resource(mapping["EventSourceArn"])) for action in POLLING}
    for other, _, config in wiring.of_type("Lambda::EventInvokeConfig"):
        if (
            other == stack
            and config["FunctionName"]["Ref"] == function
            and "OnFailure" in config.get("DestinationConfig", {})
        ):
            found.add(("sqs:SendMessage", _resource(config["DestinationConfig"]["OnFailure"]["Destination"])))
    return found


def covers(grant: Right, call: Right) -> bool:
    """Does a grant let a call through?"""
    return grant[0] == call[0] and fnmatch.fnmatchcase(call[1], grant[1])


def _role(wiring: Wiring, function: str) -> tuple[str, str]:
    for stack, name, properties in wiring.of_type("Lambda::Function"):
        if name == function:
            return stack, properties["Role"]["Fn::GetAtt"][0]
    raise LookupError(function)


def _from_neighbours(wiring: Wiring, stack: str, role: str) -> Iterator[Document]:
    """Yield what other stacks attach to the role, whose name they read from its parameter."""
    for other, _, policy in wiring.of_type("IAM::Policy"):
        for reference in policy["Roles"]:
            default = wiring.stacks[other]["Parameters"].get(reference["Ref"], {}).get("Default", "")
            written = wiring.written.get(default.removeprefix("/strata/dev/"), {})
            if (written.get("stack"), written.get("value")) == (stack, {"Ref": role}):
                yield from policy["PolicyDocument"]["Statement"]


def _rights(statement: Document) -> Iterator[Right]:
    prefixes = statement.get("Condition", {}).get("StringLike", {}).get("s3:prefix", [])
    for resource in map(_resource, _listed(statement["Resource"])):
        for action in _listed(statement["Action"]):
            if "/index/" in resource and action not in INDEXED:
                raise AssertionError(f"{action} cannot be done with {resource}")
            if action.startswith("s3:ListBucket"):
                yield from ((action, f"{resource}?{prefix}") for prefix in prefixes)
            else:
                yield action, resource


def _resource(value: Any) -> str:
    """Name what a reference or an ARN points at as the recorded world does."""
    if isinstance(value, dict) and "Fn::GetAtt" in value:
        return _named(value["Fn::GetAtt"][0])
    if isinstance(value, dict) and "Ref" in value:
        return _named(value["Ref"].removesuffix("Arn"))
    text = value["Fn::Sub"] if isinstance(value, dict) else value
    if ":parameter/" in text:
        return "parameter" + str(text).partition(":parameter")[2].replace("${Stage}", "test")
    found = re.search(r"\$\{(?!AWS::)(\w+)\}([^$]*)$", text)
    assert found, json.dumps(value)
    name = _named(found[1])
    return name if name in ("sockets", "ml-api") else name + found[2]


def _named(logical_id: str) -> str:
    """Queues are called in the recorded world as they are in ours, less the word."""
    if logical_id in NAMES:
        return NAMES[logical_id]
    if logical_id.endswith(("Queue", "DeadLetters")):
        return re.sub(r"(?<!^)(?=[A-Z])", "-", logical_id.removesuffix("Queue")).lower()
    return logical_id


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
