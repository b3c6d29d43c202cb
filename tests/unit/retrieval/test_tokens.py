"""Tokens: what finds what, in which script."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ml.retrieval.tokens import (
    CODE_PUNCTUATION,
    LANGUAGES,
    MAX_EXPANDED_WORDS,
    MAX_TOKEN_CHARACTERS,
    asked_tokens,
    document_tokens,
    is_of_text,
    language_marks,
    query_tokens,
)


def words_of(text: str) -> list[str]:
    """Return the tokens of the text itself, equal ones beside each other."""
    return [token for token in document_tokens(text).elements() if is_of_text(token)]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The Cafés of MÜNCHEN", ["the", "cafe", "of", "munchen"]),
        ("policies, glasses and a bus", ["policy", "glasse", "and", "a", "bus"]),
        ("part AB-123 costs 3.5%", ["part", "ab", "123", "ab-123", "cost", "3", "5", "3.5%"]),
        ("well-known snake_case", ["well", "known", "snake", "case"]),
        ("don’t", ["don", "t"]),
        ("1,234 in v2.0.1", ["1", "1", "234", "1,234", "in", "v2", "0", "v2.0.1"]),
        ("東京都 2024年", ["東", "京", "都", "東京", "京都", "2024", "年"]),
        ("ＡＢＣ１２", ["abc12"]),
        ("الكِتَابُ والمدرسة إلى", ["كتاب", "مدرسه", "الي"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("한국", ["한", "국", "한국"]),
        ("!?… \ud800 \x00", []),
        ("ok 😀👍🏽 🇩🇪🇫🇷 ❤️", ["ok", "😀", "👍", "🇩🇪", "🇫🇷", "❤"]),
        ("Łódź, Ørsted, ISPARTA ısı", ["lodz", "orsted", "isparta", "isi"]),
    ],
)
def test_each_script_is_cut_by_its_own_rules(text: str, tokens: list[str]) -> None:
    assert words_of(text) == tokens


PASSAGES = {
    "de": ("Das Krankenhaus und die Versicherungen der Stadt sind nicht weit von dem alten Rathaus.",
           ["Krankenversicherung", "Haus", "Versicherung", "Rathäuser", "Städte"]),
    "nl": ("De ziekenhuizen van de stad zijn niet ver van het station en de huizen.", ["ziekenhuis", "steden huis"]),
    "sv": ("Sjukhuset är det äldsta av husen i staden och har inte många patienter.", ["sjukhus", "patient"]),
    "fr": ("Les nationalités des étudiants sont dans le tableau pour que la direction les trouve.",
           ["nationalité", "étudiante", "trouver"]),
    "es": ("Las bibliotecas de la ciudad no son para los niños que trabajaban por las noches.",
           ["biblioteca", "trabajar", "niño", "nino"]),
    "it": ("Le biblioteche della città non sono per i bambini che lavoravano di notte.", ["biblioteca", "lavorare"]),
    "pt": ("As bibliotecas da cidade não são para as crianças que trabalhavam no inverno.", ["trabalhar", "criança"]),
    "ro": ("Bibliotecile din oraș nu sunt pentru copiii care lucrau și la noapte.", ["bibliotecă", "oraș", "oras"]),
    "pl": ("Biblioteki w mieście nie są dla dzieci, które się uczą przez całe lato.", ["biblioteka", "bibliotekami"]),
    "cs": ("Knihovny ve městě nejsou pro děti, které se učily podle starých knih, a byly také zavřené.",
           ["knihovna", "knihovnami"]),
    "tr": ("Kütüphanelerimizdeki kitaplar ve bir okul için olan defterler çok eski.", ["kütüphane", "kitap", "defter"]),
    "fi": ("Kirjastoissa on kirjoja, mutta koulussa ei ole niitä, ja se on vanha.", ["kirjasto", "koulu"]),
    "hu": ("A könyvtárakban nem csak könyvek vannak, és az iskolában is van egy.", ["könyvtár", "iskola", "könyv"]),
    "en": ("The organisations that were relying on the universities of this region", ["organisation", "relied"]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "passage", "query"), [(key, text, query) for key, (text, some) in PASSAGES.items() for query in some]
)
def test_an_inflected_or_compounded_word_is_found_by_another_form_of_it(
    language: str, passage: str, query: str
) -> None:
    tokens = document_tokens(passage)
    known = {language_marks()[token] for token in tokens if token in language_marks()}
    assert language in known
    assert set(asked_tokens(query, known)) & set(tokens)


@pytest.mark.parametrize(
    ("query", "passage"),
    [
        ("библиотека", "В библиотеках города мало книг"),
        ("книга", "много книг и книгами"),
        ("бібліотека", "у бібліотеках міста"),
        ("βιβλιοθήκη", "στις βιβλιοθήκες της πόλης"),
        ("किताब", "किताबों में"),
        ("مدرسة", "للمدرسات في مدارسهم والمدرسين"),
        ("كتاب", "وكتابهم الجديد"),
        ("ספר", "הספרים החדשים"),
        ("בית", "והבית הלבן"),
        ("წიგნები", "ბიბლიოთეკის წიგნებისთვის"),
        ("நூலகம்", "நூலகங்களில்"),
        ("😀", "well done 😀 everybody"),
        ("👍🏿", "fine 👍"),
    ],
)
def test_where_the_script_tells_the_language_nothing_need_be_known(query: str, passage: str) -> None:
    assert set(asked_tokens(query, ())) & set(document_tokens(passage))


def test_forms_of_one_language_never_meet_those_of_another() -> None:
    english = set(document_tokens("The policy of the police is that it was not on the list"))
    foreign = set(LANGUAGES) - {"en"}
    assert set(asked_tokens("policies", foreign)) & english == {"policy"}


def test_what_is_known_of_a_document_counts_where_its_passage_does_not_tell() -> None:
    table = "Mieteinnahmen Verwaltungskosten 2023"
    assert words_of(table) == list(document_tokens(table))
    assert set(asked_tokens("Kosten", ["de"])) & set(document_tokens(table, language="de"))
    assert document_tokens(table, language="xx") == document_tokens(table)
    assert "%en" in document_tokens("This is the text of an English passage", language="de")


def test_a_form_weighs_no_more_than_its_word_and_counts_as_no_rarer() -> None:
    asked = asked_tokens("Krankenversicherungen", ["de", "en"])
    assert asked["krankenversicherungen"].weight == 1.0
    assert {one.word for one in asked.values()} == {"krankenversicherungen"}
    pieces = [one.weight for token, one in asked.items() if token.startswith("#")]
    assert sum(pieces) == pytest.approx(1.0)
    assert all(0 < one.weight <= 1.0 for one in asked.values())


def test_a_long_query_is_not_brought_into_other_forms() -> None:
    words = [f"wort{chr(97 + n // 26)}{chr(97 + n % 26)}en" for n in range(MAX_EXPANDED_WORDS + 1)]
    assert len(asked_tokens(" ".join(words), ["de"])) == len(words)
    assert len(asked_tokens(" ".join(words[1:]), ["de"])) > len(words)


@pytest.mark.parametrize(
    ("query", "passage"),
    [
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
    assert set(asked_tokens(text, ["de", "en", "tr"])) >= set(query_tokens(text))
    assert all(0 < len(token) <= MAX_TOKEN_CHARACTERS for token in asked_tokens(text, LANGUAGES))
    assert not any(char.isspace() for token in tokens for char in token)
    assert set(query_tokens(text)) <= set(tokens)
    "".join(tokens).encode()


def test_a_long_run_is_cut_in_time_that_grows_with_its_length() -> None:
    assert words_of("a" * 200_000) == ["a" * MAX_TOKEN_CHARACTERS]
    assert len(words_of("a-" * 100_000)) == 100_000
    assert len(words_of("1." * 100_000)) == 100_000
