"""`strata ask`, `strata search` and `strata evaluate`."""

import json
from pathlib import Path

import pytest

from tests.fakes.public_api import Refused
from tests.handlers.cli.conftest import Strata


@pytest.fixture
def docs(strata: Strata) -> str:
    """A knowledge base with one document, and a bot of the same name."""
    kb = strata.platform.add_kb("Docs")
    strata.platform.add_document(kb.kb_id, "pump\x1b[31m.pdf", b"The pump weighs 12 kg.")
    strata.platform.add_bot("Docs", (kb.kb_id,))
    return kb.kb_id


@pytest.mark.parametrize("option", ["--kb", "--bot"])
def test_an_answer_comes_with_file_page_and_quote(strata: Strata, docs: str, option: str) -> None:
    assert strata.json("ask", option, "Docs", "What is the weight of the pump?") == {
        "answer": "The pump weighs 12 kg. [1]",
        "refused": False,
        "citations": [{"n": 1, "filename": "pump\x1b[31m.pdf", "page": 2, "quote": "The pump weighs 12 kg."}],
        "usage": {"model": "extractive", "input_tokens": 1, "output_tokens": 2, "latency_ms": 3},
    }


def test_an_answer_for_people_cannot_drive_their_terminal(strata: Strata, docs: str) -> None:
    done = strata("ask", "--kb", "Docs", "What is the weight of the pump?")

    assert done.stdout == 'The pump weighs 12 kg. [1]\n\n[1] pump\ufffd[31m.pdf, page 2: "The pump weighs 12 kg."\n'


def test_a_refusal_is_a_result_and_not_an_error(strata: Strata, docs: str) -> None:
    answer = strata.json("ask", "--kb", "Docs", "Where is the zebra?")

    assert (answer["refused"], answer["citations"]) == (True, [])


def test_an_unpublished_bot_answers_from_its_draft_and_says_so(strata: Strata, docs: str) -> None:
    strata.platform.add_bot("New", (docs,), published=False)

    done = strata("ask", "--bot", "New", "How heavy is the pump?")

    assert done.exit_code == 0
    assert '"New" is not published; its draft answers.' in done.stderr


def test_ask_alone_names_what_exists(strata: Strata, docs: str) -> None:
    assert strata.json("ask") == {"bots": ["Docs"], "knowledge_bases": ["Docs"]}
    assert "strata ask --bot NAME QUESTION" in strata("ask").stdout


def test_ask_alone_on_an_empty_platform_says_how_to_begin(strata: Strata) -> None:
    assert "strata ingest" in strata("ask").stdout


def test_a_name_that_does_not_exist_lists_near_names(strata: Strata, docs: str) -> None:
    strata.platform.add_kb("Contracts 2024")
    strata.platform.add_kb("Contracts 2025")

    error = strata.json("ask", "--kb", "contrcts 2025", "Why?", code=1)["error"]
    assert error["code"] == "not_found"
    assert error["message"].startswith(
        'There is no knowledge base "contrcts 2025". Did you mean "Contracts 2025" or "Contracts 2024"'
    )
    assert '"Docs"' in strata("ask", "--kb", "Zzzzz", "Why?").stderr


def test_two_knowledge_bases_of_one_name_are_told_apart_by_id(strata: Strata, docs: str) -> None:
    twin = strata.platform.add_kb("Docs")

    error = strata.json("ask", "--kb", "Docs", "Why?", code=1)["error"]
    assert error["code"] == "ambiguous_name"
    assert twin.kb_id in error["message"]
    assert strata.json("ask", "--kb", docs, "How heavy is the pump?")["refused"] is False


@pytest.mark.parametrize("arguments", [("Why?",), ("--kb", "Docs"), ("--kb", "Docs", "--bot", "Docs", "Why?")])
def test_asking_nobody_or_nothing_is_refused_with_exit_code_1(strata: Strata, arguments: tuple[str, ...]) -> None:
    done = strata("ask", *arguments)

    assert done.exit_code == 1
    assert "Traceback" not in done.output


def test_a_question_over_the_limit_is_refused_by_the_contract(strata: Strata, docs: str) -> None:
    assert strata.json("ask", "--kb", "Docs", "x" * 100_000, code=1)["error"]["code"] == "invalid"


def test_a_file_of_questions_gives_one_line_each_and_one_bad_line_does_not_stop_the_others(
    strata: Strata, docs: str, tmp_path: Path
) -> None:
    file = tmp_path / "questions.jsonl"
    lines = ['{"_id": "a", "text": "How heavy is the pump?"}', "not json", "", '{"_id": "c", "text": "A zebra?"}']
    file.write_text("\n".join([*lines, '{"_id": "d"}', json.dumps({"_id": "e", "text": "x" * 9_000})]))

    done = strata("ask", "--bot", "Docs", "--questions", file)

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 2
    assert [answer["_id"] for answer in answers] == ["a", "2", "c", "d", "e"]
    assert list(answers[0]) == ["_id", "answer", "refused", "citations", "usage"]
    assert answers[2]["refused"] is True
    assert [answer["error"]["code"] for answer in answers if "error" in answer] == ["invalid_line"] * 2 + ["invalid"]


def test_an_error_of_the_platform_on_one_question_does_not_stop_the_others(
    strata: Strata, docs: str, tmp_path: Path
) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text("".join(f'{{"_id": "{n}", "text": "How heavy is the pump?"}}\n' for n in range(3)))
    broken = Refused(500, "internal", "Something went wrong.")
    strata.platform.weather.append((r"POST /knowledge-bases/\w+/answers", broken))

    done = strata("ask", "--kb", "Docs", "--questions", file)

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 2
    assert answers[0] == {
        "_id": "0",
        "error": {"code": "internal", "message": "Something went wrong.", "request_id": "req-1"},
    }
    assert [answer["refused"] for answer in answers[1:]] == [False, False]


def test_a_search_shows_passages_with_their_place(strata: Strata, docs: str) -> None:
    strata.platform.add_document(docs, "second.pdf", b"Another pump.")

    hits = strata.json("search", "--kb", "Docs", "pump", "--top", "1")["hits"]

    assert hits == [
        {"rank": 1, "score": 1.0, "document_id": hits[0]["document_id"], "filename": "pump\x1b[31m.pdf", "page": 1,
         "start": 0, "end": 9, "text": "The pump weighs 12 kg."},
    ]  # fmt: skip
    assert "Another pump." in strata("search", "--kb", "Docs", "pump").stdout


def test_a_file_of_queries_gives_one_line_each(strata: Strata, docs: str, tmp_path: Path) -> None:
    file = tmp_path / "queries.jsonl"
    file.write_text('{"_id": 1, "text": "pump"}\n{"_id": 2, "text": "zebra"}\n')

    done = strata("search", "--kb", "Docs", "--queries", file)

    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [(result["_id"], len(result["hits"])) for result in results] == [("1", 1), ("2", 0)]


def test_an_evaluation_waits_for_its_end_and_shows_what_went_wrong(strata: Strata, docs: str, tmp_path: Path) -> None:
    file = tmp_path / "dataset.jsonl"
    file.write_text(
        '{"_id": "a", "text": "How heavy is the pump?", "answer": "12 kg", "documents": ["pump.pdf"], "author": "x"}\n'
        '{"id": "b", "text": "Where is the zebra?"}\n{"id": "c", "text": "Any unicorn?", "unanswerable": true}\n'
    )

    run = strata.json("evaluate", "--kb", "Docs", "--dataset", file)
    shown = strata("evaluate", "--bot", "Docs", "--dataset", file)

    assert (run["status"], run["questions"], [s["question_id"] for s in run["scores"]]) == (
        "FINISHED",
        3,
        ["a", "b", "c"],
    )
    assert run["metrics"]["refusals"] == pytest.approx(2 / 3)
    assert "wrongly refused" in shown.stdout
    assert "3 questions, 1 with something wrong" in shown.stdout
    assert "author" in shown.stderr


def test_an_evaluation_that_fails_says_why(strata: Strata, docs: str, tmp_path: Path) -> None:
    file = tmp_path / "dataset.jsonl"
    file.write_text('{"_id": "a", "text": "Will it explode?"}')

    error = strata.json("evaluate", "--kb", "Docs", "--dataset", file, code=1)["error"]

    assert error["message"] == "The evaluation failed: The model does not answer."


def test_a_dataset_with_a_wrong_line_is_refused_before_anything_is_asked(
    strata: Strata, docs: str, tmp_path: Path
) -> None:
    file = tmp_path / "dataset.jsonl"
    file.write_text('{"_id": "a", "text": "Why?", "documents": "pump.pdf"}')

    error = strata.json("evaluate", "--kb", "Docs", "--dataset", file, code=1)["error"]

    assert error["message"].startswith("Question a: ")
    assert not strata.platform.evaluations
