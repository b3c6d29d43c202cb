"""What is expected of a file, and how the engines' outputs come to the same form."""

import json
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.document_engines import document_pieces
from benchmarks.document_measures import Piece, Scores, score
from benchmarks.document_report import Measured, ahead, from_record, replace_section, side_by_side
from benchmarks.document_sets import document_files, source_pieces
from benchmarks.peers.convert import answer
from functions.ml.parsed import Block, ParsedDocument

TEX = r"""\documentclass{article}
\begin{document}
\section{Aims} % a remark
Plain text of 5\,\% and more.
%s
\end{document}
"""
OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


def written(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def odt(path: Path, body: str) -> None:
    root = f'<o xmlns:text="{OFFICE}:text:1.0" xmlns:form="{OFFICE}:form:1.0">{body}</o>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", root)


def test_the_latex_source_beside_a_pdf_is_what_is_expected_of_it(tmp_path: Path) -> None:
    pdf = written(tmp_path / "a.pdf", "")
    written(tmp_path / "a.tex", TEX.replace("%s", ""))
    pieces = source_pieces(pdf)
    assert pieces is not None
    assert Piece("heading", "Aims") in pieces
    assert score(pieces, [Piece("heading", "Aims"), Piece("text", "Plain text of 5 % and more.")]).recall == 1


def test_a_source_that_does_not_say_all_the_text_is_not_believed(tmp_path: Path) -> None:
    pdf = written(tmp_path / "filler" / "a.pdf", "")
    written(tmp_path / "filler" / "a.tex", TEX.replace("%s", r"\lipsum[1-3]"))
    assert source_pieces(pdf) is None
    form = written(tmp_path / "form" / "a.pdf", "")
    odt(tmp_path / "form" / "a.odt", "<form:form/><text:p>Gender:</text:p>")
    assert source_pieces(form) is None
    assert source_pieces(written(tmp_path / "alone" / "a.pdf", "")) is None


def test_the_odt_source_beside_a_pdf_is_what_is_expected_of_it(tmp_path: Path) -> None:
    pdf = written(tmp_path / "a.pdf", "")
    odt(tmp_path / "a.odt", "<text:h>Aims</text:h><text:p>Plain <text:span>text</text:span></text:p>")
    assert source_pieces(pdf) == [Piece("heading", "Aims"), Piece("text", "Plain text")]


def test_files_come_with_their_type_and_expectation(tmp_path: Path) -> None:
    for name in ("docs_samples", "docs_unstructured"):
        written(tmp_path / name / "manifest.jsonl", "")
    entries = [
        {"_id": "a.xlsm", "path": "files/a.xlsm", "type": "xlsm", "expected": "expected/a.md"},
        {"_id": "b.csv", "path": "files/b.csv", "type": "csv"},
    ]
    written(tmp_path / "docs_docling" / "manifest.jsonl", "\n".join(map(json.dumps, entries)))
    written(tmp_path / "docs_docling" / "expected" / "a.md", "# Sheet")
    first, second = document_files(tmp_path)
    assert (first.name, first.type, first.expected) == ("docs_docling/a.xlsm", "xlsx", (Piece("heading", "Sheet"),))
    assert second.expected is None
    assert [file.name for file in document_files(tmp_path, frozenset({"csv"}))] == ["docs_docling/b.csv"]


def test_a_header_stands_once_before_its_rows_and_a_sheet_is_a_heading() -> None:
    rows = tuple(
        Block("table_row", "", table=0, header=("Name", "Year"), cells=cells, sheet="People")
        for cells in (("Ada", "1815"), ("Grace", "1906"))
    )
    found = list(document_pieces(ParsedDocument((*rows, Block("paragraph", "end")), pages=1, unit="sheet")))
    assert [piece.text or piece.cells for piece in found] == [
        "People",
        ("Name", "Year"),
        ("Ada", "1815"),
        ("Grace", "1906"),
        "end",
    ]


def test_another_parser_that_fails_says_why() -> None:
    def failing(path: str) -> str:
        raise ValueError(f"cannot read {path}")

    assert answer(str.upper, "a.md", 10).items() >= {"status": "parsed", "markdown": "A.MD"}.items()
    assert answer(failing, "a.md", 10).items() >= {"status": "failed", "reason": "ValueError: cannot read a.md"}.items()


def measured(engine: str, recall: float, precision: float) -> Measured:
    scores = Scores(recall=recall, precision=precision, missing=Counter({"word": 2}))
    return Measured(engine, "set/a.pdf", "pdf", "parsed", "", 0.5, scores)


def test_figures_survive_being_written_as_json() -> None:
    result = measured("strata", 0.5, 1.0)
    assert from_record(json.loads(json.dumps(result.record()))) == result
    assert from_record(result.record() | {"scores": None}).scores is None


def test_the_tables_of_the_documentation_are_replaced_and_nothing_else(tmp_path: Path) -> None:
    page = written(
        tmp_path / "page.md",
        "before\n<!-- document types: written by benchmarks.document_types -->\nold\n"
        "<!-- document types: end -->\nafter\n",
    )
    for _ in range(2):
        replace_section(
            page, side_by_side([measured("strata", 0.5, 1), measured("other", 0.25, 1)], ("recall", "precision"))
        )
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n<!--")
    assert text.endswith("-->\nafter\n")
    assert text.count("| pdf | 1 | 0.500 / 1.000 | 0.250 / 1.000 |") == 1
    assert "old" not in text


@pytest.mark.parametrize(("recall", "precision", "leads"), [(0.9, 1.0, 1), (0.9, 0.9, 0), (0.502, 1.0, 0)])
def test_a_peer_is_ahead_only_with_more_recall_at_equal_precision(recall: float, precision: float, leads: int) -> None:
    lines = list(ahead([measured("strata", 0.5, 1.0), measured("other", recall, precision)], "strata"))
    assert len(lines) == leads
