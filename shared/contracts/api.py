"""The public REST API, version 1: what the dashboard, the command line and other teams' programs speak.

Lists page with `cursor`. Writes accept the header `Idempotency-Key`. Errors are `{"error": {"code", "message"}}`.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.documents import Place
from shared.contracts.filters import Day, Filters, Tags
from shared.contracts.ml_api import (
    MAX_DATASET_ITEMS,
    MAX_HITS,
    MAX_KNOWLEDGE_BASES,
    MAX_PREVIEWED_CHUNKS,
    MAX_PREVIEWED_FILE_BYTES,
    MAX_QUESTION_CHARACTERS,
    DifferenceKind,
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
    """A new, empty knowledge base.

    Attributes:
        release: a name from `GET /v1/releases`, the default where omitted.
        chunking: a name from `GET /v1/chunking-strategies`, the release's own where omitted.
    """

    name: str = Field(min_length=1, max_length=100)
    description: str = Field(default="", max_length=1_000)
    release: str | None = Field(default=None, max_length=100)
    chunking: str | None = Field(default=None, max_length=100)
    visibility: Literal["tenant", "private"] = "tenant"


class UpdateKnowledgeBase(Request):
    """What changes; omitted fields stay.

    Attributes:
        chunking: another way to cut has every document processed again; each answers from its old passages until then.
    """

    name: str | None = Field(default=None, min_length=1, max_length=100)
    description: str | None = Field(default=None, max_length=1_000)
    chunking: str | None = Field(default=None, max_length=100)


class Rebuild(Response):
    """How far the index of a knowledge base is made anew; every document answers from its old version until its turn.

    Attributes:
        finished_at: empty while documents are left.
    """

    requested_at: str
    requested_by: str
    requested_by_address: str = ""
    finished_at: str = ""
    documents_total: int = 0
    documents_left: int = 0


class KnowledgeBase(Response):
    """A set of documents.

    Attributes:
        documents: how many documents are in which state.
        inbox_prefix: objects put under this prefix of the documents bucket become documents.
        rebuild: the last one, None when there never was one.
        chunking: the name of its way to cut documents.
    """

    kb_id: str
    name: str
    description: str
    release_id: str
    release: str
    chunking: str = "structure"
    visibility: Literal["tenant", "private"]
    owner_id: str
    documents: dict[Status, int] = Field(default_factory=dict)
    inbox_bucket: str = ""
    inbox_prefix: str = ""
    rebuild: Rebuild | None = None
    created_at: str
    updated_at: str


class KnowledgeBaseDeletion(Response):
    """How far the delete of a knowledge base is, and at its end its receipt, which stays.

    Attributes:
        finished_at: empty while documents are left.
        removed: counts per store: `versions` of files, `parts` of cut text, `chunks` in the search index.
        verified: every store was looked at again after each document's removal and held nothing.
    """

    kb_id: str
    name: str
    requested_at: str
    requested_by: str
    requested_by_address: str = ""
    finished_at: str = ""
    documents_total: int = 0
    documents_left: int = 0
    removed: dict[str, int] = Field(default_factory=dict)
    verified: bool = False


class CreateDocument(Request):
    """Announce an upload; the type is decided by the file name and checked against the content later.

    Attributes:
        filename: with the folders that it shall stand in, such as `hr/2026/leave.pdf`.
        tags: what searches can be narrowed by; they can be changed later.
        modified_on: day of the file's last change, or a time; where omitted, the day of the upload.
    """

    filename: str = Field(min_length=1, max_length=1_024)
    size_bytes: int = Field(ge=0)
    media_type: str = Field(default="application/octet-stream", max_length=200)
    tags: Tags = ()
    modified_on: Day = ""


class UpdateDocument(Request):
    """What changes; omitted fields stay.

    Attributes:
        tags: all tags from now on. The document is indexed anew, and answers with its old tags until that is done.
    """

    tags: Tags | None = None


class Upload(Response):
    """A presigned POST: send `fields` and then the file as multipart/form-data to `url`."""

    url: str
    fields: dict[str, str]
    expires_at: str


class Progress(Response):
    """How far a document is; what is not known yet is 0.

    Attributes:
        bytes_total: as announced until the file is there, then its size.
        pages: pages, slides or sheets that were read.
        chunks_done: passages that are embedded and indexed.
    """

    bytes_received: int = 0
    bytes_total: int = 0
    pages: int = 0
    chunks_done: int = 0
    chunks_total: int = 0


class StoreReceipt(Response):
    """What one store had of a deleted document.

    Attributes:
        store: `versions` of the file, `parts` of its cut text, `chunks` in the search index.
        removed: how many it held when the delete began; None while nobody counted.
        removed_at: when it was emptied; empty until the receipt is written.
        left: how many were found when it was looked at again; None until then.
    """

    store: Literal["versions", "parts", "chunks"]
    removed: int | None = None
    removed_at: str = ""
    left: int | None = None


class DeleteReceipt(Response):
    """What was removed where and when.

    Attributes:
        requested_by: the user's id; empty when another system removed the file from the bucket.
        requested_by_address: the e-mail address of this user; empty where it is not known any more.
        finished_at: empty while the delete goes on.
        verified: every store was looked at after the removal and held nothing.
    """

    requested_at: str
    requested_by: str
    requested_by_address: str = ""
    finished_at: str = ""
    verified: bool = False
    stores: tuple[StoreReceipt, ...] = ()


Action = Literal["wait", "upload_again", "retry", "delete"]


class Document(Response):
    """The state of one document.

    Attributes:
        status_since: when it came into its state.
        reason: why it failed, or what it waits for, in words; `remedy` says what to do about it.
        version: counts processing runs; the one in work, or the last one.
        live_version: the one that answers now, None when none does; a new version replaces it when it is READY.
        actions: what a person can do now, the most useful first.
        attempts: how often processing was begun by itself since a person last asked for it.
        next_try_at: when the platform tries again by itself; empty when it will not, or is at work.
        receipt: counts of a finished delete; `deletion` tells the whole of it, also while it goes on.
        waiting_for: the neighbour that does not answer, while one is waited for; `waiting_since` is its beginning.
        warnings: what was left out of it and why.
        pages_unread: pages without a text layer, of which `pages_recognised` have been recognised so far.
        folder: the folders before the file's name; empty for none.
        format: what the content is, by its name in the published list; empty until it was read.
        language: ISO 639-1, empty when unknown.
        modified_on: day of the file's last change.
    """

    document_id: str
    kb_id: str
    filename: str
    status: Status
    reason: str = ""
    code: str = ""
    waiting_for: str = ""
    waiting_since: str = ""
    chunks: int = 0
    chunks_done: int = 0
    pages: int = 0
    pages_unread: int = 0
    pages_recognised: int = 0
    warnings: tuple[str, ...] = ()
    size_bytes: int = 0
    version: int = 0
    folder: str = ""
    format: str = ""
    language: str = ""
    modified_on: str = ""
    tags: tuple[str, ...] = ()
    live: bool = False
    live_version: int | None = None
    status_since: str = ""
    progress: Progress = Field(default_factory=Progress)
    remedy: str = ""
    can_retry: bool = False
    actions: tuple[Action, ...] = ()
    attempts: int = 0
    next_try_at: str = ""
    release_id: str
    receipt: dict[str, int] | None = None
    deletion: DeleteReceipt | None = None
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
    filters: Filters = Filters()


class UpdateBot(Request):
    """Changes of the draft; omitted fields stay.

    Attributes:
        filters: all of them from now on; `{}` for none.
    """

    name: str | None = Field(default=None, min_length=1, max_length=100)
    description: str | None = Field(default=None, max_length=1_000)
    instructions: str | None = Field(default=None, max_length=8_000)
    kb_ids: list[str] | None = Field(default=None, max_length=MAX_KNOWLEDGE_BASES)
    starter_questions: list[str] | None = Field(default=None, max_length=10)
    filters: Filters | None = None


class BotDefinition(Response):
    """What a version of a bot is made of.

    Attributes:
        filters: it answers only from documents that pass them; a caller's own filters narrow that further.
    """

    name: str
    description: str
    instructions: str
    kb_ids: tuple[str, ...]
    starter_questions: tuple[str, ...] = ()
    filters: Filters = Filters()


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
    filters: Filters = Filters()


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
    """

    text: str
    refused: bool
    citations: tuple[Citation, ...]
    usage: Usage
    release_id: str
    searched: str = ""
    searched_by: Literal["as_asked", "history", "model"] = "as_asked"
    stopped: bool = False


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


class SocketTicket(Response):
    """Opens one WebSocket: connect to `url` within `expires_in_s` seconds, once."""

    url: str
    expires_in_s: int


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


class ChunkingStrategy(Response):
    """A way to cut documents into passages that a knowledge base can choose by name.

    Attributes:
        description: what it does and what it is good for.
        is_default: taken where a knowledge base chooses none.
    """

    name: str
    description: str
    is_default: bool


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
    """How many messages wait and are being worked on, and in words what they are."""

    waiting: int
    in_flight: int
    meaning: str = ""


class Reconciliation(Response):
    """What the last run of the reconciler found and set off.

    Attributes:
        found: how many differences between registry, storage and index, by kind; each was acted upon.
    """

    started_at: str
    finished_at: str
    documents: int = 0
    hinted: int = 0
    requeued: int = 0
    failed: int = 0
    restored_knowledge_bases: int = 0
    resumed_knowledge_bases: int = 0
    collected_chunks: int = 0
    found: dict[DifferenceKind, int] = Field(default_factory=dict)


class PlatformStatus(Response):
    """What operators look at first: documents by state, queue depths, dead letters.

    Attributes:
        late_documents: those whose state lasts longer than it should.
        failed: how many documents failed, by the code of the reason.
        waiting: how many documents wait for a neighbour of the platform, by the code of what they wait for.
        oldest_in_work: since when the document waits or is worked on that does so longest; empty when none does.
        deleting_knowledge_bases: deletes that still have documents left.
        reconciliation: the last run; for administrators.
    """

    documents: dict[Status, int]
    knowledge_bases: int
    queues: dict[str, QueueDepth]
    dead_letters: dict[str, int]
    late_documents: int
    failed: dict[str, int] = Field(default_factory=dict)
    waiting: dict[str, int] = Field(default_factory=dict)
    oldest_in_work: str = ""
    deleting_knowledge_bases: int = 0
    reconciliation: Reconciliation | None = None


class AffectedDocument(Response):
    """A document that a finding is about; its name is left out for those who may not read it."""

    kb_id: str
    document_id: str
    filename: str = ""
    status: Status
    code: str = ""
    reason: str = ""
    since: str = ""


FindingCode = Literal[
    "dead_letters",
    "documents_given_up",
    "deadline_passed",
    "waiting_for_neighbour",
    "retries_used_up",
    "reconciler_silent",
    "index_differs",
    "delete_stopped",
    "rebuild_stopped",
]


class Finding(Response):
    """Something that is not as it should be, with what to do about it.

    Attributes:
        count: how many documents, messages or knowledge bases; `documents` names the first of them.
        command: what to type to mend it.
    """

    code: FindingCode
    title: str
    detail: str
    remedy: str
    command: str
    count: int
    documents: tuple[AffectedDocument, ...] = ()


class Diagnosis(Response):
    """Everything that is not as it should be."""

    healthy: bool
    checked_at: str
    findings: tuple[Finding, ...] = ()


class Redriven(Response):
    """What was given another try.

    Attributes:
        moved: dead letters that were put back, by queue.
        retried: documents that were queued again; `left` are still to do, so ask again.
    """

    moved: dict[str, int]
    retried: int
    left: int = 0


class KnowledgeBases(Response):
    """A page of knowledge bases; an empty cursor is the end."""

    items: tuple[KnowledgeBase, ...]
    cursor: str = ""


class Documents(Response):
    """A page of documents; an empty cursor is the end."""

    items: tuple[Document, ...]
    cursor: str = ""


class Deletions(Response):
    """Deletes of knowledge bases that go on, and the receipts of those that are finished, the latest first."""

    items: tuple[KnowledgeBaseDeletion, ...]


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


class ChunkingStrategies(Response):
    """The ways to cut documents to choose from."""

    items: tuple[ChunkingStrategy, ...]


class PreviewChunks(Request):
    """Show how a document is cut; nothing is kept.

    Attributes:
        chunking: a name from `GET /v1/chunking-strategies`; the document's own where omitted.
        parameters: of the strategy, where they are to differ from those behind the name.
        offset: ordinal of the first chunk to show.
        limit: most chunks to show; fewer come where they would be too much for one response.
    """

    chunking: str = Field(default="", max_length=100)
    parameters: dict[str, int] = Field(default_factory=dict, max_length=20)
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=MAX_PREVIEWED_CHUNKS)


class PreviewFileChunks(PreviewChunks):
    """Show how a file is cut that is in no knowledge base; `content` is Base64, of at most 4 MB."""

    filename: str = Field(min_length=1, max_length=1_000)
    content: str = Field(min_length=1, max_length=MAX_PREVIEWED_FILE_BYTES // 3 * 4 + 4)


class PreviewedChunk(Response):
    """One passage as it would be searched.

    Attributes:
        text: what would be shown and quoted.
        context: title and headings that would be searched with the text.
        tokens: estimated from the characters, without the embedding model's own tokenizer.
        place: where it stands, with its span, page and boxes.
    """

    ordinal: int
    text: str
    kind: Literal["text", "table"]
    context: str
    tokens: int
    place: Place


class Spread(Response):
    """The smallest, the middle and the largest of something; all 0 where there is nothing."""

    least: int
    median: int
    most: int


class ChunkPreview(Response):
    """How a document is cut.

    Attributes:
        parameters: all that the strategy was told.
        chunks_total: how many chunks there are in all; sizes and overlap are of all of them.
        tokens: estimated sizes.
        overlap: share of the chunks' characters that stand in an earlier chunk too, in [0, 1].
        next_offset: where to go on; null at the end.
        warnings: what was left out of the document and why.
    """

    filename: str
    chunking: str
    parameters: dict[str, int]
    pages: int
    unit: Literal["page", "slide", "sheet", "section"]
    characters: int
    chunks_total: int
    tokens: Spread
    chunk_characters: Spread
    overlap: float
    chunks: tuple[PreviewedChunk, ...]
    next_offset: int | None = None
    warnings: tuple[str, ...] = ()


class ErrorDetail(Response):
    """What went wrong: a constant for programs, a sentence for people, and the id to find it in the logs."""

    code: str
    message: str
    request_id: str = ""


class ErrorBody(Response):
    """The body of every response over 399."""

    error: ErrorDetail
