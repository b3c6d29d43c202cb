import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ml.answering.sentences import MAX_CHARACTERS, split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One fact. Another fact! A third?", ["One fact.", "Another fact!", "A third?"]),
        (
            "Dr. Smith met J. Doe in the U.S. in May. They left.",
            ["Dr. Smith met J. Doe in the U.S. in May.", "They left."],
        ),
        ("It costs 3.50 a day. It opens at 9. Come in.", ["It costs 3.50 a day.", "It opens at 9.", "Come in."]),
        ("Am 3. Mai wurde z.B. hier gebaut. Danach nicht.", ["Am 3. Mai wurde z.B. hier gebaut.", "Danach nicht."]),
        ("天气很好。我们走吧！好吗？", ["天气很好。", "我们走吧！", "好吗？"]),
        ("هل هذا صحيح؟ نعم هو صحيح.", ["هل هذا صحيح؟", "نعم هو صحيح."]),
        ("यह एक वाक्य है। यह दूसरा है।", ["यह एक वाक्य है।", "यह दूसरा है।"]),
        ("Intro:\n- first item\n- second item", ["Intro:", "- first item", "- second item"]),
        ("", []),
        (" \n -- ", []),
    ],
)
def test_prose_is_cut_where_a_reader_would(text: str, sentences: list[str]) -> None:
    assert [sentence.text for sentence in split_sentences(text)] == sentences


def test_every_row_of_a_table_is_a_unit() -> None:
    rows = split_sentences("A | B\nx. y | 1\nz | 2", kind="table")
    assert [row.text for row in rows] == ["A | B", "x. y | 1", "z | 2"]


@given(st.text(max_size=2_000), st.sampled_from(["text", "table"]))
def test_units_are_exact_slices_in_order(text: str, kind: str) -> None:
    end = 0
    for sentence in split_sentences(text, kind=kind):
        assert sentence.start >= end
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.text.strip() == sentence.text != ""
        end = sentence.end


def test_what_has_no_end_is_cut_all_the_same() -> None:
    assert max(len(item.text) for item in split_sentences("word " * 1_000)) <= MAX_CHARACTERS
    assert max(len(item.text) for item in split_sentences("x" * 5_000)) <= MAX_CHARACTERS
