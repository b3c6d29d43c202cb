"""The application layer's ports. Each has a conformance suite in `tests/ports` that fakes and adapters pass alike."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from functions.application.domain.records import (
    ActivityRow,
    BotRow,
    BotVersionRow,
    ConversationRow,
    EvaluationRow,
    MessageRow,
    NameClaim,
    UnansweredRow,
    UsageRow,
    UserRow,
)
from shared.contracts.api import QueueDepth
from shared.contracts.events import DocumentChanged
from shared.contracts.ml_api import (
    AnswerRequest,
    AnswerResponse,
    ChunkPreview,
    ChunkPreviewRequest,
    DocumentChunksRequest,
    DocumentChunksResponse,
    DocumentPagesRequest,
    DocumentPagesResponse,
    EvaluationRequest,
    EvaluationResponse,
    ReconciliationResponse,
    ReleasesResponse,
    SearchRequest,
    SearchResponse,
)


class Users(Protocol):
    """The people."""

    def user(self, user_id: str) -> UserRow | None:
        """Return the row as it is now, None when there is none. Raises Unavailable."""


class Bots(Protocol):
    """Bots and their published versions."""

    def bot(self, tenant_id: str, bot_id: str) -> BotRow | None:
        """Return the row, None when the tenant has no such bot. Raises Unavailable."""

    def bots(self, tenant_id: str, *, cursor: str = "", limit: int = 100) -> tuple[list[BotRow], str]:
        """Return a page, oldest first, and the next cursor, empty at the end. Raises Invalid `bad_cursor`."""

    def create_bot(self, row: BotRow) -> None:
        """Write a new bot. Raises Conflict when its id exists, Unavailable."""

    def replace_bot(self, old: BotRow, new: BotRow) -> BotRow:
        """Write `new` if the row is still `old`; returns it with its new revision. Raises Conflict, Unavailable."""

    def publish_bot(self, old: BotRow, new: BotRow, version: BotVersionRow) -> BotRow:
        """Write `new` and the version together, or neither. Raises Conflict, Unavailable."""

    def remove_bot(self, row: BotRow) -> None:
        """Remove the bot and its versions; what is missing is no error. Raises Unavailable."""

    def bot_version(self, tenant_id: str, bot_id: str, version: int) -> BotVersionRow | None:
        """Return a published version, None when there is none. Raises Unavailable."""


class Conversations(Protocol):
    """Conversations and their messages."""

    def conversation(self, tenant_id: str, conversation_id: str) -> ConversationRow | None:
        """Return the row, those being deleted too; None when the tenant has none. Raises Unavailable."""

    def conversations(
        self, tenant_id: str, user_id: str, *, cursor: str = "", limit: int = 100
    ) -> tuple[list[ConversationRow], str]:
        """Return a page of a person's conversations, the latest first, without those being deleted.

        Raises Invalid `bad_cursor`, Unavailable.
        """

    def describe_conversation(self, row: ConversationRow, *, title: str, words: str) -> None:
        """Write title and words of one that exists; nothing else of it changes. Raises NotFound, Unavailable."""

    def create_conversation(self, row: ConversationRow) -> None:
        """Write a new conversation. Raises Conflict when its id exists, Unavailable."""

    def add_message(self, row: MessageRow) -> None:
        """Append a message and move the conversation to the front, both or neither.

        Raises:
            Conflict: a message with this id and time is there already.
            NotFound: the conversation is not there or is being deleted.
            Unavailable: the table does not answer.
        """

    def replace_message(self, row: MessageRow) -> None:
        """Overwrite a message that exists. Raises NotFound, Unavailable."""

    def messages(self, tenant_id: str, conversation_id: str) -> list[MessageRow]:
        """Return all messages, oldest first. Raises Unavailable."""

    def message_page(
        self, tenant_id: str, conversation_id: str, *, cursor: str = "", limit: int = 100
    ) -> tuple[list[MessageRow], str]:
        """Return a page of messages, the newest first. Raises Invalid `bad_cursor`, Unavailable."""

    def remove_conversation(self, row: ConversationRow) -> None:
        """Hide the conversation, then remove its messages, then itself; repeating it finishes it."""


class Evaluations(Protocol):
    """Whose scored runs there are."""

    def create_evaluation(self, row: EvaluationRow) -> None:
        """Write a new row. Raises Conflict when its id exists, Unavailable."""

    def evaluation(self, tenant_id: str, evaluation_id: str) -> EvaluationRow | None:
        """Return the row, None when the tenant has none. Raises Unavailable."""


class ActivityLog(Protocol):
    """What happened in each knowledge base, for 90 days."""

    def add_activity(self, row: ActivityRow) -> None:
        """Append; the same event again changes nothing. Raises Unavailable."""

    def activity(
        self, tenant_id: str, kb_id: str, *, cursor: str = "", limit: int = 100
    ) -> tuple[list[ActivityRow], str]:
        """Return a page, newest first, and the next cursor, empty at the end. Raises Invalid `bad_cursor`."""


class Names(Protocol):
    """Names that are unique within a tenant and a kind of thing."""

    def claim_name(self, claim: NameClaim, *, kind: str, instead_of: NameClaim | None = None) -> NameClaim:
        """Take a free name, or the one that `instead_of` holds; returns who holds it now. Raises Unavailable."""

    def release_name(self, tenant_id: str, *, kind: str, name: str, holder: str) -> None:
        """Free the name if `holder` holds it; otherwise nothing happens. Raises Unavailable."""


class Counters(Protocol):
    """Counters per window of time."""

    def take(self, tenant_id: str, counter: str, window: str, *, most: int, expires_at: datetime) -> bool:
        """Count one more, unless `most` were counted in this window; is it allowed? Raises Unavailable."""


class UsageStore(Protocol):
    """How bots are used: counters per day, and the questions that were refused."""

    def count(self, tenant_id: str, bot_id: str, day: str, counts: Mapping[str, int]) -> None:
        """Add to a day's counters, all together and atomically. Raises Unavailable."""

    def days(self, tenant_id: str, bot_id: str, *, since: str) -> list[UsageRow]:
        """Return the days on which anything was counted, in order. Raises Unavailable."""

    def keep_unanswered(self, row: UnansweredRow) -> None:
        """Keep a question for 90 days; the same again changes nothing. Raises Unavailable."""

    def unanswered(self, tenant_id: str, bot_id: str, *, limit: int) -> list[UnansweredRow]:
        """Return questions, the latest first. Raises Unavailable."""

    def forget_unanswered(self, tenant_id: str, bot_id: str, questions: Sequence[tuple[str, str]]) -> None:
        """Remove questions by (time, message id); missing ones are no error. Raises Unavailable."""


class ControlStore(Users, Bots, Conversations, Evaluations, ActivityLog, Names, Counters, Protocol):
    """The control table: everything of the application layer that is not a document."""


class PostponingQueue(Protocol):
    """The queue that a message came from."""

    def postpone(self, body: str, *, delay_s: int) -> None:
        """Queue a message's body again with a fresh receive count, invisible for a while. Raises Unavailable."""


class IngestQueue(Protocol):
    """The queue that the ML layer's ingestion reads."""

    def send(self, events: Sequence[DocumentChanged]) -> None:
        """Queue all events. Raises Unavailable when any was not taken (those that were may arrive twice)."""


class QueueGauge(Protocol):
    """How much waits in the ML layer's queues."""

    def depths(self) -> Mapping[str, QueueDepth]:
        """Return the approximate depth of each queue by name. Raises Unavailable."""

    def dead_letters(self) -> Mapping[str, int]:
        """Return the approximate number of dead letters by queue name. Raises Unavailable."""


class Redrive(Protocol):
    """The dead letters that no function works on."""

    def redrive(self) -> Mapping[str, int]:
        """Put dead letters back on their queues; returns how many by queue name.

        A letter is on its queue before it is removed from the dead letters, so that one may be there twice, never lost.
        Raises Unavailable when a queue does not answer; what was moved stays moved.
        """


class MlApi(Protocol):
    """The ML layer, as its REST API offers it.

    Every method raises what the ML layer answered with, translated into our tree with its code and message, and
    Unavailable (`ml_unavailable`) when it does not answer.
    """

    def answer(self, request: AnswerRequest) -> AnswerResponse:
        """Answer a question with evidence, or refuse."""

    def search(self, request: SearchRequest) -> SearchResponse:
        """Find passages, best first."""

    def releases(self) -> ReleasesResponse:
        """Return the pipeline releases that can be chosen by name."""

    def preview_chunks(self, request: ChunkPreviewRequest) -> ChunkPreview:
        """Show how a document or a file is cut; nothing is kept."""

    def document_pages(self, request: DocumentPagesRequest) -> DocumentPagesResponse:
        """Return stretches of a document as it was read."""

    def document_chunks(self, request: DocumentChunksRequest) -> DocumentChunksResponse:
        """Return passages of a document in order."""

    def evaluate(self, request: EvaluationRequest) -> EvaluationResponse:
        """Start a scored run."""

    def evaluation(self, evaluation_id: str) -> EvaluationResponse:
        """Return a scored run, or how far it is. Raises NotFound."""

    def reconcile(self) -> ReconciliationResponse:
        """Run the reconciler now; returns its report."""

    def reconciliation(self) -> ReconciliationResponse:
        """Return the report of its last run. Raises NotFound when it never ended one."""


class TokenVerifier(Protocol):
    """Believes a token, or not."""

    def __call__(self, token: str) -> str:
        """Return the user id that a valid id token was issued to. Raises Unauthorized, Unavailable."""


class Once(Protocol):
    """Runs an action once per key."""

    def __call__(
        self, *, key: str, payload: str, action: Callable[[], dict[str, object]], context: object
    ) -> dict[str, object]:
        """Run the action, or return what it returned when it ran under this key.

        An action that raises has not run: the key stays free.

        Raises:
            Conflict: another body came with the key (`idempotency_key_reused`), or the first call still runs
                (`request_in_progress`).
            Unavailable: the store does not answer.
        """
