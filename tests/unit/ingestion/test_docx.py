from pathlib import Path

import pytest

from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers import docx
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import TooLarge
from tests.unit.ingestion.office_files import p, word

LIMITS = ParserLimits()
STYLE = '<w:style w:type="paragraph" w:styleId="{}"><w:name w:val="{}"/>{}</w:style>'
TURN = "<w:p><w:r><w:lastRenderedPageBreak/><w:t>{}</w:t></w:r></w:p>"


def read(tmp_path: Path, body: str, **parts: str) -> ParsedDocument:
    return docx.parse(word(tmp_path / "a.docx", body, **parts), LIMITS)


def shape(document: ParsedDocument) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in document.blocks]


def test_hidden_text_is_left_out_and_said(tmp_path: Path) -> None:
    document = read(
        tmp_path, p("Shown") + p("Secret", run="<w:vanish/>") + p("Also shown", run='<w:vanish w:val="0"/>')
    )
    assert shape(document) == [("paragraph", "Shown"), ("paragraph", "Also shown")]
    assert document.warnings == (docx.HIDDEN,)


def test_text_hidden_by_its_style_is_left_out(tmp_path: Path) -> None:
    styles = '<w:style w:type="character" w:styleId="H"><w:name w:val="Ghost"/><w:rPr><w:vanish/></w:rPr></w:style>'
    document = read(tmp_path, p("Shown") + p("Secret", run='<w:rStyle w:val="H"/>'), styles=styles)
    assert shape(document) == [("paragraph", "Shown")]


def test_of_tracked_changes_what_was_inserted_is_read_and_what_was_deleted_is_not(tmp_path: Path) -> None:
    run = "<w:r><w:t>{}</w:t></w:r>"
    body = (
        f"<w:p>{run.format('We pay ')}<w:del><w:r><w:delText>40"
        f"</w:delText></w:r></w:del><w:ins>{run.format('50')}</w:ins></w:p>"
    )
    document = read(tmp_path, body)
    assert shape(document) == [("paragraph", "We pay 50")]
    assert document.warnings == (docx.CHANGES,)


def test_a_footnote_and_a_comment_follow_their_paragraph(tmp_path: Path) -> None:
    body = (
        '<w:p><w:r><w:t>Claim</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r>'
        '<w:r><w:commentReference w:id="0"/></w:r></w:p>' + p("Next")
    )
    notes = (
        f'<w:footnote w:type="separator" w:id="0">{p("---")}'
        f'</w:footnote><w:footnote w:id="2">{p("Source")}</w:footnote>'
    )
    comments = f'<w:comment w:id="0" w:author="Ada">{p("Really?")}</w:comment>'
    assert shape(read(tmp_path, body, footnotes=notes, comments=comments)) == [
        ("paragraph", "Claim"), ("note", "Source"), ("note", "Comment by Ada: Really?"), ("paragraph", "Next"),
    ]  # fmt: skip


def test_a_table_of_contents_is_left_out(tmp_path: Path) -> None:
    gallery = '<w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
    body = f"<w:sdt>{gallery}<w:sdtContent>{p('Contents')}</w:sdtContent></w:sdt>" + p(
        "Intro 3", '<w:pStyle w:val="T"/>'
    )
    assert shape(read(tmp_path, body + p("Text"), styles=STYLE.format("T", "toc 1", ""))) == [("paragraph", "Text")]


def test_numbers_that_word_computes_are_written(tmp_path: Path) -> None:
    level = '<w:lvl w:ilvl="{}"><w:start w:val="1"/><w:numFmt w:val="{}"/><w:lvlText w:val="{}"/></w:lvl>'
    levels = (
        level.format(0, "decimal", "%1.") + level.format(1, "lowerLetter", "%1.%2)") + level.format(2, "bullet", "•")
    )
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>'
    numbering = (
        f'<w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        f'<w:num w:numId="2"><w:abstractNumId w:val="0"/>{override}</w:num>'
    )
    listed = [("One", 0, 1), ("Sub", 1, 1), ("Sub", 1, 1), ("Dot", 2, 1), ("Two", 0, 1), ("Sub", 1, 1), ("Anew", 0, 2)]
    body = "".join(
        p(text, f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>')
        for text, depth, number in listed
    )
    texts = [block.text for block in read(tmp_path, body, numbering=numbering).blocks]
    assert texts == ["1. One", "1.a) Sub", "1.b) Sub", "Dot", "2. Two", "2.a) Sub", "7. Anew"]


def test_a_heading_counts_by_its_style(tmp_path: Path) -> None:
    styles = STYLE.format("H1", "heading 1", '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>')
    numbering = (
        '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/>'
        '<w:pStyle w:val="H1"/><w:lvlText w:val="%1"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )
    body = "".join(p(text, '<w:pStyle w:val="H1"/>') for text in ("First", "Second"))
    document = read(tmp_path, body, styles=styles, numbering=numbering)
    assert [(block.kind, block.level, block.text) for block in document.blocks] == [
        ("heading", 1, "I First"), ("heading", 1, "II Second"),
    ]  # fmt: skip


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{text if text.startswith('<') else p(text)}</w:tc>"


def table(*lines: list[str]) -> str:
    rows = ("<w:tr>" + "".join(line) + "</w:tr>" for line in lines)
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def test_a_tall_cell_stands_in_each_row_and_a_wide_one_once(tmp_path: Path) -> None:
    body = table(
        [cell("Land"), cell("City"), cell("Size")],
        [cell("Peru", '<w:vMerge w:val="restart"/>'), cell("Lima"), cell("9")],
        [cell("", "<w:vMerge/>"), cell("Cusco", '<w:gridSpan w:val="2"/>')],
    )
    assert [block.cells for block in read(tmp_path, body).blocks] == [("Peru", "Lima", "9"), ("Peru", "Cusco", "")]


def test_a_table_in_a_cell_is_its_rows_and_a_frame_of_one_cell_is_none(tmp_path: Path) -> None:
    inner = table([cell("a"), cell("b")], [cell("c"), cell("1")])
    nested = read(tmp_path, table([cell("Left"), cell("Right")], [cell("x"), cell(inner + p("after"))]))
    assert nested.blocks[-1].cells == ("x", "a | b; c | 1; after")
    framed = read(tmp_path, table([cell(inner)]))
    assert [block.kind for block in framed.blocks] == ["table_row"]
    assert framed.blocks[0].header == ("a", "b")


def test_pages_are_those_that_word_marked_where_its_count_agrees(tmp_path: Path) -> None:
    body = p("One") + TURN.format("Two") + TURN.format("Three")
    told = read(tmp_path, body, pages="3")
    assert (told.pages, told.unit, [block.page for block in told.blocks]) == (3, "page", [1, 2, 3])
    doubtful = read(tmp_path, body, pages="9")
    assert (doubtful.pages, doubtful.unit, [block.page for block in doubtful.blocks]) == (1, "section", [None] * 3)


def test_more_pages_than_allowed_are_refused(tmp_path: Path) -> None:
    path = word(tmp_path / "a.docx", TURN.format("Two") * 3, pages="4")
    with pytest.raises(TooLarge, match="4 pages"):
        docx.parse(path, ParserLimits(pages=3))


def test_the_header_of_a_first_page_is_kept_and_others_are_not(tmp_path: Path) -> None:
    section = '<w:sectPr><w:headerReference w:type="{}" r:id="header1"/><w:titlePg/></w:sectPr>'
    assert shape(read(tmp_path, p("Dear Ada") + section.format("first"), header=p("Acme Ltd, Lucerne"))) == [
        ("note", "Acme Ltd, Lucerne"), ("paragraph", "Dear Ada"),
    ]  # fmt: skip
    assert shape(read(tmp_path, p("Dear Ada") + section.format("default"), header=p("Acme"))) == [
        ("paragraph", "Dear Ada")
    ]


def test_fields_show_their_result_and_old_boxes_their_state(tmp_path: Path) -> None:
    mark = '<w:r><w:fldChar w:fldCharType="{}">{}</w:fldChar></w:r>'
    box = "<w:ffData><w:checkBox><w:default w:val='0'/><w:checked/></w:checkBox></w:ffData>"
    body = (
        f"<w:p>{mark.format('begin', '')}<w:r><w:instrText>PAGEREF x</w:instrText></w:r>{mark.format('separate', '')}"
        f"<w:r><w:t>12</w:t></w:r>{mark.format('end', '')}</w:p>"
        f"<w:p>{mark.format('begin', box)}<w:r><w:t>agree</w:t></w:r></w:p>"
    )
    assert shape(read(tmp_path, body)) == [("paragraph", "12"), ("paragraph", "[x] agree")]


def test_what_is_nested_deeper_than_any_program_writes_is_passed_over(tmp_path: Path) -> None:
    nested = "<w:sdt><w:sdtContent>" * 120 + p("deep") + "</w:sdtContent></w:sdt>" * 120
    assert shape(read(tmp_path, p("Shown") + nested)) == [("paragraph", "Shown")]
