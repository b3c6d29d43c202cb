"""One platform with the dashboard, one browser; each test has a context of its own, which must not complain."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from infra.local.dashboard.build import Builder
from tests.browser.chromium import chromium
from tests.browser.dashboard import Dashboard
from tests.browser.watching import Watch
from tests.e2e.platform import Platform

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
expect.set_options(timeout=60_000)


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    Builder(print).built()
    running = Platform(tmp_path_factory.mktemp("dashboard"), has_dashboard=True)
    try:
        # The functions start with their first calls: here, where nobody waits for a page.
        running.up().administrator().call("GET", "/bots")
        yield running
    finally:
        running.end()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # A container has neither the namespaces for the sandbox nor, often, a large /dev/shm.
        started = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"], chromium_sandbox=False
        )
        yield started
        started.close()


@pytest.fixture
def contexts(browser: Browser) -> Iterator[Callable[..., tuple[BrowserContext, Watch]]]:
    """Opens contexts that are closed, and must have been content, at the end of the test."""
    opened: list[tuple[BrowserContext, Watch]] = []

    def open_context(**options: object) -> tuple[BrowserContext, Watch]:
        settings = {"viewport": DESKTOP, "locale": "en-GB", "reduced_motion": "reduce", **options}
        context = browser.new_context(**settings)  # type: ignore[arg-type]
        context.set_default_timeout(60_000)
        opened.append((context, Watch(context)))
        return opened[-1]

    yield open_context
    complaints = [said for _, watch in opened for said in watch.complaints]
    for context, _ in opened:
        context.close()
    assert complaints == []


@pytest.fixture
def watched(contexts: Callable[..., tuple[BrowserContext, Watch]]) -> tuple[BrowserContext, Watch]:
    return contexts()


@pytest.fixture
def watch(watched: tuple[BrowserContext, Watch]) -> Watch:
    return watched[1]


@pytest.fixture
def page(watched: tuple[BrowserContext, Watch], platform: Platform) -> Page:
    """A page of somebody who is signed in."""
    opened = watched[0].new_page()
    Dashboard(opened, platform).sign_in()
    return opened


@pytest.fixture
def dashboard(page: Page, platform: Platform) -> Dashboard:
    return Dashboard(page, platform)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keep a picture of what was on the screen when a test failed."""
    report = yield
    if report.when == "call" and report.failed and "page" in item.funcargs:  # type: ignore[attr-defined]
        folder = Path(item.config.rootpath) / "build" / "failures"
        folder.mkdir(parents=True, exist_ok=True)
        picture = folder / f"{item.name}.png".replace("/", "-")
        item.funcargs["page"].screenshot(path=picture)  # type: ignore[attr-defined]
        report.sections.append(("what was on the screen", str(picture)))  # type: ignore[attr-defined]
    return report
