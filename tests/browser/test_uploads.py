"""Files on their way from the browser: large ones in parts, stopped, cut off, gone on with, and replaced."""

import os
import re
import zipfile
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.dashboard import Dashboard
from tests.browser.watching import Watch
from tests.e2e.platform import DATA, Person, Platform, awaited

PART_BYTES = 8 * 1024 * 1024
SENDS_A_PART = re.compile("partNumber=")


@pytest.fixture(scope="module")
def person(platform: Platform) -> Person:
    return platform.administrator()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A readable document of three parts: a letter with a picture that nothing can make smaller."""
    path = tmp_path_factory.mktemp("large") / "with a picture.docx"
    path.write_bytes((DATA / "documents" / "docx_lists.docx").read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("word/media/picture.bin", os.urandom(2 * PART_BYTES))
    return path


def part_of(request: Request) -> int:
    return int(parse_qs(urlsplit(request.url).query)["partNumber"][0])


def parts_sent(page: Page) -> Counter[int]:
    """Count what is sent to the addresses of parts from now on."""
    counted: Counter[int] = Counter()

    def count(request: Request) -> None:
        if request.method == "PUT" and SENDS_A_PART.search(request.url):
            counted[part_of(request)] += 1

    page.on("request", count)
    return counted


def hold(page: Page, pattern: str) -> list[Route]:
    """Keep requests of these addresses from going on; return them as they come."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route(re.compile(pattern), keep)
    return held


def test_a_large_file_whose_connection_is_cut_goes_on_with_that_part(
    dashboard: Dashboard, person: Person, watch: Watch, large: Path
) -> None:
    watch.expected.append("ERR_FAILED")
    kb_id = person.knowledge_base("Large and cut")
    page = dashboard.open(f"/knowledge-bases/{kb_id}").page
    cut: list[str] = []

    def cut_once(route: Route) -> None:
        if part_of(route.request) == 2 and not cut:
            cut.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    page.route(SENDS_A_PART, cut_once)
    sent = parts_sent(page)
    dashboard.drop([large])
    dashboard.ready(large.name)
    assert sent == {1: 1, 2: 2, 3: 1}
    (document,) = person.settled(kb_id, 1)
    assert (document["status"], document["size_bytes"]) == ("READY", large.stat().st_size)


def test_a_large_file_goes_on_in_another_tab_that_is_given_it_again(
    dashboard: Dashboard, person: Person, large: Path, platform: Platform
) -> None:
    kb_id = person.knowledge_base("Large and left")
    first = dashboard.page.context.new_page()
    held = hold(first, "partNumber=2")
    Dashboard(first, platform).open(f"/knowledge-bases/{kb_id}").drop([large])
    while not held:
        first.wait_for_timeout(50)
    first.close()

    sent = parts_sent(dashboard.page)
    dashboard.open(f"/knowledge-bases/{kb_id}").drop([large])
    dashboard.ready(large.name)
    assert sent == {2: 1, 3: 1}
    assert [document["status"] for document in person.settled(kb_id, 1)] == ["READY"]


def test_an_upload_is_paused_and_goes_on(dashboard: Dashboard, person: Person, large: Path) -> None:
    kb_id = person.knowledge_base("Large and paused")
    page = dashboard.open(f"/knowledge-bases/{kb_id}").page
    hold(page, "partNumber=2")
    dashboard.drop([large])
    page.get_by_role("button", name="Pause with a picture.docx").click()
    expect(dashboard.row(large.name).first).to_contain_text("Paused")
    page.unroute(re.compile("partNumber=2"))
    page.get_by_role("button", name="Go on with with a picture.docx").click()
    dashboard.ready(large.name)


def test_an_upload_that_is_cancelled_leaves_no_document(dashboard: Dashboard, person: Person, large: Path) -> None:
    kb_id = person.knowledge_base("Large and cancelled")
    page = dashboard.open(f"/knowledge-bases/{kb_id}").page
    held = hold(page, SENDS_A_PART.pattern)
    dashboard.drop([large])
    while not held:
        page.wait_for_timeout(50)
    page.get_by_role("button", name="Cancel with a picture.docx").click()
    expect(dashboard.row(large.name)).to_have_count(0)
    awaited(lambda: not person.documents(kb_id), "the end of the announced document")


@pytest.mark.parametrize("stays", [True, False], ids=["on its page", "elsewhere"])
def test_a_replaced_document_answers_with_the_new_file_and_the_old_one_is_gone(
    dashboard: Dashboard, person: Person, tmp_path: Path, *, stays: bool
) -> None:
    kb_id = person.knowledge_base(f"Replaced, {stays}")
    person.upload(kb_id, "canteen.md", b"# Canteen\n\nThe canteen of Fernhill opens at half past eleven.\n")
    person.settled(kb_id, 1)
    bot = person.call("POST", "/bots", {"name": "Canteen", "kb_ids": [kb_id]}, status=201)
    page = dashboard.open(f"/knowledge-bases/{kb_id}").page
    newer = tmp_path / "canteen 2027.md"
    text = "# Canteen\n\nThe canteen of Fernhill opens at a quarter to one.\n"
    newer.write_text(text)
    page.get_by_role("button", name="Actions for canteen.md").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("menuitem", name="Replace").click()
    chooser.value.set_files(newer)
    if stays:
        dashboard.ready(newer.name)
        expect(page.get_by_role("region", name="Receipt of the deletion")).to_contain_text("canteen.md is deleted")
        expect(dashboard.row("canteen.md")).to_have_count(0)
    else:
        arrived = {"QUEUED", "PARSING", "EMBEDDING", "READY"}
        awaited(
            lambda: [
                one
                for one in person.documents(kb_id).values()
                if one["filename"] == newer.name and one["status"] in arrived
            ],
            "its bytes",
        )
        page.goto("about:blank")
        assert [one["filename"] for one in person.settled(kb_id, 1)] == [newer.name]
    dashboard.open(f"/bots/{bot['bot_id']}")
    answer = dashboard.ask("When does the canteen of Fernhill open?")
    expect(answer).to_contain_text("quarter to one")
    expect(answer).not_to_contain_text("half past eleven")
