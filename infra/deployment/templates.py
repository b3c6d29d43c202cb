"""The SAM templates: reading, pointing functions at their code, translating to plain CloudFormation."""

import copy
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("contracts", "sockets", "application", "ml", "recognition", "dashboard")
"""The stacks in the order of their deployment."""
CODE = {
    "contracts": None,
    "sockets": "application",
    "application": "application",
    "ml": "ml",
    "recognition": "ml",
    "dashboard": None,
}
"""Which layer's code the functions of a stack run."""

NEIGHBOUR_TYPE = "AWS::SSM::Parameter::Value<String>"
Document = dict[str, Any]
_CANARY = frozenset({"Canary", "CanaryType"})
_ANY = "x-amazon-apigateway-any-method"
_METHODS = ("get", "post", "put", "patch", "delete")


class InvalidTemplate(Exception):
    """The template cannot be translated; the message names each resource and what is wrong with it."""


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms: `!Ref X` becomes {"Ref": "X"}, `!Sub` and the others {"Fn::Sub": ...}."""


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, object]:
    if isinstance(node, yaml.ScalarNode):
        value: object = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _intrinsic)


def read(path: Path) -> Document:
    """Read a template, short forms expanded."""
    document: Document = yaml.load(path.read_text(), Loader=_Loader)  # noqa: S506 - a SafeLoader with intrinsics
    return document


@dataclass(frozen=True)
class Template:
    """One committed template.

    Attributes:
        name: one of `STACKS`.
        path: where it lies.
    """

    name: str
    path: Path

    @cached_property
    def document(self) -> Document:
        """The template as written, short forms expanded."""
        return read(self.path)

    @property
    def parameters(self) -> Mapping[str, Document]:
        """The declared parameters by name."""
        declared: Mapping[str, Document] = self.document.get("Parameters", {})
        return declared

    def values(self, stage: str, given: Mapping[str, str]) -> dict[str, str]:
        """Fill the parameters: those given, and for a neighbour's value the name it was written under.

        Args:
            stage: the installation.
            given: values by parameter name; names that this template does not declare are left out.

        Returns:
            Every value that is not the template's own default.
        """
        own = self.parameters["Stage"]["Default"]
        neighbours = {
            name: declared["Default"].replace(f"/strata/{own}/", f"/strata/{stage}/", 1)
            for name, declared in self.parameters.items()
            if declared["Type"] == NEIGHBOUR_TYPE
        }
        return {
            **neighbours,
            **{name: value for name, value in given.items() if name in self.parameters},
            "Stage": stage,
        }

    def digest(self, code: str) -> str:
        """Identify what a deployment would make of this template with this code: 64 hex digits."""
        parts = (self.path.read_text(), code, version("aws-sam-translator"))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def committed(name: str) -> Template:
    """Return one of the committed templates."""
    return Template(name, ROOT / "infra" / f"{name}.yaml")


def code_folder(document: Document, function: Document) -> str:
    """Return where a function's code lies, its own CodeUri or that of the template's Globals."""
    shared = document.get("Globals", {}).get("Function", {})
    return str(function["Properties"].get("CodeUri") or shared["CodeUri"])


def with_code(document: Document, bucket: str, key: str) -> Document:
    """Point every function at an object in S3, as `sam package` does with what it uploaded."""
    packaged = copy.deepcopy(document)
    for resource in packaged["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": key}
    return packaged


def translate(document: Document, *, region: str, given: Mapping[str, str] | None = None) -> Document:
    """Turn a SAM template into plain CloudFormation.

    CloudFormation gives its SAM macro the parameters' values; the translator alone would put in their defaults, which
    for a neighbour's value is only the name it was written under. So the defaults are hidden from it, and the result
    keeps its references for CloudFormation to resolve.

    Args:
        document: the template, short forms expanded.
        region: where it will be deployed.
        given: values by parameter name; only `Canary` and `CanaryType` shape the translation itself.

    Returns:
        A new document without the transform. Where `Canary` is not "true" it has neither aliases nor CodeDeploy, which
        not every engine has.

    Raises:
        InvalidTemplate: a resource is not what SAM understands.
    """
    import boto3
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    source: Document = json.loads(json.dumps(document))
    declared = source.get("Parameters", {})
    source["Parameters"] = {name: {"Type": parameter["Type"]} for name, parameter in declared.items()}
    canary = {name: value for name, value in (given or {}).items() if name in _CANARY and name in declared}
    if canary.get("Canary") == "true":
        canary.setdefault("CanaryType", str(declared["CanaryType"]["Default"]))
    else:
        _publish_at_once(source)
        canary = {}
    session = boto3.session.Session(region_name=region)
    try:
        translated: Document = Translator({}, Parser(), None, session).translate(source, canary)
    except InvalidDocumentException as error:
        raise InvalidTemplate(" | ".join(cause.message for cause in error.causes) or error.message) from error
    _name_methods(translated)
    return {**translated, "Parameters": declared}


def _publish_at_once(document: Document) -> None:
    for resource in document["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            for name in ("AutoPublishAlias", "DeploymentPreference"):
                resource["Properties"].pop(name, None)


def _name_methods(translated: Document) -> None:
    """Write every method of a path that takes any: not every engine that we deploy to reads SAM's word for that."""
    for resource in translated["Resources"].values():
        if resource["Type"] == "AWS::ApiGateway::RestApi":
            for methods in resource["Properties"]["Body"]["paths"].values():
                operation = methods.pop(_ANY, None)
                if operation is not None:
                    methods.update({method: copy.deepcopy(operation) for method in _METHODS if method not in methods})
