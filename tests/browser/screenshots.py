"""Takes a picture of every page and state of the dashboard: light and dark, on a desk and on a phone.

    python -m tests.browser.screenshots [FOLDER]

It starts a platform of its own with real documents, and ends it. The pictures are for people to look at; nothing is
compared.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import Browser, Page, expect, sync_playwright

from infra.local.dashboard.build import Builder
from tests.browser.chromium import chromium
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.dashboard import Dashboard
from tests.e2e.platform import DATA, Person, Platform

SIZES = {"desktop": DESKTOP, "phone": PHONE}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
FILES = (
    "multi_page.pdf", "multicolumn.pdf", "2305.03393v1-pg9.pdf", "docx_lists.docx", "stanley-cups.xlsx",
    "powerpoint_issue_2663.pptx", "fake-email-attachment.eml", "wiki.md", "right_to_left_01.pdf",
)  # fmt: skip
QUESTION = "When did cloud-based word processing revolutionize collaboration?"
UNANSWERABLE = "What does the canteen cook on Fridays?"


@dataclass(frozen=True)
class Things:
    """What stands on the pages."""

    kb_id: str
    empty_kb_id: str
    pdf_id: str
    table_id: str
    bot_id: str
    talk_id: str
    answer_id: str


State = tuple[str, str, Callable[[Page], None] | None]
"""Name, path, and what is done there before the picture is taken."""


def furnish(person: Person) -> Things:
    """Put documents, bots and conversations there."""
    kb_id = person.knowledge_base("Handbooks")
    ids = {name: person.upload(kb_id, name, (DATA / "documents" / name).read_bytes()) for name in FILES}
    person.upload(kb_id, "salaries 2026.pdf", (DATA / "malformed" / "pdf__password.pdf").read_bytes())
    person.settled(kb_id, len(FILES) + 1, deadline_s=300)
    empty_kb_id = person.knowledge_base("Onboarding")
    asked = {
        "name": "History desk", "description": "Answers about word processors and collaboration.",
        "instructions": "Answer briefly and name the year.", "kb_ids": [kb_id], "picture": "📘",
        "starter_questions": [QUESTION, "Who created the first word processor?"],
    }  # fmt: skip
    bot_id = person.call("POST", "/bots", asked, status=201)["bot_id"]
    person.call("POST", f"/bots/{bot_id}/publish")
    person.call("PATCH", f"/bots/{bot_id}", {"tone": "friendly"})
    person.call("POST", "/bots", {"name": "Onboarding buddy", "kb_ids": [empty_kb_id]}, status=201)
    talk_id = person.call("POST", f"/bots/{bot_id}/conversations", {}, status=201)["conversation_id"]
    said = [
        person.call("POST", f"/conversations/{talk_id}/messages", {"content": text})
        for text in (QUESTION, UNANSWERABLE)
    ]
    return Things(
        kb_id, empty_kb_id, ids["multi_page.pdf"], ids["stanley-cups.xlsx"], bot_id, talk_id, said[0]["message_id"]
    )


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def click(name: str, role: str = "button") -> Callable[[Page], None]:
    """Click what is called so."""
    return lambda page: page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]


def chosen(menu: str, item: str) -> Callable[[Page], None]:
    """Open a menu and choose from it what opens a dialog."""

    def act(page: Page) -> None:
        page.get_by_role("button", name=menu).first.click()
        page.get_by_role("menuitem", name=item).click()
        expect(page.get_by_role("dialog")).to_be_visible()

    return act


def found(text: str) -> Callable[[Page], None]:
    """Search for something."""

    def act(page: Page) -> None:
        page.keyboard.press("Control+k")
        page.get_by_role("textbox", name="Find").fill(text)
        expect(page.get_by_role("option").first).to_be_visible()

    return act


def account(page: Page) -> None:
    """Open the menu of who is signed in."""
    page.get_by_role("button", name="Account and settings").click()
    expect(page.get_by_role("menuitem", name="Sign out", exact=True)).to_be_visible()


def typed(label: str, text: str) -> Callable[[Page], None]:
    """Fill in a field and leave it."""

    def act(page: Page) -> None:
        page.get_by_role("textbox", name=label).first.fill(text)
        page.keyboard.press("Tab")

    return act


def shown(page: Page) -> None:
    """Open the source of an answer and wait for its page."""
    page.get_by_role("button", name="Show in the document").first.click()
    expect(page.get_by_test_id("quote").first).to_be_visible()


def states(things: Things) -> Iterator[State]:
    """Every page and state of somebody who is signed in."""
    base, bot = f"/knowledge-bases/{things.kb_id}", f"/bots/{things.bot_id}"
    yield "home", "/", None
    yield "account", "/", account
    yield "find", "/", found("word")
    yield "knowledge-base", base, None
    yield "knowledge-base-failed", f"{base}?state=FAILED", None
    yield "knowledge-base-empty", f"/knowledge-bases/{things.empty_kb_id}", None
    yield "document-pdf", f"{base}/documents/{things.pdf_id}", None
    yield "document-text", f"{base}/documents/{things.pdf_id}", click("Text", "tab")
    yield "document-passages", f"{base}/documents/{things.pdf_id}", click("Passages", "tab")
    yield "document-table", f"{base}/documents/{things.table_id}", None
    yield "cut", f"{base}/documents/{things.pdf_id}/cut", None
    yield "bot", bot, None
    yield "bot-versions", bot, chosen("More actions", "Published versions")
    yield "bot-delete", bot, chosen("More actions", "Delete the bot")
    yield "bot-field-wrong", bot, typed("Name", "")  # the last of the form: what was typed stays
    yield "bot-use", f"{bot}/usage", None
    yield "chat-new", f"{bot}/chat", None
    yield "chat", f"{bot}/chat/{things.talk_id}", None
    yield "chat-conversations", f"{bot}/chat/{things.talk_id}", click("Earlier")
    yield "chat-edit", f"{bot}/chat/{things.talk_id}", click("Ask in other words")
    yield "chat-rating", f"{bot}/chat/{things.talk_id}", click("Bad answer")
    yield "chat-sources", f"{bot}/chat/{things.talk_id}?cite={things.answer_id}.1", None
    yield "chat-document", f"{bot}/chat/{things.talk_id}?cite={things.answer_id}.1", shown
    yield "not-found", "/nowhere", None


def settle(page: Page) -> None:
    """Wait until nothing loads any more."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    expect(page.get_by_role("status", name="Loading")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def shoot(page: Page, folder: Path, name: str) -> list[str]:
    """Save one picture; returns what sticks out of the window or of its box."""
    settle(page)
    page.screenshot(path=folder / f"{name}.png")
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [f"{name}: wider than the window"] if wide else []


def look(browser: Browser, platform: Platform, things: Things, folder: Path, only: str) -> list[str]:
    """Take every picture; returns what is wrong."""
    wrong: list[str] = []
    for size, viewport in SIZES.items():
        for scheme in SCHEMES:
            context = browser.new_context(
                viewport=viewport,  # type: ignore[arg-type]
                color_scheme=scheme,
                locale="en-GB",
                reduced_motion="reduce",
            )
            page = context.new_page()
            dashboard = Dashboard(page, platform).open("/sign-in")
            wrong += shoot(page, folder, f"sign-in.{size}.{scheme}")
            dashboard.sign_in()
            for name, path, act in states(things):
                if only not in name:
                    continue
                dashboard.open(path)
                settle(page)
                if act and not (name == "find" and size == "phone"):
                    act(page)
                wrong += shoot(page, folder, f"{name}.{size}.{scheme}")
            say(f"{size} {scheme}: done")
            context.close()
    return wrong


def main(folder: Path, only: str = "") -> int:
    """Take the pictures into a folder; 1 when something sticks out."""
    folder.mkdir(parents=True, exist_ok=True)
    Builder(say).built()
    with TemporaryDirectory(prefix="strata-screenshots-") as root, sync_playwright() as playwright:
        platform = Platform(Path(root), has_dashboard=True)
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"], chromium_sandbox=False
        )
        try:
            person = platform.up().administrator()
            page = browser.new_page(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
            Dashboard(page, platform).sign_in().open("/")
            wrong = shoot(page, folder, "home-empty.desktop.light")
            page.close()
            wrong += look(browser, platform, furnish(person), folder, only)
        finally:
            browser.close()
            platform.end()
    say("\n".join(wrong) or f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots"), *sys.argv[2:3]))
