"""Filters and tags on the command line."""

import os
from pathlib import Path

import pytest

from shared.contracts.filters import Filters
from tests.handlers.cli.conftest import Strata

OPTIONS = (
    "--file", "hr/a.pdf", "--folder", "hr/", "--type", "pdf", "--type", "md", "--language", "German", "--tag", "HR",
    "--since", "2026-01-01", "--until", "2026-01-31",
)  # fmt: skip
ASKED = Filters(
    files=("hr/a.pdf",),
    folders=("hr",),
    types=("pdf", "markdown"),
    languages=("de",),
    tags=("hr",),
    since="2026-01-01",
    until="2026-01-31",
)


@pytest.fixture
def kb_id(strata: Strata) -> str:
    """A knowledge base with two documents, one of them tagged, and a bot."""
    made = strata.platform.add_kb("Docs").kb_id
    tagged = strata.platform.add_document(made, "hr/pump.pdf", b"The pump weighs 12 kg.")
    strata.platform.set_status(tagged.document_id, "READY", tags=("hr", "old"))
    strata.platform.add_document(made, "other.pdf", b"The pump is blue.")
    strata.platform.add_bot("Desk", (made,))
    return made


@pytest.mark.parametrize("whom", [("--kb", "Docs"), ("--bot", "Desk")])
def test_the_options_become_the_filters_of_a_question(strata: Strata, kb_id: str, whom: tuple[str, str]) -> None:
    strata.json("ask", *whom, "How heavy is the pump?", *OPTIONS)
    strata.json("ask", *whom, "How heavy is the pump?")
    assert strata.platform.filters == [ASKED, Filters()]


def test_a_search_is_narrowed_and_says_when_nothing_passes(strata: Strata, kb_id: str) -> None:
    hits = strata.json("search", "--kb", "Docs", "pump", "--tag", "HR")["hits"]
    assert [hit["filename"] for hit in hits] == ["hr/pump.pdf"]
    nothing = strata("search", "--kb", "Docs", "pump", "--tag", "nobody")
    assert nothing.exit_code == 0
    assert "No document passes the filters (tag nobody)" in nothing.stderr


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [("--type", "pfd", "Did you mean pdf?"), ("--since", "soon", "2026-11-23"), ("--tag", "a,b", "no comma")],
)
def test_a_value_that_nobody_knows_is_refused_with_a_hint(
    strata: Strata, kb_id: str, option: str, value: str, told: str
) -> None:
    done = strata("search", "--kb", "Docs", "pump", option, value)
    assert done.exit_code == 1
    assert told in done.stderr


def test_a_bot_is_made_and_changed_with_filters(strata: Strata, kb_id: str) -> None:
    made = strata.json("bots", "create", "--name", "Hr", "--kb", "Docs", *OPTIONS)
    assert Filters.model_validate(made["draft"]["filters"]) == ASKED
    assert "tag hr" in strata("bots", "show", "Hr").stdout
    changed = strata.json("bots", "update", "Hr", "--type", "docx")
    assert Filters.model_validate(changed["draft"]["filters"]) == Filters(types=("docx",))
    kept = strata.json("bots", "update", "Hr", "--description", "For people")
    assert Filters.model_validate(kept["draft"]["filters"]) == Filters(types=("docx",))
    cleared = strata.json("bots", "update", "Hr", "--no-filters")
    assert Filters.model_validate(cleared["draft"]["filters"]) == Filters()
    assert strata("bots", "update", "Hr", "--no-filters", "--tag", "x").exit_code == 1


def test_files_are_ingested_with_tags_folders_and_their_day(strata: Strata, tmp_path: Path) -> None:
    (tmp_path / "all" / "hr").mkdir(parents=True)
    file = tmp_path / "all" / "hr" / "leave.txt"
    file.write_text("27 days")
    os.utime(file, (1_704_110_400, 1_704_110_400))
    strata.json("ingest", "--kb", "New", "--tag", "HR", "--tag", "Annual Leave", tmp_path / "all")
    (document,) = strata.platform.documents.values()
    assert (document.filename, document.tags) == ("hr/leave.txt", ("hr", "annual leave"))
    assert document.modified_on == "2024-01-01"


def test_a_document_is_tagged_by_its_name_without_folders(strata: Strata, kb_id: str) -> None:
    changed = strata.json("documents", "tag", "--kb", "Docs", "pump.pdf", "New", "HR", "--remove", "old")
    assert changed["tags"] == ["hr", "new"]
    only = strata.json("documents", "tag", "--kb", "Docs", "hr/pump.pdf", "last", "--only")
    assert only["tags"] == ["last"]
    assert "hr/pump.pdf: last (" in strata("documents", "tag", "--kb", "Docs", "pump.pdf").stdout


def test_tags_that_are_there_already_set_nothing_off(strata: Strata, kb_id: str) -> None:
    strata.json("documents", "tag", "--kb", "Docs", "pump.pdf", "hr")
    assert not any(request.startswith("PATCH") for request in strata.platform.seen)
