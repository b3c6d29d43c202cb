from hypothesis import given
from hypothesis import strategies as st

from functions.ml.ingestion.recognised_text import page_blocks, with_recognised
from functions.ml.ingestion.unread_pages import listed
from functions.ml.parsed import Block, ParsedDocument
from functions.ml.recognised import RecognisedLine, RecognisedPage, dump_page, load_page

HIGH = 0.012


def line(text: str, left: float, top: float, width: float = 0.38) -> RecognisedLine:
    return RecognisedLine(text, left, top, left + width, top + HIGH, 0.98)


def texts(*lines: RecognisedLine, turned: int = 0) -> list[str]:
    return [block.text for block in page_blocks(RecognisedPage(lines, turned, aspect=0.7), 1)]


def column(name: str, left: float, top: float, count: int = 5) -> list[RecognisedLine]:
    return [line(f"{name}{number}", left, top + number * 0.014) for number in range(count)]


def test_columns_of_running_text_are_read_one_after_the_other_below_their_title() -> None:
    left, right = column("l", 0.08, 0.2), column("r", 0.54, 0.2)
    mixed = [item for pair in zip(right, left, strict=True) for item in pair]
    title = line("A title across both columns", 0.1, 0.1, width=0.8)
    assert texts(*mixed, title) == ["A title across both columns", "l0 l1 l2 l3 l4", "r0 r1 r2 r3 r4"]


def test_cells_of_a_table_are_read_row_by_row() -> None:
    cells = [
        line(f"{row}{name}", left, 0.2 + row * 0.03, width=0.06)
        for name, left in (("a", 0.1), ("b", 0.5))
        for row in (1, 2)
    ]
    assert texts(*cells) == ["1a 1b", "2a 2b"]


def test_paragraphs_part_where_the_page_leaves_room() -> None:
    assert texts(*column("a", 0.1, 0.1, 2), *column("b", 0.1, 0.2, 2)) == ["a0 a1", "b0 b1"]


def test_lines_that_overlap_because_the_page_is_askew_keep_their_order() -> None:
    askew = [
        RecognisedLine(f"w{number}", 0.1, 0.1 + number * 0.012, 0.9, 0.116 + number * 0.012, 0.9) for number in range(6)
    ]
    assert texts(*reversed(askew)) == ["w0 w1 w2 w3 w4 w5"]


def test_parted_words_are_joined_and_cjk_lines_get_no_space() -> None:
    assert texts(line("a parti-", 0.1, 0.1), line("tion", 0.1, 0.114)) == ["a partition"]
    assert texts(line("anti-", 0.1, 0.1), line("Brexit", 0.1, 0.114)) == ["anti- Brexit"]
    assert texts(line("年度", 0.1, 0.1), line("报告", 0.1, 0.114)) == ["年度报告"]


def test_what_runs_up_the_margin_is_read_last() -> None:
    stamp = RecognisedLine("stamp", 0.02, 0.1, 0.04, 0.6, 0.9)
    assert texts(stamp, *column("l", 0.1, 0.1, 3)) == ["l0 l1 l2", "stamp"]


def test_uncertain_lines_are_left_out() -> None:
    noise = RecognisedLine("~", 0.1, 0.3, 0.3, 0.32, 0.3)
    assert texts(line("A line of the page.", 0.1, 0.1), noise) == ["A line of the page."]
    assert texts(noise) == []


def test_a_page_in_a_script_that_the_model_does_not_know_gives_no_text() -> None:
    guesses = [RecognisedLine("guess", 0.1, 0.1 + 0.02 * at, 0.5, 0.11 + 0.02 * at, 0.7) for at in range(9)]
    assert texts(*guesses) == []
    assert texts(*guesses[:1], *column("A longer line of text ", 0.1, 0.5)) != []


def test_a_turned_page_is_read_in_order_and_its_boxes_stay_where_they_are() -> None:
    upright = [line("first", 0.1, 0.1), line("second", 0.1, 0.5)]
    lying = {
        90: [RecognisedLine(item.text, item.top, 1 - item.right, item.bottom, 1 - item.left, 0.9) for item in upright],
        180: [RecognisedLine(i.text, 1 - i.right, 1 - i.bottom, 1 - i.left, 1 - i.top, 0.9) for i in upright],
        270: [RecognisedLine(item.text, 1 - item.bottom, item.left, 1 - item.top, item.right, 0.9) for item in upright],
    }
    for turned, lines in lying.items():
        blocks = page_blocks(RecognisedPage(tuple(reversed(lines)), turned, aspect=1.4), 7)
        assert [block.text for block in blocks] == ["first", "second"]
        (box,) = blocks[0].boxes
        assert (box.page, box.start) == (7, 0)
        assert box[2:] == (lines[0].left, lines[0].top, lines[0].right, lines[0].bottom)


shares = st.floats(0, 0.9)
anything = st.builds(
    lambda text, left, top, width, height: RecognisedLine(text, left, top, left + width, top + height, 0.9),
    st.text("abc 年-", min_size=1).filter(str.strip), shares, shares, st.floats(0.001, 0.1), st.floats(0.001, 0.1),
)  # fmt: skip


@given(st.lists(anything, max_size=40), st.sampled_from([0, 90, 180, 270]), st.floats(0.2, 5))
def test_no_line_is_lost_or_read_twice_wherever_it_stands(
    lines: list[RecognisedLine], turned: int, aspect: float
) -> None:
    page = RecognisedPage(tuple(lines), turned, aspect)
    kept = "".join(block.text for block in page_blocks(page, 1))
    wanted = "".join(item.text for item in lines)
    for character in "abc年":
        assert kept.count(character) == wanted.count(character)
    assert load_page(dump_page(page)) == page


def test_recognised_pages_stand_among_the_others() -> None:
    typed = tuple(Block("paragraph", f"typed {page}", page=page) for page in (1, 3))
    document = ParsedDocument(typed, 4, "page", "Title", ("note",), (2, 4))
    pages = {number: RecognisedPage((line(f"scanned {number}", 0.1, 0.1),)) for number in (4, 2)}
    full = with_recognised(document, pages)
    assert [block.text for block in full.blocks] == ["typed 1", "scanned 2", "typed 3", "scanned 4"]
    assert (full.title, full.warnings, full.unread_pages) == ("Title", ("note",), ())


def test_page_numbers_are_shown_as_ranges() -> None:
    assert listed([1, 3, 4, 5, 9]) == "1, 3-5, 9"
    assert listed(range(1, 400, 2)).endswith("and 190 more ranges")
