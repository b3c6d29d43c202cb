"""Tokens: what finds what, in which script."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ml.retrieval.tokens import CODE_PUNCTUATION, MAX_TOKEN_CHARACTERS, document_tokens, query_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The Cafés of MÜNCHEN", ["the", "cafe", "of", "munchen"]),
        ("policies, glasses and a bus", ["policy", "glasse", "and", "a", "bus"]),
        ("part AB-123 costs 3.5%", ["part", "ab", "123", "ab-123", "cost", "3", "5", "3.5%"]),
        ("well-known snake_case", ["well", "known", "snake", "case"]),
        ("don’t", ["don", "t"]),
        ("1,234 in v2.0.1", ["1", "234", "1,234", "in", "v2", "0", "1", "v2.0.1"]),
        ("東京都 2024年", ["東", "京", "都", "東京", "京都", "2024", "年"]),
        ("ＡＢＣ１２", ["abc12"]),
        ("الكِتَابُ والمدرسة إلى", ["كتاب", "مدرسه", "الي"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("한국", ["한", "국", "한국"]),
        ("!?… 😀 \ud800 \x00", []),
    ],
)
def test_each_script_is_cut_by_its_own_rules(text: str, tokens: list[str]) -> None:
    assert document_tokens(text) == tokens


def test_german_gives_stems_beside_the_words() -> None:
    assert document_tokens("Die Häuser und die Gärten von Berlin")[:3] == ["die", "hauser", "haus"]
    assert "hauser" in document_tokens("Häuser Gärten Berlin")
    assert "haus" not in document_tokens("Häuser Gärten Berlin")


@pytest.mark.parametrize(
    ("query", "passage"),
    [
        ("Welche Häuser sind das?", "Im Hause ist es nicht warm, und das Haus ist alt."),
        ("cafe", "Le Café de Flore"),
        ("costs", "the cost of it"),
        ("AB-123", "order ab-123 today"),
        ("123", "order AB-123 today"),
        ("مدرسة", "المدرسه الكبيرة"),
        ("京", "東京都"),
        ("STRASSE", "Straße"),
        ("e\u0301te\u0301", "été"),
    ],
)
def test_a_query_and_a_passage_share_a_token(query: str, passage: str) -> None:
    assert set(query_tokens(query)) & set(document_tokens(passage))


def test_a_query_drops_function_words_unless_there_is_nothing_else() -> None:
    assert query_tokens("What is the price of the pump and the pump?") == ["price", "pump"]
    assert query_tokens("The Who") == ["the", "who"]
    assert query_tokens(" \t?") == []


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=300))
def test_any_text_gives_tokens_that_an_engine_can_keep(text: str) -> None:
    tokens = document_tokens(text)
    assert all(0 < len(token) <= MAX_TOKEN_CHARACTERS for token in tokens)
    kept = [char for token in tokens for char in token if char.isascii()]
    assert all(char.isalnum() or char in CODE_PUNCTUATION for char in kept)
    assert not any(char.isspace() for token in tokens for char in token)
    assert set(query_tokens(text)) <= set(tokens)
    "".join(tokens).encode()


def test_a_long_run_is_cut_in_time_that_grows_with_its_length() -> None:
    assert document_tokens("a" * 200_000) == ["a" * MAX_TOKEN_CHARACTERS]
    assert len(document_tokens("a-" * 100_000)) == 100_000
    assert len(document_tokens("1." * 100_000)) == 100_000
