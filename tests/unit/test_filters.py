"""What filters may say, and what is refused with a hint."""

import pytest
from pydantic import ValidationError

from shared.contracts.filters import FILTER_ERRORS, Filters
from shared.contracts.formats import file_formats
from shared.contracts.languages import LANGUAGES
from shared.contracts.ml_api import AnswerRequest, SearchRequest
from shared.kernel.http_errors import error_response

CALLER = {"tenant_id": "acme", "user_id": "bob", "readers": ["tenant:acme"]}


@pytest.mark.parametrize(
    ("given", "field", "kept"),
    [
        ({"types": [".PDF", "md", "markdown", "htm"]}, "types", ("pdf", "markdown", "html")),
        ({"languages": ["DE", "de-AT", "German", "zh"]}, "languages", ("de", "zh")),
        ({"folders": ["/hr//2026/", "hr\\2026", "./it"]}, "folders", ("hr/2026", "it")),
        ({"tags": ["  Annual   Report ", "annual report", "HR"]}, "tags", ("annual report", "hr")),
        ({"since": "2026-01-31"}, "since", "2026-01-31"),
        ({"until": "2026-01-31T23:30:00-02:00"}, "until", "2026-02-01"),
        ({"files": ["Hr/Leave 1.pdf"]}, "files", ("Hr/Leave 1.pdf",)),
    ],
)
def test_values_are_brought_to_the_form_that_documents_carry(
    given: dict[str, object], field: str, kept: object
) -> None:
    filters = Filters.model_validate(given)
    assert getattr(filters, field) == kept
    assert Filters.model_validate(filters.model_dump()) == filters


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [
        ({"tag": ["hr"]}, "unknown_filter", "Did you mean tags?"),
        ({"colour": "red"}, "unknown_filter", "files, folders, types, languages, tags, since, until"),
        ({"types": ["pfd"]}, "unknown_type", "Did you mean pdf?"),
        ({"types": ["{0}"]}, "unknown_type", "asciidoc"),
        ({"languages": ["germn"]}, "unknown_language", "german"),
        ({"languages": ["xx"]}, "unknown_language", "ISO 639-1"),
        ({"since": "yesterday"}, "invalid_filter", "2026-11-23"),
        ({"until": "2026-13-01"}, "invalid_filter", "2026-11-23"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "invalid_filter", "nothing passes"),
        ({"folders": ["/"]}, "invalid_filter", "folder"),
        ({"tags": ["a,b"]}, "invalid_tag", "comma"),
        ({"tags": [" "]}, "invalid_tag", "1 to 50"),
        ({"tags": ["x" * 51]}, "invalid_tag", "1 to 50"),
        ({"tags": ["a\u202eb"]}, "invalid_tag", "1 to 50"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_what_there_is(
    given: dict[str, object], code: str, told: str
) -> None:
    assert code in FILTER_ERRORS
    with pytest.raises(ValidationError) as caught:
        SearchRequest.model_validate({"caller": CALLER, "kb_ids": ["kb_1"], "query": "q", "filters": [given]})
    status, body, _ = error_response(caught.value)
    assert (status, body["error"]["code"]) == (400, code)
    assert told in body["error"]["message"]


def test_requests_of_an_application_that_knows_no_filters_still_mean_the_same() -> None:
    asked = AnswerRequest.model_validate({"caller": CALLER, "kb_ids": ["kb_1"], "question": "q"})
    assert asked.filters == ()


def test_filters_say_in_words_what_they_ask_for() -> None:
    filters = Filters(tags=("hr", "it"), types=("pdf",), since="2026-01-01")
    assert filters.in_words() == "type pdf, tag hr or it, since 2026-01-01"
    assert filters.narrows
    assert not Filters().narrows


def test_every_language_has_a_code_of_two_letters_and_every_format_passes() -> None:
    assert all(len(code) == 2 and name for code, name in LANGUAGES.items())
    assert Filters(types=tuple(item.name for item in file_formats())).types
    assert Filters(languages=("en", "de", "zh", "ar", "ru", "ja")).languages
