"""Turns a question of a conversation into one that can be searched for alone: by a model where there is one.

What the model says is only searched for, never shown as an answer, and is not trusted either: whoever wrote an earlier
turn may have put commands into it. A reply that brings words from outside the conversation, or that is no single short
line, is dropped, and so is a model that fails or is slow: the deterministic way is always there.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from functions.ml.answering.followup import search_text
from functions.ml.answering.words import all_terms, content_terms, numbers
from functions.ml.ports import GenerationRequest, Generator, Turn
from shared.kernel.errors import PlatformError

logger = logging.getLogger(__name__)

TIMEOUT = timedelta(seconds=3)
"""With the 20 s of the answer it stays under the 25 s that the caller waits."""
MAX_CHARACTERS = 600
LEAST_KNOWN = 0.7

By = Literal["as_asked", "history", "model"]


@dataclass(frozen=True, slots=True)
class ResolvedQuestion:
    """What is searched for.

    Attributes:
        text: complete in itself, as far as that was found out.
        by: `as_asked`, completed from the `history` without a model, or by the `model`.
    """

    text: str
    by: By


def resolve(question: str, history: Sequence[Turn], *, model: Generator | None = None) -> ResolvedQuestion:
    """Make a question complete.

    Args:
        question: as the person typed it.
        history: earlier turns, oldest first.
        model: completes it; None for the deterministic way. Its failure is not the person's: it is logged.
    """
    if model is not None and any(turn.role == "user" for turn in history):
        completed = _by_model(question, history, model)
        if completed:
            return ResolvedQuestion(completed, "as_asked" if completed == question else "model")
    text = search_text(question, history)
    return ResolvedQuestion(text, "as_asked" if text == question else "history")


def _by_model(question: str, history: Sequence[Turn], model: Generator) -> str:
    """Ask the model; empty where it gave nothing that can be used."""
    request = GenerationRequest(question, (), history=tuple(history), timeout=TIMEOUT, task="complete")
    try:
        draft = model.generate(request)
    except PlatformError as error:
        logger.warning("question not completed by the model", extra={"error_code": error.code})
        return ""
    text = draft.text.strip().strip("\"'")
    return text if not draft.refused and _is_faithful(text, question, history) else ""


def _is_faithful(text: str, question: str, history: Sequence[Turn]) -> bool:
    """Is it one short line that holds words and numbers of the conversation only?"""
    if not 0 < len(text) <= max(MAX_CHARACTERS, len(question)) or "\n" in text:
        return False
    said = "\n".join([question, *(turn.content for turn in history)])
    terms, known = content_terms(text), all_terms(said)
    if not terms or not numbers(text) <= numbers(said):
        return False
    return sum(term in known for term in terms) >= LEAST_KNOWN * len(terms)
