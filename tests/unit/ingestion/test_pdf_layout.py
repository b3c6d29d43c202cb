from pathlib import Path

import pytest

from functions.ml.ingestion.parsing.readers.pdf_lines import printable
from functions.ml.ingestion.parsing.readers.pdf_rows import joint
from tests.unit.ingestion.pdf_files import WIDTH, Page, lines, parse, picture, shape, text

PROSE = [
    "The committee met in spring and agreed on the plan for the years to come,",
    "and it asked the members to write down what each of them had to give. The",
    "answers came late but they came, and most of them were longer than asked.",
]
NARROW = ["The committee met in spring and", "agreed on the plan for all years", "to come and asked each member"]


def test_a_paragraph_over_two_pages_is_one_block_with_a_box_on_each(tmp_path: Path) -> None:
    document = parse(
        tmp_path,
        lines([*PROSE, "Nobody knew that the bridge had been closed for repair since the"]),
        lines(["first week of March, and so all came late.", "A new day began."]),
    )
    (block,) = document.blocks
    assert [box.page for box in block.boxes] == [1, 2]
    assert block.text[block.boxes[1].start :].startswith("first week of March")
    assert "since the first week" in block.text


def test_a_paragraph_over_two_columns_is_one_block_with_a_box_in_each(tmp_path: Path) -> None:
    content = lines([*NARROW, "about the bridge that had been"], left=60) + lines(
        ["closed since the first week of", "March."], left=320
    )
    (block,) = parse(tmp_path, content).blocks
    left, right = block.boxes
    assert left.right < 0.5 < right.left
    assert block.text[right.start :] == "closed since the first week of March."


def test_three_columns_are_read_one_after_the_other_though_written_line_by_line(tmp_path: Path) -> None:
    columns = [
        [f"{name} column has line number {row} in it" for row in range(6)] for name in ("First", "Second", "Third")
    ]
    content = "".join(
        text(columns[at][row], 30 + 195 * at, 100 + 12 * row, size=8) for row in range(6) for at in range(3)
    )
    whole = " ".join(block.text for block in parse(tmp_path, content).blocks)
    order = [whole.index(columns[at][row]) for at in range(3) for row in range(6)]
    assert order == sorted(order)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_boxes_are_shares_of_the_page_as_it_is_shown(tmp_path: Path, turn: int) -> None:
    (block,) = parse(tmp_path, Page(text("Upper left corner", 6, 8), f"/Rotate {turn}")).blocks
    (box,) = block.boxes
    corner = {0: (0.0, 0.0), 90: (1.0, 0.0), 180: (1.0, 1.0), 270: (0.0, 1.0)}[turn]
    assert min(abs(box.left - corner[0]), abs(box.right - corner[0])) < 0.05
    assert min(abs(box.top - corner[1]), abs(box.bottom - corner[1])) < 0.05


def test_the_crop_box_is_the_page_and_what_it_cuts_off_is_not_read(tmp_path: Path) -> None:
    content = text("inside the page", 100, 400) + text("outside of it", 480, 400)
    (block,) = parse(tmp_path, Page(content, "/CropBox [100 0 400 800]")).blocks
    assert block.text == "inside the page"
    assert block.boxes[0].left == pytest.approx(0, abs=0.01)
    assert block.boxes[0].right == pytest.approx(70 / 300, abs=0.05)


def test_text_that_runs_up_the_margin_is_read_and_stands_there(tmp_path: Path) -> None:
    sideways = "BT /F1 10 Tf 0 1 -1 0 30 200 Tm (Stamped on the left) Tj ET\n"
    document = parse(tmp_path, lines(PROSE) + sideways)
    stamp = document.blocks[-1]
    assert stamp.text == "Stamped on the left"
    (box,) = stamp.boxes
    assert box.right < 0.06
    assert box.bottom - box.top > 0.08


def test_a_hyphen_goes_where_a_word_was_wrapped_and_stays_where_it_is_written(tmp_path: Path) -> None:
    rows = [
        "This is a well-known way of wrapping that the com-",
        "mittee chose, and a well-",
        "known one.",
    ]
    whole = " ".join(block.text for block in parse(tmp_path, lines(rows)).blocks)
    assert "the committee chose" in whole
    assert whole.count("well-known") == 2


def test_running_lines_and_page_numbers_go_and_the_text_stays(tmp_path: Path) -> None:
    pages = [
        text("Annual report of the company", 60, 30)
        + lines([f"Page body number {'abcdef'[at]} says this."])
        + text(str(at + 7), 300, 770)
        for at in range(6)
    ]
    assert [block.text for block in parse(tmp_path, *pages).blocks] == [
        f"Page body number {name} says this." for name in "abcdef"
    ]


def test_two_pages_keep_what_returns_on_them_once(tmp_path: Path) -> None:
    pages = [text("Minutes of the board", 60, 30) + lines([f"Point {name} was agreed."]) for name in ("one", "two")]
    texts = [block.text for block in parse(tmp_path, *pages).blocks]
    assert texts == ["Minutes of the board", "Point one was agreed.", "Point two was agreed."]


def test_notes_stand_after_the_text_of_their_page(tmp_path: Path) -> None:
    first = lines([*PROSE, "It was said1 that the bridge had been closed and that nobody knew of the"]) + text(
        "1 By the mayor, in a letter.", 60, 740, size=7
    )
    document = parse(tmp_path, first, lines(["repair."]))
    assert [block.kind for block in document.blocks] == ["paragraph", "note"]
    assert document.blocks[0].text.endswith("knew of the repair.")
    assert document.blocks[1].text == "1 By the mayor, in a letter."


def test_a_note_at_the_foot_of_a_column_does_not_part_the_sentence_above_it(tmp_path: Path) -> None:
    left = lines([*NARROW, "about the bridge1 that had been"]) + text("1 By the mayor, in a letter.", 60, 700, size=7)
    right = lines(["closed since the first week of", "March."], left=320) + lines(NARROW, left=320, top=640)
    document = parse(tmp_path, left + right)
    assert [block.kind for block in document.blocks] == ["paragraph", "paragraph", "note"]
    assert "had been closed since" in document.blocks[0].text


def test_the_header_of_a_chapter_goes_though_it_stands_on_few_of_the_pages(tmp_path: Path) -> None:
    pages = [
        (text("The fourth chapter", 60, 30) if 10 <= at < 15 else "") + lines([f"Page {chr(97 + at)} says this much."])
        for at in range(26)
    ]
    assert "fourth" not in " ".join(block.text for block in parse(tmp_path, *pages).blocks)


def test_captions_lists_and_drop_capitals_are_told_apart(tmp_path: Path) -> None:
    content = (
        text("T", 60, 100, size=30)
        + text("he story begins on a cold day in the north of the land.", 82, 101)
        + lines(["1. Buy bread", "2. Sell it"], top=180)
        + text("Figure 3: The oven.", 60, 300)
    )
    assert shape(parse(tmp_path, content)) == [
        ("paragraph", "The story begins on a cold day in the north of the land."),
        ("list_item", "1. Buy bread"),
        ("list_item", "2. Sell it"),
        ("caption", "Figure 3: The oven."),
    ]


def test_text_that_is_drawn_invisibly_over_a_scan_is_kept(tmp_path: Path) -> None:
    document = parse(
        tmp_path, picture() + text("Recognised words of a scanned page, quite a lot", 60, 100, more="3 Tr")
    )
    assert document.unread_pages == ()
    assert shape(document) == [("paragraph", "Recognised words of a scanned page, quite a lot")]


def test_bookmarks_and_size_and_slant_make_headings(tmp_path: Path) -> None:
    content = (
        text("A larger title", 60, 60, size=20)
        + text("Plain words that a bookmark names", 60, 100)
        + lines(PROSE, top=140)
        + text("Slanted title", 60, 200, font="F3")
        + lines(PROSE * 4, top=220)
    )
    objects = [
        "<< /Type /Outlines /First 11 0 R /Last 11 0 R /Count 1 >>",
        "<< /Title (2.1 Plain words that a bookmark names) /Parent 10 0 R /Dest [13 0 R /Fit] >>",
    ]
    document = parse(tmp_path, content, catalog="/Outlines 10 0 R", objects=objects)
    assert [block.text for block in document.blocks if block.kind == "heading"] == [
        "A larger title",
        "Plain words that a bookmark names",
        "Slanted title",
    ]


def test_no_box_leaves_its_page(tmp_path: Path) -> None:
    (block,) = parse(tmp_path, text("W" * 90, 20, 100, size=12)).blocks
    assert block.boxes[0].right == 1.0
    assert WIDTH > 0


@pytest.mark.parametrize(
    ("above", "below", "between"),
    [("compu", "ter", ""), ("Schwarz", "Weiß", "-"), ("covid", "19", "-")],
)
def test_a_broken_word_keeps_its_hyphen_before_a_capital_or_a_digit(above: str, below: str, between: str) -> None:
    assert joint(above, below, broken=True) == between


@pytest.mark.parametrize(
    ("above", "below", "between"), [("日本", "語で", ""), ("한국", "어", " "), ("two", "words", " ")]
)
def test_lines_of_scripts_without_spaces_are_joined_without(above: str, below: str, between: str) -> None:
    assert joint(above, below, broken=False) == between


@pytest.mark.parametrize(
    ("raw", "shown"),
    [("x\x00y", "xy"), ("A . . . . . . 7", "A  … 7"), ("ef\ufb01cient", "efficient"), ("\uf0b7 item", "• item")],
)
def test_signs_without_a_meaning_go_and_ligatures_are_written_out(raw: str, shown: str) -> None:
    assert printable(raw) == shown
