import re
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ml.ingestion.notifications import Hint
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers import pdf
from functions.ml.ingestion.parsing.readers.pdf_rtl import rebuilt
from functions.ml.ingestion.reading import ReadInProcess
from functions.ml.ingestion.sandbox import SandboxedParser
from functions.ml.parsed import ParsedDocument
from shared.contracts.boxes import boxes_between
from shared.kernel.errors import Invalid
from tests.fakes.parser import chunk_per_block
from tests.fakes.pipeline import Pipeline
from tests.unit.ingestion.pdf_files import Page, lines, parse, pdf_bytes, picture, shape, text

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"
PDFS = sorted(DOCUMENTS.glob("*.pdf"))
WORD = re.compile(r"[a-zäöüß]{4,}")


def words_in_boxes(path: Path, document: ParsedDocument) -> list[tuple[str, bool]]:
    """Return each longer word of the blocks with whether PDFium finds it inside the block's boxes."""
    opened = pypdfium2.PdfDocument(path)
    found = []
    for block in document.blocks:
        seen = ""
        for box in block.boxes:
            page = opened[box.page - 1]
            width, height = page.get_size()
            textpage = page.get_textpage()
            sides = (
                box.left * width - 1,
                height - box.bottom * height - 1,
                box.right * width + 1,
                height - box.top * height + 1,
            )
            seen += textpage.get_text_bounded(*sides).lower() + " "
        glued = re.sub(r"[\s\x02\ufffe-]", "", seen)
        found += [(word, word in glued) for word in WORD.findall(block.text.lower().replace("-", ""))]
    return found


@pytest.mark.parametrize("path", PDFS, ids=lambda path: path.name)
def test_the_boxes_hold_the_words_of_their_block(path: Path) -> None:
    document = pdf.parse(path, ParserLimits())
    assert all(block.boxes for block in document.blocks)
    found = words_in_boxes(path, document)
    assert sum(held for _, held in found) >= 0.995 * len(found) > 0


@given(
    st.lists(
        st.lists(st.sampled_from("river stone north letter bridge".split()), min_size=1, max_size=9),
        min_size=1,
        max_size=9,
    )
)
def test_the_boxes_of_any_lines_hold_their_words(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("pdf")
    document = parse(folder, lines([" ".join(row) for row in rows], step=13))
    assert sorted(" ".join(block.text for block in document.blocks).split()) == sorted(
        word for row in rows for word in row
    )
    assert all(held for _, held in words_in_boxes(folder / "a.pdf", document))


@pytest.mark.parametrize("path", PDFS, ids=lambda path: path.name)
def test_boxes_begin_at_the_text_and_are_in_order(path: Path) -> None:
    for block in pdf.parse(path, ParserLimits()).blocks:
        starts = [box.start for box in block.boxes]
        assert starts[0] == 0
        assert starts == sorted(starts)
        assert boxes_between(block.boxes, 0, len(block.text)) == block.boxes
        assert all(0 <= box.left <= box.right <= 1 and 0 <= box.top <= box.bottom <= 1 for box in block.boxes)


def test_a_scanned_page_among_others_is_named_for_text_recognition(tmp_path: Path) -> None:
    document = parse(tmp_path, lines(["Words that anybody can read stand here."]), picture())
    assert document.unread_pages == (2,)


def test_a_wholly_scanned_file_has_no_block_and_all_pages_unread(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(pdf_bytes([Page(picture()), Page(picture())]))
    document = SandboxedParser()(path, filename="scan.pdf")
    assert (document.blocks, document.unread_pages, document.pages) == ((), (1, 2), 2)


def test_letters_that_no_font_explains_are_unread_and_not_kept(tmp_path: Path) -> None:
    to_unicode = (
        "begincmap 1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfrange <00> <ff> <e000> endbfrange endcmap"
    )
    objects = [
        f"<< /Length {len(to_unicode)} >>\nstream\n{to_unicode}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 10 0 R >>",
    ]
    own = Page(text("Nobody can tell what this says here", 60, 100, font="F9"), "/Dummy 0")
    content = pdf_bytes([own], objects=objects).replace(b"/F3 5 0 R", b"/F9 11 0 R")
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    document = pdf.parse(path, ParserLimits())
    assert (document.blocks, document.unread_pages) == ((), (1,))


def test_blank_pages_are_refused_as_without_text(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refusal:
        parse(tmp_path, "", "")
    assert refusal.value.code == "no_text"


def test_what_was_filled_into_a_form_and_written_on_a_page_is_kept(tmp_path: Path) -> None:
    field = (
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Ada Lovelace) /Rect [120 688 300 702] /F 4 "
        "/DA (/F1 10 Tf) >>"
    )
    secret = (
        field.replace("(Ada Lovelace)", "(hunter2)").replace("/FT /Tx", "/FT /Tx /Ff 8192").replace("(name)", "(key)")
    )
    note = "<< /Type /Annot /Subtype /Text /T (Bob) /Contents (Please check this.) /Rect [400 688 420 702] >>"
    page = Page(text("Name:", 60, 100) + text("Below the form.", 60, 300), annotations=(field, secret, note))
    document = parse(tmp_path, page, catalog="/AcroForm << /Fields [10 0 R 11 0 R] >>")
    assert shape(document) == [
        ("paragraph", "Name: Ada Lovelace"),
        ("paragraph", "Below the form."),
        ("note", "Bob: Please check this."),
    ]


def test_letters_of_one_arabic_glyph_keep_their_own_order() -> None:
    glyphs = [
        ("\u062e", 40.0, 0.0, 46.0, 10.0),
        ("\u0627", 30.0, 0.0, 40.0, 10.0),
        ("\u0644", 30.0, 0.0, 40.0, 10.0),
        ("\u0644", 25.0, 0.0, 30.0, 10.0),
    ]
    assert rebuilt(glyphs, []) == [("\u062e\u0644\u0627\u0644", 25.0, 46.0)]


def test_latin_words_and_numbers_in_a_line_from_the_right_run_to_the_right() -> None:
    line = [("\u0648", 90.0), ("R", 70.0), ("2", 76.0), ("\u0645", 50.0), ("\u0646", 44.0)]
    glyphs = [(letter, left, 0.0, left + 6, 10.0) for letter, left in line]
    assert [word for word, _, _ in rebuilt(glyphs, [])] == ["\u0648", "R2", "\u0645\u0646"]


def test_a_wholly_scanned_file_fails_where_nothing_recognises_text() -> None:
    def scanned(path: Path, *, filename: str) -> ParsedDocument:
        return ParsedDocument((), 3, "page", unread_pages=(1, 2, 3))

    pipeline = Pipeline()
    row = pipeline.upload("%PDF")
    ingest = replace(pipeline.ingest, reader_for=lambda _: ReadInProcess(scanned, chunk_per_block), unread=None)
    assert ingest(Hint(cause_id="m1", object_key=row.object_key)) == "rejected"
    state = pipeline.state()
    assert state.code == "no_text"
    assert "scan" in (state.reason or "")
