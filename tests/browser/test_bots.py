"""A bot's form, its versions, its end, its use, and finding things by a word."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.dashboard import Dashboard
from tests.e2e.platform import Person, Platform

TEXT = b"# Lighthouse\n\nThe lighthouse of Fernhill was painted red in 1911.\n"


@pytest.fixture(scope="module")
def person(platform: Platform) -> Person:
    return platform.administrator()


@pytest.fixture(scope="module")
def kb_id(person: Person) -> str:
    kb_id = person.knowledge_base(f"Coast {uuid4().hex[:6]}")
    document_id = person.upload(kb_id, "lighthouse.md", TEXT)
    assert person.document(kb_id, document_id)["status"] == "READY"
    return kb_id


@pytest.fixture
def bot(person: Person, kb_id: str) -> dict[str, str]:
    made: dict[str, str] = person.call("POST", "/bots", {"name": "Keeper", "kb_ids": [kb_id]}, status=201)
    person.call("POST", f"/bots/{made['bot_id']}/publish")
    return made


def test_a_changed_bot_is_saved_published_and_brought_back_from_its_versions(
    dashboard: Dashboard, person: Person, bot: dict[str, str]
) -> None:
    page = dashboard.open(f"/bots/{bot['bot_id']}").page
    publish = page.get_by_role("button", name="Publish", exact=True)
    expect(publish).to_be_disabled()  # nothing new
    page.get_by_role("textbox", name="Name").first.fill("Lamp keeper")
    page.get_by_label("How should it answer?").fill("Name the year.")
    page.get_by_role("combobox", name="Tone").click()
    page.get_by_role("option", name="Friendly").click()
    page.get_by_label("What does it say when").fill("Ask the harbour master.")
    page.get_by_text("🧭").click()
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Changes not published")).to_be_visible()
    publish.click()
    expect(page.get_by_text("Version 2", exact=True)).to_be_visible()
    expect(page.get_by_text("Changes not published")).to_have_count(0)
    now = person.call("GET", f"/bots/{bot['bot_id']}")["published"]
    assert (now["name"], now["instructions"], now["tone"], now["unsure_text"], now["picture"]) == (
        "Lamp keeper", "Name the year.", "friendly", "Ask the harbour master.", "🧭",
    )  # fmt: skip

    page.get_by_role("button", name="More actions for this bot").click()
    page.get_by_role("menuitem", name="Published versions").click()
    versions = page.get_by_role("dialog")
    expect(versions.get_by_role("article", name="Version 2")).to_contain_text("In use")
    expect(versions.get_by_role("article", name="Version 2")).to_contain_text("how it answers")
    versions.get_by_role("article", name="Version 1").get_by_role("button", name="Make this the draft").click()
    expect(page.get_by_role("textbox", name="Name").first).to_have_value("Keeper")
    expect(page.get_by_text("Changes not published")).to_be_visible()


def test_a_field_says_what_is_wrong_with_it(dashboard: Dashboard, bot: dict[str, str]) -> None:
    page = dashboard.open(f"/bots/{bot['bot_id']}").page
    name = page.get_by_role("textbox", name="Name").first
    name.fill(" ")
    name.blur()
    expect(page.get_by_text("Give the bot a name.")).to_be_visible()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("button", name="Save draft")).to_be_disabled()


def test_a_draft_that_was_saved_elsewhere_is_offered_and_not_overwritten(
    dashboard: Dashboard, person: Person, bot: dict[str, str]
) -> None:
    path = f"/bots/{bot['bot_id']}"
    page = dashboard.open(path).page
    page.get_by_role("textbox", name="Name").first.fill("Typed here")
    person.call("PATCH", path, {"name": "Saved there"})
    dashboard.open(path)
    notice = page.get_by_role("alert").filter(has_text="saved elsewhere")
    expect(notice).to_be_visible()
    expect(page.get_by_role("textbox", name="Name").first).to_have_value("Typed here")
    expect(page.get_by_role("button", name="Save draft")).to_be_disabled()
    notice.get_by_role("button", name="Go on with what is saved").click()
    expect(page.get_by_role("textbox", name="Name").first).to_have_value("Saved there")


def test_a_deleted_bot_is_gone_once_it_was_confirmed(dashboard: Dashboard, person: Person, bot: dict[str, str]) -> None:
    page = dashboard.open(f"/bots/{bot['bot_id']}").page
    delete = page.get_by_role("menuitem", name="Delete the bot")
    page.get_by_role("button", name="More actions for this bot").click()
    delete.click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert person.call("GET", f"/bots/{bot['bot_id']}")["bot_id"] == bot["bot_id"]
    page.get_by_role("button", name="More actions for this bot").click()
    delete.click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile(r"/$"))
    assert person.send("GET", f"/bots/{bot['bot_id']}").status_code == 404


def test_use_shows_what_was_asked_and_what_could_not_be_answered(
    dashboard: Dashboard, person: Person, bot: dict[str, str]
) -> None:
    talk = person.call("POST", f"/bots/{bot['bot_id']}/conversations", {}, status=201)["conversation_id"]
    for text in ("When was the lighthouse painted?", "What does the canteen cook on Fridays?"):
        person.call("POST", f"/conversations/{talk}/messages", {"content": text})
    page = dashboard.open(f"/bots/{bot['bot_id']}/usage").page
    expect(page.get_by_role("table", name="Questions by day")).to_contain_text("Answered: 1")
    expect(page.get_by_text("What does the canteen cook on Fridays?")).to_be_visible()
    page.get_by_text("7 days").click()
    expect(page).to_have_url(re.compile("days=7"))


def test_things_are_found_by_the_keyboard_alone(dashboard: Dashboard, kb_id: str) -> None:
    page: Page = dashboard.open("/").page
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("Control+k")
    field = page.get_by_role("textbox", name="Find")
    expect(field).to_be_focused()
    page.keyboard.type("lighthouse")
    expect(page.get_by_role("option", name="lighthouse.md").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/(documents|chat)/"))
    expect(field).to_have_count(0)  # the window has closed
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.type("zzzz")
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("Nothing is called")


DETAIL = " ".join(f"Paragraph {number} of this section concerns case {number} of the file." for number in range(40))
RULES = f"""# Rules of the house

## Opening hours

The office of Fernhill opens at 7:30 and closes at 19:00 on every working day of the year. {DETAIL}

## Parental leave

Every parent may take twelve weeks of paid parental leave within the first year after the birth of a child. {DETAIL}

## Travel expenses

Travel expenses are paid back within thirty days. Keep the receipts of trains and hotels, and send them in. {DETAIL}
""".encode()


def test_what_is_suggested_after_an_answer_is_asked_by_a_click_and_answered(
    dashboard: Dashboard, person: Person
) -> None:
    kb_id = person.knowledge_base(f"Rules {uuid4().hex[:6]}")
    assert person.document(kb_id, person.upload(kb_id, "rules.md", RULES))["status"] == "READY"
    made = person.call("POST", "/bots", {"name": "Rules", "kb_ids": [kb_id]}, status=201)
    person.call("POST", f"/bots/{made['bot_id']}/publish")
    page = dashboard.open(f"/bots/{made['bot_id']}/chat").page
    page.get_by_label("Your question").fill("When does the office of Fernhill open?")
    page.keyboard.press("Enter")
    suggested = page.get_by_role("group", name="You could go on with")
    suggestion = suggested.get_by_role("button", name="Tell me more about “Parental leave”.")
    suggestion.click()
    answers = page.get_by_role("article", name="Answer")
    expect(answers).to_have_count(2)
    expect(answers.last).to_contain_text("twelve weeks")
    expect(suggestion).to_have_count(0)
    expect(suggested.get_by_role("button", name="Tell me more about “Travel expenses”.")).to_be_visible()
