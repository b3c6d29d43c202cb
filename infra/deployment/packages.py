"""What `make package` built: which archives, of what bytes and size, for which runtime; and how large each may be.

`build/packages.json` says it, so that a deployment ships packages only with the runtime that they were built for.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.deployment.archives import ROOT, Archive
from infra.deployment.stacks import DeployFailed

BUILD = ROOT / "build"
BUDGETS = ROOT / "infra" / "packages.toml"
LIMIT_BYTES = 262_144_000
"""Unzipped size of a zip function: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html."""
_NAME = "packages.json"


@dataclass(frozen=True, slots=True)
class Package:
    """One function's archive.

    Attributes:
        sha256: of the zip.
        zip_bytes: its size.
        unzipped_bytes: what Lambda counts.
    """

    sha256: str
    zip_bytes: int
    unzipped_bytes: int


@dataclass(frozen=True, slots=True)
class Built:
    """Everything that was built together.

    Attributes:
        python: the runtime's version, e.g. `3.13`.
        architecture: `arm64` or `x86_64`.
        functions: name to package.
    """

    python: str
    architecture: str
    functions: Mapping[str, Package]

    @property
    def parameters(self) -> dict[str, str]:
        """What a template must be told to run these packages."""
        return {"Runtime": f"python{self.python}", "Architecture": self.architecture}

    def write(self, folder: Path = BUILD) -> None:
        """Keep it beside the packages."""
        (folder / _NAME).write_text(json.dumps(asdict(self), indent=2, sort_keys=True) + "\n")


def built(folder: Path = BUILD) -> Built:
    """Read what was built.

    Raises:
        DeployFailed: nothing was.
    """
    try:
        found = json.loads((folder / _NAME).read_text())
    except FileNotFoundError as error:
        raise DeployFailed("Nothing is built; `make package` builds what the functions run.") from error
    packages = {name: Package(**package) for name, package in found["functions"].items()}
    return Built(found["python"], found["architecture"], packages)


def package_archive(name: str, folder: Path = BUILD) -> Archive:
    """Return one function's archive; its key is `<function>/<SHA-256 of the bytes>.zip`.

    Raises:
        DeployFailed: it is not there, or not what was built.
    """
    known = built(folder).functions.get(name)
    path = folder / f"{name}.zip"
    if known is None or not path.is_file():
        raise DeployFailed(f"There is no build/{name}.zip; `make package` builds what the functions run.")
    body = path.read_bytes()
    if hashlib.sha256(body).hexdigest() != known.sha256:
        raise DeployFailed(f"build/{name}.zip is not what was built. Run `make package` again.")
    return Archive(body, f"{name}/{known.sha256}.zip")


def budgets(file: Path = BUDGETS) -> dict[str, int]:
    """Read how many bytes each function may have when it is unzipped."""
    read = tomllib.loads(file.read_text())["unzipped_mb"]
    return {name: int(megabytes * 1_000_000) for name, megabytes in read.items()}


def most_import_cpu_s(file: Path = BUDGETS) -> float:
    """Read how many seconds of CPU the import of a function may take."""
    return float(tomllib.loads(file.read_text())["most_import_cpu_s"])
