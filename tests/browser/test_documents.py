"""Documents from the drop to the answer, and out of it again."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.dashboard import Dashboard
from tests.browser.watching import Watch
from tests.e2e.platform import DATA, Person, Platform

MALFORMED = DATA / "malformed"
Contexts = Callable[..., tuple[BrowserContext, Watch]]


@pytest.fixture(scope="module")
def person(platform: Platform) -> Person:
    return platform.administrator()


def test_fifty_files_dropped_at_once_are_all_ready(dashboard: Dashboard, person: Person, tmp_path: Path) -> None:
    kb_id = person.knowledge_base("Fifty notes")
    files = [tmp_path / f"note {number:02}.md" for number in range(50)]
    for number, file in enumerate(files):
        file.write_text(f"# Note {number}\n\nThe locker number {number} belongs to shelf {number * 7}.\n")
    page = dashboard.open(f"/knowledge-bases/{kb_id}").page
    dashboard.drop(files)
    expect(page.get_by_role("radio", name=re.compile(r"Ready \(50\)"))).to_be_attached(timeout=180_000)
    assert {item["status"] for item in person.settled(kb_id, 50)} == {"READY"}


def test_a_document_that_fails_says_why_and_what_helps(dashboard: Dashboard, person: Person) -> None:
    kb_id = person.knowledge_base("Broken files")
    dashboard.open(f"/knowledge-bases/{kb_id}")
    dashboard.drop([MALFORMED / "pdf__password.pdf", MALFORMED / "truncated_half.docx"])
    for name in ("pdf__password.pdf", "truncated_half.docx"):
        expect(dashboard.row(name)).to_contain_text("Failed", timeout=120_000)
    (locked,) = [item for item in person.settled(kb_id, 2) if item["filename"] == "pdf__password.pdf"]
    expect(dashboard.row("pdf__password.pdf")).to_contain_text(locked["reason"])
    assert "without the password" in locked["reason"]
    expect(dashboard.row("pdf__password.pdf").get_by_role("button", name="Try again")).to_have_count(0)


def test_a_document_that_failed_for_a_passing_reason_is_tried_again(
    dashboard: Dashboard, person: Person, platform: Platform
) -> None:
    kb_id = person.knowledge_base("Passing failures")
    document_id = person.upload(kb_id, "ferry.md", b"# Ferry\n\nThe ferry leaves at nine.\n")
    person.document(kb_id, document_id)
    tenant_id = person.call("GET", "/me")["tenant_id"]
    platform.client("dynamodb").update_item(
        TableName=platform.known["outputs"]["registry_table"],
        Key={"pk": {"S": f"{tenant_id}#{kb_id}"}, "sk": {"S": document_id}},
        UpdateExpression="SET #status = :failed, code = :code, reason = :reason, tries = :tries ADD revision :one",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={
            ":failed": {"S": "FAILED"},
            ":code": {"S": "processing_failed"},
            ":reason": {"S": "The document could not be processed."},
            ":tries": {"N": "99"},  # the platform has given up trying by itself
            ":one": {"N": "1"},
        },
    )
    dashboard.open(f"/knowledge-bases/{kb_id}")
    expect(dashboard.row("ferry.md")).to_contain_text("The document could not be processed.")
    dashboard.row("ferry.md").get_by_role("button", name="Try again").click()
    dashboard.ready("ferry.md")
    assert person.document(kb_id, document_id)["status"] == "READY"


def test_a_deleted_document_is_not_answered_from_any_more(dashboard: Dashboard, person: Person, tmp_path: Path) -> None:
    kb_id = person.knowledge_base("Parking")
    (tmp_path / "parking.md").write_text("# Parking\n\nVisitors park on deck seven beside the lift.\n")
    (tmp_path / "canteen.md").write_text("# Canteen\n\nThe canteen opens at half past eleven.\n")
    for name in ("parking.md", "canteen.md"):
        person.upload(kb_id, name, (tmp_path / name).read_bytes())
    person.settled(kb_id, 2)
    bot = person.call("POST", "/bots", {"name": "Parking", "kb_ids": [kb_id]}, status=201)
    page = dashboard.open(f"/bots/{bot['bot_id']}").page
    expect(dashboard.ask("Where do visitors park?")).to_contain_text("deck seven")
    dashboard.open(f"/knowledge-bases/{kb_id}")
    dashboard.ready("parking.md")
    dashboard.row("parking.md").get_by_role("button", name="Actions for parking.md").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(dashboard.row("parking.md")).to_have_count(0)
    dashboard.open(f"/bots/{bot['bot_id']}")
    expect(dashboard.ask("Where do visitors park?")).not_to_contain_text("deck seven")


def test_a_second_tab_sees_what_happens_without_being_touched(
    page: Page, person: Person, platform: Platform, tmp_path: Path
) -> None:
    kb_id = person.knowledge_base("Two tabs")
    first, second = Dashboard(page, platform), Dashboard(page.context.new_page(), platform)
    for tab in (first, second):
        tab.open(f"/knowledge-bases/{kb_id}")
        expect(tab.page.get_by_role("heading", name="Two tabs")).to_be_visible()
    (tmp_path / "seen.md").write_text("# Seen\n\nBoth tabs see this.\n")
    first.drop([tmp_path / "seen.md"])
    second.ready("seen.md")


HOSTILE = [
    "<img src=x onerror=alert(1)>.md",
    "invoice\u202efdp.md",  # right-to-left override: shown as "invoicedm.pdf"
    "tab\tand\u0007bell.md",
    "ü" * 120 + ".md",  # 243 bytes
    "مرحبا 你好 Ω.md",
]


def test_hostile_file_names_are_shown_as_text(dashboard: Dashboard, person: Person) -> None:
    kb_id = person.knowledge_base("Names")
    for number, name in enumerate(HOSTILE):
        person.upload(kb_id, name, f"# File {number}\n\nText of file {number}.\n".encode())
    person.settled(kb_id, len(HOSTILE))
    page = dashboard.open(f"/knowledge-bases/{kb_id}").page
    expect(page.get_by_role("row").filter(has_text="Ready")).to_have_count(len(HOSTILE))
    assert page.locator("img[src=x]").count() == 0
    shown = page.get_by_role("table").inner_text()
    assert "\u202e" not in shown
    assert "<img src=x onerror=alert(1)>.md" in shown
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
