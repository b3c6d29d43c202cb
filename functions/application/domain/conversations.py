"""Conversations: what the model is told of the past, and how people see a conversation."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from functions.application.domain.documents import folded
from functions.application.domain.principals import Principal
from functions.application.domain.records import ConversationRow, MessageRow
from shared.contracts import api
from shared.contracts.ml_api import MAX_HISTORY_TURNS, Turn
from shared.kernel.clock import isoformat, parse_time
from shared.kernel.errors import NotFound
from shared.kernel.ids import derived_id

MOST_TITLE_CHARACTERS = 80
MOST_KEPT_CHARACTERS = 20_000
"""Words of one conversation that are kept to be searched; a row of the table holds 400 KB."""


def own(row: ConversationRow | None, principal: Principal) -> ConversationRow:
    """Return the row if the conversation is the person's; nobody else reads it, administrators neither.

    Raises:
        NotFound: it is not there, is being deleted, or is somebody else's (which is the same to them).
    """
    if row is None or row.deleting or (row.tenant_id, row.user_id) != (principal.tenant_id, principal.user_id):
        raise NotFound("There is no such conversation.", code="unknown_conversation")
    return row


def history(messages: Sequence[MessageRow]) -> tuple[Turn, ...]:
    """Return the last 20 turns for the model, oldest first: answered questions, each followed by its answer.

    A question without an answer (the model failed) is left out, so that turns always alternate.
    """
    current = visible(messages)
    questions = {message.message_id: message for message in current if message.role == "user"}
    turns: list[Turn] = []
    for reply in current:
        question = questions.get(reply.replies_to)
        if question is not None:
            turns += [Turn(role="user", content=question.content), Turn(role="assistant", content=reply.content)]
    return tuple(turns[-MAX_HISTORY_TURNS:])


def reply_to(messages: Iterable[MessageRow], message_id: str) -> MessageRow | None:
    """Find the answer to a question."""
    return next((message for message in visible(messages) if message.replies_to == message_id), None)


def visible(messages: Iterable[MessageRow]) -> list[MessageRow]:
    """Leave out those that another one took the place of."""
    return [message for message in messages if not message.superseded]


def before(question: MessageRow, messages: Iterable[MessageRow]) -> list[MessageRow]:
    """Return what was said before a question."""
    return [message for message in messages if message.created_at < question.created_at]


def last_question(messages: Iterable[MessageRow]) -> MessageRow | None:
    """Find the question that was asked last."""
    return next((message for message in reversed(visible(messages)) if message.role == "user"), None)


def answer_id(question: MessageRow, messages: Iterable[MessageRow]) -> str:
    """Name the next answer to a question: an id of its own for each that the question ever got."""
    earlier = sum(message.replies_to == question.message_id for message in messages)
    return derived_id("msg", question.message_id, "answer", *([str(earlier)] if earlier else []))


def answered(question: MessageRow, answer: api.Answer, now: datetime, message_id: str = "") -> MessageRow:
    """Make the assistant's message; its id derives from the question, its time is later than the question's."""
    after_question = parse_time(question.created_at) + timedelta(milliseconds=1)
    return MessageRow(
        tenant_id=question.tenant_id,
        conversation_id=question.conversation_id,
        message_id=message_id or answer_id(question, ()),
        role="assistant",
        content=answer.text,
        replies_to=question.message_id,
        answer=answer,
        created_at=isoformat(max(now, after_question)),
    )


def citation(messages: Iterable[MessageRow], message_id: str, number: str) -> api.Citation:
    """Find what an answer points at by its number.

    Raises:
        NotFound: there is no such message, or it points at nothing of this number.
    """
    answer = next((message.answer for message in messages if message.message_id == message_id), None)
    for item in answer.citations if answer else ():
        if str(item.n) == number:
            return item
    raise NotFound("There is no such citation in this conversation.", code="unknown_citation")


def title_of(conversation: ConversationRow, messages: Iterable[MessageRow]) -> str:
    """Call a conversation as somebody named it, or by its first question; never by one that was edited away."""
    all_of_it = list(messages)
    replaced = {shortened(message.content) for message in all_of_it if message.role == "user" and message.superseded}
    first = next((message.content for message in visible(all_of_it) if message.role == "user"), "")
    return shortened(first) if conversation.title in ("", *replaced) else conversation.title


def shortened(question: str) -> str:
    """Make a title of a question: at most 80 characters, cut between words where there are any."""
    whole = " ".join(question.split())
    if len(whole) <= MOST_TITLE_CHARACTERS:
        return whole
    cut = whole[:MOST_TITLE_CHARACTERS]  # one is left for the ellipsis
    return (cut.rpartition(" ")[0] or cut[:-1]) + "…"


def words_of(title: str, messages: Iterable[MessageRow]) -> str:
    """Return the words of a title and of all questions for the search: folded, each once, as many as are kept."""
    questions = (message.content for message in visible(messages) if message.role == "user")
    words = dict.fromkeys(word for text in (title, *questions) for word in folded(text).split())
    kept = " ".join(words)
    return kept if len(kept) <= MOST_KEPT_CHARACTERS else kept[:MOST_KEPT_CHARACTERS].rpartition(" ")[0]


def found_by(row: ConversationRow, wanted: Sequence[str]) -> bool:
    """Do all these folded words stand in the title or in a question, or begin or end words there?"""
    held = row.words or folded(row.title)
    return all(word in held for word in wanted)


def shown(row: ConversationRow, messages: Sequence[MessageRow] = ()) -> api.Conversation:
    """Show a conversation to its person."""
    return api.Conversation(
        conversation_id=row.conversation_id,
        bot_id=row.bot_id,
        bot_version=row.bot_version,
        title=title_of(row, messages),
        messages=tuple(shown_message(message) for message in visible(messages)),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def shown_message(message: MessageRow) -> api.Message:
    """Show one message to its person."""
    return api.Message(
        message_id=message.message_id,
        role=message.role,
        content=message.content,
        answer=message.answer,
        feedback=message.feedback,
        created_at=message.created_at,
    )
