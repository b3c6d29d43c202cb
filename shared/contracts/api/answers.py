"""Answers with their evidence, and passages."""

from typing import Literal

from pydantic import Field

from shared.contracts.api.bodies import Request, Response
from shared.contracts.documents import Place
from shared.contracts.filters import Filters
from shared.contracts.ml_api import MAX_HITS, MAX_QUESTION_CHARACTERS


class Citation(Response):
    """A pointer to a passage: `quote` stands verbatim in the document at `place`."""

    n: int
    kb_id: str
    document_id: str
    filename: str
    page: int | None
    quote: str
    place: Place


class Usage(Response):
    """What the answer consumed."""

    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    latency_ms: int = 0


class Answer(Response):
    """An answer with its evidence, or an honest refusal.

    Attributes:
        searched: the question as it was searched for: a follow-up is completed from the conversation.
        searched_by: what completed it, the `history` or a `model`; `as_asked` where nothing did.
        stopped: the person ended it; `text` is what was shown until then, perhaps nothing.
        suggestions: what to ask next, which the documents can answer; at most three.
    """

    text: str
    refused: bool
    citations: tuple[Citation, ...]
    usage: Usage
    release_id: str
    searched: str = ""
    searched_by: Literal["as_asked", "history", "model"] = "as_asked"
    stopped: bool = False
    suggestions: tuple[str, ...] = ()


class Search(Request):
    """Find passages in one knowledge base."""

    query: str = Field(min_length=1, max_length=MAX_QUESTION_CHARACTERS)
    limit: int = Field(default=10, ge=1, le=MAX_HITS)
    filters: Filters = Filters()


class Hit(Response):
    """A passage that was found; `start` and `end` are characters of the document's extracted text."""

    rank: int
    score: float
    document_id: str
    filename: str
    page: int | None
    start: int
    end: int
    text: str
    kind: Literal["text", "table"]
    place: Place


class Hits(Response):
    """Passages, best first."""

    hits: tuple[Hit, ...]
    release_id: str


class Ask(Request):
    """Ask a knowledge base without making a bot."""

    question: str = Field(min_length=1, max_length=MAX_QUESTION_CHARACTERS)
    filters: Filters = Filters()
