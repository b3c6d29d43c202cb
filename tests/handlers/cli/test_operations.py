"""Documents and the platform's state as people see and mend them from a terminal."""

import pytest

from shared.contracts import api
from tests.fakes.public_api import NOW
from tests.handlers.cli.conftest import Strata


def finding(**changes: object) -> api.Finding:
    known: dict[str, object] = {
        "code": "documents_given_up",
        "title": "2 documents were given up",
        "detail": "Their messages ended among the dead letters.",
        "remedy": "Give them another try.",
        "command": "strata repair redrive",
        "count": 2,
        "documents": (api.AffectedDocument(kb_id="kb", document_id="doc_1", filename="a\x1b[2J.pdf", status="FAILED"),),
    }
    return api.Finding.model_validate({**known, **changes})


def test_the_doctor_says_that_all_is_well_and_ends_with_0(strata: Strata) -> None:
    assert strata.json("doctor")["findings"] == []
    assert "All is well" in strata("doctor").stdout


def test_the_doctor_names_each_finding_with_its_command_and_ends_with_1(strata: Strata) -> None:
    strata.platform.diagnosis = api.Diagnosis(healthy=False, checked_at=NOW, findings=(finding(),))
    told = strata("doctor")
    assert told.exit_code == 1
    for text in ("2 documents were given up", "-> strata repair redrive", "doc_1", "and 1 more"):
        assert text in told.stdout
    assert "\x1b" not in told.stdout
    assert strata.json("doctor", code=1)["findings"][0]["command"] == "strata repair redrive"


def test_a_redrive_goes_on_until_nothing_is_left(strata: Strata) -> None:
    kb = strata.platform.add_kb("Docs")
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        strata.platform.add_document(kb.kb_id, name, b"x", "FAILED")
    assert strata.json("repair", "redrive") == {"moved": {"ingest": 3}, "retried": 3}
    assert strata.json("repair", "redrive") == {"moved": {"ingest": 1}, "retried": 0}
    assert "Documents queued again" in strata("repair", "redrive").stdout


def test_reconcile_shows_its_report(strata: Strata) -> None:
    assert strata.json("repair", "reconcile")["requeued"] == 2
    assert "Given another try" in strata("repair", "reconcile").stdout


def test_a_rebuild_is_waited_for(strata: Strata) -> None:
    kb = strata.platform.add_kb("Docs")
    strata.platform.add_document(kb.kb_id, "a.pdf", b"x")
    assert strata.json("repair", "rebuild", "--kb", "Docs")["rebuild"]["finished_at"] == NOW
    assert 'Rebuilt knowledge base "Docs": 1 READY.' in strata("repair", "rebuild", "--kb", "Docs").stdout
    strata.platform.add_document(kb.kb_id, "b.pdf", b"x", "FAILED")
    assert strata("repair", "rebuild", "--kb", "Docs").exit_code == 2


def test_the_delete_of_a_knowledge_base_is_followed_to_its_receipt(strata: Strata) -> None:
    kb = strata.platform.add_kb("Docs")
    gone = strata.json("kb", "delete", "Docs", "--yes", "--wait")
    assert (gone["receipt"]["verified"], gone["receipt"]["documents_left"]) == (True, 0)
    listed = strata("kb", "deletions")
    assert "3 documents removed (2 versions, 9 chunks; looked at again: nothing left)" in " ".join(
        listed.stdout.split()
    )
    assert strata.json("kb", "deletions", kb.kb_id)["items"][0]["finished_at"] == NOW


def test_a_deleted_document_shows_what_was_removed_where_and_stays_readable_by_its_id(strata: Strata) -> None:
    kb = strata.platform.add_kb("Docs")
    made = strata.platform.add_document(kb.kb_id, "a.pdf", b"x")
    told = strata("documents", "delete", "--kb", "Docs", "a.pdf", "--yes")
    assert "passages in the search index" in told.stdout
    assert "holds nothing" in told.stdout
    assert strata.json("documents", "show", "--kb", "Docs", made.document_id)["status"] == "DELETED"
    assert strata("documents", "show", "--kb", "Docs", "a.pdf").exit_code == 1


def test_a_failed_document_shows_the_reason_in_the_list_and_the_remedy_in_its_details(strata: Strata) -> None:
    kb = strata.platform.add_kb("Docs")
    made = strata.platform.add_document(kb.kb_id, "a.pdf", b"x", "FAILED")
    changes = {"reason": "It has a password.", "remedy": "Remove the password.", "code": "password_protected"}
    strata.platform.set_status(made.document_id, "FAILED", actions=("upload_again", "delete"), **changes)
    shown = strata("documents", "show", "--kb", "Docs", "a.pdf").stdout
    for text in ("It has a password. (password_protected)", "Remove the password.", "upload a mended file"):
        assert text in shown
    assert "It has a password." in strata("documents", "list", "--kb", "Docs").stdout


def test_all_that_a_retry_can_help_are_retried_and_the_others_counted(strata: Strata) -> None:
    kb = strata.platform.add_kb("Docs")
    helped = strata.platform.add_document(kb.kb_id, "a.pdf", b"x", "FAILED")
    strata.platform.set_status(helped.document_id, "FAILED", actions=("retry", "delete"))
    strata.platform.add_document(kb.kb_id, "b.pdf", b"x", "FAILED")
    assert strata.json("documents", "retry", "--kb", "Docs", "--failed") == {"retried": [helped.document_id], "left": 1}
    assert strata("documents", "retry", "--kb", "Docs").exit_code == 1


@pytest.mark.parametrize("content", [b"fine", b"broken"], ids=["READY", "FAILED"])
def test_watching_tells_every_change_until_all_are_at_rest(strata: Strata, content: bytes) -> None:
    kb = strata.platform.add_kb("Docs")
    strata.platform.add_document(kb.kb_id, "a.pdf", content, "QUEUED")
    told = strata("documents", "watch", "--kb", "Docs")
    assert told.exit_code == (2 if content == b"broken" else 0)
    assert "PARSING" in told.stdout
    assert "1 documents at rest" in told.stdout
