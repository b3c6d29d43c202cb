"""What people say over a WebSocket: ask, regenerate, edit, resume, stop, look at conversations and documents."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.application.domain import conversations
from functions.application.domain.principals import Principal
from functions.application.domain.records import MessageRow
from functions.application.domain.sockets import (
    ANSWER_KEPT,
    CONNECTION_KEPT,
    LEASE,
    AnswerRow,
    SubscriptionRow,
    conversation_topic,
    documents_topic,
)
from functions.application.ports import ControlStore
from functions.application.services.conversations import Asked, SendMessage
from functions.application.services.delivery import INTERRUPTED, done, failed, send_end, started
from functions.application.services.principals import principal_of
from functions.application.services.rows import readable_kb
from functions.application.services.streaming import supersede
from functions.application.socket_ports import Connections, SocketStore, Writers
from shared.contracts import api
from shared.contracts import sockets as wire
from shared.contracts.filters import Filters
from shared.kernel.clock import Clock, isoformat
from shared.kernel.errors import Conflict, NotFound, TooMany, Unauthorized, Unavailable
from shared.kernel.ids import NewId, derived_id
from shared.registry.ports import Registry
from shared.streams.ports import AnswerStreams

NO_ANSWER = "There is no such answer, or it is over for long. Read the conversation."


@dataclass(frozen=True)
class Sockets:
    """Carries out one message of one connection, whose person is looked up anew each time.

    Attributes:
        writers: have answers written.
        most_streams: answers that are written for one person at the same time.
    """

    store: ControlStore
    sockets: SocketStore
    registry: Registry
    send: SendMessage
    streams: AnswerStreams
    connections: Connections
    writers: Writers
    clock: Clock
    new_id: NewId
    most_streams: int

    def who(self, connection_id: str) -> Principal:
        """Return whose connection it is, as the users' table has them now.

        Raises:
            Unauthorized: nobody's.
            Forbidden: the person is unknown or suspended by now.
            Unavailable: the table does not answer.
        """
        connection = self.sockets.connection(connection_id)
        if connection is None:
            raise Unauthorized("This connection is not signed in. Connect with a new ticket.", code="not_connected")
        return principal_of(self.store, connection.user_id)

    def __call__(self, principal: Principal, connection_id: str, message: wire.Up) -> None:
        """Carry out a message and post what answers it. Raises what its kind raises."""
        kinds: dict[type[wire.Up], Callable[[Principal, str, Any], None]] = {
            wire.Ask: self.ask,
            wire.Regenerate: self.regenerate,
            wire.Edit: self.edit,
            wire.Resume: self.resume,
            wire.Stop: self.stop,
            wire.Subscribe: self.subscribe,
            wire.Watch: self.watch,
        }
        leaves: dict[type[wire.Up], str] = {wire.Unsubscribe: "conversation_id", wire.Unwatch: "kb_id"}
        kind = type(message)
        if kind in kinds:
            kinds[kind](principal, connection_id, message)
        elif kind in leaves:
            thing = str(getattr(message, leaves[kind]))
            topic = conversation_topic(thing) if kind is wire.Unsubscribe else documents_topic(thing)
            self.sockets.unsubscribe(principal.tenant_id, topic, connection_id)
        if kind not in (wire.Ask, wire.Regenerate, wire.Edit, wire.Resume):
            action = str(getattr(message, "action", ""))
            self.connections.post(connection_id, wire.Done(ref=message.ref, action=action))

    def ask(self, principal: Principal, connection_id: str, message: wire.Ask) -> None:
        """Store the question and have it answered. Raises like `SendMessage`, and TooMany `too_many_streams`."""
        request = api.CreateMessage(content=message.text, filters=message.filters)
        asked = self.send.store_question(principal, message.conversation_id, request, key=message.idempotency_key)
        self._answer(principal, connection_id, asked, message.filters, ref=message.ref)

    def regenerate(self, principal: Principal, connection_id: str, message: wire.Regenerate) -> None:
        """Answer the last question anew. Raises NotFound, Conflict `nothing_to_regenerate`, TooMany."""
        question, messages = self._last_question(principal, message.conversation_id)
        if question is None:
            raise Conflict("There is no question to answer yet. Ask one.", code="nothing_to_regenerate")
        self.send.limit(principal)
        old = conversations.reply_to(messages, question.message_id)
        again = Asked(question, [item for item in messages if item is not old])
        replaces = (old.message_id,) if old else ()
        message_id = conversations.answer_id(question, messages)
        self._answer(
            principal, connection_id, again, Filters(), message_id=message_id, replaces=replaces, ref=message.ref
        )

    def edit(self, principal: Principal, connection_id: str, message: wire.Edit) -> None:
        """Ask the last question in other words. Raises NotFound, Conflict `not_the_last_question`, TooMany."""
        question, messages = self._last_question(principal, message.conversation_id)
        key = message.idempotency_key and f"edit\x1f{message.idempotency_key}"
        again = derived_id("msg", principal.tenant_id, message.conversation_id, key) if key else ""
        if question is None or question.message_id not in (message.message_id, again):
            raise Conflict("Only the last question can be edited.", code="not_the_last_question")
        request = api.CreateMessage(content=message.text, filters=message.filters)
        replaced = {item.message_id for item in messages if message.message_id in (item.message_id, item.replies_to)}
        supersede(self.store, messages, tuple(replaced))
        asked = self.send.store_question(principal, message.conversation_id, request, key=key)
        self._answer(
            principal, connection_id, asked, message.filters, replaces=tuple(sorted(replaced)), ref=message.ref
        )

    def resume(self, principal: Principal, connection_id: str, message: wire.Resume) -> None:
        """Look at an answer from a piece on; what is running is brought by who writes it. Raises NotFound, Conflict."""
        row = self._own_answer(principal, message.message_id)
        topic = conversation_topic(row.conversation_id)
        looking = self._subscribe(principal, connection_id, topic, row.message_id, message.after)
        now = self._own_answer(principal, message.message_id)  # after subscribing: it may have ended in between
        if now.state == "RUNNING" and not now.is_alive(isoformat(self.clock())):
            now = now.model_copy(update={"state": "FAILED", "code": INTERRUPTED[0], "reason": INTERRUPTED[1]})
            self.sockets.end_answer(now)
        if now.state == "FAILED":
            send_end(self.sockets, self.connections, looking, now.message_id, failed(now))
        if now.state == "DONE":
            send_end(self.sockets, self.connections, looking, now.message_id, done(self._message(now)))

    def stop(self, principal: Principal, _connection_id: str, message: wire.Stop) -> None:
        """Let nothing more be written; of an answer that is over nothing changes. Raises NotFound."""
        row = self._own_answer(principal, message.message_id)
        if row.state == "RUNNING":
            self.streams.stop(row.tenant_id, row.stream_id)

    def subscribe(self, principal: Principal, connection_id: str, message: wire.Subscribe) -> None:
        """Look at one of the person's conversations. Raises NotFound, Conflict `too_many_topics`."""
        conversations.own(self.store.conversation(principal.tenant_id, message.conversation_id), principal)
        self._subscribe(principal, connection_id, conversation_topic(message.conversation_id))

    def watch(self, principal: Principal, connection_id: str, message: wire.Watch) -> None:
        """Look at the documents of a knowledge base that the person may read. Raises NotFound, Conflict."""
        kb = readable_kb(self.registry, principal, message.kb_id)
        self._subscribe(principal, connection_id, documents_topic(kb.kb_id))

    def _answer(
        self,
        principal: Principal,
        connection_id: str,
        asked: Asked,
        filters: Filters,
        *,
        message_id: str = "",
        replaces: tuple[str, ...] = (),
        ref: str,
    ) -> None:
        """Have a stored question answered, or go on with its answer where there is one."""
        question = asked.question
        stored = conversations.reply_to(asked.messages, question.message_id)
        message_id = message_id or (stored.message_id if stored else conversations.answer_id(question, asked.messages))
        looking = self._subscribe(principal, connection_id, conversation_topic(question.conversation_id), message_id)
        now = self.clock()
        row = AnswerRow(
            tenant_id=principal.tenant_id,
            message_id=message_id,
            conversation_id=question.conversation_id,
            question_id=question.message_id,
            user_id=principal.user_id,
            stream_id=self.new_id("stream"),
            slot=0,
            lease_until=isoformat(now + LEASE),
            replaces=replaces,
            filters=filters,
        )
        if stored:
            self.connections.post(connection_id, started(row, question.content, ref))
            send_end(self.sockets, self.connections, looking, message_id, done(stored))
            return
        known = self.sockets.answer(row.tenant_id, message_id)
        if known and known.is_alive(isoformat(now)):
            self.connections.post(connection_id, started(known, question.content, ref))
            return
        self._begin(row, connection_id, started(row, question.content, ref))

    def _begin(self, row: AnswerRow, connection_id: str, beginning: wire.AnswerStarted) -> None:
        now = self.clock()
        moment = isoformat(now)
        slot = self.sockets.take_slot(
            row.tenant_id, row.user_id, row.stream_id, now=moment, until=row.lease_until, most=self.most_streams
        )
        if slot is None:
            raise TooMany(
                f"Only {self.most_streams} answers are written for you at the same time. Wait for one, or stop one.",
                code="too_many_streams",
                retry_after_s=2.0,
            )
        row = row.model_copy(update={"slot": slot})
        if not self.sockets.begin_answer(row, now=moment, expires_at=now + ANSWER_KEPT):
            self.sockets.free_slot(row)
        self.connections.post(connection_id, beginning)
        try:
            self.writers.start(row.tenant_id, row.message_id)
        except Unavailable as error:
            self.sockets.end_answer(
                row.model_copy(update={"state": "FAILED", "code": error.code, "reason": error.message})
            )
            self.sockets.free_slot(row)
            raise

    def _subscribe(
        self, principal: Principal, connection_id: str, topic: str, message_id: str = "", after: int = 0
    ) -> SubscriptionRow:
        row = SubscriptionRow(
            tenant_id=principal.tenant_id,
            user_id=principal.user_id,
            connection_id=connection_id,
            topic=topic,
            stamp=self.new_id("sub"),
            message_id=message_id,
            after=after,
        )
        if not self.sockets.subscribe(row, expires_at=self.clock() + CONNECTION_KEPT, most=wire.MAX_TOPICS):
            raise Conflict(
                f"One connection looks at most at {wire.MAX_TOPICS} things. Leave one first.", code="too_many_topics"
            )
        return row

    def _last_question(self, principal: Principal, conversation_id: str) -> tuple[MessageRow | None, list[MessageRow]]:
        conversations.own(self.store.conversation(principal.tenant_id, conversation_id), principal)
        messages = self.store.messages(principal.tenant_id, conversation_id)
        return conversations.last_question(messages), messages

    def _own_answer(self, principal: Principal, message_id: str) -> AnswerRow:
        row = self.sockets.answer(principal.tenant_id, message_id)
        if row is None or row.user_id != principal.user_id:
            raise NotFound(NO_ANSWER, code="unknown_answer")
        return row

    def _message(self, row: AnswerRow) -> MessageRow:
        messages = self.store.messages(row.tenant_id, row.conversation_id)
        found = next((message for message in messages if message.message_id == row.message_id), None)
        if found is None:
            raise NotFound(NO_ANSWER, code="unknown_answer")
        return found
