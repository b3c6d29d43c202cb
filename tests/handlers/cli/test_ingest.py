"""`strata ingest`."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from infra.cli.client import Client
from infra.cli.failures import Unreachable
from shared.contracts import api
from tests.fakes.public_api import Refused
from tests.handlers.cli.conftest import Strata

LOOKS_UNTIL_READY = 4


def _most_looks(strata: Strata) -> int:
    """Return how often the command looked at the document that it looked at most."""
    return max(Counter(seen for seen in list(strata.platform.seen) if "/documents/doc_" in seen).values(), default=0)


def test_a_folder_becomes_documents_in_a_new_knowledge_base(strata: Strata, folder: Path) -> None:
    report = strata.json("ingest", "--kb", "Handbücher & more", folder)

    assert [kb.name for kb in strata.platform.kbs.values()] == ["Handbücher & more"]
    assert {d["filename"]: d["status"] for d in report["documents"]} == {
        "handbook.pdf": "READY",
        "Über uns/Straße 1.txt": "READY",
    }
    assert (report["ready"], report["failed"], report["skipped"], report["interrupted"]) == (2, 0, 0, False)
    assert sorted(strata.platform.contents.values()) == [b"%PDF The pump weighs 12 kg.", b"We live in Hamburg."]
    assert report["documents"][0]["chunks"] == 3


def test_every_announcement_has_an_idempotency_key_of_its_own(strata: Strata, folder: Path) -> None:
    strata.json("ingest", "--kb", "Docs", folder)

    assert len(strata.platform.keys) == len(set(strata.platform.keys)) == 3


def test_a_release_is_chosen_by_name_for_a_new_knowledge_base(strata: Strata, folder: Path) -> None:
    strata.json("ingest", "--kb", "Docs", "--release", "fast", folder)

    assert [kb.release for kb in strata.platform.kbs.values()] == ["fast"]
    assert strata.json("ingest", "--kb", "Docs", "--release", "default", folder, code=1)["error"] == {
        "code": "other_release",
        "message": '"Docs" is there already with the release "fast"; leave --release out or take another name.',
        "request_id": "",
    }


def test_files_that_cannot_be_used_fail_with_their_reason_and_the_others_are_ready(
    strata: Strata, folder: Path
) -> None:
    (folder / "logo.png").write_bytes(b"png")
    (folder / "empty.txt").touch()
    (folder / "damaged.docx").write_bytes(b"broken")
    (folder / "dangling.txt").symlink_to(folder / "nowhere")

    done = strata("ingest", "--kb", "Docs", folder)
    report = strata.json("ingest", "--kb", "Docs", folder, code=2)

    assert done.exit_code == 2
    assert "Save it again." in done.stdout
    assert "2 READY, 4 FAILED" in done.stdout
    assert {d["filename"]: d["code"] for d in report["documents"] if d["status"] == "FAILED"} == {
        "logo.png": "unsupported_type",
        "empty.txt": "empty_file",
        "damaged.docx": "unreadable",
        "dangling.txt": "file_unreadable",
    }


def test_two_files_of_the_same_name_are_told_apart_by_their_folders(strata: Strata, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "files").mkdir(parents=True)
        (tmp_path / name / "files" / "a.txt").write_text(name)

    report = strata.json("ingest", "--kb", "Docs", "one/files", "two/files", tmp_path / "one" / "files" / "a.txt")

    assert [d["filename"] for d in report["documents"]] == ["one/files/a.txt", "two/files/a.txt"]


def test_a_file_name_that_is_not_utf8_still_arrives(strata: Strata, tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/odd/caf\xe9.txt")).write_text("coffee")

    assert strata.json("ingest", "--kb", "Docs", "odd")["documents"][0]["filename"] == "caf\ufffd.txt"


def test_an_upload_that_is_cut_is_sent_again(strata: Strata, folder: Path) -> None:
    strata.platform.cut = 1

    report = strata.json("ingest", "--kb", "Docs", folder)

    assert report["ready"] == 2
    assert strata.platform.seen.count("POST /store") == 3
    assert len(strata.platform.documents) == 2


def test_an_upload_that_is_cut_for_ever_fails_and_takes_its_document_back(strata: Strata, folder: Path) -> None:
    strata.platform.cut = 4

    report = strata.json("ingest", "--kb", "Docs", folder / "handbook.pdf", code=2)

    assert report["documents"][0]["code"] == "cut"
    assert [d.status for d in strata.platform.documents.values()] == ["DELETED"]


def test_a_file_that_the_store_refuses_fails_with_the_reason_of_the_store(strata: Strata, folder: Path) -> None:
    (folder / "late.txt").write_text("forbidden")

    report = strata.json("ingest", "--kb", "Docs", folder, code=2)

    failed = next(d for d in report["documents"] if d["status"] == "FAILED")
    assert (failed["filename"], failed["reason"]) == ("late.txt", "The store refused the file: Policy expired.")
    assert report["ready"] == 2


def test_a_name_that_is_there_already_is_added_beside_it_with_a_warning(strata: Strata, folder: Path) -> None:
    strata.json("ingest", "--kb", "Docs", folder)

    again = strata("ingest", "--kb", "Docs", folder)

    assert again.exit_code == 0
    assert "--replace" in again.stderr
    assert len(strata.platform.documents) == 4


def test_replace_deletes_the_older_document_only_after_the_new_one_is_ready(strata: Strata, folder: Path) -> None:
    first = strata.json("ingest", "--kb", "Docs", folder)["documents"]
    (folder / "handbook.pdf").write_bytes(b"broken now")

    second = strata.json("ingest", "--kb", "Docs", "--replace", folder, code=2)["documents"]

    ids = {d["filename"]: d["document_id"] for d in first}
    assert {d["filename"]: d["replaced"] for d in second} == {
        "handbook.pdf": [],
        "Über uns/Straße 1.txt": [ids["Über uns/Straße 1.txt"]],
    }
    assert strata.platform.documents[ids["handbook.pdf"]].status == "READY"
    assert strata.platform.documents[ids["Über uns/Straße 1.txt"]].status == "DELETED"


def test_skip_existing_sends_only_what_is_missing_or_failed(strata: Strata, folder: Path) -> None:
    kb = strata.platform.add_kb("Docs")
    strata.platform.add_document(kb.kb_id, "handbook.pdf", b"there")
    strata.platform.add_document(kb.kb_id, "Über uns/Straße 1.txt", b"", "FAILED")

    report = strata.json("ingest", "--kb", "Docs", "--skip-existing", folder)

    assert {d["filename"]: d["status"] for d in report["documents"]} == {
        "handbook.pdf": "SKIPPED",
        "Über uns/Straße 1.txt": "READY",
    }
    assert strata.platform.seen.count("POST /store") == 1


def test_a_document_that_somebody_deletes_meanwhile_is_reported(strata: Strata, folder: Path) -> None:
    gone = Refused(404, "not_found", "It does not exist.")
    strata.platform.weather.append((r"GET /knowledge-bases/\w+/documents/\w+", gone))

    report = strata.json("ingest", "--kb", "Docs", folder / "handbook.pdf", code=2)

    assert report["documents"][0]["code"] == "deleted"


def test_an_ended_token_does_not_fail_any_upload(strata: Strata, folder: Path) -> None:
    strata.json("kb", "create", "Docs")
    strata.platform.tokens.clear()
    for number in range(8):
        (folder / f"{number}.txt").write_text(f"text {number}")

    assert strata.json("ingest", "--kb", "Docs", folder)["ready"] == 10


def test_a_path_that_does_not_exist_and_an_empty_folder_are_refused_before_anything_is_made(
    strata: Strata, tmp_path: Path
) -> None:
    (tmp_path / "void").mkdir()

    assert strata.json("ingest", "--kb", "Docs", "nowhere", code=1)["error"]["code"] == "path_not_found"
    assert strata.json("ingest", "--kb", "Docs", "void", code=1)["error"]["code"] == "no_files"
    assert not strata.platform.seen


def test_ctrl_c_tells_what_goes_on_and_what_was_never_sent(strata: Strata, folder: Path) -> None:
    (folder / "long.txt").write_text("endless")
    arguments = ("ingest", "--kb", "My docs", folder)

    running = strata.start(*arguments)
    out, err = strata.interrupt(running, lambda: _most_looks(strata) > LOOKS_UNTIL_READY)

    assert running.returncode == 130
    assert "2 READY" in out
    assert "1 uploaded documents go on being processed" in err
    assert "strata documents list --kb 'My docs'" in err
    assert "Traceback" not in err


def test_ctrl_c_with_json_still_prints_one_json_document(strata: Strata, folder: Path) -> None:
    (folder / "long.txt").write_text("endless")

    running = strata.start("ingest", "--kb", "Docs", folder, "--json")
    out, _ = strata.interrupt(running, lambda: _most_looks(strata) > LOOKS_UNTIL_READY)

    report = json.loads(out)
    assert running.returncode == 130
    assert report["interrupted"] is True
    assert {d["filename"]: d["status"] for d in report["documents"]}["long.txt"] in ("PARSING", "QUEUED")


def test_a_platform_that_goes_away_before_the_uploads_ends_with_its_exit_code(strata: Strata, folder: Path) -> None:
    down = Refused(401, "unauthorized", "Gone.")
    strata.platform.weather += [(r"POST /knowledge-bases/\w+/documents", down)] * 2

    done = strata("ingest", "--kb", "Docs", folder / "handbook.pdf")

    assert done.exit_code == 4
    assert "1 files were not uploaded: handbook.pdf" in done.stderr
    assert "--skip-existing" in done.stderr


def test_a_terminal_shows_bars_while_it_waits_and_the_result_at_the_end(strata: Strata, folder: Path) -> None:
    code, printed = strata.on_a_terminal("ingest", "--kb", "Docs", folder, columns=60)

    assert code == 0
    assert "embedding 1 of 3" in printed
    assert "2 of 2" in printed
    assert "2 READY" in printed


def test_nothing_is_deleted_where_nobody_can_be_asked(strata: Strata) -> None:
    strata.platform.add_kb("Docs")
    running = strata.start("kb", "delete", "Docs")

    _, err = running.communicate()

    assert running.returncode == 1
    assert "--yes" in err
    assert strata.platform.kbs


def test_a_platform_that_goes_away_while_waiting_is_waited_for_and_then_given_up(
    strata: Strata, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.cli.ingestion.PATIENCE_S", 0.5)
    monkeypatch.setattr("infra.cli.transport.FIRST_PAUSE_S", 0.01)
    looks = Counter[str]()
    real = Client.document

    def looked(client: Client, kb_id: str, document_id: str) -> api.Document:
        looks["all"] += 1
        if looks["all"] > 2:
            raise Unreachable("Nobody answers.")
        return real(client, kb_id, document_id)

    monkeypatch.setattr(Client, "document", looked)

    done = strata("ingest", "--kb", "Docs", folder / "handbook.pdf")

    assert done.exit_code == 3
    assert looks["all"] > 3
    assert "Waiting for 0 s" in done.stderr or "Waiting for 1 s" in done.stderr
    assert "1 uploaded documents go on being processed" in done.stderr
