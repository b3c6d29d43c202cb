"""Writes docs/packages.md: how large each function's package is, and how long its import takes on this machine.

    make package && python -m benchmarks.packages

Sizes are those of what `make package` built. Imports are measured on packages for this machine, built beside them.
"""

import platform
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import machine_line
from infra.deployment.import_times import import_cpu_s
from infra.deployment.package import build, functions
from infra.deployment.packages import LIMIT_BYTES, budgets, built, most_import_cpu_s
from infra.deployment.templates import ROOT, STACKS, code_folder, committed

HERE = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
FILE = ROOT / "docs" / "packages.md"


def handlers() -> dict[str, set[str]]:
    """Return the handlers of each package: name of the build folder to modules with their function."""
    found: dict[str, set[str]] = {}
    for stack in STACKS:
        document = committed(stack).document
        for resource in document["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                folder = Path(code_folder(document, resource)).name
                found.setdefault(folder, set()).add(resource["Properties"]["Handler"])
    return found


def import_times() -> dict[str, float]:
    """Build every package for this machine and return the CPU seconds of its slowest import."""
    times = {}
    with TemporaryDirectory(prefix="strata-packages-") as place:
        for name, layer in functions().items():
            build(name, layer, architecture=HERE, python=PYTHON, folder=Path(place), most_bytes=sys.maxsize)
            times[name] = max(import_cpu_s(Path(place) / name, handler) for handler in handlers()[name])
            sys.stdout.write(f"{name}: {times[name]:.2f} s\n")
    return times


def main() -> int:
    """Write the page."""
    everything, allowed, times = built(), budgets(), import_times()
    rows = [
        f"| `{name}` | {package.unzipped_bytes / 1e6:.1f} | {allowed[name] / 1e6:.0f} | {package.zip_bytes / 1e6:.1f} "
        f"| {times[name]:.2f} |"
        for name, package in everything.functions.items()
    ]
    FILE.write_text(
        f"""# Packages

`make package` makes one zip per function in `build/`, for Python {everything.python} on {everything.architecture}
unless `RUNTIME=` and `ARCH=` say otherwise: the layer's sources and its own locked dependencies, from wheels whose
hashes are in `infra/requirements`, without what no function imports. The same sources and locks make the same bytes.
`strata deploy` ships them under their SHA-256, and sets the runtime and the architecture that they were built for.

A package over its budget (`infra/packages.toml`) fails the build; Lambda takes {LIMIT_BYTES / 1e6:.0f} MB unzipped.
`tests/integration/test_packages.py` builds all of them for the machine that it runs on, unpacks each alone, has it
handle its samples of `events/` with no other package in reach, and fails where an import takes more than
{most_import_cpu_s()} s of CPU.

| function | MB unzipped | budget | MB zipped | CPU s of the import |
|---|---|---|---|---|
{chr(10).join(rows)}

Imports as on a cold start, without bytecode, of the packages for {HERE} and Python {PYTHON}: {machine_line()}.
Written by `python -m benchmarks.packages`.
"""
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
