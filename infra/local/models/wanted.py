"""Gives the functions of a running platform their models: pointers to the cache, and models that a function asked for.

The folder of models holds `<name>.json` with the path of an installed model, and `<name>.wanted` where a function
looked for one in vain.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

from infra.local.models.build import ensure_model
from infra.local.models.errors import ModelSetupFailed
from infra.local.models.recipe import recipes


def install_model(name: str, models_directory: Path, *, on_progress: Callable[[str], None]) -> Path:
    """Build a model unless it is there, point the folder of models to it and remove the mark that asked for it.

    Args:
        name: as in the catalogue.
        models_directory: the folder that the functions look into; made when missing.
        on_progress: told what happens, in words.

    Returns:
        The folder of the model in the cache.

    Raises:
        ModelSetupFailed: as `ensure_model`.
    """
    folder = ensure_model(name, on_progress=on_progress)
    models_directory.mkdir(parents=True, exist_ok=True)
    pointer = models_directory / f"{name}.json"
    writing = models_directory / f".{name}.{os.getpid()}.writing"
    writing.write_text(json.dumps({"path": str(folder)}), encoding="utf-8")
    writing.replace(pointer)
    (models_directory / f"{name}.wanted").unlink(missing_ok=True)
    return folder


def build_wanted(models_directory: Path, on_progress: Callable[[str], None]) -> list[str]:
    """Install every model that a function asked for.

    A model that cannot be installed is reported and no longer wanted; the next question that needs it asks again.

    Args:
        models_directory: the folder that the functions look into.
        on_progress: told what happens, in words.

    Returns:
        The names of the models that were installed, in alphabetical order.
    """
    installed = []
    for mark in sorted(models_directory.glob("*.wanted")):
        if mark.stem not in recipes():
            mark.unlink(missing_ok=True)
            continue
        try:
            install_model(mark.stem, models_directory, on_progress=on_progress)
            installed.append(mark.stem)
        except ModelSetupFailed as error:
            on_progress(f"the model {mark.stem} could not be installed: {error}")
            mark.unlink(missing_ok=True)
    return installed
