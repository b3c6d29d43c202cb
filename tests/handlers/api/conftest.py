"""The handler on fakes."""

import pytest

from functions.application.api import wiring
from tests.fakes.application import SETTINGS, World
from tests.handlers.api.client import key_set


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(keys=key_set())
    application = made.application()
    monkeypatch.setattr(wiring, "wired", lambda: application)
    monkeypatch.setattr(wiring, "settings", lambda: SETTINGS)
    return made
