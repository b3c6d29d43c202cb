import pytest

from functions.ml.answering.words import canonical_number, content_terms, fold, language_of, numbers


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1,234.50", "1234.5"),
        ("1.234,50", "1234.5"),
        ("007", "7"),
        ("0.50", "0.5"),
        ("1\u202f000", "1000"),
        ("٣٥", "35"),
    ],
)
def test_a_number_is_one_number_however_it_is_written(written: str, number: str) -> None:
    assert canonical_number(written) == number


def test_inflections_share_a_term() -> None:
    assert content_terms("employees")[0] == content_terms("employee")[0]
    assert content_terms("Mitarbeitern")[0] == content_terms("Mitarbeiter")[0]
    assert content_terms("الشركة")[0] == content_terms("شركة")[0]


def test_function_words_carry_no_content() -> None:
    assert content_terms("What is the of and?") == ()
    assert content_terms("Wie viele sind es und wann?") == ()


def test_chinese_is_cut_into_pairs() -> None:
    assert content_terms("黑豹队是什么") == ("黑豹", "豹队")


def test_numbers_are_found_in_any_text() -> None:
    assert numbers("Room 12b, 3.5 % and 1,000") == {"12", "3.5", "1000"}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is the office of the company?", "en"),
        ("Wo ist das Büro der Firma und wann öffnet es?", "de"),
        ("办公室在哪里", "zh"),
        ("أين هو المكتب في هذه المدينة", "ar"),
        ("xyz 12", ""),
    ],
)
def test_the_language_is_guessed_by_its_function_words(text: str, language: str) -> None:
    assert language_of(text) == language


def test_folding_removes_accents_and_case() -> None:
    assert fold("Café ÜBER ﬁx") == "cafe uber fix"
