"""What the owner of a refused file reads."""

import inspect

import pytest

from functions.application.domain.remedies import FILE_ITSELF
from functions.ml.ingestion.parsing import refusals
from shared.kernel.errors import PlatformError

ARGUMENTS = {"name": "x", "reason": "It is broken.", "limit": 3, "pages": 4, "unit": "page", "what": "memory"}
REFUSALS = [
    function
    for _, function in inspect.getmembers(refusals, inspect.isfunction)
    if not function.__name__.startswith("_")
]


@pytest.mark.parametrize(
    "refusal", [one for one in REFUSALS if one.__name__ != "formats"], ids=lambda one: one.__name__
)
def test_a_refusal_says_what_happened_and_then_what_to_do(refusal: object) -> None:
    assert callable(refusal)
    names = inspect.signature(refusal).parameters
    error = refusal(**{name: ARGUMENTS[name] for name in names})
    assert isinstance(error, PlatformError)
    sentences = error.message.rstrip(".").split(". ")
    assert len(sentences) >= 2, error.message
    assert sentences[-1].split()[0] in {"Convert", "Check", "Save", "Upload", "Open", "Unpack", "Split"}, error.message
    assert error.code in FILE_ITSELF
