"""The measures of parsed documents say what a person would say who compared the two texts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.document_measures import Piece, Scores, order_agreement, score, tokens, without_repeated_cells
from benchmarks.markdown_pieces import markdown_pieces

TABLE = """
| Name | Year |
| - | -: |
| Ada | 1815 |
| Grace \\| Hopper | 1906 |
"""
PIECES = st.lists(
    st.one_of(
        st.builds(Piece, st.sampled_from(["text", "heading"]), st.text(max_size=30)),
        st.builds(
            lambda cells: Piece("row", cells=tuple(cells), table=0), st.lists(st.text("ab1 ", max_size=4), max_size=4)
        ),
    ),
    max_size=8,
)


def compared(expected: str, found: str) -> Scores:
    return score(markdown_pieces(expected), markdown_pieces(found))


@given(pieces=PIECES)
@settings(deadline=None)
def test_a_text_agrees_with_itself_in_everything(pieces: list[Piece]) -> None:
    same = score(pieces, pieces)
    assert {same.recall, same.cells, same.rows, same.headings, same.order} <= {1.0, None}
    assert same.precision in {1.0, None}
    assert not same.missing
    assert not same.surplus


@given(expected=PIECES, found=PIECES)
@settings(deadline=None)
def test_every_share_is_between_none_and_all(expected: list[Piece], found: list[Piece]) -> None:
    scores = score(expected, found)
    shares = (scores.recall, scores.precision, scores.cells, scores.rows, scores.headings, scores.order)
    assert all(share is None or 0 <= share <= 1 for share in shares)


def test_a_word_that_is_missing_or_surplus_costs_as_often_as_it_occurs() -> None:
    scores = compared("one two two three", "one two four")
    assert (scores.recall, scores.precision) == (2 / 4, 2 / 3)
    assert scores.missing == {"two": 1, "three": 1}
    assert scores.surplus == {"four": 1}


def test_a_refused_file_has_no_recall_and_no_precision_to_speak_of() -> None:
    scores = score(markdown_pieces(f"# Title\n{TABLE}"), ())
    assert (scores.recall, scores.cells, scores.rows, scores.headings) == (0, 0, 0, 0)
    assert scores.precision is None
    assert scores.order is None


def test_a_file_of_which_nothing_is_expected_is_not_measured() -> None:
    assert score(markdown_pieces("<!-- image -->"), [Piece("text", "a caption")]).recall is None
    assert score(markdown_pieces("<!-- image -->"), [Piece("text", "a caption")]).precision is None


def test_the_cells_of_a_table_flattened_to_text_are_found_as_words_but_not_as_cells() -> None:
    scores = compared(TABLE, "Name Year Ada 1815 Grace | Hopper 1906")
    assert (scores.recall, scores.cells, scores.rows) == (1, 0, 0)


def test_a_row_counts_only_when_all_its_cells_stand_in_one_row() -> None:
    scores = compared(TABLE, "| Name | Year |\n| - | - |\n| Ada | 1906 |\n| Grace \\| Hopper | 1815 |")
    assert (scores.cells, scores.rows) == (1, 1 / 3)


def test_repeating_a_merged_cell_or_not_makes_no_difference() -> None:
    repeated = "| A | A | B |\n| - | - | - |\n| A | A | c |\n| 1 | 2 | c |"
    once = "| A |  | B |\n| - | - | - |\n|  |  | c |\n| 1 | 2 |  |"
    for expected, found in ((repeated, once), (once, repeated), (repeated, repeated)):
        scores = compared(expected, found)
        assert (scores.recall, scores.cells, scores.rows) == (1, 1, 1), (expected, found)
    assert compared(repeated, once).precision == 1


def test_cells_of_another_table_are_no_repetition() -> None:
    rows = [Piece("row", cells=("x",), table=0), Piece("row", cells=("x",), table=1)]
    assert without_repeated_cells(rows) == rows


def test_a_heading_counts_only_as_a_heading_and_its_number_does_not_matter() -> None:
    assert compared("# 1.2 Aims\n\ntext", "## Aims\n\ntext").headings == 1
    assert compared("# 1.2 Aims\n\ntext", "Aims\n\ntext").headings == 0
    assert compared("# 2024\n\ntext", "# 2025\n\ntext").headings == 0


def test_a_part_that_moved_lowers_the_agreement_in_order_by_its_share() -> None:
    assert order_agreement("abcdefghij", "abcdefghij") == 1
    assert order_agreement("abcdefghij", "hijabcdefg") == 0.7
    assert order_agreement("abcd", "dcba") == 0.25
    assert order_agreement("aab", "aab") is None


def test_words_compare_without_case_width_ligature_and_direction_marks() -> None:
    assert tokens("Straße \ufb01ne \uff21\uff22 so\u00adft \u200fשלום") == ["strasse", "fine", "ab", "soft", "שלום"]
    assert tokens("snake_case 1,5") == ["snake", "case", "1", "5"]
    assert tokens("漢字かな and 中") == ["漢", "字", "か", "な", "and", "中"]
    assert tokens("on 2024-01-05 00:00:00 at 00:00:00") == ["on", "2024", "01", "05", "at", "00", "00", "00"]
    assert tokens(r"so $\frac{a}{b}$ is") == ["so", "a", "b", "is"]


def test_the_syntax_of_markdown_is_no_text() -> None:
    text = (
        "# A **bold** title #\n\n<!-- image -->\n![chart](data:image/png;base64,AA) see [the page](http://x.org/a_(b))\n"
        "\n- [x] one\n2. two &amp; *three*\n```python\n# no heading\n```\n"
    )
    pieces = markdown_pieces(text)
    assert [piece.kind for piece in pieces] == ["heading", "text", "text", "text", "text"]
    assert compared(text, "# A bold title\nchart see the page\none\ntwo & three\n`# no heading`").recall == 1
    assert compared(text, "# A bold title\nchart see the page\none\ntwo & three\n`# no heading`").precision == 1


def test_pipe_and_html_tables_are_the_same_table() -> None:
    html = (
        "before\n<table><tr><th>Name</th><th>Year</th></tr><tr><td>Ada</td><td>1815</td></tr>"
        "<tr><td>Grace | Hopper</td><td>1906</td></tr></table>\nafter"
    )
    rows = [piece.cells for piece in markdown_pieces(TABLE) if piece.kind == "row"]
    assert [piece.cells for piece in markdown_pieces(html) if piece.kind == "row"] == rows
    assert rows == [("Name", "Year"), ("Ada", "1815"), ("Grace | Hopper", "1906")]
    assert len({piece.table for piece in markdown_pieces(TABLE + "text" + TABLE + html) if piece.table >= 0}) == 3
