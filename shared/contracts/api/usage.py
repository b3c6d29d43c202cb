"""How bots are used, and what needs attention."""

from shared.contracts.api.bodies import Response
from shared.contracts.api.operations import AffectedDocument


class UsageFigures(Response):
    """Counts of a day or of many; conversations with a draft are not counted.

    Attributes:
        refusals: questions that the documents did not answer.
        latency_p50_ms: half of the answers came within this time, rounded up to a power of two times 100 ms; None
            where there is no answer, or where the half took longer than 25.6 s.
    """

    answers: int = 0
    refusals: int = 0
    thumbs_up: int = 0
    thumbs_down: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    latency_p50_ms: int | None = None


class UsageDay(Response):
    """One day, in UTC."""

    day: str
    figures: UsageFigures


class UnansweredQuestion(Response):
    """A question that was refused; who asked it is not told."""

    question: str
    asked_at: str
    message_id: str


class BotUsage(Response):
    """How a bot was used, for its owner and administrators.

    Attributes:
        days: those on which anything happened, in order.
        unanswered: the latest questions that it could not answer, of all who asked, for 90 days; a question goes with
            its conversation when that is deleted.
    """

    since: str
    total: UsageFigures
    days: tuple[UsageDay, ...] = ()
    unanswered: tuple[UnansweredQuestion, ...] = ()


class FailedDocuments(Response):
    """The failed documents of one knowledge base.

    Attributes:
        documents: the first of them.
    """

    kb_id: str
    name: str
    count: int
    documents: tuple[AffectedDocument, ...] = ()


class Attention(Response):
    """What the caller should look at: documents that failed where they may mend it."""

    failed_documents: int = 0
    knowledge_bases: tuple[FailedDocuments, ...] = ()
