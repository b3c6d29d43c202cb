"""One platform for all tests of a run; each test works in a knowledge base of its own."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.platform import Person, Platform

SHOWN = pytest.StashKey[Platform]()


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Platform]:
    running = Platform(tmp_path_factory.mktemp("platform"))
    request.config.stash[SHOWN] = running
    try:
        yield running.up()
        assert running.down() == 0, running.tail()
        assert running.left() == []
    finally:
        running.end()


@pytest.fixture(scope="session")
def administrator(platform: Platform) -> Person:
    return platform.administrator()


@pytest.fixture
def fresh_platform(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Platform]:
    """A platform that a test may kill."""
    running = Platform(tmp_path)
    request.config.stash[SHOWN] = running
    try:
        yield running.up()
    finally:
        running.end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report: Any = yield
    running = item.config.stash.get(SHOWN, None)
    if report.failed and running is not None:
        report.sections.append(("the platform's last lines", running.tail(25)))
    return report
