from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers import ods, xls, xlsx
from functions.ml.ingestion.parsing.readers.sheet_tables import sheet_blocks
from functions.ml.ingestion.parsing.readers.xlsx_formats import number_format
from functions.ml.ingestion.parsing.readers.xlsx_sheet import column_number
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Invalid, TooLarge
from tests.unit.ingestion.office_files import excel, odf, rows

LIMITS = ParserLimits()
OFFICE = Path(__file__).parents[2] / "data" / "office"


def cells(document: ParsedDocument) -> list[Any]:
    return [block.cells or block.text for block in document.blocks]


@pytest.mark.parametrize(
    ("code", "stored", "shown"),
    [
        ("General", "3.0", "3"), ("General", "0.1", "0.1"), ("0.00", "3.14159", "3.14159"), ("0%", "0.25", "25%"),
        ("0.00%", "0.12345", "12.345%"), ("#,##0", "1234567", "1234567"), ('"€"#,##0.00', "99.5", "€99.5"),
        ("[$CHF-807] #,##0", "12", "CHF 12"), ('0.0 "kg"', "2.5", "2.5 kg"), ("0.00E+00", "12000", "12000"),
        ("yyyy-mm-dd", "45292", "2024-01-01"), ("dd/mm/yyyy hh:mm", "45292.5", "2024-01-01 12:00"),
        ("h:mm", "0.75", "18:00"),
        ("[h]:mm", "1.5", "36:00:00"), ("mmm yy", "45292", "2024-01-01"), ("0;[Red]-0", "-4", "-4"),
        ("d", "1", "1900-01-01"),
        ("yyyy", "99999999999", "99999999999"), ("@", "7", "7"),
    ],
)  # fmt: skip
def test_a_number_is_shown_as_its_format_says_without_losing_digits(code: str, stored: str, shown: str) -> None:
    assert number_format(code).shown(stored, since_1904=False) == shown


def test_days_are_counted_from_1904_where_the_workbook_says_so() -> None:
    assert number_format("yyyy-mm-dd").shown("0", since_1904=True) == "1904-01-01"


@settings(deadline=None)
@given(st.text(max_size=30), st.floats(allow_nan=False, allow_infinity=False))
def test_any_format_code_shows_any_number(code: str, value: float) -> None:
    assert isinstance(number_format(code).shown(repr(value), since_1904=False), str)


@pytest.mark.parametrize(("letters", "number"), [("A", 1), ("Z", 26), ("AA", 27), ("XFD", 16384), ("É", 0), ("", 0)])
def test_columns_are_counted_by_their_letters(letters: str, number: int) -> None:
    assert column_number(letters) == number


def test_the_style_of_a_cell_shows_its_number(tmp_path: Path) -> None:
    styles = (
        '<numFmts><numFmt numFmtId="164" formatCode="0.0%"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>'
    )
    data = (
        '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Share</t>'
        '</is></c><c r="B1" s="1"><v>0.125</v></c></row></sheetData>'
    )
    document = xlsx.parse(excel(tmp_path / "a.xlsx", {"Sheet1": data}, styles=styles), LIMITS)
    assert cells(document) == [("Share", "12.5%")]


def test_hidden_sheets_rows_and_columns_are_left_out_and_said(tmp_path: Path) -> None:
    columns = '<cols><col min="2" max="2" hidden="1"/></cols>'
    shown = columns + rows(
        ["Name", "Pay", "City"], ["Ada", 9000, "Rome"], ["Bob", 8000, "Oslo"], attributes={3: 'hidden="1"'}
    )
    path = excel(tmp_path / "a.xlsx", {"Staff": shown, "Salaries": rows(["Eve", 1])}, states={"Salaries": "veryHidden"})
    document = xlsx.parse(path, LIMITS)
    assert cells(document) == ["Staff", ("Ada", "Rome")]
    assert document.warnings == (
        "Hidden sheets were left out: Salaries.",
        "Hidden rows or columns were left out, on the sheets: Staff.",
    )


@pytest.mark.parametrize("view", ["filter", "group"])
def test_what_a_filter_or_a_folded_group_hides_is_read(tmp_path: Path, view: str) -> None:
    before = '<sheetPr filterMode="1"/>' if view == "filter" else ""
    attributes = 'hidden="1"' if view == "filter" else 'hidden="1" outlineLevel="1"'
    data = before + rows(["Name", "City"], ["Ada", "Rome"], ["Bob", "Oslo"], attributes={3: attributes})
    document = xlsx.parse(excel(tmp_path / "a.xlsx", {"Sheet1": data}), LIMITS)
    assert cells(document) == [("Ada", "Rome"), ("Bob", "Oslo")]
    assert not document.warnings


def test_a_tall_merged_cell_stands_in_each_row(tmp_path: Path) -> None:
    data = (
        rows(["Land", "City", "Size"], ["Peru", "Lima", 9], [None, "Cusco", 4])
        + '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>'
    )
    document = xlsx.parse(excel(tmp_path / "a.xlsx", {"Sheet1": data}), LIMITS)
    assert cells(document) == [("Peru", "Lima", "9"), ("Peru", "Cusco", "4")]


def test_a_merged_area_over_all_rows_costs_nothing(tmp_path: Path) -> None:
    data = rows(["a", "b"]) + '<mergeCells><mergeCell ref="A1:A1048576"/></mergeCells>'
    assert cells(xlsx.parse(excel(tmp_path / "a.xlsx", {"Sheet1": data}), LIMITS)) == [("a", "b")]


def test_cells_at_the_far_corners_of_a_sheet_cost_nothing(tmp_path: Path) -> None:
    data = (
        '<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
        '<row r="99999999"><c r="A99999999"><v>3</v></c></row></sheetData>'
    )
    document = xlsx.parse(excel(tmp_path / "a.xlsx", {"Sheet1": data}), LIMITS)
    assert cells(document) == ["1", "2"]


def test_scattered_cells_become_rows_of_what_is_there() -> None:
    diagonal = {number: {number: f"a{number}", number + 1: f"b{number}"} for number in range(1, 3000)}
    blocks = list(sheet_blocks(diagonal, table=0, page=1, sheet="S"))
    assert len(blocks) == 2999
    assert blocks[10].cells == ("a11", "b11")


def test_tables_side_by_side_are_parted_by_their_heights_only() -> None:
    one = {1: {1: "Name", 2: "Age"}, 2: {1: "Ada", 2: "3"}, 3: {1: "Bob", 2: "4"}}
    other = {2: {5: "City", 6: "Size"}, 3: {5: "Rome", 6: "9"}, 4: {5: "Oslo", 6: "7"}}
    both = {number: {**one.get(number, {}), **other.get(number, {})} for number in range(1, 5)}
    blocks = list(sheet_blocks(both, table=0, page=1, sheet="S"))
    assert [(block.table, block.header, block.cells) for block in blocks] == [
        (0, ("Name", "Age"), ("Ada", "3")), (0, ("Name", "Age"), ("Bob", "4")),
        (1, ("City", "Size"), ("Rome", "9")), (1, ("City", "Size"), ("Oslo", "7")),
    ]  # fmt: skip
    spaced = {1: {1: "Name", 3: "Age"}, 2: {1: "Ada", 3: "3"}}
    assert [block.cells for block in sheet_blocks(spaced, table=0, page=1, sheet="S")] == [("Ada", "3")]


def test_more_sheets_than_pages_allowed_are_refused(tmp_path: Path) -> None:
    path = excel(tmp_path / "a.xlsx", {f"S{number}": "" for number in range(4)})
    with pytest.raises(TooLarge, match="4 sheets"):
        xlsx.parse(path, ParserLimits(pages=3))


def test_a_binary_workbook_leaves_its_hidden_sheet_out() -> None:
    document = xls.parse(OFFICE / "made_stock.xlsb", LIMITS)
    assert cells(document) == ["Stock", ("Hinge", "40"), ("Bolt", "12.5")]
    assert document.warnings == ("Hidden sheets were left out: Secret.",)


def calc(text: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"


def test_an_opendocument_sheet_is_read_as_shown_without_what_is_hidden(tmp_path: Path) -> None:
    styles = (
        '<style:style style:name="H" style:family="table"><style:table-properties table:display="false"/></style:style>'
    )
    share = calc("25 %", 'office:value="0.25"')
    body = (
        '<table:table table:name="Staff"><table:table-column/>'
        '<table:table-column table:visibility="collapse"/><table:table-column/>'
        f"<table:table-row>{calc('Name')}{calc('Pay')}{calc('Share')}</table:table-row>"
        f"<table:table-row>{calc('Ada')}{calc('9000')}{share}</table:table-row>"
        f'<table:table-row table:visibility="collapse">{calc("Bob")}{calc("1")}{calc("1 %")}</table:table-row>'
        f'<table:table-row table:visibility="filter">{calc("Cy")}{calc("1")}{calc("2 %")}</table:table-row>'
        '</table:table><table:table table:name="Secret" table:style-name="H"><table:table-row>'
        f"{calc('x')}</table:table-row></table:table>"
    )
    document = ods.parse(odf(tmp_path / "a.ods", "spreadsheet", body, styles=styles), LIMITS)
    assert cells(document) == ["Staff", ("Ada", "25 %"), ("Cy", "2 %")]
    assert [warning.partition(" were")[0] for warning in document.warnings] == [
        "Hidden sheets",
        "Hidden rows or columns",
    ]


def test_repeated_empty_cells_cost_nothing_and_repeated_full_ones_are_bounded(tmp_path: Path) -> None:
    row = '<table:table-row table:number-rows-repeated="1048575">{}</table:table-row>'
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    body = '<table:table table:name="S"><table:table-row>{}</table:table-row>{}</table:table>'
    document = ods.parse(odf(tmp_path / "a.ods", "spreadsheet", body.format(calc("a"), row.format(empty))), LIMITS)
    assert cells(document)[-1] == "a"
    full = row.format(calc("x", 'table:number-columns-repeated="16384"'))
    with pytest.raises(TooLarge) as caught:
        ods.parse(odf(tmp_path / "b.ods", "spreadsheet", body.format(calc("a"), full)), LIMITS)
    assert caught.value.code == "parser_limit"


def test_comments_on_opendocument_cells_name_who_wrote_them(tmp_path: Path) -> None:
    note = "<office:annotation><dc:creator>Ada</dc:creator><text:p>Sure?</text:p></office:annotation>"
    body = (
        '<table:table table:name="Stock"><table:table-row><table:table-cell>'
        f"{note}<text:p>Forty</text:p></table:table-cell>{calc('two')}</table:table-row></table:table>"
    )
    document = ods.parse(odf(tmp_path / "a.ods", "spreadsheet", body), LIMITS)
    assert cells(document) == ["Stock", ("Forty", "two"), "Comment by Ada: Sure?"]


def test_a_locked_opendocument_file_is_refused_as_that(tmp_path: Path) -> None:
    manifest = '<m:manifest xmlns:m="x"><m:encryption-data/></m:manifest>'
    path = odf(tmp_path / "a.ods", "spreadsheet", "", extra={"META-INF/manifest.xml": manifest})
    with pytest.raises(Invalid) as caught:
        ods.parse(path, LIMITS)
    assert caught.value.code == "password_protected"
