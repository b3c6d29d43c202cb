"""The commands that manage, and how any command fails."""

import json
import resource
import socket
import subprocess
import time
from pathlib import Path

import pytest

from infra.cli.target import CHECKOUT
from shared.contracts import api
from shared.contracts.documents import Place
from tests.fakes.public_api import NOW, Refused
from tests.handlers.cli.conftest import STRATA, Strata

HELP_CPU_S = 0.4


def test_knowledge_bases_are_made_listed_shown_and_deleted(strata: Strata) -> None:
    made = strata.json("kb", "create", "Verträge 2025", "--release", "fast")
    for name in ("B", "C", "D", "E"):
        strata("kb", "create", name)

    assert [kb["name"] for kb in strata.json("kb", "list")["items"]] == ["Verträge 2025", "B", "C", "D", "E"]
    assert strata.json("kb", "show", "Verträge 2025")["kb_id"] == made["kb_id"]
    assert strata("kb", "delete", "B").exit_code == 1
    assert strata.json("kb", "delete", "B", "--yes")["deleted"] is True
    assert "Verträge 2025" in strata("kb", "list").stdout
    assert [kb.name for kb in strata.platform.kbs.values()] == ["Verträge 2025", "C", "D", "E"]


def test_how_documents_are_cut_is_chosen_changed_and_tried(strata: Strata, tmp_path: Path) -> None:
    strata("kb", "create", "Guides", "--chunking", "page")
    assert "processed again" in strata("kb", "update", "Guides", "--chunking", "fixed").stdout
    assert strata.json("kb", "update", "Guides", "--name", "Manuals")["name"] == "Manuals"
    assert "Chunking" in strata("kb", "show", "Manuals").stdout
    assert strata.json("chunks", "strategies")["items"][0]["name"] == "page"
    assert "One passage per page." in strata("chunks", "strategies").stdout

    file = tmp_path / "steps.txt"
    file.write_text("First step\nSecond step\nThird step\n")
    shown = strata.json(
        "chunks", "preview", str(file), "--strategy", "fixed", "--set", "size_tokens=9", "--offset", "1"
    )
    assert (shown["parameters"], [chunk["text"] for chunk in shown["chunks"]]) == (
        {"size_tokens": 9}, ["Second step", "Third step"],
    )  # fmt: skip
    printed = strata("chunks", "preview", str(file), "--limit", "1").stdout
    assert "First step" in printed
    assert "12.5%" in printed
    assert "--offset 1" in printed
    kb = next(iter(strata.platform.kbs.values()))
    strata.platform.add_document(kb.kb_id, "a b.pdf", b"x")
    assert strata.json("chunks", "preview", "a b.pdf", "--kb", "Manuals")["filename"] == "a b.pdf"
    missing = strata.json("chunks", "preview", str(tmp_path / "none.txt"), code=1)
    assert missing["error"]["code"] == "file_not_readable"
    assert strata("chunks", "preview", str(file), "--set", "size").exit_code == 1


def test_documents_are_listed_shown_retried_and_deleted(strata: Strata) -> None:
    kb = strata.platform.add_kb("Docs")
    failed = strata.platform.add_document(kb.kb_id, "a b.pdf", b"x", "FAILED")
    strata.platform.add_document(kb.kb_id, "c.pdf", b"y")

    assert len(strata.json("documents", "list", "--kb", "Docs")["items"]) == 2
    listed = strata.json("documents", "list", "--kb", "Docs", "--status", "failed")["items"]
    assert [document["document_id"] for document in listed] == [failed.document_id]
    assert strata.json("documents", "retry", "--kb", "Docs", "a b.pdf")["status"] != "FAILED"
    assert strata.json("documents", "retry", "--kb", "Docs", "c.pdf", code=1)["error"]["code"] == "not_failed"
    assert "c.pdf" in strata("documents", "show", "--kb", "Docs", "c.pdf").stdout
    assert strata.json("documents", "delete", "--kb", "Docs", failed.document_id, "--yes")["filename"] == "a b.pdf"
    assert strata.platform.documents[failed.document_id].status == "DELETED"


def test_bots_are_made_changed_published_and_deleted(strata: Strata) -> None:
    kbs = [strata.platform.add_kb(name) for name in ("One", "Two")]

    made = strata.json(
        "bots", "create", "--name", "Helper", "--kb", "One", "--kb", "Two", "--instructions", "Be brief.", "--publish"
    )
    assert made["published"]["kb_ids"] == [kb.kb_id for kb in kbs]
    changed = strata.json("bots", "update", "Helper", "--kb", "Two", "--name", "Aide")
    assert changed["draft"] == {**made["draft"], "name": "Aide", "kb_ids": [kbs[1].kb_id]}
    assert changed["published_version"] == 1
    assert strata.json("bots", "publish", "Aide")["published_version"] == 2
    assert strata.json("bots", "show", "Aide")["published"]["name"] == "Aide"
    assert "version 2" in strata("bots", "list").stdout
    assert strata("bots", "update", "Aide").exit_code == 1
    assert strata.json("bots", "delete", "Aide", "--yes")["deleted"] is True
    assert not strata.platform.bots


def test_a_bot_without_knowledge_base_is_not_published(strata: Strata) -> None:
    error = strata.json("bots", "create", "--name", "Empty", "--publish", code=1)["error"]

    assert error == {
        "code": "no_knowledge_base",
        "message": "Give the bot a knowledge base first.",
        "request_id": "req-1",
    }


def test_the_status_counts_documents_queues_and_dead_letters(strata: Strata) -> None:
    kb = strata.platform.add_kb("Docs")
    strata.platform.add_document(kb.kb_id, "a.pdf", b"x")

    found = strata.json("status")
    shown = strata("status").stdout

    assert found["documents"] == {"READY": 1}
    assert found["queues"] == {"ingest": {"waiting": 2, "in_flight": 1, "meaning": ""}}
    assert found["dead_letters"] == {"ingest": 4}
    assert "READY" in shown
    assert "Dead letters" in shown


def test_the_releases_are_listed(strata: Strata) -> None:
    assert strata.json("releases")["items"][0]["name"] == "default"
    assert "Multilingual" in strata("releases").stdout


def test_a_function_is_invoked_with_a_sample_and_shows_its_log(strata: Strata) -> None:
    sample = json.loads((CHECKOUT / "events" / "schedule_reconcile.json").read_text())

    done = strata.json("invoke", "reconciler", "--event", "schedule_reconcile")

    assert done == {
        "function": "strata-local-reconciler",
        "error": "",
        "result": {"function": "strata-local-reconciler", "event": sample},
        "log": ["START", "reconciled", "END"],
    }


def test_an_invocation_that_raises_or_names_nothing_fails(strata: Strata, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text('{"explode": true}')

    failed = strata("invoke", "projector", "--event", "event.json")
    unknown = strata.json("invoke", "reconcile", "--event", "event.json", code=1)["error"]

    assert failed.exit_code == 1
    assert "strata-local-projector failed: Unhandled." in failed.stderr
    assert '"strata-local-reconciler"' in unknown["message"]
    assert strata.json("invoke", "projector", "--event", "nothing", code=1)["error"]["code"] == "not_found"


def test_a_429_is_tried_again_after_the_time_that_it_names(strata: Strata) -> None:
    later = Refused(429, "too_many_requests", "Slow down.", {"Retry-After": "1"})
    strata.platform.weather.append(("GET /status", later))

    begun = time.monotonic()
    strata.json("status")

    assert time.monotonic() - begun >= 1
    assert strata.platform.seen == ["GET /status"] * 2


def test_a_503_is_tried_again_for_reads_only(strata: Strata) -> None:
    down = Refused(503, "unavailable", "A neighbour does not answer.")
    strata.platform.weather += [("GET /status", down), ("POST /knowledge-bases", down)]

    strata.json("status")

    assert strata.json("kb", "create", "Docs", code=1)["error"]["code"] == "unavailable"
    assert strata.platform.seen == ["GET /status", "GET /status", "POST /knowledge-bases"]


def test_a_500_is_one_line_with_message_code_and_request_id(strata: Strata) -> None:
    strata.platform.weather.append(("GET /status", Refused(500, "internal", "Something\nwent wrong.")))

    done = strata("status")

    assert done.exit_code == 1
    assert done.stderr == "strata: Something went wrong. (code internal, request req-1)\n"
    assert not done.stdout


def test_an_answer_of_another_version_is_a_clear_failure(strata: Strata, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.fakes import public_api_routes as fake

    monkeypatch.setattr(fake, "ROUTES", [("GET /me", lambda *_: (200, fake.RELEASE))])

    assert strata.json("whoami", code=1)["error"]["code"] == "unexpected_answer"


def test_a_platform_that_does_not_listen_has_its_own_exit_code(strata: Strata) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = strata.home / "platform.json"
    path.write_text(path.read_text().replace(strata.platform.url, f"http://127.0.0.1:{port}"))

    done = strata("status")
    invoked = strata("invoke", "reconciler", "--event", path)

    assert done.exit_code == invoked.exit_code == 3
    assert "The platform is not running; start it with `make up`." in done.stderr
    assert "The platform is not running; start it with `make up`." in invoked.stderr


def test_a_defect_is_one_line_unless_it_is_asked_for(strata: Strata, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("infra.cli.client.Client.status", broken)

    assert "STRATA_DEBUG=1" in strata("status").stderr
    assert strata("status").exit_code == 1
    assert isinstance(strata("status", STRATA_DEBUG="1").exception, ZeroDivisionError)


@pytest.mark.parametrize("arguments", [("nonsense",), ("search",), ("search", "--kb", "Docs", "x", "--top", "0")])
def test_a_wrong_command_line_has_exit_code_1_because_2_means_that_some_failed(
    strata: Strata, arguments: tuple[str, ...]
) -> None:
    done = strata.process(*arguments)

    assert done.returncode == 1
    assert "Usage: strata" in done.stderr


def test_the_real_process_prints_json_only_on_stdout_and_no_colours_into_a_pipe(strata: Strata, folder: Path) -> None:
    done = strata.process("ingest", "--kb", "Docs", folder, "--json")
    listed = strata.process("documents", "list", "--kb", "Docs", NO_COLOR="1", COLUMNS="30")

    assert json.loads(done.stdout)["ready"] == 2
    assert "READY  handbook.pdf  3 chunks" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr + listed.stdout
    assert max(map(len, listed.stdout.splitlines())) <= 30


def test_output_into_an_ascii_pipe_stays_valid_json(strata: Strata) -> None:
    strata.platform.add_kb("Verträge")

    done = strata.process("kb", "list", "--json", PYTHONIOENCODING="ascii")

    assert json.loads(done.stdout)["items"][0]["name"] == "Verträge"


def test_the_help_lists_the_exit_codes_at_once() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(STRATA), "--help"], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert "130  stopped by Ctrl-C" in done.stdout
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < HELP_CPU_S


def test_the_help_loads_no_heavy_library() -> None:
    code = "import sys, infra.cli.main; print([n for n in ('httpx', 'boto3', 'rich', 'pydantic') if n in sys.modules])"

    done = subprocess.run([STRATA.with_name("python"), "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_conversations_are_listed_found_shown_renamed_and_deleted(strata: Strata) -> None:
    for number, title in enumerate(("Leave", "Parking", "More leave"), start=1):
        answer = strata.platform.answer("nothing?")
        citation = api.Citation(
            n=1, kb_id="kb", document_id="doc", filename="a.pdf", page=2, quote="27 days", place=Place(page=2)
        )
        messages = (
            api.Message(message_id="q", role="user", content="How many days?", created_at=NOW),
            api.Message(
                message_id="a",
                role="assistant",
                content="27 days [1]",
                answer=answer.model_copy(update={"citations": (citation,)}),
                created_at=NOW,
            ),
        )
        strata.platform.conversations[f"con_{number}"] = api.Conversation(
            conversation_id=f"con_{number}",
            bot_id="bot",
            bot_version=1,
            title=title,
            messages=messages,
            created_at=NOW,
            updated_at=NOW,
        )
    assert [item["title"] for item in strata.json("conversations", "list")["items"]] == [
        "More leave",
        "Parking",
        "Leave",
    ]
    assert [item["title"] for item in strata.json("conversations", "list", "MORE", "leave")["items"]] == ["More leave"]
    shown = strata("conversations", "show", "con_1").stdout
    assert shown.startswith("# Leave\n")
    assert "[1] a.pdf, page 2: 27 days" in shown
    assert strata.json("conversations", "rename", "con_1", "Holidays")["title"] == "Holidays"
    assert "Holidays" in strata("conversations", "list").stdout
    assert strata("conversations", "delete", "con_1").exit_code == 1
    assert strata.json("conversations", "delete", "con_1", "--yes")["deleted"] is True
    assert "con_1" not in strata.platform.conversations
