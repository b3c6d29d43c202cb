"""A model that is not there: the function asks for it, the platform installs it, the function goes on."""

import json
import os
from pathlib import Path

import pytest

from functions.ml.adapters.onnx_embedder import OnnxEmbedder
from infra.local.models import wanted
from infra.local.models.errors import ModelSetupFailed
from infra.local.models.wanted import build_wanted, install_model
from shared.kernel.errors import Unavailable

NAME = "fast-english"


def ask_in_vain(embedder: OnnxEmbedder) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        embedder.embed(["a"], purpose="query")
    assert caught.value.code == "model_not_ready"
    return caught.value


def test_a_missing_model_is_asked_for_installed_and_then_used(tmp_path: Path) -> None:
    directory = tmp_path / "models"
    embedder = OnnxEmbedder(directory, NAME, threads=1)
    assert "make model NAME=fast-english" in ask_in_vain(embedder).message
    assert (directory / f"{NAME}.wanted").is_file()
    assert build_wanted(directory, print) == [NAME]
    assert not (directory / f"{NAME}.wanted").exists()
    assert len(embedder.embed(["a"], purpose="query")[0]) == embedder.dimensions
    assert build_wanted(directory, print) == []


def test_the_id_of_a_missing_model_is_not_made_up(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        _ = OnnxEmbedder(tmp_path, NAME, threads=1).model_id
    with pytest.raises(Unavailable):
        _ = OnnxEmbedder(tmp_path, NAME, threads=1).dimensions


def test_a_model_that_lies_beside_needs_no_pointer(tmp_path: Path) -> None:
    folder = install_model(NAME, tmp_path / "elsewhere", on_progress=print)
    (tmp_path / NAME).symlink_to(folder)
    assert OnnxEmbedder(tmp_path, NAME, threads=1).embed(["a"], purpose="query")


@pytest.mark.parametrize("pointer", ["", "[]", '{"path": 1}', '{"path": "gone"}', '{"other": ""}'])
def test_a_pointer_that_leads_nowhere_asks_for_the_model_again(pointer: str, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.json").write_text(pointer)
    ask_in_vain(OnnxEmbedder(tmp_path, NAME, threads=1))
    assert (tmp_path / f"{NAME}.wanted").is_file()


def copy_of_model(tmp_path: Path) -> Path:
    folder = install_model(NAME, tmp_path, on_progress=print)
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    (tmp_path / f"{NAME}.json").write_text(json.dumps({"path": str(copy)}))
    return copy


def test_a_model_that_was_cut_short_is_not_loaded(tmp_path: Path) -> None:
    os.truncate(copy_of_model(tmp_path) / "vocabulary.bin", 1000)
    ask_in_vain(OnnxEmbedder(tmp_path, NAME, threads=1))


@pytest.mark.parametrize("file", ["model.onnx", "tokenizer.json"])
def test_a_damaged_model_that_cannot_be_loaded_is_asked_for_again(file: str, tmp_path: Path) -> None:
    damaged = copy_of_model(tmp_path) / file
    damaged.write_bytes(b"\xff" * damaged.stat().st_size)
    ask_in_vain(OnnxEmbedder(tmp_path, NAME, threads=1))


def test_a_model_that_cannot_be_installed_is_reported_and_no_longer_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, *, on_progress: object) -> Path:
        raise ModelSetupFailed("no index")

    monkeypatch.setattr(wanted, "ensure_model", refuse)
    (tmp_path / f"{NAME}.wanted").touch()
    (tmp_path / "klingon.wanted").touch()
    lines: list[str] = []
    assert build_wanted(tmp_path, lines.append) == []
    assert lines == [f"the model {NAME} could not be installed: no index"]
    assert not list(tmp_path.glob("*.wanted"))


def test_no_folder_of_models_wants_nothing(tmp_path: Path) -> None:
    assert build_wanted(tmp_path / "nowhere", print) == []
