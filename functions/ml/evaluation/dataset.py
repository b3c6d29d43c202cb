"""Reads a dataset: JSON lines, one question each."""

import json
from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.contracts.ml_api import MAX_DATASET_ITEMS, MAX_QUESTION_CHARACTERS
from shared.kernel.errors import Invalid, TooLarge


class Item(BaseModel):
    """One question with what is expected of the answer.

    Attributes:
        id: unique in the dataset; `_id` is read too.
        answers: spellings of the right answer; empty when only retrieval is scored.
        documents: file names or document ids of which at least one holds the answer.
        unanswerable: a refusal is right.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=MAX_QUESTION_CHARACTERS)
    answers: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    unanswerable: bool = False

    @model_validator(mode="before")
    @classmethod
    def _other_spellings(cls, given: object) -> object:
        """Read `_id` for `id`, and `answer` as one text, a list of texts, or nothing."""
        if not isinstance(given, dict):
            return given
        answer = given.get("answer")
        answers = [] if answer is None else [answer] if isinstance(answer, str) else answer
        item_id = given.get("id", given.get("_id"))
        documents = given.get("documents") or []
        return {**given, "id": str(item_id) if isinstance(item_id, int) else item_id, "answers": answers,
                "documents": [documents] if isinstance(documents, str) else documents}  # fmt: skip


def read_dataset(body: bytes) -> list[Item]:
    """Read all questions.

    Returns:
        At least one item, ids unique.

    Raises:
        Invalid: a line is not a question (`bad_line`), an id is there twice (`duplicate_item`), the file is not UTF-8
            (`not_utf8`) or holds no question (`empty_dataset`); the message names the line, counted from 1.
        TooLarge: more questions than a run may have (`too_many_items`).
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("The dataset is not UTF-8 text. Save it as UTF-8.", code="not_utf8") from error
    items: dict[str, Item] = {}
    for number, line in _lines(text):
        item = _read_line(number, line)
        if item.id in items:
            raise Invalid(
                f"Line {number}: the id {item.id!r} is there twice. Give each its own.", code="duplicate_item"
            )
        items[item.id] = item
        if len(items) > MAX_DATASET_ITEMS:
            raise TooLarge(f"The dataset has more than {MAX_DATASET_ITEMS} questions. Split it.", code="too_many_items")
    if not items:
        raise Invalid("The dataset holds no question.", code="empty_dataset")
    return list(items.values())


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line


def _read_line(number: int, line: str) -> Item:
    try:
        return Item.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        raise Invalid(f"Line {number} is not JSON. Each line is one JSON object.", code="bad_line") from error
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in problem["loc"]) or "the line"
        raise Invalid(f"Line {number}: {field}: {problem['msg']}.", code="bad_line") from error
