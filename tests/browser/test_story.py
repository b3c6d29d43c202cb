"""From sign-in to a cited answer, as an employee does it who follows no instruction."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Route, expect

from infra.deployment.templates import ROOT
from tests.browser.conftest import PHONE
from tests.browser.dashboard import Dashboard
from tests.browser.watching import Watch
from tests.e2e.platform import DATA, Platform

PDFS = [DATA / "documents" / name for name in ("multi_page.pdf", "multicolumn.pdf", "google-doc-document.pdf")]
QUESTION = "When did cloud-based word processing revolutionize collaboration?"
ANSWER = "Google Docs (2006)"
Contexts = Callable[..., tuple[BrowserContext, Watch]]


def test_three_dropped_files_become_a_bot_whose_answer_opens_at_its_quote(
    dashboard: Dashboard, platform: Platform
) -> None:
    page = dashboard.open("/").page
    dashboard.drop(PDFS)
    expect(page).to_have_url(re.compile(r"/bots/bot_"))
    person = platform.administrator()
    bot = person.call("GET", f"/bots/{page.url.rpartition('/')[2]}")
    person.settled(bot["draft"]["kb_ids"][0], len(PDFS))
    page.get_by_label("Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.get_by_text(QUESTION)).to_be_visible()  # while the answer is being made
    answer = page.get_by_role("article", name="Answer")
    expect(answer).to_contain_text(ANSWER)
    answer.get_by_role("button", name="Open source 1").click()
    sources = page.get_by_role("complementary", name="Sources")
    expect(sources).to_contain_text("multi_page.pdf")
    expect(page).to_have_url(re.compile(r"cite=msg_\w+\.1"))
    sources.get_by_role("button", name="Show in the document").first.click()
    expect(sources.locator("canvas").first).to_be_visible()
    expect(sources.get_by_test_id("quote").first).to_be_visible()
    expect(sources.get_by_role("textbox", name="Page")).to_have_value("2")  # the page that the quote is on


def test_a_bot_says_how_many_of_its_documents_are_read_and_which_were_refused(
    dashboard: Dashboard, watch: Watch, platform: Platform, tmp_path: Path
) -> None:
    watch.expected = ["400"]
    strange = tmp_path / "setup.exe"
    strange.write_bytes(b"MZ")
    page = dashboard.open("/").page
    held: list[Route] = []
    # The bytes of a file go to the bucket, by a form.
    page.route(re.compile(r"/strata-local-documents"), lambda route: held.append(route))  # noqa: PLW0108
    dashboard.drop([PDFS[0], strange])
    expect(page).to_have_url(re.compile(r"/bots/bot_"))
    expect(page.get_by_role("status").filter(has_text="is being read")).to_be_visible()
    expect(page.get_by_role("link", name="One document in My documents")).to_be_visible()
    while not held:
        page.wait_for_timeout(50)
    held[0].continue_()
    expect(page.get_by_text("is being read")).to_have_count(0)
    page.get_by_role("link", name="One document in My documents").click()
    expect(page.get_by_text("setup.exe")).to_be_visible()


def test_the_story_on_a_phone(contexts: Contexts, platform: Platform) -> None:
    context, _ = contexts(viewport=PHONE, has_touch=True)
    dashboard = Dashboard(context.new_page(), platform).sign_in()
    page = dashboard.open("/").page
    dashboard.drop(PDFS[:1])
    expect(page).to_have_url(re.compile(r"/bots/bot_"))
    person = platform.administrator()
    bot = person.call("GET", f"/bots/{page.url.rpartition('/')[2]}")
    person.settled(bot["draft"]["kb_ids"][0], 1)
    answer = dashboard.ask(QUESTION)
    answer.get_by_role("button", name="Open source 1").click()
    dialog = page.get_by_role("dialog", name="Sources")
    dialog.get_by_role("button", name="Show in the document").first.click()
    expect(dialog.locator("canvas").first).to_be_visible()
    # The pages scroll in a window of their own: a list that is as high as all pages opens at the first.
    assert dialog.get_by_role("region", name="Pages").evaluate("pages => pages.clientHeight < innerHeight")
    expect(dialog.get_by_test_id("quote").first).to_be_in_viewport()
    expect(dialog.get_by_role("textbox", name="Page")).to_have_value("2")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_sample_answers_and_the_keyboard_alone_opens_the_source(dashboard: Dashboard, platform: Platform) -> None:
    page = dashboard.open("/").page
    page.get_by_role("button", name="Try it with Strata's own documentation").click()
    expect(page).to_have_url(re.compile(r"/bots/bot_"), timeout=120_000)
    person = platform.administrator()
    bot = person.call("GET", f"/bots/{page.url.rpartition('/')[2]}")
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    documents = person.settled(bot["draft"]["kb_ids"][0], len(pages), deadline_s=300)
    assert {document["status"] for document in documents} == {"READY"}
    expect(dashboard.ask("What does the command make package build?")).to_contain_text("zip")
    page.get_by_label("Your question").focus()
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.getAttribute('aria-label')") == "Open source 1":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="Sources")).to_contain_text("packages.md")
    person.call("DELETE", f"/bots/{bot['bot_id']}", status=202)
    person.call("DELETE", f"/knowledge-bases/{bot['draft']['kb_ids'][0]}", status=202)
