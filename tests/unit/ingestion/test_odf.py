from dataclasses import replace
from pathlib import Path

import pytest

from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers import docx, odp, odt
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Invalid, TooLarge
from tests.unit.ingestion.office_files import flat, odf

LIMITS = ParserLimits()
OFFICE = Path(__file__).parents[2] / "data" / "office"
EMPTY = {"meta.xml": "<office:document-meta ROOT/>", "styles.xml": "<office:document-styles ROOT/>"}
META = (
    "<office:document-meta ROOT><office:meta>"
    '<meta:document-statistic meta:page-count="{}"/></office:meta></office:document-meta>'
)


def read(tmp_path: Path, body: str, styles: str = "", pages: int = 0) -> ParsedDocument:
    extra = {"meta.xml": META.format(pages)} if pages else {}
    return odt.parse(odf(tmp_path / "a.odt", "text", body, styles=styles, extra=extra), LIMITS)


def shape(document: ParsedDocument) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in document.blocks]


@pytest.mark.parametrize(("style", "level"), [("Title", 1), ("Subtitle", 2)])
def test_a_title_by_its_style_is_a_heading(tmp_path: Path, style: str, level: int) -> None:
    styles = (
        f'<style:style style:name="{style}" style:family="paragraph"/>'
        f'<style:style style:name="P1" style:family="paragraph" style:parent-style-name="{style}"/>'
    )
    (block,) = read(tmp_path, '<text:p text:style-name="P1">Birds</text:p>', styles).blocks
    assert (block.kind, block.level, block.text) == ("heading", level, "Birds")


def test_spaces_are_those_that_the_format_means(tmp_path: Path) -> None:
    body = '<text:p>a\n   b<text:s text:c="2"/>c<text:tab/>d<text:line-break/>e<text:span> f</text:span> g</text:p>'
    assert shape(read(tmp_path, body)) == [("paragraph", "a b c d\ne f g")]


def test_hidden_text_is_left_out_and_said(tmp_path: Path) -> None:
    styles = (
        '<style:style style:name="T" style:family="text"><style:text-properties text:display="none"/></style:style>'
    )
    body = (
        '<text:p>Shown<text:span text:style-name="T"> secret</text:span></text:p>'
        '<text:section text:display="none"><text:p>hidden section</text:p></text:section>'
    )
    document = read(tmp_path, body, styles)
    assert shape(document) == [("paragraph", "Shown")]
    assert document.warnings == (docx.HIDDEN,)


def test_of_tracked_changes_what_was_deleted_is_left_out(tmp_path: Path) -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>forty</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes><text:p>We pay <text:change/>fifty</text:p>"
    )
    document = read(tmp_path, body)
    assert shape(document) == [("paragraph", "We pay fifty")]
    assert document.warnings == (docx.CHANGES,)


def test_notes_and_comments_follow_their_paragraph(tmp_path: Path) -> None:
    body = (
        "<text:p>Claim<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Source</text:p>"
        "</text:note-body></text:note><office:annotation><dc:creator>Ada</dc:creator><text:p>Really?</text:p>"
        "</office:annotation>.</text:p><text:p>Next</text:p>"
    )
    assert shape(read(tmp_path, body)) == [
        ("paragraph", "Claim."), ("note", "Source"), ("note", "Comment by Ada: Really?"), ("paragraph", "Next"),
    ]  # fmt: skip


def test_a_table_of_contents_is_left_out(tmp_path: Path) -> None:
    contents = (
        "<text:table-of-content><text:index-body><text:p>Intro 3</text:p></text:index-body></text:table-of-content>"
    )
    assert shape(read(tmp_path, contents + '<text:h text:outline-level="2">Intro</text:h>')) == [("heading", "Intro")]


def test_numbers_of_lists_are_written_and_counted_on(tmp_path: Path) -> None:
    styles = (
        '<text:list-style style:name="L">'
        '<text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>'
        '<text:list-level-style-number text:level="2" style:num-format="a" style:num-suffix=")"'
        ' text:display-levels="2"/>'
        "</text:list-style>"
    )
    item = "<text:list-item><text:p>{}</text:p>{}</text:list-item>"
    inner = f"<text:list>{item.format('sub', '')}{item.format('sub', '')}</text:list>"
    first = f'<text:list text:style-name="L">{item.format("one", inner)}{item.format("two", "")}</text:list>'
    on = f'<text:list text:style-name="L" text:continue-numbering="true">{item.format("three", "")}</text:list>'
    anew = f'<text:list text:style-name="L">{item.format("one", "")}</text:list>'
    texts = [text for _, text in shape(read(tmp_path, first + "<text:p>between</text:p>" + on + anew, styles))]
    assert texts == ["1. one", "1.a) sub", "1.b) sub", "2. two", "between", "3. three", "1. one"]


def cell(text: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"


def test_a_tall_cell_stands_in_each_row_and_a_wide_one_once(tmp_path: Path) -> None:
    covered = "<table:covered-table-cell/>"
    body = "".join((
        "<table:table><table:table-header-rows><table:table-row>", cell("Land"), cell("City"), cell("1"),
        "</table:table-row></table:table-header-rows><table:table-row>", cell("Peru", 'table:number-rows-spanned="2"'),
        cell("Lima"), cell("9"), "</table:table-row><table:table-row>", covered,
        cell("Cusco", 'table:number-columns-spanned="2"'), covered, "</table:table-row></table:table>",
    ))  # fmt: skip
    document = read(tmp_path, body)
    assert [block.cells for block in document.blocks] == [("Peru", "Lima", "9"), ("Peru", "Cusco", "")]
    assert document.blocks[0].header == ("Land", "City", "1")


def test_a_table_of_repeated_cells_is_bounded(tmp_path: Path) -> None:
    repeated = cell("x", 'table:number-columns-repeated="900000"')
    row = f'<table:table-row table:number-rows-repeated="900000">{repeated}</table:table-row>'
    with pytest.raises(TooLarge) as caught:
        read(tmp_path, f"<table:table>{row}</table:table>")
    assert caught.value.code == "parser_limit"


def test_pages_are_those_that_the_program_marked_where_its_count_agrees(tmp_path: Path) -> None:
    styles = (
        '<style:style style:name="B" style:family="paragraph">'
        '<style:paragraph-properties fo:break-before="page"/></style:style>'
    )
    body = (
        "<text:p>One</text:p><text:soft-page-break/><text:p>Two</text:p>"
        '<text:p>Still two<text:soft-page-break/> and three</text:p><text:p text:style-name="B">Four</text:p>'
    )
    told = read(tmp_path, body, styles, pages=4)
    assert (told.pages, told.unit, [block.page for block in told.blocks]) == (4, "page", [1, 2, 2, 4])
    assert read(tmp_path, body, styles, pages=9).unit == "section"


def test_a_chart_is_the_table_of_its_values(tmp_path: Path) -> None:
    values = "".join(
        f"<table:table-row>{''.join(map(cell, row))}</table:table-row>"
        for row in (["", "2023", "2024"], ["Ducks", "3", "4"])
    )
    chart = (
        "<office:document-content ROOT><office:body><office:chart>"
        "<chart:chart><chart:title><text:p>Birds</text:p></chart:title>"
        f"<table:table>{values}</table:table></chart:chart></office:chart></office:body></office:document-content>"
    )
    frame = '<text:p><draw:frame><draw:object xlink:href="./Object 1"/></draw:frame></text:p>'
    path = odf(tmp_path / "a.odt", "text", frame, extra={"Object 1/content.xml": chart})
    assert [block.cells or block.text for block in odt.parse(path, LIMITS).blocks] == ["Birds", ("Ducks", "3", "4")]


def test_slides_keep_their_title_order_places_and_notes_and_hidden_ones_are_left_out(tmp_path: Path) -> None:
    styles = (
        '<style:page-layout style:name="PM">'
        '<style:page-layout-properties fo:page-width="20cm" fo:page-height="10cm"/></style:page-layout>'
        '<style:master-page style:name="M" style:page-layout-name="PM"/>'
        '<style:style style:name="H" style:family="drawing-page">'
        '<style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    )
    frame = (
        '<draw:frame svg:x="{}cm" svg:y="{}cm" svg:width="5cm" svg:height="1cm" {}>'
        "<draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
    )
    notes = (
        "<presentation:notes>" + frame.format(0, 0, 'presentation:class="notes"', "Say hello") + "</presentation:notes>"
    )
    slide = (
        '<draw:page draw:master-page-name="M">' + frame.format(10, 5, "", "right") + frame.format(0, 5, "", "left")
        + frame.format(1, 8, 'presentation:class="title"', "Plan")
        + frame.format(0, 9, 'presentation:placeholder="true"', "Click")
        + notes + '</draw:page><draw:page draw:style-name="H">' + frame.format(0, 0, "", "secret") + "</draw:page>"
    )  # fmt: skip
    document = odp.parse(odf(tmp_path / "a.odp", "presentation", slide, styles=styles), LIMITS)
    assert shape(document) == [
        ("paragraph", "left"),
        ("paragraph", "right"),
        ("heading", "Plan"),
        ("note", "Say hello"),
    ]
    assert document.blocks[1].boxes[0][1:] == (1, 0.5, 0.5, 0.75, 0.6)
    assert (document.pages, document.warnings) == (2, ("Hidden slides were left out: 2.",))


@pytest.mark.parametrize("name", ["text_document_01.odt", "odf_table_with_title_01.ods", "odf_presentation_02.odp"])
def test_a_file_of_one_xml_is_read_as_its_archive_is(tmp_path: Path, name: str) -> None:
    archive = parse_file(OFFICE / name, filename=name, limits=LIMITS)
    path = flat(tmp_path / f"a.f{name[-3:]}", OFFICE / name)
    found = parse_file(path, filename=path.name, limits=LIMITS)
    assert (found.format, archive.format) == (path.suffix[1:], name[-3:])
    assert replace(found, format=archive.format) == archive


def test_pictures_in_a_file_of_one_xml_are_passed_over(tmp_path: Path) -> None:
    path = flat(tmp_path / "a.fodt", odf(tmp_path / "a.odt", "text", "<text:p>Text</text:p>", extra=EMPTY))
    picture = b"<office:binary-data>" + b"QUJD" * 3_000_000 + b"</office:binary-data></text:p>"
    path.write_bytes(path.read_bytes().replace(b"</text:p>", picture))
    assert [block.text for block in odt.parse(path, LIMITS).blocks] == ["Text"]


@pytest.mark.parametrize("content", ["<a>text</a>", "no XML", "<office:document"])
def test_what_only_calls_itself_such_a_file_is_damaged(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.fodt").write_text(content, encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        odt.parse(tmp_path / "a.fodt", LIMITS)
    assert caught.value.code == "unreadable"
