"""The cache outside the checkout: where it is, who may write, what counts as whole."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from infra.local.models.errors import ModelSetupFailed
from infra.local.models.recipe import Recipe

DESCRIPTION_FILE = "model.json"
READ_BYTES = 1 << 20
SPARE_BYTES = 200 * 1024**2


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return `$STRATA_CACHE`, else `$XDG_CACHE_HOME/strata`, else `~/.cache/strata`."""
    if environ.get("STRATA_CACHE"):
        return Path(environ["STRATA_CACHE"]).expanduser()
    if environ.get("XDG_CACHE_HOME"):
        return Path(environ["XDG_CACHE_HOME"]) / "strata"
    return Path(environ.get("HOME") or Path.home()) / ".cache" / "strata"


def sha256_of(path: Path) -> str:
    """Return the hash of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(READ_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def is_whole(folder: Path, name: str, recipe: Recipe) -> bool:
    """Does the folder hold exactly what the catalogue pins, every byte of it?"""
    description = folder / DESCRIPTION_FILE
    if not description.is_file() or description.read_bytes() != recipe.description(name).encode():
        return False
    return all(
        (folder / file).is_file() and sha256_of(folder / file) == pinned.sha256 for file, pinned in recipe.files.items()
    )


@contextmanager
def only_builder(models: Path, name: str) -> Iterator[None]:
    """Let one process at a time build a model; the others wait, and the lock of a killed one falls by itself."""
    models.mkdir(parents=True, exist_ok=True)
    with (models / f".{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for abandoned in models.glob(f".building-{name}-*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        yield


def place(target: Path, name: str, fill: Callable[[Path], None]) -> None:
    """Fill a temporary folder and give it its final name in one step, instead of what may be there."""
    building = Path(mkdtemp(prefix=f".building-{name}-", dir=target.parent))
    try:
        fill(building)
        building.chmod(0o755)  # mkdtemp makes it private; another user of a shared cache may read models
        if target.exists():
            target.rename(building.with_name(f"{building.name}-replaced"))
        building.rename(target)
    finally:
        shutil.rmtree(building, ignore_errors=True)
        shutil.rmtree(building.with_name(f"{building.name}-replaced"), ignore_errors=True)


def check_space(folder: Path, needed_bytes: int) -> None:
    """Refuse early what would fail late.

    Raises:
        ModelSetupFailed: the disk that holds the cache is too full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed_bytes + SPARE_BYTES:
        raise ModelSetupFailed(
            f"The model needs {(needed_bytes + SPARE_BYTES) / 1e6:.0f} MB under {folder}, and {free / 1e6:.0f} MB are "
            "free. Free some space, or set STRATA_CACHE to a folder on a larger disk, and run the command again."
        )
