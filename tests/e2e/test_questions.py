"""From real files to cited answers: what stands in the documents is found with its page, what does not is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.oracle import missing
from tests.e2e.platform import DATA, Person, Platform

DOCUMENTS = DATA / "documents"
MALFORMED = DATA / "malformed"


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


FACTS = read_lines(DATA / "questions" / "facts.jsonl")
ABSENT = read_lines(DATA / "questions" / "absent.jsonl")


@pytest.fixture(scope="module")
def ingested(platform: Platform) -> dict[str, Any]:
    """The knowledge base Docs, filled by the command line from two folders."""
    found: dict[str, Any] = platform.strata_json("ingest", "--kb", "Docs", DOCUMENTS, MALFORMED, code=2)
    return found


def answers(platform: Platform, questions: list[dict[str, Any]], path: Path) -> dict[str, dict[str, Any]]:
    path.write_text("".join(json.dumps({"_id": one["_id"], "text": one["text"]}) + "\n" for one in questions))
    done = platform.strata("ask", "--kb", "Docs", "--questions", path, "--json")
    assert done.returncode == 0, done.stderr
    return {line["_id"]: line for line in map(json.loads, done.stdout.splitlines())}


@pytest.fixture(scope="module")
def answered(
    platform: Platform, ingested: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    return answers(platform, [*FACTS, *ABSENT], tmp_path_factory.mktemp("questions") / "questions.jsonl")


def test_every_document_ends_ready_with_chunks_or_failed_with_a_reason(ingested: dict[str, Any]) -> None:
    assert len(ingested["documents"]) == sum(1 for folder in (DOCUMENTS, MALFORMED) for _ in folder.iterdir())
    for document in ingested["documents"]:
        if document["status"] == "READY":
            assert document["chunks"] > 0, document
            assert document["pages"] > 0, document
        else:
            assert document["status"] == "FAILED", document
            assert document["code"], document
            assert document["reason"].endswith("."), document
            assert len(document["reason"].split()) >= 5, document


def test_documents_end_as_they_deserve(ingested: dict[str, Any]) -> None:
    ended = {Path(document["path"]).name: document for document in ingested["documents"]}
    for row in read_lines(DOCUMENTS / "manifest.jsonl"):
        document = ended[row["file"]]
        assert (document["status"], document["pages"]) == ("READY", row["pages"]), document
    for row in read_lines(MALFORMED / "manifest.jsonl"):
        if row["code"] != "?":
            assert ended[row["file"]]["code"] == row["code"], ended[row["file"]]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["_id"])
def test_a_fact_is_answered_from_the_right_document_and_page(
    answered: dict[str, dict[str, Any]], fact: dict[str, Any]
) -> None:
    answer = answered[fact["_id"]]
    assert not answer["refused"], answer
    right = [
        citation
        for citation in answer["citations"]
        if [citation["filename"], citation["page"]] in fact["places"] and fact["holds"] in citation["quote"]
    ]
    assert right, answer["citations"]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["_id"])
def test_every_quote_stands_on_the_page_it_names(answered: dict[str, dict[str, Any]], fact: dict[str, Any]) -> None:
    for citation in answered[fact["_id"]]["citations"]:
        # Of two files with one name the folder that was sent tells which it is.
        names = (DOCUMENTS / citation["filename"], DOCUMENTS.parent / citation["filename"])
        path = next((path for path in names if path.exists()), None)
        if path is None:
            path = MALFORMED / citation["filename"]
            assert path.exists(), citation
            continue  # its name does not say what it is
        assert not missing(citation["quote"], path, citation["page"]), citation


@pytest.mark.parametrize("question", ABSENT, ids=lambda question: question["_id"])
def test_what_the_documents_do_not_say_is_refused(
    answered: dict[str, dict[str, Any]], question: dict[str, Any]
) -> None:
    answer = answered[question["_id"]]
    assert answer["refused"], answer
    assert answer["citations"] == []
    assert answer["answer"].strip()


@pytest.mark.usefixtures("ingested")
def test_one_question_on_the_command_line_names_file_and_page(platform: Platform) -> None:
    found = platform.strata_json("ask", "--kb", "Docs", "What is the net retention rate?")
    assert found["citations"][0]["filename"] == "powerpoint_unrecognized_shape.pptx"
    assert found["citations"][0]["page"] == 2
    shown = platform.strata("ask", "--kb", "Docs", "What is the net retention rate?")
    assert "112%" in shown.stdout
    assert "powerpoint_unrecognized_shape.pptx" in shown.stdout


@pytest.mark.usefixtures("ingested")
def test_a_quote_is_the_text_of_the_document_at_its_place(platform: Platform, administrator: Person) -> None:
    kb_id = next(item["kb_id"] for item in administrator.all("/knowledge-bases") if item["name"] == "Docs")
    for question in ("When was Google Docs introduced?", "Who patented the Electric Tabulating Machine?"):
        citation = administrator.ask(kb_id, question)["citations"][0]
        start, end = citation["place"]["start"], citation["place"]["end"]
        slices = [
            hit["text"][start - hit["start"] : end - hit["start"]]
            for hit in administrator.search(kb_id, question)
            if hit["document_id"] == citation["document_id"] and hit["start"] <= start and end <= hit["end"]
        ]
        assert citation["quote"] in slices
