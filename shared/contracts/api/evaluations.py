"""Scored runs."""

from typing import Literal

from pydantic import Field

from shared.contracts.api.bodies import Request, Response
from shared.contracts.ml_api import MAX_DATASET_ITEMS, MAX_QUESTION_CHARACTERS, QuestionScore


class DatasetItem(Request):
    """One question of a dataset.

    Attributes:
        id: unique within the dataset.
        text: the question.
        answer: what a right answer contains; omitted when only retrieval is scored.
        documents: file names of which at least one holds the answer.
        unanswerable: the documents do not say; a refusal is right.
    """

    id: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=MAX_QUESTION_CHARACTERS)
    answer: str | None = Field(default=None, max_length=10_000)
    documents: list[str] = Field(default_factory=list, max_length=100)
    unanswerable: bool = False


class CreateEvaluation(Request):
    """Score a bot or a knowledge base on a dataset; give exactly one of `bot_id` and `kb_id`."""

    bot_id: str | None = None
    kb_id: str | None = None
    items: list[DatasetItem] = Field(min_length=1, max_length=MAX_DATASET_ITEMS)
    scheduled: bool = False


class Evaluation(Response):
    """A scored run, or how far it is."""

    evaluation_id: str
    status: Literal["QUEUED", "RUNNING", "FINISHED", "FAILED"]
    release_id: str = ""
    questions: int = 0
    done: int = 0
    metrics: dict[str, float] = Field(default_factory=dict)
    scores: tuple[QuestionScore, ...] = ()
    reason: str = ""
