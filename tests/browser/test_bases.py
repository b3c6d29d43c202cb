"""What a person changes about a knowledge base and its documents: names, tags, folders, how it is cut, its end."""

from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.dashboard import Dashboard
from tests.browser.watching import Watch
from tests.e2e.platform import Person, Platform, awaited

TEXT = b"# Ferries\n\nThe last ferry to Fernhill leaves at 21:40 from pier four.\n"
QUESTION = "When does the last ferry to Fernhill leave?"


@pytest.fixture(scope="module")
def person(platform: Platform) -> Person:
    return platform.administrator()


@pytest.fixture
def kb_id(person: Person) -> str:
    kb_id = person.knowledge_base(f"Ferries {uuid4().hex[:6]}")
    person.upload(kb_id, "ferries.md", TEXT)
    assert [document["status"] for document in person.settled(kb_id, 1)] == ["READY"]
    return kb_id


def change(page: Page, item: str) -> None:
    page.get_by_role("button", name="Change this knowledge base").click()
    page.get_by_role("menuitem", name=item).click()


def test_a_knowledge_base_is_renamed_and_described(dashboard: Dashboard, person: Person, kb_id: str) -> None:
    page = dashboard.open(f"/knowledge-bases/{kb_id}").page
    change(page, "Name and description")
    named = page.get_by_role("dialog", name="Name and description")
    named.get_by_label("Name").fill("Boats")
    named.get_by_label("What is in it?").fill("Timetables of all piers.")
    named.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Boats")
    expect(page.get_by_role("navigation").get_by_role("link", name="Boats").first).to_be_visible()
    kept = person.call("GET", f"/knowledge-bases/{kb_id}")
    assert (kept["name"], kept["description"]) == ("Boats", "Timetables of all piers.")


def test_a_tag_is_given_and_found_by(dashboard: Dashboard, person: Person, kb_id: str) -> None:
    page = dashboard.open(f"/knowledge-bases/{kb_id}").page
    page.get_by_role("button", name="Actions for ferries.md").click()
    page.get_by_role("menuitem", name="Tags").click()
    dialog = page.get_by_role("dialog", name="Tags")
    dialog.get_by_role("combobox", name="Tags").or_(dialog.get_by_role("textbox", name="Tags")).first.fill("harbour")
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Save").click()
    expect(dashboard.row("ferries.md")).to_contain_text("harbour")
    page.get_by_label("Search by name, folder or tag").fill("harb")
    expect(dashboard.row("ferries.md")).to_be_visible()
    page.get_by_label("Search by name, folder or tag").fill("airport")
    expect(page.get_by_text("No document fits.")).to_be_visible()
    (document,) = person.documents(kb_id).values()
    assert document["tags"] == ["harbour"]


def test_documents_are_read_again_when_they_are_cut_another_way_and_answer(
    dashboard: Dashboard, person: Person, kb_id: str
) -> None:
    bot = person.call("POST", "/bots", {"name": "Ferries", "kb_ids": [kb_id]}, status=201)
    page = dashboard.open(f"/knowledge-bases/{kb_id}").page
    change(page, "How documents are cut")
    dialog = page.get_by_role("dialog", name="How documents are cut")
    expect(dialog.get_by_role("button", name="Cut this way")).to_be_disabled()
    dialog.get_by_role("radio").nth(1).check()
    expect(dialog).to_contain_text("is read again")
    dialog.get_by_role("button", name="Cut this way").click()
    expect(dialog).to_have_count(0)
    before = "structure"
    awaited(lambda: person.call("GET", f"/knowledge-bases/{kb_id}")["chunking"] != before, "the new way of cutting")
    person.settled(kb_id, 1)
    dashboard.ready("ferries.md")
    dashboard.open(f"/bots/{bot['bot_id']}")
    expect(dashboard.ask(QUESTION)).to_contain_text("21:40")


def test_a_dropped_folder_keeps_its_folders(dashboard: Dashboard, person: Person, tmp_path: Path) -> None:
    kb_id = person.knowledge_base(f"Folders {uuid4().hex[:6]}")
    folder = tmp_path / "harbour"
    (folder / "piers").mkdir(parents=True)
    (folder / "ferries.md").write_bytes(TEXT)
    (folder / "piers" / "four.md").write_text("# Pier four\n\nPier four is closed on Sundays.\n")
    page = dashboard.open(f"/knowledge-bases/{kb_id}").page
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a folder").click()
    chooser.value.set_files(folder)
    dashboard.ready("four.md")
    dashboard.ready("ferries.md")
    names = {document["filename"]: document["folder"] for document in person.settled(kb_id, 2)}
    assert names == {"harbour/ferries.md": "harbour", "harbour/piers/four.md": "harbour/piers"}


def test_a_knowledge_base_is_deleted_once_it_was_confirmed(
    dashboard: Dashboard, person: Person, kb_id: str, watch: Watch
) -> None:
    page = dashboard.open(f"/knowledge-bases/{kb_id}").page
    change(page, "Delete knowledge base")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ferries")
    change(page, "Delete knowledge base")
    with page.expect_request(lambda request: request.method == "DELETE"):
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    before = len(watch.requests)
    expect(page.get_by_role("alert").filter(has_text="Ferries")).to_be_visible()
    # What is asked of a knowledge base that goes is its receipt, nothing else.
    assert {one for one in watch.requests[before:] if kb_id in one and not one.endswith("/deletion")} == set()
    awaited(lambda: person.refused("GET", f"/knowledge-bases/{kb_id}")[0] == 404, "the end of the knowledge base")
