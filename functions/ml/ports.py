"""The ML layer's ports. Each has a conformance suite in `tests/ports` that fakes and adapters pass alike."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal, Protocol

from functions.ml.documents import Chunk, IndexedChunk, ParsedDocument
from functions.ml.recognised import PagePicture, RecognisedPage
from shared.contracts.events import Event
from shared.kernel.errors import Invalid

Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What S3 says of an object.

    Attributes:
        version: the entity tag: the same bytes give the same version, and listings carry it.
        filename: from the object's metadata, empty when it has none.
        modified_on: day of the file's last change, ISO 8601: from the object's metadata, or else when it was put here;
            empty when nothing is known, as in listings.
        tags: from the object's metadata.
    """

    key: str
    version: str
    size_bytes: int
    filename: str = ""
    modified_on: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version of an object.

    Attributes:
        is_live: it is what readers of the key get.
        is_marker: it holds no bytes and says that the object was removed.
    """

    key: str
    version_id: str
    is_live: bool = False
    is_marker: bool = False


class ObjectStore(Protocol):
    """One bucket."""

    def head(self, key: str) -> StoredObject | None:
        """Return what is there now, None when nothing is. Raises Unavailable."""

    def read(self, key: str) -> bytes:
        """Return the bytes. Raises NotFound, Unavailable."""

    def download(self, key: str, target: Path, *, version: str) -> None:
        """Write the bytes of this version to a file without holding them in memory.

        Raises NotFound when the key is gone, Conflict when it holds another version by now, Unavailable.
        """

    def write(self, key: str, body: bytes, *, media_type: str = "application/octet-stream") -> None:
        """Write or replace an object. Raises Unavailable."""

    def create(self, key: str, body: bytes, *, media_type: str = "application/octet-stream") -> bool:
        """Write an object unless one is there; False then, and nothing changed. Raises Unavailable."""

    def delete(self, keys: Sequence[str]) -> int:
        """Delete objects with all their versions; what is missing is no error. Returns versions removed."""

    def list_versions(self, keys: Sequence[str]) -> list[ObjectVersion]:
        """Return every version and every delete marker of these keys.

        Those of one knowledge base are listed together, from its first key to the last of these.

        Raises Unavailable.
        """

    def delete_versions(self, versions: Sequence[ObjectVersion]) -> None:
        """Delete exactly these; what is missing is no error. So what came after they were listed stays.

        Raises Unavailable, also when some of them were deleted.
        """

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the live objects under a prefix, in key order. Raises Unavailable."""


class Queue(Protocol):
    """One SQS queue."""

    def send(self, events: Sequence[Event]) -> None:
        """Queue all events. Raises Unavailable when any was not taken (those that were may arrive twice)."""

    def postpone(self, body: str, *, delay_s: int) -> None:
        """Queue a message's body again with a fresh receive count, invisible for a while. Raises Unavailable."""


class Bus(Protocol):
    """The event bus."""

    def publish(self, events: Sequence[Event]) -> None:
        """Put all events on the bus. Raises Unavailable when any was not taken."""


class Parser(Protocol):
    """Turns a file into text with structure, inside limits."""

    def __call__(self, path: Path, *, filename: str) -> ParsedDocument:
        """Parse one file.

        Raises:
            Invalid: the type is not supported (`unsupported_type`), or the file is empty (`empty_file`), locked with
                a password (`password_protected`), has no readable text (`no_text`), or is broken (`unreadable`).
            TooLarge: over a limit of pages, memory, time or expansion (`too_many_pages`, `parser_limit`, `zip_bomb`).
            Unavailable: the process that reads was ended from outside (`parser_lost`).
        """


class PageDrawer(Protocol):
    """Turns a page of a file into pixels, inside limits."""

    def __call__(self, path: Path, *, filename: str, page: int) -> PagePicture:
        """Draw one page, numbered from 1.

        Raises:
            Invalid: the page cannot be drawn (`unreadable`).
            TooLarge: over a limit of pixels, memory or time (`too_many_pixels`, `parser_limit`).
        """


class Recogniser(Protocol):
    """Reads the text of a page from its pixels."""

    @property
    def name(self) -> str:
        """Name of the model and of how it is used: the same name gives the same text for the same pixels."""

    def __call__(self, picture: PagePicture) -> RecognisedPage:
        """Read a page, whichever way it is turned.

        Raises:
            Invalid: the model breaks down over this page (`page_unrecognisable`).
            Unavailable: the model is not installed or cannot be loaded (`recogniser_unavailable`).
        """


class Chunker(Protocol):
    """One strategy of cutting."""

    def __call__(self, document: ParsedDocument) -> list[Chunk]:
        """Cut a document into chunks, ordinals from 0 without gaps, none empty, in reading order."""


Purpose = Literal["query", "passage"]


class Embedder(Protocol):
    """Turns texts into vectors of one model."""

    @property
    def model_id(self) -> str:
        """Name and build of the model: the same id gives the same vector for the same text."""

    @property
    def dimensions(self) -> int:
        """Length of every vector."""

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        """Return one vector of L2 norm 1 per text, in order; over-long texts are truncated by the model.

        Raises:
            Unavailable: the model cannot be reached or is not there yet.
            Invalid: the provider refuses the input for good.
        """


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is narrowed to: any of the values of a field, and that for every field that has values.

    Attributes:
        document_ids: these documents.
        filenames: files of exactly these names.
        folders: these folders and what lies below them.
        formats: names of the published list.
        languages: ISO 639-1.
        tags: documents that carry at least one of them.
        since: files changed on this day or later, ISO 8601; empty for any. A file without a day is left out then.
        until: files changed on this day or before.
    """

    document_ids: tuple[str, ...] = ()
    filenames: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    since: str = ""
    until: str = ""

    def keep(self, chunk: IndexedChunk) -> bool:
        """Does the chunk pass? This is what the filters mean; engines must agree with it."""
        told = chunk.metadata
        return (
            (not self.document_ids or chunk.document_id in self.document_ids)
            and (not self.filenames or chunk.filename in self.filenames)
            and (not self.folders or any(f"{told.folder}/".startswith(f"{folder}/") for folder in self.folders))
            and (not self.formats or told.format in self.formats)
            and (not self.languages or told.language in self.languages)
            and (not self.tags or not set(self.tags).isdisjoint(told.tags))
            and (not self.since or told.date >= self.since)
            and (not self.until or "" < told.date <= self.until)
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """What a search may see. There is no search without one.

    Attributes:
        tenant_id: never empty.
        kb_ids: at least one.
        readers: the caller's principals, at least one; a chunk is visible when it shares at least one.
        filters: what the caller asked to narrow it to; they never widen it.
    """

    tenant_id: str
    kb_ids: tuple[str, ...]
    readers: tuple[str, ...]
    filters: Filters = Filters()

    def __post_init__(self) -> None:
        """Refuse a scope that would see too much or nothing.

        Raises:
            Invalid: `scope_incomplete`: the tenant, the knowledge bases or the readers are missing.
        """
        for name, values in (("tenant", (self.tenant_id,)), ("kb_ids", self.kb_ids), ("readers", self.readers)):
            if not values or not all(values):
                raise Invalid(f"A search needs its {name}; none was given.", code="scope_incomplete")


@dataclass(frozen=True, slots=True)
class Hit:
    """One chunk found, without its vector; a higher score is better, scales differ by list."""

    indexed: IndexedChunk
    score: float


@dataclass(frozen=True, slots=True)
class Candidates:
    """The two rankings of one query, best first, ids unique within each.

    Attributes:
        lexical: scored by BM25 or its like, scores over 0.
        dense: scored by cosine, in [-1, 1].
    """

    lexical: tuple[Hit, ...]
    dense: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class ItemFailure:
    """One chunk that a bulk write did not take."""

    chunk_id: str
    temporary: bool
    reason: str


@dataclass(frozen=True, slots=True)
class StoredGeneration:
    """How many chunks of one generation of a document the index holds."""

    kb_id: str
    document_id: str
    generation: int
    chunks: int


class SearchIndex(Protocol):
    """Lexical and exact vector search over chunks, kept per tenant."""

    def upsert(self, chunks: Sequence[IndexedChunk]) -> list[ItemFailure]:
        """Write chunks (all of one tenant), replacing those of the same id; durable and visible on return.

        Returns:
            The items that were not taken, empty when all were. Raises Unavailable when nothing can be said.
        """

    def vectors(self, tenant_id: str, text_keys: Collection[str]) -> dict[str, Vector]:
        """Return the vectors that chunks of this tenant hold under these keys, of any document and generation.

        What is not known is left out. Raises Unavailable.
        """

    def count(self, tenant_id: str, document_id: str, generation: int | None) -> int:
        """Return how many chunks of this generation, or of all where None, are visible. Raises Unavailable."""

    def delete(self, tenant_id: str, document_id: str, *, through_generation: int, from_generation: int = 0) -> int:
        """Delete the document's chunks with from <= generation <= through; returns how many. Raises Unavailable."""

    def search(
        self, scope: Scope, *, text: str, vector: Vector | None, limit: int, releases: Collection[str] | None = None
    ) -> Candidates:
        """Find the best chunks by words and by vector, each list at most `limit` long.

        Any text is a query, operators and quotes included; an empty text gives an empty lexical list and no vector an
        empty dense one. Equal scores order by chunk id.

        Args:
            scope: what may be seen.
            text: what is searched by words, in all chunks of the scope.
            vector: what is searched by cosine.
            limit: length of each list, at least 1.
            releases: the vector is compared only with chunks of these pipeline releases, because vectors of different
                models say nothing about each other; None compares it with all.

        Raises:
            Invalid: the vector has another length than those it is compared with (`dimension_mismatch`).
            Unavailable: the engine does not answer.
        """

    def chunks(self, scope: Scope, chunk_ids: Collection[str]) -> dict[str, IndexedChunk]:
        """Return those of these chunks that the scope may see, by id, without their vectors. Raises Unavailable."""

    def releases(self, tenant_id: str, kb_ids: Sequence[str]) -> frozenset[str]:
        """Return the pipeline releases that the chunks of these knowledge bases were made by. Raises Unavailable."""

    def generations(self, tenant_id: str) -> Iterator[StoredGeneration]:
        """Yield what the index holds, for the reconciler. Raises Unavailable."""

    def tenants(self) -> list[str]:
        """Return the tenants that the index holds anything of. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class RankedHit:
    """A hit after fusion.

    Attributes:
        score: comparable within one query, in [0, 1].
        lexical: the raw lexical score, 0 when the chunk was not in that list.
        dense: the cosine, 0 when the chunk was not in that list.
    """

    indexed: IndexedChunk
    score: float
    lexical: float
    dense: float


class Ranker(Protocol):
    """Merges the two rankings into one."""

    def __call__(self, query: str, candidates: Candidates, *, limit: int) -> list[RankedHit]:
        """Return up to `limit` hits, best first, each chunk once; equal scores order by chunk id."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of the conversation."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage handed to a generator, numbered from 1 in the prompt.

    Attributes:
        score: comparable within one question, in [0, 1].
        lexical: the raw lexical score, 0 when words did not find it.
        dense: the cosine, 0 when the vector did not find it.
    """

    n: int
    text: str
    source: str
    kind: str
    score: float
    context: str = ""
    lexical: float = 0.0
    dense: float = 0.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What a generation consumed."""

    model: str
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """What a generator says, before it is checked.

    Attributes:
        text: Markdown with citations as `[n]`; empty when refused.
        refused: the generator found no answer in the passages.
        quotes: verbatim quotes it relies on: pairs (n, quote); may be empty.
    """

    text: str
    refused: bool
    usage: Usage
    quotes: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """One question with what is needed to answer it.

    Attributes:
        task: `answer` it from the passages, or `complete` it from the history, so that it can be searched for alone.
        timeout: for the whole call; the default leaves the caller, who waits for 25 s, time to say that it passed.
    """

    question: str
    passages: tuple[Passage, ...]
    history: tuple[Turn, ...] = ()
    instructions: str = ""
    timeout: timedelta = field(default=timedelta(seconds=20))
    task: Literal["answer", "complete"] = "answer"


class Generator(Protocol):
    """Writes an answer from passages."""

    def generate(self, request: GenerationRequest) -> Draft:
        """Return a draft.

        Raises:
            Unavailable: the model cannot be reached, timed out, or sent nonsense (`model_unavailable`,
                `model_timeout`, `model_reply_malformed`).
            TooMany: the provider throttles (`model_throttled`).
            Rejected: the provider refuses for good: bad key, unknown model, content filter (`model_refused`).
        """

    def stream(self, request: GenerationRequest) -> Iterator[str | Draft]:
        """Yield pieces of text as they come and at last the whole Draft. Raises like `generate`."""
