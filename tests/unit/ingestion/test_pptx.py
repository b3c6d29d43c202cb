from pathlib import Path
from typing import Any

import pptx as library
import pytest
from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Emu

from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers import pptx
from functions.ml.ingestion.parsing.readers.omml import linear
from functions.ml.parsed import ParsedDocument

LIMITS = ParserLimits()
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"


@pytest.fixture
def deck() -> Any:
    return library.Presentation()


def blank(deck: Any) -> Any:
    return deck.slides.add_slide(deck.slide_layouts[6])


def read(deck: Any, tmp_path: Path) -> ParsedDocument:
    deck.save(str(tmp_path / "a.pptx"))
    return pptx.parse(tmp_path / "a.pptx", LIMITS)


def shape(document: ParsedDocument) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in document.blocks]


def place(deck: Any, left: float, top: float, across: float, down: float) -> list[Emu]:
    sizes = deck.slide_width, deck.slide_height, deck.slide_width, deck.slide_height
    return [Emu(int(share * size)) for share, size in zip((left, top, across, down), sizes, strict=True)]


def test_text_boxes_are_read_from_top_to_bottom_with_their_places(deck: Any, tmp_path: Path) -> None:
    slide = blank(deck)
    for text, left, top in (("below", 0.1, 0.6), ("right", 0.5, 0.2), ("left", 0.1, 0.2)):
        slide.shapes.add_textbox(*place(deck, left, top, 0.25, 0.1)).text_frame.text = text
    document = read(deck, tmp_path)
    assert shape(document) == [("paragraph", "left"), ("paragraph", "right"), ("paragraph", "below")]
    assert document.blocks[1].boxes[0][1:] == pytest.approx((1, 0.5, 0.2, 0.75, 0.3), abs=0.001)


def test_a_shape_in_a_group_stands_where_the_group_puts_it(deck: Any, tmp_path: Path) -> None:
    group = blank(deck).shapes.add_group_shape()
    group.shapes.add_textbox(*place(deck, 0.0, 0.0, 0.5, 0.5)).text_frame.text = "inside"
    group.left, group.top, group.width, group.height = place(deck, 0.5, 0.5, 0.25, 0.25)
    document = read(deck, tmp_path)
    assert document.blocks[0].boxes[0][1:] == pytest.approx((1, 0.5, 0.5, 0.75, 0.75), abs=0.001)


def test_hidden_slides_and_shapes_are_left_out_and_said(deck: Any, tmp_path: Path) -> None:
    first, second = blank(deck), blank(deck)
    first.shapes.add_textbox(*place(deck, 0, 0, 1, 0.1)).text_frame.text = "shown"
    ghost = first.shapes.add_textbox(*place(deck, 0, 0.5, 1, 0.1))
    ghost.text_frame.text = "ghost"
    ghost._element.nvSpPr.cNvPr.set("hidden", "1")
    second.shapes.add_textbox(*place(deck, 0, 0, 1, 0.1)).text_frame.text = "secret"
    second._element.set("show", "0")
    document = read(deck, tmp_path)
    assert shape(document) == [("paragraph", "shown")]
    assert document.warnings == ("Hidden slides were left out: 2.", "Hidden text on slides was left out.")
    assert document.pages == 2


def test_speaker_notes_follow_their_slide(deck: Any, tmp_path: Path) -> None:
    for text in ("one", "two"):
        slide = blank(deck)
        slide.shapes.add_textbox(*place(deck, 0, 0, 1, 0.1)).text_frame.text = text
        slide.notes_slide.notes_text_frame.text = f"Say {text}"
    assert shape(read(deck, tmp_path)) == [
        ("paragraph", "one"),
        ("note", "Say one"),
        ("paragraph", "two"),
        ("note", "Say two"),
    ]


def test_a_chart_is_the_table_of_its_values(deck: Any, tmp_path: Path) -> None:
    data = CategoryChartData()
    data.categories = ["2023", "2024"]
    data.add_series("Ducks", (3, 4.5))
    frame = blank(deck).shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place(deck, 0, 0, 1, 1), data)
    frame.chart.has_title = True
    frame.chart.chart_title.text_frame.text = "Birds"
    document = read(deck, tmp_path)
    assert [block.cells or block.text for block in document.blocks] == ["Birds", ("2023", "3"), ("2024", "4.5")]
    assert document.blocks[1].header == ("", "Ducks")


def test_merged_cells_of_a_table_and_the_place_of_each_row(deck: Any, tmp_path: Path) -> None:
    table = blank(deck).shapes.add_table(3, 2, *place(deck, 0, 0, 1, 0.6)).table
    for row, texts in enumerate((("Land", "City"), ("Peru", "Lima"), ("", "Cusco"))):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    document = read(deck, tmp_path)
    assert [block.cells for block in document.blocks] == [("Peru", "Lima"), ("Peru", "Cusco")]
    assert [round(block.boxes[0].top, 1) for block in document.blocks] == [0.2, 0.4]


def test_numbers_that_powerpoint_computes_are_written(deck: Any, tmp_path: Path) -> None:
    frame = blank(deck).shapes.add_textbox(*place(deck, 0, 0, 1, 0.5)).text_frame
    frame.text = "first\nsecond\nplain\nanew"
    for index in (0, 1, 3):
        properties = frame.paragraphs[index]._p.get_or_add_pPr()
        properties.append(etree.fromstring(f'<a:buAutoNum xmlns:a="{A}" type="alphaLcParenR"/>'))
    assert [text for _, text in shape(read(deck, tmp_path))] == ["a) first", "b) second", "plain", "a) anew"]


def test_a_formula_in_a_wrapped_shape_is_read(deck: Any, tmp_path: Path) -> None:
    slide = blank(deck)
    box = slide.shapes.add_textbox(*place(deck, 0, 0, 1, 0.1))
    box.text_frame.text = "Area"
    power = f'<m:sSup xmlns:m="{M}"><m:e><m:r><m:t>r</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>'
    formula = (
        '<a14:m xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main">'
        f'<m:oMath xmlns:m="{M}">{power}</m:oMath></a14:m>'
    )
    box.text_frame.paragraphs[0]._p.append(etree.fromstring(formula))
    wrapper = etree.fromstring(
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f'<mc:Choice Requires="a14"/><mc:Fallback><p:sp xmlns:p="{P}"/></mc:Fallback></mc:AlternateContent>'
    )
    box._element.getparent().append(wrapper)
    wrapper[0].append(box._element)
    assert shape(read(deck, tmp_path)) == [("paragraph", "Area r^2")]


def run(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


@pytest.mark.parametrize(
    ("inside", "line"),
    [
        (f"<m:f><m:num>{run('a+b')}</m:num><m:den>{run('2')}</m:den></m:f>", "(a+b)/2"),
        (
            (f"<m:f><m:fPr><m:type m:val='noBar'/></m:fPr><m:num>{run('n')}</m:num><m:den>{run('k')}</m:den></m:f>"),
            "(n choose k)",
        ),
        (f"<m:rad><m:deg/><m:e>{run('x')}</m:e></m:rad>", "√(x)"),
        (
            (
                f"<m:nary><m:naryPr><m:chr m:val='∑'/></m:naryPr><m:sub>{run('i=1')}</m:sub><m:sup>{run('n')}</m:sup>"
                f"<m:e>{run('i')}</m:e></m:nary>"
            ),
            "∑_(i=1)^n i",
        ),
        (
            (f"<m:m><m:mr><m:e>{run('a')}</m:e><m:e>{run('b')}</m:e></m:mr><m:mr><m:e>{run('c')}</m:e></m:mr></m:m>"),
            "[a, b; c]",
        ),
        (f"<m:d><m:dPr><m:begChr m:val='['/><m:endChr m:val=')'/></m:dPr><m:e>{run('0,1')}</m:e></m:d>", "[0,1)"),
    ],
)
def test_a_formula_is_written_on_one_line(inside: str, line: str) -> None:
    assert linear(etree.fromstring(f'<m:oMath xmlns:m="{M}">{inside}</m:oMath>')) == line
