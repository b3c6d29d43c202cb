"""Whatever happens to an Office file, it ends as a document or a typed refusal."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.sandbox import SandboxedParser
from shared.kernel.errors import Rejected

OFFICE = Path(__file__).parents[2] / "data" / "office"
LIMITS = ParserLimits()
BINARY = ("greek_heading_styles.doc", "fake-doc-emphasized-text.doc", "fake-power-point.ppt", "fake-doc.rtf")
ZIPPED = (
    "equations.docx", "unit_test_headers_numbered.docx", "docx_checkboxes.docx", "sample-presentation.pptx",
    "xlsx_comments.xlsx", "xlsx_03_chartsheet.xlsx", "text_document_01.odt", "odf_table_with_title_01.ods",
    "odf_presentation_02.odp",
)  # fmt: skip
CHANGES = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=30)
FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def outcome(path: Path) -> str:
    try:
        document = parse_file(path, filename=path.name, limits=LIMITS)
    except Rejected as error:
        return error.message
    return "Read." if document.blocks else "empty"


@pytest.mark.parametrize("name", BINARY)
@FEW
@given(CHANGES)
def test_bytes_changed_anywhere(tmp_path: Path, name: str, changes: list[tuple[float, int]]) -> None:
    content = bytearray((OFFICE / name).read_bytes())
    for share, value in changes:
        content[int(share * len(content))] = value
    (tmp_path / name).write_bytes(content)
    assert outcome(tmp_path / name).endswith(".")


@pytest.mark.parametrize("name", ZIPPED)
@FEW
@given(st.integers(0, 40), CHANGES)
def test_letters_and_digits_changed_in_a_part(
    tmp_path: Path, name: str, which: int, changes: list[tuple[float, int]]
) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(OFFICE / name) as archive, zipfile.ZipFile(made, "w") as changed:
        parts = [part for part in archive.namelist() if part.endswith((".xml", ".rels"))]
        for part in archive.namelist():
            content = archive.read(part)
            if part == parts[which % len(parts)]:
                content = damaged(content, changes)
            changed.writestr(part, content)
    (tmp_path / name).write_bytes(made.getvalue())
    assert outcome(tmp_path / name).endswith(".")


def damaged(content: bytes, changes: list[tuple[float, int]]) -> bytes:
    places = [found.start() for found in re.finditer(rb"[0-9A-Za-z]", content)]
    changed = bytearray(content)
    for share, value in changes if places else ():
        changed[places[int(share * len(places))]] = b"0159azAZ_-"[value % 10]
    return bytes(changed)


@pytest.mark.parametrize("name", [*BINARY, *ZIPPED, "made_stock.xlsb", "legacy_sample.xls"])
def test_every_office_format_is_read_behind_the_closed_doors(name: str) -> None:
    assert SandboxedParser()(OFFICE / name, filename=name).blocks
