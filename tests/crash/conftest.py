"""A world for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloud import cloud
from tests.crash.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with cloud(monkeypatch):
        made = World(tmp_path / "index", monkeypatch).build()
        yield made
        made.fresh_processes()
