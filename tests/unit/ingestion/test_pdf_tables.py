from pathlib import Path

from functions.ml.parsed import ParsedDocument
from tests.unit.ingestion.pdf_files import grid, lines, parse, rule, shape, text

XS = (60.0, 200.0, 300.0, 400.0)


def cells(document: ParsedDocument) -> list[tuple[str, ...]]:
    return [block.cells for block in document.blocks if block.kind == "table_row"]


def ruled(rows: list[list[str]], top: float = 100) -> str:
    ys = [top + 20 * at for at in range(len(rows) + 1)]
    written = [text(cell, XS[c] + 5, ys[r] + 4) for r, row in enumerate(rows) for c, cell in enumerate(row)]
    return grid(XS, ys) + "".join(written)


def test_ruled_cells_are_rows_with_their_header_and_boxes(tmp_path: Path) -> None:
    document = parse(tmp_path, ruled([["City", "Size", "Year"], ["Lima", "9", "1535"], ["Cusco", "2", "1534"]]))
    assert cells(document) == [("Lima", "9", "1535"), ("Cusco", "2", "1534")]
    first, second = document.blocks
    assert first.header == ("City", "Size", "Year")
    assert first.boxes[0].bottom <= second.boxes[0].top + 0.01
    assert abs(first.boxes[0].left - 0.1) < 0.01
    assert abs(first.boxes[0].right - 400 / 600) < 0.01


def test_what_heads_a_table_is_a_heading_though_little_else_is_text(tmp_path: Path) -> None:
    rows = [["City", "Size", "Year"], *(["Lima and its harbour", f"{n}", "1535"] for n in range(8))]
    document = parse(tmp_path, text("Cities of Peru", 60, 60, size=10, font="F2") + ruled(rows))
    assert (document.blocks[0].kind, document.blocks[0].text) == ("heading", "Cities of Peru")


def test_a_cell_over_rows_stands_in_each_and_one_of_two_lines_is_one(tmp_path: Path) -> None:
    content = (
        rule(60, 100, 400, 100) + rule(200, 140, 400, 140) + rule(60, 180, 400, 180)
        + "".join(rule(x, 100, x, 180) for x in XS)
        + text("Peru", 65, 134) + text("Lima", 205, 104) + text("the great", 205, 118) + text("9", 305, 110)
        + text("Cusco", 205, 150) + text("2", 305, 150)
    )  # fmt: skip
    assert cells(parse(tmp_path, content)) == [("Peru", "Lima the great", "9"), ("Peru", "Cusco", "2")]


def test_a_table_goes_on_on_the_next_page_without_its_header_again(tmp_path: Path) -> None:
    head = ["City", "Size", "Year"]
    document = parse(tmp_path, ruled([head, ["Lima", "9", "1535"]]), ruled([head, ["Cusco", "2", "1534"]]))
    assert cells(document) == [("Lima", "9", "1535"), ("Cusco", "2", "1534")]
    assert [(block.table, block.page, block.boxes[0].page) for block in document.blocks] == [(0, 1, 1), (0, 2, 2)]


def test_columns_of_numbers_without_lines_are_a_table(tmp_path: Path) -> None:
    rows = [("Quarter", "Sales", "Cost"), ("First", "120", "80"), ("Second", "140", "90"), ("Third", "95", "70")]
    content = "".join(
        text(cell, 60 + 120 * c, 100 + 14 * r) for r, row in enumerate(rows) for c, cell in enumerate(row)
    )
    document = parse(tmp_path, content)
    assert cells(document) == list(rows[1:])
    assert document.blocks[0].header == rows[0]


def test_prose_in_columns_a_list_and_a_table_of_contents_are_no_table(tmp_path: Path) -> None:
    prose = [
        "The committee met in spring and",
        "agreed on the plan for all years",
        "to come and asked each member",
        "to write.",
    ]
    columns = lines(prose, left=60) + lines(prose, left=320)
    listed = "".join(
        text(mark, 60, 300 + 14 * at) + text("an item", 85, 300 + 14 * at)
        for at, mark in enumerate("abc", 1)
        for mark in [f"{mark})"]
    )
    contents = "".join(
        text(f"Chapter {name}", 60, 500 + 12 * at)
        + text("." * 40, 160, 500 + 12 * at)
        + text(str(at), 400, 500 + 12 * at)
        for at, name in enumerate(("one", "two", "three", "four"), 3)
    )
    assert cells(parse(tmp_path, columns + listed + contents)) == []


def test_a_frame_around_prose_is_no_table(tmp_path: Path) -> None:
    document = parse(tmp_path, grid((50, 550), (90, 200)) + lines(["A warning in a box.", "Mind it well."]))
    assert shape(document) == [("paragraph", "A warning in a box. Mind it well.")]


def test_frames_under_each_other_are_no_table_of_one_column(tmp_path: Path) -> None:
    boxes = grid((50, 550), (90, 130, 170, 210))
    said = [
        lines([f"Step {n}: open valve {n}.", f"Wait {n} minutes."], top=100 + 40 * at) for at, n in enumerate((3, 5, 7))
    ]
    document = parse(tmp_path, boxes + "".join(said))
    assert {block.kind for block in document.blocks} == {"paragraph"}
    assert "Step 5: open valve 5. Wait 5 minutes." in [block.text for block in document.blocks]


def test_a_frame_with_an_empty_column_for_a_sign_is_no_table(tmp_path: Path) -> None:
    boxes = grid((50, 80, 550), (90, 130, 170, 210))
    said = [lines([f"Step {n}: open valve {n}.", f"Wait {n} minutes."], 90, 100 + 40 * n) for n in range(3)]
    document = parse(tmp_path, boxes + "".join(said))
    assert {block.kind for block in document.blocks} == {"paragraph"}
