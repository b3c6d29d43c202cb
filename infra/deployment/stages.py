"""What each installation is deployed with: one committed file, `infra/stages.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.deployment.stacks import DeployFailed
from infra.deployment.templates import ROOT, STACKS, committed

FILE = ROOT / "infra" / "stages.toml"
CODES = ("build", "sources")


@dataclass(frozen=True, slots=True)
class Stage:
    """One installation.

    Attributes:
        name: part of every name in the account.
        code: `build` ships what `make package` made, `sources` the layers' sources alone.
        parameters: values by the parameter names of whichever templates declare them.
    """

    name: str
    code: str
    parameters: Mapping[str, str]


def stage(name: str, *, file: Path = FILE) -> Stage:
    """Read one installation.

    Args:
        name: as the file spells it.
        file: where the stages are written down.

    Raises:
        DeployFailed: the file has no such stage, or says of it what no template understands.
    """
    stages = tomllib.loads(file.read_text())
    if name not in stages:
        raise DeployFailed(f"{file.name} has no stage {name!r}; it has {', '.join(sorted(stages))}.")
    found = Stage(name, stages[name].get("code", "build"), stages[name].get("parameters", {}))
    if found.code not in CODES:
        raise DeployFailed(f"The stage {name} has the code {found.code!r}; it can be {' or '.join(CODES)}.")
    known = {parameter for stack in STACKS for parameter in committed(stack).parameters} - {"Stage"}
    wrong = [key for key, value in found.parameters.items() if key not in known or not isinstance(value, str)]
    if wrong:
        raise DeployFailed(
            f"The stage {name} sets {', '.join(sorted(wrong))}: no template declares that, or the value is not a text."
        )
    return found
