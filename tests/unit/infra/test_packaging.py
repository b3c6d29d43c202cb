"""What a layer ships: only itself and what is shared, byte for byte the same every time."""

import io
import shutil
import zipfile
from pathlib import Path

import pytest

from infra.deployment.archives import ROOT, layer_archive
from infra.deployment.package import functions
from infra.deployment.templates import STACKS, Template, committed
from infra.local.seed import new_password


def names(layer: str, root: Path = ROOT) -> set[str]:
    return set(zipfile.ZipFile(io.BytesIO(layer_archive(layer, root=root).body)).namelist())


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the sources, to change."""
    for folder in ("functions", "shared"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.parametrize(("layer", "other"), [("application", "ml"), ("ml", "application")])
def test_a_layers_archive_holds_the_layer_and_shared_and_nothing_of_the_other(layer: str, other: str) -> None:
    inside = names(layer)

    assert f"functions/{layer}/__init__.py" in inside
    assert "shared/contracts/events.py" in inside
    assert not [name for name in inside if name.startswith(f"functions/{other}/") or "__pycache__" in name]


def test_the_same_sources_make_the_same_bytes_wherever_and_whenever(checkout: Path) -> None:
    assert layer_archive("ml", root=checkout) == layer_archive("ml")


def test_a_change_of_one_layer_leaves_the_others_key_alone(checkout: Path) -> None:
    (checkout / "functions" / "ml" / "ports.py").write_text("changed = True\n")

    assert layer_archive("ml", root=checkout).key != layer_archive("ml").key
    assert layer_archive("application", root=checkout).key == layer_archive("application").key


def test_a_change_of_shared_changes_both(checkout: Path) -> None:
    (checkout / "shared" / "kernel" / "clock.py").write_text("changed = True\n")

    assert layer_archive("ml", root=checkout).key != layer_archive("ml").key
    assert layer_archive("application", root=checkout).key != layer_archive("application").key


def test_every_function_is_packaged_with_the_layer_it_belongs_to() -> None:
    assert functions() == {
        "api": "application",
        "projector": "application",
        "sockets": "application",
        "answering": "ml",
        "ingestion": "ml",
        "embedding": "ml",
        "evaluation": "ml",
        "recognition": "ml",
        "reconciliation": "ml",
    }


@pytest.mark.parametrize("template", [committed(name) for name in STACKS], ids=STACKS)
def test_every_stage_reads_its_own_neighbours(template: Template) -> None:
    values = template.values("prod", {"SearchUrl": "opensearch:https://search.example/strata", "NotOfAnyTemplate": "x"})

    assert values["Stage"] == "prod"
    assert not [value for value in values.values() if value.startswith("/strata/dev/")]
    assert set(values) <= set(template.parameters)


def test_a_password_has_every_kind_that_the_user_pool_asks_for() -> None:
    drawn = [new_password() for _ in range(200)]

    assert len(set(drawn)) == len(drawn)
    for password in drawn:
        assert len(password) == 20
        assert any(character.islower() for character in password)
        assert any(character.isupper() for character in password)
        assert any(character.isdigit() for character in password)
        assert any(not character.isalnum() for character in password)
