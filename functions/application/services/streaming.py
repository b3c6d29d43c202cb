"""Has one answer written by the ML layer, delivers it as it grows, and keeps it."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import timedelta

from functions.application.domain import bots, conversations
from functions.application.domain.records import MessageRow
from functions.application.domain.sockets import AnswerRow
from functions.application.ports import ControlStore, MlApi
from functions.application.services.conversations import Asking, Prepared
from functions.application.services.delivery import Delivery, done, failed
from functions.application.services.principals import principal_of
from functions.application.services.usage import RecordUse
from functions.application.socket_ports import Connections, SocketStore
from shared.contracts.ml_api import AnswerRequest, AnswerResponse
from shared.contracts.sockets import Down
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, NotFound, PlatformError
from shared.registry.ports import Registry
from shared.streams.ports import AnswerStreams

LOOK_EVERY_S = 0.02
LOOK_FOR_PEOPLE_EVERY = timedelta(milliseconds=200)
DEFECT = "Something went wrong on our side. Ask again; if it stays, tell an administrator the time."


@dataclass(frozen=True)
class WriteAnswer:
    """Writes the answer that a row of the socket store asks for."""

    store: ControlStore
    sockets: SocketStore
    registry: Registry
    streams: AnswerStreams
    connections: Connections
    ml: MlApi
    record: RecordUse
    clock: Clock

    def __call__(self, tenant_id: str, message_id: str) -> str:
        """Write, deliver, keep; a repeated call for the same try does nothing.

        Returns:
            How it ended: `DONE`, `FAILED`, or empty when it was somebody else's.

        Raises:
            Exception: a defect, after the person was told that there is no answer.
        """
        row = self.sockets.answer(tenant_id, message_id)
        if row is None or row.state != "RUNNING" or not self.sockets.claim_answer(row):
            return ""
        try:
            return self._carry_out(row)
        finally:
            self.sockets.free_slot(row)

    def _carry_out(self, row: AnswerRow) -> str:
        delivery = Delivery(row, "", self.sockets, self.streams, self.connections)
        try:
            question, prepared = self._prepared(row)
            delivery.question = question.content
            response = self._followed(prepared.to_ml, delivery)
            reply = self._kept(row, question, prepared, response)
        except PlatformError as error:
            return self._ended(delivery, row, "FAILED", code=error.code, reason=error.message)
        except Exception:
            self._ended(delivery, row, "FAILED", code="internal", reason=DEFECT)
            raise
        return self._ended(delivery, row, "DONE", message=done(reply))

    def _prepared(self, row: AnswerRow) -> tuple[MessageRow, Prepared]:
        """Ask by the rights that the person has now. Raises NotFound, Forbidden, Conflict."""
        principal = principal_of(self.store, row.user_id)
        messages = self.store.messages(row.tenant_id, row.conversation_id)
        question = next((message for message in messages if message.message_id == row.question_id), None)
        if question is None:
            raise NotFound("There is no such conversation.", code="unknown_conversation")
        earlier = conversations.before(question, messages)
        asking = Asking(self.store, self.registry)
        prepared = asking(principal, row.conversation_id, question.content, row.filters, earlier)
        to_ml = prepared.to_ml.model_copy(update={"stream_id": row.stream_id})
        return question, replace(prepared, to_ml=to_ml)

    def _followed(self, request: AnswerRequest, delivery: Delivery) -> AnswerResponse:
        """Deliver pieces until the ML layer has answered. Raises what it answers with."""
        with ThreadPoolExecutor(1) as executor:
            answering: Future[AnswerResponse] = executor.submit(self.ml.answer, request)
            people = delivery.subscribers()
            looked_at = self.clock()
            while not wait((answering,), timeout=LOOK_EVERY_S).done:
                if self.clock() - looked_at >= LOOK_FOR_PEOPLE_EVERY:
                    people, looked_at = delivery.subscribers(), self.clock()
                delivery.step(people)
            delivery.step(people)
            return answering.result()

    def _kept(self, row: AnswerRow, question: MessageRow, prepared: Prepared, response: AnswerResponse) -> MessageRow:
        answer = bots.in_its_words(prepared.definition, response)
        reply = conversations.answered(question, answer, self.clock(), row.message_id)
        try:
            self.store.add_message(reply)
        except Conflict:
            return reply  # an earlier try was kept
        self.record.answered(prepared.conversation, question, answer)
        supersede(self.store, self.store.messages(row.tenant_id, row.conversation_id), row.replaces)
        return reply

    def _ended(
        self,
        delivery: Delivery,
        row: AnswerRow,
        state: str,
        *,
        code: str = "",
        reason: str = "",
        message: Down | None = None,
    ) -> str:
        """Write how it ended, and only then say so: who resumes in between finds it."""
        ended = row.model_copy(update={"state": state, "code": code, "reason": reason})
        is_ours = self.sockets.end_answer(ended)
        self.sockets.free_slot(row)  # before people hear of it: their next question may come at once
        if is_ours:
            delivery.end(message or failed(ended))
        return state


def supersede(store: ControlStore, messages: list[MessageRow], replaced: tuple[str, ...]) -> None:
    """Mark messages that another one took the place of. Raises Unavailable."""
    for message in messages:
        if message.message_id in replaced and not message.superseded:
            store.replace_message(message.model_copy(update={"superseded": True}))
