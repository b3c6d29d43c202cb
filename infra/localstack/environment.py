"""LocalStack's own virtual environment, built once from the committed lock file and kept in Strata's cache.

It is kept apart since LocalStack pins boto3. Its folder is named by the digest of the lock file and of our plugin, so
that a change of either builds a new one.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from infra.local.bootstrap import installer_environment
from infra.local.models.cache import cache_folder

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "infra" / "requirements" / "localstack.txt"
PLUGIN = Path(__file__).parent / "plugin"
PYTHON_VERSION = "3.11"
STAMP = "strata-environment.txt"


class LocalStackNotPossible(Exception):
    """LocalStack cannot be installed or started; the message says what to do."""


def digest() -> str:
    """Identify the environment by all that goes into it."""
    found = hashlib.sha256(PYTHON_VERSION.encode())
    for part in (LOCK, PLUGIN / "pyproject.toml", *sorted((PLUGIN / "strata_localstack").glob("*.py"))):
        found.update(part.name.encode() + b"\0" + part.read_bytes())
    return found.hexdigest()


def python() -> Path:
    """Build the environment unless it is there, and return its interpreter.

    Raises:
        LocalStackNotPossible: a package or the interpreter cannot be had.
    """
    wanted = digest()
    folder = cache_folder() / "localstack" / wanted[:16]
    stamp = folder / STAMP
    if not (stamp.exists() and stamp.read_text() == wanted):
        print(f"Installing LocalStack into {folder} (once) ...", flush=True)
        _build(folder)
        stamp.write_text(wanted)
    return folder / "bin" / "python"


def _build(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    interpreter = folder / "bin" / "python"
    _uv("venv", "--python", PYTHON_VERSION, folder)
    _uv("pip", "install", "--python", interpreter, "--require-hashes", "-r", LOCK)
    source = folder / "plugin"  # a build leaves its traces beside the source
    shutil.copytree(PLUGIN, source, ignore=shutil.ignore_patterns("__pycache__"))
    _uv("pip", "install", "--python", interpreter, "--no-deps", "--no-build-isolation", source)


def _uv(*arguments: str | Path) -> None:
    """Run uv; it takes an installed Python 3.11 and gets one where there is none."""
    environment = {**installer_environment(), "UV_PYTHON_DOWNLOADS": "automatic"}
    command = [sys.executable, "-m", "uv", "--quiet", *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LocalStackNotPossible(
            f"LocalStack could not be installed. Is a package index reachable, and Python {PYTHON_VERSION} to be had?\n"
            + done.stderr[-2000:]
        )
