"""What holds on every page: accessible in light and dark, nothing wider than the window, usable by keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.dashboard import Dashboard
from tests.browser.watching import Watch
from tests.e2e.platform import Platform

Contexts = Callable[..., tuple[BrowserContext, Watch]]


@pytest.fixture(scope="module")
def pages(platform: Platform) -> dict[str, str]:
    """The paths of every page, with something on each."""
    person = platform.administrator()
    kb_id = person.knowledge_base("Every page")
    document_id = person.upload(kb_id, "pages.md", b"# Pages\n\nThe lighthouse was painted red in 1911.\n")
    person.document(kb_id, document_id)
    bot_id = person.call("POST", "/bots", {"name": "Every page", "kb_ids": [kb_id]}, status=201)["bot_id"]
    person.call("POST", f"/bots/{bot_id}/publish")
    talk = person.call("POST", f"/bots/{bot_id}/conversations", {}, status=201)["conversation_id"]
    person.call("POST", f"/conversations/{talk}/messages", {"content": "When was our lighthouse painted?"})
    return {
        "home": "/",
        "knowledge base": f"/knowledge-bases/{kb_id}",
        "document": f"/knowledge-bases/{kb_id}/documents/{document_id}",
        "bot editor": f"/bots/{bot_id}",
        "use": f"/bots/{bot_id}/usage",
        "chat": f"/bots/{bot_id}/chat/{talk}",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_is_accessible_and_fits_the_window(
    contexts: Contexts, platform: Platform, pages: dict[str, str], scheme: str, viewport: dict[str, int]
) -> None:
    context, _ = contexts(color_scheme=scheme, viewport=viewport)
    page = context.new_page()
    dashboard = Dashboard(page, platform)
    dashboard.open("/sign-in")
    expect(page.get_by_label("Email")).to_be_visible()
    found = [f"sign-in {said}" for said in violations(page)]
    dashboard.sign_in()
    for name, path in pages.items():
        dashboard.open(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        found += [f"{name} {said}" for said in violations(page)]
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            found.append(f"{name}: wider than the window")
    assert found == []


def test_german_is_whole(contexts: Contexts, platform: Platform, pages: dict[str, str]) -> None:
    context, _ = contexts(locale="de-DE")
    page = context.new_page()
    dashboard = Dashboard(page, platform).open("/sign-in")
    expect(page.get_by_role("button", name="Anmelden")).to_be_visible()
    page.get_by_label("E-Mail").fill(str(platform.known["email"]))
    page.get_by_role("textbox", name="Passwort").fill(str(platform.known["password"]))
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "de"
    for path in pages.values():
        dashboard.open(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        words = page.locator("body").inner_text().split()
        assert not {"the", "Knowledge", "bases", "Delete", "Your"} & set(words), words


def test_the_keyboard_alone_reaches_a_conversation(
    contexts: Contexts, platform: Platform, pages: dict[str, str]
) -> None:
    context, _ = contexts()
    page = context.new_page()
    dashboard = Dashboard(page, platform)
    dashboard.open("/sign-in")
    expect(page.get_by_label("Email")).to_be_focused()
    page.keyboard.type(str(platform.known["email"]))
    page.keyboard.press("Tab")
    page.keyboard.type(str(platform.known["password"]))
    page.keyboard.press("Enter")
    link = page.get_by_role("navigation").get_by_role("link", name="Every page").first
    expect(link).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        if link.evaluate("node => node === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your question")).to_be_visible()
