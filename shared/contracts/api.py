"""The public REST API, version 1: what the dashboard, the command line and other teams' programs speak.

Lists page with `cursor`. Writes accept the header `Idempotency-Key`. Errors are `{"error": {"code", "message"}}`.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.documents import Place
from shared.contracts.ml_api import (
    MAX_DATASET_ITEMS,
    MAX_HITS,
    MAX_KNOWLEDGE_BASES,
    MAX_QUESTION_CHARACTERS,
    QuestionScore,
)
from shared.contracts.registry import Status

MAX_UPLOAD_BYTES = 200 * 1024 * 1024
MAX_PAGE_ITEMS = 200


class Request(BaseModel):
    """The base of every request body: an unknown field is an error, so that a typo does not pass silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)


class Response(BaseModel):
    """The base of every response body."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Me(Response):
    """Who is signed in."""

    user_id: str
    tenant_id: str
    email: str
    name: str
    role: Literal["admin", "member"]


class CreateKnowledgeBase(Request):
    """A new, empty knowledge base; `release` is a name from `GET /v1/releases`, the default where omitted."""

    name: str = Field(min_length=1, max_length=100)
    description: str = Field(default="", max_length=1_000)
    release: str | None = Field(default=None, max_length=100)
    visibility: Literal["tenant", "private"] = "tenant"


class UpdateKnowledgeBase(Request):
    """What changes; omitted fields stay."""

    name: str | None = Field(default=None, min_length=1, max_length=100)
    description: str | None = Field(default=None, max_length=1_000)


class KnowledgeBase(Response):
    """A set of documents.

    Attributes:
        documents: how many documents are in which state.
        inbox_prefix: objects put under this prefix of the documents bucket become documents.
    """

    kb_id: str
    name: str
    description: str
    release_id: str
    release: str
    visibility: Literal["tenant", "private"]
    owner_id: str
    documents: dict[Status, int] = Field(default_factory=dict)
    inbox_bucket: str = ""
    inbox_prefix: str = ""
    created_at: str
    updated_at: str


class CreateDocument(Request):
    """Announce an upload; the type is decided by the file name and checked against the content later."""

    filename: str = Field(min_length=1, max_length=1_024)
    size_bytes: int = Field(ge=0)
    media_type: str = Field(default="application/octet-stream", max_length=200)


class Upload(Response):
    """A presigned POST: send `fields` and then the file as multipart/form-data to `url`."""

    url: str
    fields: dict[str, str]
    expires_at: str


class Document(Response):
    """The state of one document; `reason` is for people, `warnings` say what was left out of it and why.

    While it is RECOGNISING, `pages_recognised` of its `pages_unread` have been recognised.
    """

    document_id: str
    kb_id: str
    filename: str
    status: Status
    reason: str = ""
    code: str = ""
    chunks: int = 0
    chunks_done: int = 0
    pages: int = 0
    pages_unread: int = 0
    pages_recognised: int = 0
    warnings: tuple[str, ...] = ()
    size_bytes: int = 0
    version: int = 0
    live: bool = False
    release_id: str
    receipt: dict[str, int] | None = None
    created_at: str
    updated_at: str


class CreatedDocument(Response):
    """A document that waits for its bytes."""

    document_id: str
    document: Document
    upload: Upload


class CreateBot(Request):
    """A new bot; it needs at least one knowledge base before it can be asked or published."""

    name: str = Field(min_length=1, max_length=100)
    description: str = Field(default="", max_length=1_000)
    instructions: str = Field(default="", max_length=8_000)
    kb_ids: list[str] = Field(default_factory=list, max_length=MAX_KNOWLEDGE_BASES)
    starter_questions: list[str] = Field(default_factory=list, max_length=10)


class UpdateBot(Request):
    """Changes of the draft; omitted fields stay."""

    name: str | None = Field(default=None, min_length=1, max_length=100)
    description: str | None = Field(default=None, max_length=1_000)
    instructions: str | None = Field(default=None, max_length=8_000)
    kb_ids: list[str] | None = Field(default=None, max_length=MAX_KNOWLEDGE_BASES)
    starter_questions: list[str] | None = Field(default=None, max_length=10)


class BotDefinition(Response):
    """What a version of a bot is made of."""

    name: str
    description: str
    instructions: str
    kb_ids: tuple[str, ...]
    starter_questions: tuple[str, ...] = ()


class Bot(Response):
    """A bot: its draft (for its owner and administrators only), and what is published (version 0: never)."""

    bot_id: str
    owner_id: str
    draft: BotDefinition | None = None
    published: BotDefinition | None = None
    published_version: int = 0
    created_at: str
    updated_at: str

    @property
    def shown(self) -> BotDefinition:
        """What the caller sees of it: the draft where they may, else what is published."""
        definition = self.draft or self.published
        if definition is None:
            raise ValueError("a bot without a draft that may be seen is published")
        return definition


class CreateConversation(Request):
    """A new conversation with the published bot, or with its draft to try it."""

    draft: bool = False
    title: str = Field(default="", max_length=200)


class CreateMessage(Request):
    """A question."""

    content: str = Field(min_length=1, max_length=MAX_QUESTION_CHARACTERS)


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
    """An answer with its evidence, or an honest refusal."""

    text: str
    refused: bool
    citations: tuple[Citation, ...]
    usage: Usage
    release_id: str


class Deleted(Response):
    """The delete was accepted: nothing of it is visible from now on."""

    id: str


class Feedback(Request):
    """What the person thinks of an answer."""

    rating: Literal["up", "down"]
    comment: str = Field(default="", max_length=2_000)


class Message(Response):
    """One message of a conversation; an assistant's message carries the answer."""

    message_id: str
    role: Literal["user", "assistant"]
    content: str
    answer: Answer | None = None
    feedback: Feedback | None = None
    created_at: str


class CreatedMessage(Response):
    """The answer to the question that was sent; `message_id` is the assistant's message."""

    message_id: str
    answer: Answer


class Conversation(Response):
    """A conversation with its messages, oldest first (a list of conversations leaves the messages out)."""

    conversation_id: str
    bot_id: str
    bot_version: int
    title: str
    messages: tuple[Message, ...] = ()
    created_at: str
    updated_at: str


class Search(Request):
    """Find passages in one knowledge base."""

    query: str = Field(min_length=1, max_length=MAX_QUESTION_CHARACTERS)
    limit: int = Field(default=10, ge=1, le=MAX_HITS)


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


class Release(Response):
    """A pipeline release that a knowledge base can choose by name."""

    release_id: str
    name: str
    description: str
    is_default: bool
    embedder: str
    chunker: str
    model: str


class Activity(Response):
    """Something that happened to a document."""

    event_id: str
    type: str
    document_id: str
    filename: str
    generation: int
    occurred_at: str
    chunks: int = 0
    pages: int = 0
    reason: str = ""
    code: str = ""
    removed: dict[str, int] = Field(default_factory=dict)


class QueueDepth(Response):
    """How many messages wait and are being worked on."""

    waiting: int
    in_flight: int


class PlatformStatus(Response):
    """What operators look at first: documents by state, queue depths, dead letters."""

    documents: dict[Status, int]
    knowledge_bases: int
    queues: dict[str, QueueDepth]
    dead_letters: dict[str, int]
    late_documents: int


class KnowledgeBases(Response):
    """A page of knowledge bases; an empty cursor is the end."""

    items: tuple[KnowledgeBase, ...]
    cursor: str = ""


class Documents(Response):
    """A page of documents; an empty cursor is the end."""

    items: tuple[Document, ...]
    cursor: str = ""


class Bots(Response):
    """A page of bots; an empty cursor is the end."""

    items: tuple[Bot, ...]
    cursor: str = ""


class Conversations(Response):
    """A page of conversations; an empty cursor is the end."""

    items: tuple[Conversation, ...]
    cursor: str = ""


class Activities(Response):
    """A page of activity, newest first; an empty cursor is the end."""

    items: tuple[Activity, ...]
    cursor: str = ""


class Releases(Response):
    """The releases to choose from."""

    items: tuple[Release, ...]


class ErrorDetail(Response):
    """What went wrong: a constant for programs, a sentence for people, and the id to find it in the logs."""

    code: str
    message: str
    request_id: str = ""


class ErrorBody(Response):
    """The body of every response over 399."""

    error: ErrorDetail
