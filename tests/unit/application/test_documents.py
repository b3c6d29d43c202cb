"""File names, types and the shown state of documents."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.application.domain.documents import clean_filename, media_type_of, shown
from shared.kernel.errors import Invalid
from tests.rows import document


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("handbook.pdf", "handbook.pdf"),
        ("/etc/../passwd.txt", "passwd.txt"),
        ("C:\\Users\\x\\report.docx", "report.docx"),
        ("a\x00b\r\n.md", "ab.md"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("  spaced .csv ", "spaced .csv"),
        ("Größe 日本.html", "Größe 日本.html"),
        ("hr/2026/leave.pdf", "hr/2026/leave.pdf"),
        ("hr\\2026\\leave.pdf", "hr/2026/leave.pdf"),
        ("./hr//../\u202e/leave.pdf", "hr/leave.pdf"),
        ("\\\\server\\share\\leave.pdf", "leave.pdf"),
    ],
)
def test_a_file_name_keeps_what_is_safe_to_show(given_name: str, kept: str) -> None:
    assert clean_filename(given_name) == kept


def test_a_long_name_keeps_its_ending() -> None:
    cut = clean_filename("ä" * 300 + ".pdf")
    assert cut.endswith("ä.pdf")
    assert len(cut.encode()) <= 255


def test_of_a_path_that_is_too_long_the_innermost_folders_are_kept() -> None:
    kept = clean_filename("/".join(["outer", *["ä" * 100] * 4, "a.pdf"]))
    assert kept == "/".join([*["ä" * 100] * 2, "a.pdf"])


@given(st.text(max_size=400) | st.lists(st.text("ab./\\: é\n", max_size=4), max_size=12).map("/".join))
def test_whatever_comes_a_name_is_safe_or_refused(text: str) -> None:
    try:
        name = clean_filename(text)
    except Invalid as error:
        name = error.code
    folders, _, last = name.rpartition("/")
    assert 1 <= len(last.encode()) <= 255
    assert len(folders.encode()) <= 600
    assert "\\" not in name
    assert all(part.strip(".") for part in name.split("/"))
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in name)


def test_the_ending_decides_the_type_whatever_its_case() -> None:
    assert media_type_of("A.PDF") == "application/pdf"
    assert media_type_of("README") == "text/plain"
    for name in ("a.exe", "a.pdf.exe", "a.p df"):
        with pytest.raises(Invalid):
            media_type_of(name)


def test_progress_is_estimated_from_parts_and_exact_at_the_end() -> None:
    row = document().model_copy(update={"status": "EMBEDDING", "chunks": 10, "parts_total": 4})
    assert shown(row).chunks_done == 0
    assert shown(row.model_copy(update={"parts_done": frozenset({0, 2})})).chunks_done == 5
    assert shown(row.model_copy(update={"status": "READY"})).chunks_done == 10


def test_a_document_is_live_while_a_generation_answers() -> None:
    assert not shown(document()).live
    failed = document().model_copy(update={"status": "FAILED", "live_generation": 1, "generation": 2})
    assert (shown(failed).live, shown(failed).version) == (True, 2)


def test_a_person_sees_how_many_pages_are_recognised_and_what_was_left_out() -> None:
    row = document().model_copy(
        update={"status": "RECOGNISING", "parts_total": 4, "parts_done": frozenset({2, 9}), "warnings": ("Left out.",)}
    )
    seen = shown(row)
    assert (seen.pages_unread, seen.pages_recognised, seen.warnings) == (4, 2, ("Left out.",))
    seen = shown(row.model_copy(update={"status": "EMBEDDING", "chunks": 8}))
    assert (seen.pages_unread, seen.pages_recognised, seen.chunks_done) == (0, 0, 4)
