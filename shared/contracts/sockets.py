"""The WebSocket API: every message that goes up (an `action`) and every one that comes down (a `type`).

docs/sockets.md tells the order in which they come. A client ignores types and fields that it does not know.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts import api
from shared.contracts.filters import Filters
from shared.contracts.ml_api import MAX_QUESTION_CHARACTERS

MAX_MESSAGE_BYTES = 32 * 1024
"""Of a message to the server: the gateway's limit of a frame."""
MAX_PUSHED_BYTES = 128 * 1024
"""Of a message to the client: the gateway's limit of a payload."""
MAX_TOPICS = 100
"""Conversations and knowledge bases that one connection may look at."""
TICKET_SECONDS = 60
MAX_REFERENCE_CHARACTERS = 100

Id = Annotated[str, Field(min_length=1, max_length=100)]
Text = Annotated[str, Field(min_length=1, max_length=MAX_QUESTION_CHARACTERS)]


class Up(BaseModel):
    """The base of what a client sends.

    Attributes:
        ref: chosen by the client; what answers this message carries it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    ref: str = Field(default="", max_length=MAX_REFERENCE_CHARACTERS)


class Ask(Up):
    """Ask a question in a conversation; with the same key it is stored once."""

    action: Literal["ask"]
    conversation_id: Id
    text: Text
    idempotency_key: str = Field(default="", max_length=200)
    filters: Filters = Filters()


class Regenerate(Up):
    """Answer the last question of a conversation once more; the new answer takes the old one's place."""

    action: Literal["regenerate"]
    conversation_id: Id


class Edit(Up):
    """Ask the last question in other words; the new question and its answer take the old ones' place."""

    action: Literal["edit"]
    conversation_id: Id
    message_id: Id
    text: Text
    idempotency_key: str = Field(default="", max_length=200)
    filters: Filters = Filters()


class Resume(Up):
    """Go on with an answer after a lost connection: what comes after `after`, then the rest as it comes."""

    action: Literal["resume"]
    message_id: Id
    after: int = Field(default=0, ge=0)


class Stop(Up):
    """End an answer; what was shown is kept."""

    action: Literal["stop"]
    message_id: Id


class Subscribe(Up):
    """Look at a conversation: what is answered in it comes here too."""

    action: Literal["subscribe"]
    conversation_id: Id


class Unsubscribe(Up):
    """Look at a conversation no more."""

    action: Literal["unsubscribe"]
    conversation_id: Id


class Watch(Up):
    """Look at the documents of a knowledge base."""

    action: Literal["watch"]
    kb_id: Id


class Unwatch(Up):
    """Look at the documents of a knowledge base no more."""

    action: Literal["unwatch"]
    kb_id: Id


class Ping(Up):
    """Keep the connection open: the gateway closes one on which nothing was said for 10 minutes."""

    action: Literal["ping"]


UP: tuple[type[Up], ...] = (Ask, Regenerate, Edit, Resume, Stop, Subscribe, Unsubscribe, Watch, Unwatch, Ping)


class Down(BaseModel):
    """The base of what the server sends."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class AnswerStarted(Down):
    """An answer begins, from nothing: pieces of an earlier try are void.

    Attributes:
        message_id: the answer's; `question_id` the question's.
        replaces: messages that the conversation shows no more once this answer is there.
    """

    type: Literal["answer.started"] = "answer.started"
    ref: str = ""
    conversation_id: str
    question_id: str
    message_id: str
    question: str
    replaces: tuple[str, ...] = ()


class AnswerPiece(Down):
    """The next piece of an answer.

    Attributes:
        sequence: from 1 without gaps; a client drops one that it has.
        text: to be appended as it is.
    """

    type: Literal["answer.piece"] = "answer.piece"
    message_id: str
    sequence: int = Field(ge=1)
    text: str


class AnswerDone(Down):
    """An answer is complete, or was stopped; its text takes the place of the pieces.

    Attributes:
        message: as it is stored; None where it is over what the gateway carries: read the conversation then.
    """

    type: Literal["answer.done"] = "answer.done"
    conversation_id: str
    message_id: str
    message: api.Message | None = None


class AnswerFailed(Down):
    """There is no answer; the question is kept, and asking again with the same key helps where time does."""

    type: Literal["answer.failed"] = "answer.failed"
    conversation_id: str
    message_id: str
    error: api.ErrorDetail


class DocumentChanged(Down):
    """Something happened to a document: read it again."""

    type: Literal["document.changed"] = "document.changed"
    kb_id: str
    document_id: str
    event: str
    occurred_at: str


class Done(Down):
    """A message without an answer of its own was carried out: `action` says which."""

    type: Literal["done"] = "done"
    ref: str = ""
    action: str


class Refused(Down):
    """A message was refused.

    Attributes:
        retry_after_s: when to come back, where it was one too many; 0 otherwise.
    """

    type: Literal["refused"] = "refused"
    ref: str = ""
    action: str = ""
    error: api.ErrorDetail
    retry_after_s: float = 0.0


DOWN: tuple[type[Down], ...] = (AnswerStarted, AnswerPiece, AnswerDone, AnswerFailed, DocumentChanged, Done, Refused)
