"""The ML layer's REST API, version 1: IAM-authorised, called by the application layer only.

The application layer has decided who asks; the ML layer still filters by tenant and by the principals it is given and
checks every hit against the registry.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.documents import Place
from shared.contracts.filters import Filters
from shared.contracts.passages import MAX_LISTED_CHUNKS, ChunkPreview, PreviewedChunk, Spread
from shared.contracts.views import MAX_VIEWED_PAGES, DocumentView, ViewedPage

__all__ = [
    "MAX_DATASET_ITEMS", "MAX_FILTERS", "MAX_HISTORY_TURNS", "MAX_HITS", "MAX_KNOWLEDGE_BASES", "MAX_PREVIEWED_CHUNKS",
    "MAX_PREVIEWED_FILE_BYTES", "MAX_QUESTION_CHARACTERS", "AnswerRequest", "AnswerResponse", "Caller", "ChunkPreview",
    "ChunkPreviewRequest", "Chunking", "Citation", "Difference", "DifferenceKind", "DocumentChunksRequest",
    "DocumentChunksResponse", "DocumentPagesRequest", "DocumentPagesResponse", "DocumentRequest", "ErrorDetail",
    "ErrorResponse", "EvaluationRequest", "EvaluationResponse", "Message", "PreviewFile", "PreviewedChunk",
    "QuestionScore", "ReconciliationResponse", "Release", "ReleasesResponse", "SearchHit", "SearchRequest",
    "SearchResponse", "Spread", "Turn", "Usage",
]  # fmt: skip

MAX_QUESTION_CHARACTERS = 8_000
MAX_HISTORY_TURNS = 20
MAX_KNOWLEDGE_BASES = 20
MAX_HITS = 100
MAX_DATASET_ITEMS = 2_000
MAX_FILTERS = 4
MAX_PREVIEWED_CHUNKS = 200
MAX_PREVIEWED_FILE_BYTES = 4_000_000  # with base64 and JSON around it under the 6 MB that a function takes


class Message(BaseModel):
    """The base of every request and response: immutable; unknown fields of a newer neighbour are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Caller(Message):
    """Whose question this is.

    Attributes:
        tenant_id: what the search is confined to.
        user_id: for logs and limits.
        readers: the caller's principals, `tenant:<id>`, `team:<id>`, `user:<id>`; at least one.
    """

    tenant_id: str = Field(min_length=1)
    user_id: str = Field(min_length=1)
    readers: tuple[str, ...] = Field(min_length=1)


class Turn(Message):
    """An earlier message of the conversation, oldest first."""

    role: Literal["user", "assistant"]
    content: str


class SearchRequest(Message):
    """Find passages.

    Attributes:
        filters: each of them must hold: a bot's own and the caller's, for instance.
    """

    caller: Caller
    kb_ids: tuple[str, ...] = Field(min_length=1, max_length=MAX_KNOWLEDGE_BASES)
    query: str = Field(min_length=1, max_length=MAX_QUESTION_CHARACTERS)
    limit: int = Field(default=10, ge=1, le=MAX_HITS)
    filters: tuple[Filters, ...] = Field(default=(), max_length=MAX_FILTERS)


class SearchHit(Message):
    """A passage that was found.

    Attributes:
        rank: from 1.
        score: comparable within one query only, in [0, 1].
    """

    rank: int
    score: float
    chunk_id: str
    kb_id: str
    document_id: str
    filename: str
    text: str
    kind: Literal["text", "table"]
    place: Place


class SearchResponse(Message):
    """Passages, best first."""

    hits: tuple[SearchHit, ...]
    release_id: str


class AnswerRequest(Message):
    """Answer a question from knowledge bases.

    Attributes:
        filters: each of them must hold.
        stream_id: where the answer is written while it grows (`shared/streams`); empty for an answer only at its end.
    """

    caller: Caller
    kb_ids: tuple[str, ...] = Field(min_length=1, max_length=MAX_KNOWLEDGE_BASES)
    question: str = Field(min_length=1, max_length=MAX_QUESTION_CHARACTERS)
    history: tuple[Turn, ...] = Field(default=(), max_length=MAX_HISTORY_TURNS)
    instructions: str = Field(default="", max_length=8_000)
    release_id: str = ""
    filters: tuple[Filters, ...] = Field(default=(), max_length=MAX_FILTERS)
    stream_id: str = Field(default="", max_length=100)


class Citation(Message):
    """A pointer to a live chunk.

    Attributes:
        n: the number in the answer's text, from 1 without gaps.
        page: the one that the quote begins on; a chunk may run over several.
        quote: verbatim in the cited chunk or in what is read with it, and exactly the document's text from
            `place.start` to `place.end`.
    """

    n: int
    chunk_id: str
    kb_id: str
    document_id: str
    filename: str
    page: int | None
    place: Place
    quote: str


class Usage(Message):
    """What the answer consumed."""

    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    latency_ms: int = 0


class AnswerResponse(Message):
    """An answer with its evidence, or an honest refusal (then without citations).

    Attributes:
        searched: the question as it was searched for: a follow-up is completed from the conversation.
        searched_by: what completed it; `as_asked` where nothing did.
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


class Chunking(Message):
    """A way to cut documents, and the release that cuts so and is otherwise the same."""

    name: str
    description: str
    release_id: str


class Release(Message):
    """A pipeline release: one immutable id for everything that shapes an answer.

    Attributes:
        chunking: the name of its own way to cut.
        chunkings: all that it can be combined with, its own among them.
    """

    release_id: str
    name: str
    description: str
    is_default: bool
    embedder: str
    chunker: str
    model: str
    chunking: str = ""
    chunkings: tuple[Chunking, ...] = ()


class ReleasesResponse(Message):
    """The releases that can be chosen by name."""

    releases: tuple[Release, ...]


class PreviewFile(Message):
    """A file that is in no knowledge base; `content` is Base64."""

    filename: str = Field(min_length=1, max_length=1_000)
    content: str = Field(min_length=1, max_length=MAX_PREVIEWED_FILE_BYTES // 3 * 4 + 4)


class ChunkPreviewRequest(Message):
    """Show how a document, or a file, is cut in some way; nothing is kept.

    Attributes:
        kb_id: of the document; empty with a file.
        document_id: the document; empty with a file.
        file: cut instead of a document.
        chunking: a name from the releases; empty for the way in which the document's own release cuts.
        parameters: of the strategy, where they are to differ from those behind the name.
        offset: ordinal of the first chunk to show.
        limit: most chunks to show; fewer come where they would be too much for one response.
    """

    caller: Caller
    kb_id: str = ""
    document_id: str = ""
    file: PreviewFile | None = None
    chunking: str = Field(default="", max_length=100)
    parameters: dict[str, int] = Field(default_factory=dict, max_length=20)
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=MAX_PREVIEWED_CHUNKS)


class DocumentRequest(Message):
    """Look at a document that the caller may read.

    Attributes:
        offset: ordinal of the first item.
        limit: most items; fewer come where they would be too much for one response.
    """

    caller: Caller
    kb_id: str = Field(min_length=1)
    document_id: str = Field(min_length=1)
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=20, ge=1)


class DocumentPagesRequest(DocumentRequest):
    """Draw a document from a stretch on.

    Attributes:
        at: begin with the stretch that holds this character of the document's text, whatever `offset` says.
        page: begin with the stretch that holds the beginning of this page's text, whatever `offset` says: that of the
            page before, where a paragraph runs over; that of the next, where it has no text.
    """

    limit: int = Field(default=20, ge=1, le=MAX_VIEWED_PAGES)
    at: int | None = Field(default=None, ge=0)
    page: int | None = Field(default=None, ge=1)


class DocumentPagesResponse(Message):
    """Stretches of the live generation in order.

    Attributes:
        generation: that answers; another one has other ordinals and places.
        next_offset: where to go on; None at the end.
    """

    filename: str
    generation: int
    view: DocumentView
    items: tuple[ViewedPage, ...]
    next_offset: int | None = None


class DocumentChunksRequest(DocumentRequest):
    """List the passages of a document."""

    limit: int = Field(default=50, ge=1, le=MAX_LISTED_CHUNKS)


class DocumentChunksResponse(Message):
    """Passages of the live generation in order.

    Attributes:
        release_id: what cut and embedded them.
        next_offset: where to go on; None at the end.
    """

    filename: str
    generation: int
    release_id: str
    chunks_total: int
    items: tuple[PreviewedChunk, ...]
    next_offset: int | None = None


class EvaluationRequest(Message):
    """Score a dataset that lies in the artifacts bucket."""

    caller: Caller
    kb_ids: tuple[str, ...] = Field(min_length=1, max_length=MAX_KNOWLEDGE_BASES)
    dataset_key: str = Field(pattern=r"^datasets/[A-Za-z0-9_/.-]+\.jsonl$")
    instructions: str = Field(default="", max_length=8_000)
    release_id: str = ""
    filters: tuple[Filters, ...] = Field(default=(), max_length=MAX_FILTERS)


class QuestionScore(Message):
    """One scored question.

    Attributes:
        retrieved: the expected document is among the first 10 hits; None when none is expected.
        reciprocal_rank: of the first hit of an expected document, 0 when absent; None when none is expected.
        cited: the expected document is among the citations; None when none is expected.
        token_f1: overlap of the answer with the expected one, in [0, 1]; None without an expected answer.
        answer_in_quotes: the expected answer stands in a quote; None without an expected answer.
        correctly_refused: refused exactly when the dataset says that there is no answer.
    """

    question_id: str
    question: str
    answer: str
    refused: bool
    retrieved: bool | None = None
    reciprocal_rank: float | None = None
    cited: bool | None = None
    token_f1: float | None = None
    answer_in_quotes: bool | None = None
    correctly_refused: bool | None = None
    error: str = ""
    latency_ms: int = 0


class EvaluationResponse(Message):
    """A scored run, or how far it is."""

    evaluation_id: str
    status: Literal["QUEUED", "RUNNING", "FINISHED", "FAILED"]
    release_id: str = ""
    questions: int = 0
    done: int = 0
    metrics: dict[str, float] = Field(default_factory=dict)
    scores: tuple[QuestionScore, ...] = ()
    reason: str = ""


DifferenceKind = Literal[
    "arrived_unnoticed",
    "version_differs",
    "object_without_row",
    "deadline_passed",
    "temporary_failure",
    "index_lost_passages",
    "index_holds_garbage",
    "knowledge_base_unfinished",
]


class Difference(Message):
    """Something that registry, storage and index did not agree about, or that went on by itself no more."""

    kind: DifferenceKind
    tenant_id: str
    kb_id: str = ""
    document_id: str = ""
    detail: str = ""


class ReconciliationResponse(Message):
    """What a run of the reconciler found and set off.

    Attributes:
        documents: documents that were looked at.
        hinted: messages that were sent to ingestion.
        requeued: documents that were given another try; failed: those that had too many.
        resumed_knowledge_bases: deletes and rebuilds that had stopped and were carried on.
        collected_chunks: passages removed from the index that could never be seen again.
        found: how many differences of each kind there were; `differences` names up to 200 of them.
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
    collected_parts: int = 0
    found: dict[DifferenceKind, int] = Field(default_factory=dict)
    differences: tuple[Difference, ...] = ()


class ErrorDetail(Message):
    """What went wrong: a constant for programs, a sentence for people."""

    code: str
    message: str


class ErrorResponse(Message):
    """The body of every response over 399."""

    error: ErrorDetail
