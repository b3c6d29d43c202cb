"""Conversations: begin, ask, rate, delete."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from functions.application.domain import bots, conversations
from functions.application.domain.documents import folded
from functions.application.domain.principals import Principal
from functions.application.domain.records import ConversationRow, MessageRow
from functions.application.ports import ControlStore, MlApi
from functions.application.services.limits import RateLimit
from functions.application.services.questions import caller, narrowing, readable_ids
from functions.application.services.usage import RecordUse
from shared.contracts import api
from shared.contracts.filters import Filters
from shared.contracts.ml_api import AnswerRequest
from shared.kernel.clock import Clock, isoformat
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.ids import NewId, derived_id
from shared.registry.ports import Registry

Rows = list[ConversationRow]
MOST_PAGES = 20
"""Pages of conversations that one request looks through."""


def describe(row: ConversationRow, messages: list[MessageRow]) -> ConversationRow:
    """Return the row with the words of its questions, and called by the first of them where nobody named it."""
    title = conversations.title_of(row, messages)
    return row.model_copy(update={"title": title, "words": conversations.words_of(title, messages)})


@dataclass(frozen=True)
class Conversations:
    """The use cases of a person's own conversations."""

    store: ControlStore
    record: RecordUse
    clock: Clock
    new_id: NewId

    def create(self, principal: Principal, bot_id: str, request: api.CreateConversation) -> api.Conversation:
        """Begin one with the published version, or with the draft. Raises NotFound, Forbidden, Conflict."""
        row = self.store.bot(principal.tenant_id, bot_id)
        bot = bots.editable(row, principal) if request.draft else bots.visible(row, principal)
        if not request.draft and not bot.published_version:
            raise Conflict("This bot is not published yet. Publish it, or try its draft.", code="bot_not_published")
        now = isoformat(self.clock())
        conversation = ConversationRow(
            tenant_id=principal.tenant_id,
            conversation_id=self.new_id("conv"),
            user_id=principal.user_id,
            bot_id=bot_id,
            bot_version=0 if request.draft else bot.published_version,
            title=request.title,
            words=conversations.words_of(request.title, ()),
            created_at=now,
            updated_at=now,
        )
        self.store.create_conversation(conversation)
        return conversations.shown(conversation)

    def list(
        self, principal: Principal, bot_id: str = "", *, cursor: str, limit: int, text: str = ""
    ) -> api.Conversations:
        """Return a page of the person's own, the latest first; it may be shorter than asked.

        Args:
            principal: whose.
            bot_id: only those with this bot; empty for all.
            cursor: of the page before.
            limit: most of them.
            text: words that all stand in the title or in questions; empty for any.

        Raises:
            NotFound: the bot is not visible to the person.
            Invalid: `bad_cursor`.
        """
        if bot_id:
            bots.visible(self.store.bot(principal.tenant_id, bot_id), principal)
        wanted = folded(text).split()
        found: Rows = []
        for _ in range(MOST_PAGES):
            rows, cursor = self.store.conversations(
                principal.tenant_id, principal.user_id, cursor=cursor, limit=limit - len(found)
            )
            found += [row for row in rows if bot_id in ("", row.bot_id) and conversations.found_by(row, wanted)]
            if not cursor or len(found) == limit:
                break
        return api.Conversations(items=tuple(conversations.shown(row) for row in found), cursor=cursor)

    def rename(self, principal: Principal, conversation_id: str, request: api.UpdateConversation) -> api.Conversation:
        """Give it another title. Raises NotFound."""
        row = conversations.own(self.store.conversation(principal.tenant_id, conversation_id), principal)
        words = conversations.words_of(request.title, self.store.messages(principal.tenant_id, conversation_id))
        self.store.describe_conversation(row, title=request.title, words=words)
        return conversations.shown(row.model_copy(update={"title": request.title}))

    def messages(self, principal: Principal, conversation_id: str, *, cursor: str, limit: int) -> api.Messages:
        """Return the latest messages, oldest first; the cursor leads to earlier ones. Raises NotFound, Invalid."""
        conversations.own(self.store.conversation(principal.tenant_id, conversation_id), principal)
        rows, following = self.store.message_page(principal.tenant_id, conversation_id, cursor=cursor, limit=limit)
        current = conversations.visible(reversed(rows))
        return api.Messages(items=tuple(map(conversations.shown_message, current)), cursor=following)

    def get(self, principal: Principal, conversation_id: str) -> api.Conversation:
        """Return one with its messages. Raises NotFound."""
        row = conversations.own(self.store.conversation(principal.tenant_id, conversation_id), principal)
        return conversations.shown(row, self.store.messages(principal.tenant_id, conversation_id))

    def delete(self, principal: Principal, conversation_id: str) -> api.Deleted:
        """Remove it with its messages; asked again after a failure, it finishes. Raises NotFound, Unavailable."""
        row = self.store.conversation(principal.tenant_id, conversation_id)
        conversations.own(row and row.model_copy(update={"deleting": False}), principal)
        if row:
            self.record.forgotten(row, self.store.messages(principal.tenant_id, conversation_id))
            self.store.remove_conversation(row)
        return api.Deleted(id=conversation_id)

    def rate(self, principal: Principal, conversation_id: str, message_id: str, feedback: api.Feedback) -> api.Feedback:
        """Keep what the person thinks of an answer; the last opinion counts. Raises NotFound, Conflict."""
        row = conversations.own(self.store.conversation(principal.tenant_id, conversation_id), principal)
        messages = self.store.messages(principal.tenant_id, conversation_id)
        message = next((item for item in messages if item.message_id == message_id), None)
        if message is None:
            raise NotFound("There is no such message in this conversation.", code="unknown_message")
        if message.role != "assistant":
            raise Conflict("Only answers can be rated, not questions.", code="not_an_answer")
        self.store.replace_message(message.model_copy(update={"feedback": feedback}))
        self.record.rated(row, message.feedback, feedback)
        return feedback


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a question in a conversation becomes by the rights that its person has now.

    Attributes:
        definition: of the bot, in the version that the conversation is with.
        to_ml: what to ask the ML layer.
    """

    conversation: ConversationRow
    definition: api.BotDefinition
    to_ml: AnswerRequest


@dataclass(frozen=True, slots=True)
class Asked:
    """A stored question.

    Attributes:
        messages: of the conversation before it; with the question and its answers where it was asked before.
        prepared: what to ask the ML layer, where it was made already.
    """

    question: MessageRow
    messages: list[MessageRow]
    prepared: Prepared | None = None


@dataclass(frozen=True)
class Asking:
    """Turns a person's question in a conversation into one for the ML layer, by the rights that they have now."""

    store: ControlStore
    registry: Registry

    def __call__(
        self, principal: Principal, conversation_id: str, text: str, filters: Filters, earlier: Sequence[MessageRow]
    ) -> Prepared:
        """Prepare a question that follows `earlier` messages. Raises NotFound, Forbidden, Conflict."""
        conversation = conversations.own(self.store.conversation(principal.tenant_id, conversation_id), principal)
        definition = self._definition(conversation, principal)
        living = bots.living(definition.kb_ids, self.registry.knowledge_bases(principal.tenant_id))
        to_ml = AnswerRequest(
            caller=caller(principal),
            kb_ids=readable_ids(principal, living),
            question=text,
            history=conversations.history(earlier),
            instructions=bots.told(definition),
            filters=narrowing(definition.filters, filters),
        )
        return Prepared(conversation, definition, to_ml)

    def _definition(self, conversation: ConversationRow, principal: Principal) -> api.BotDefinition:
        if conversation.bot_version == 0:
            return bots.editable(self.store.bot(conversation.tenant_id, conversation.bot_id), principal).draft
        version = self.store.bot_version(conversation.tenant_id, conversation.bot_id, conversation.bot_version)
        if version is None:
            raise NotFound("The bot of this conversation was deleted. Choose another bot.", code="unknown_bot")
        return version.definition


@dataclass(frozen=True)
class SendMessage:
    """Asks a question in a conversation: stored first, then answered, so that a failing model loses nothing."""

    store: ControlStore
    registry: Registry
    ml: MlApi | None
    limit: RateLimit
    record: RecordUse
    clock: Clock
    new_id: NewId

    def __call__(
        self, principal: Principal, conversation_id: str, request: api.CreateMessage, *, key: str = ""
    ) -> api.CreatedMessage:
        """Store the question, get the answer, store the answer.

        Args:
            principal: who asks.
            conversation_id: one of the person's conversations.
            request: the question.
            key: the Idempotency-Key, empty when none came; with the same key a question is stored once and, once it
                is answered, answered from what is stored.

        Raises:
            NotFound: the conversation or its bot is gone.
            Conflict: the bot has no knowledge base, or the key came with another question.
            TooMany: over the rate.
            Unavailable: the model or a neighbour does not answer; the question stays, asking again helps.
        """
        asked = self.store_question(principal, conversation_id, request, key=key)
        stored = conversations.reply_to(asked.messages, asked.question.message_id)
        if stored and stored.answer:
            return api.CreatedMessage(message_id=stored.message_id, answer=stored.answer)
        if self.ml is None or asked.prepared is None:
            raise AssertionError("nobody to ask: this function leaves answering to another")
        answer = bots.in_its_words(asked.prepared.definition, self.ml.answer(asked.prepared.to_ml))
        reply = conversations.answered(asked.question, answer, self.clock())
        self.store.add_message(reply)
        self.record.answered(asked.prepared.conversation, asked.question, answer)
        return api.CreatedMessage(message_id=reply.message_id, answer=answer)

    def store_question(
        self, principal: Principal, conversation_id: str, request: api.CreateMessage, *, key: str = ""
    ) -> Asked:
        """Check rights and rate and store the question; whoever answers it goes on from there. Raises as the call."""
        prepare = Asking(self.store, self.registry)
        prepared = prepare(principal, conversation_id, request.content, request.filters, ())
        self.limit(principal)
        earlier = self.store.messages(principal.tenant_id, conversation_id)
        question = self._question(prepared.conversation, request.content, key, earlier)
        history = conversations.history(conversations.before(question, earlier))
        to_ml = prepared.to_ml.model_copy(update={"history": history})
        return Asked(question, earlier, replace(prepared, to_ml=to_ml))

    def _question(self, conversation: ConversationRow, content: str, key: str, earlier: list[MessageRow]) -> MessageRow:
        """Store the question, or find it where an earlier call with the same key stored it."""
        of_key = derived_id("msg", conversation.tenant_id, conversation.conversation_id, key)
        message_id = of_key if key else self.new_id("msg")
        found = next((item for item in earlier if item.message_id == message_id), None)
        if found and found.content != content:
            raise Conflict(
                "This Idempotency-Key was sent with another question. Use a new key.", code="idempotency_key_reused"
            )
        if found:
            return found
        question = MessageRow(
            tenant_id=conversation.tenant_id,
            conversation_id=conversation.conversation_id,
            message_id=message_id,
            role="user",
            content=content,
            created_at=isoformat(self.clock()),
        )
        self.store.add_message(question)
        described = describe(conversation, [*earlier, question])
        self.store.describe_conversation(conversation, title=described.title, words=described.words)
        return question
