"""Compile the dependency groups of pyproject.toml into the lock files of infra/requirements (`make lock`).

The development set is resolved first and constrains all the others, so that every function is tested with
exactly the versions it ships with. The output carries hashes and names no host.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "infra" / "requirements"
FUNCTIONS = (
    *("api", "projector", "sockets", "ingestion", "embedding", "answering", "evaluation"),
    *("recognition", "reconciliation"),
)


def compile_lock(source: list[str], output: str, *constraints: str) -> None:
    """Compile one lock file with hashes for every platform and Python from 3.11."""
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--python-version",
        "3.11",
    ]
    command += [
        "--generate-hashes",
        "--no-header",
        "--no-emit-index-url",
        *source,
        "-o",
        str(REQUIREMENTS / output),
    ]
    for constraint in constraints:
        command += ["-c", str(REQUIREMENTS / constraint)]
    subprocess.run(command, check=True, cwd=ROOT)


def compile_localstack() -> None:
    """Compile LocalStack's own lock for the one Python that it runs on; it shares no version with the others."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--python-version", "3.11"]
    command += ["--generate-hashes", "--no-header", "--no-emit-index-url", str(REQUIREMENTS / "localstack.in")]
    command += ["-c", str(REQUIREMENTS / "localstack-constraints.txt"), "-o", str(REQUIREMENTS / "localstack.txt")]
    subprocess.run(command, check=True, cwd=ROOT)


def main() -> None:
    """Compile the bootstrap, development, platform, per-function and LocalStack lock files."""
    tomllib.loads((ROOT / "pyproject.toml").read_text())
    compile_lock([str(REQUIREMENTS / "bootstrap.in")], "bootstrap.txt")
    compile_lock(["--group", "development"], "development.txt")
    for group in ("platform", "dashboard", *FUNCTIONS):
        compile_lock(["--group", group], f"{group}.txt", "development.txt")
    compile_localstack()


if __name__ == "__main__":
    main()
