"""Folders, tags, types, languages and dates on a running platform: through the API, the command and a bot."""

import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.platform import Person, Platform

FILES = {
    "handbooks/en/leave.md": (
        "# Leave\n\nEvery employee of Fernhill gets 27 days of paid leave a year, and asks the office for it in time.\n"
    ),
    "handbooks/de/urlaub.txt": (
        "Jede Mitarbeiterin und jeder Mitarbeiter von Fernhill erhält im Jahr 27 Tage bezahlten Urlaub und beantragt "
        "ihn rechtzeitig im Büro.\n"
    ),
    "minutes/leave.html": (
        "<h1>Minutes</h1><p>The board of Fernhill talked about paid leave and adjourned without a decision.</p>"
    ),
}
QUESTION = "How many days of paid leave does an employee of Fernhill get?"
OLD_DAY = 1_704_110_400  # 2024-01-01 12:00 UTC


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("files")
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    os.utime(root / "minutes/leave.html", (OLD_DAY, OLD_DAY))
    return root


@pytest.fixture(scope="module")
def shelf(platform: Platform, folder: Path) -> str:
    """A knowledge base with the three files."""
    name = f"Filters {uuid4().hex[:8]}"
    done = platform.strata_json("ingest", "--kb", name, "--tag", "HR", folder)
    assert done["ready"] == 3, done
    assert {item["filename"] for item in done["documents"]} == set(FILES)
    return name


def found(platform: Platform, shelf: str, *options: str) -> set[str]:
    hits = platform.strata_json("search", "--kb", shelf, QUESTION, *options)["hits"]
    return {hit["filename"] for hit in hits}


def documents(platform: Platform, shelf: str) -> dict[str, dict[str, Any]]:
    items = platform.strata_json("documents", "list", "--kb", shelf)["items"]
    return {item["filename"]: item for item in items}


def test_documents_tell_their_folder_type_language_day_and_tags(platform: Platform, shelf: str) -> None:
    shown = documents(platform, shelf)
    told = {name: (item["folder"], item["format"], item["language"]) for name, item in shown.items()}
    assert told == {
        "handbooks/en/leave.md": ("handbooks/en", "markdown", "en"),
        "handbooks/de/urlaub.txt": ("handbooks/de", "plain", "de"),
        "minutes/leave.html": ("minutes", "html", "en"),
    }
    assert shown["minutes/leave.html"]["modified_on"] == "2024-01-01"
    assert all(item["tags"] == ["hr"] for item in shown.values())


def test_every_filter_narrows_a_search(platform: Platform, shelf: str) -> None:
    english, german, minutes = FILES
    assert found(platform, shelf) == set(FILES)
    assert found(platform, shelf, "--folder", "handbooks") == {english, german}
    assert found(platform, shelf, "--folder", "hand") == set()
    assert found(platform, shelf, "--type", "md", "--type", "html") == {english, minutes}
    assert found(platform, shelf, "--language", "German") == {german}
    assert found(platform, shelf, "--until", "2024-01-01") == {minutes}
    assert found(platform, shelf, "--since", "2024-01-02") == {english, german}
    assert found(platform, shelf, "--file", minutes) == {minutes}
    assert found(platform, shelf, "--tag", "hr", "--folder", "minutes") == {minutes}


def test_an_answer_that_no_document_may_give_says_which_filters_stood_in_the_way(
    platform: Platform, shelf: str
) -> None:
    answer = platform.strata_json("ask", "--kb", shelf, QUESTION, "--folder", "handbooks/en")
    assert "27" in answer["answer"]
    assert {cited["filename"] for cited in answer["citations"]} == {"handbooks/en/leave.md"}
    refused = platform.strata_json("ask", "--kb", shelf, QUESTION, "--type", "pdf", "--tag", "nobody")
    assert (refused["refused"], refused["citations"]) == (True, [])
    assert "No document passes the filters (type pdf, tag nobody)" in refused["answer"]


def test_another_tag_takes_effect_and_the_old_one_ends(platform: Platform, shelf: str, administrator: Person) -> None:
    english = "handbooks/en/leave.md"
    before = documents(platform, shelf)[english]
    changed = platform.strata_json("documents", "tag", "--kb", shelf, english, "Policies", "--remove", "hr")
    assert changed["tags"] == ["policies"]
    after = administrator.document(before["kb_id"], before["document_id"])
    assert (after["status"], after["live_version"]) == ("READY", before["live_version"] + 1)
    assert found(platform, shelf, "--tag", "policies") == {english}
    assert english not in found(platform, shelf, "--tag", "hr")
    platform.strata_json("documents", "tag", "--kb", shelf, english, "hr", "--only")
    restored = administrator.document(before["kb_id"], before["document_id"])
    assert restored["tags"] == ["hr"]
    assert english in found(platform, shelf, "--tag", "hr")


def test_what_is_no_filter_is_refused_with_those_that_there_are(
    platform: Platform, shelf: str, administrator: Person
) -> None:
    path = f"/knowledge-bases/{documents(platform, shelf)['minutes/leave.html']['kb_id']}/searches"
    status, code, message = administrator.refused("POST", path, {"query": QUESTION, "filters": {"colour": ["red"]}})
    assert (status, code) == (400, "unknown_filter")
    assert "files, folders, types, languages, tags, since, until" in message
    status, code, message = administrator.refused("POST", path, {"query": QUESTION, "filters": {"types": ["pfd"]}})
    assert (status, code) == (400, "unknown_type")
    assert "Did you mean pdf?" in message


def test_a_bot_answers_only_from_what_passes_its_filters(platform: Platform, shelf: str, administrator: Person) -> None:
    name = f"Desk {uuid4().hex[:8]}"
    made = platform.strata_json("bots", "create", "--name", name, "--kb", shelf, "--folder", "handbooks", "--publish")
    assert made["published"]["filters"]["folders"] == ["handbooks"]
    answer = platform.strata_json("ask", "--bot", name, QUESTION, "--language", "en")
    assert {cited["filename"] for cited in answer["citations"]} == {"handbooks/en/leave.md"}
    outside = platform.strata_json("ask", "--bot", name, QUESTION, "--folder", "minutes")
    assert outside["refused"]
    assert "No document passes the filters" in outside["answer"]
