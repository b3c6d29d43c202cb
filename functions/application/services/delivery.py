"""Brings a growing answer to every connection that looks at its conversation: each piece once, in order, without gaps.

One invocation delivers one answer, so the order on a connection is the order of its posts. A subscription says up to
where its connection has the answer; a new one, after a lost socket, is served from there by the same loop, and so no
second sender can overtake. The end is sent by whoever claims it: here, or where somebody resumes an answer that ended
in between.
"""

from dataclasses import dataclass, field

from functions.application.domain import conversations
from functions.application.domain.records import MessageRow
from functions.application.domain.sockets import AnswerRow, SubscriptionRow, conversation_topic
from functions.application.socket_ports import Connections, SocketStore
from shared.contracts.api import ErrorDetail
from shared.contracts.sockets import MAX_PUSHED_BYTES, AnswerDone, AnswerFailed, AnswerPiece, AnswerStarted, Down
from shared.kernel.errors import Unavailable
from shared.streams.ports import AnswerStreams

INTERRUPTED = ("answer_interrupted", "Writing the answer was interrupted. Ask for it again.")


def started(row: AnswerRow, question: str, ref: str = "") -> AnswerStarted:
    """Say that an answer begins."""
    return AnswerStarted(
        ref=ref,
        conversation_id=row.conversation_id,
        question_id=row.question_id,
        message_id=row.message_id,
        question=question,
        replaces=row.replaces,
    )


def failed(row: AnswerRow) -> AnswerFailed:
    """Say that there is no answer, and why."""
    error = ErrorDetail(code=row.code, message=row.reason)
    return AnswerFailed(conversation_id=row.conversation_id, message_id=row.message_id, error=error)


def done(message: MessageRow) -> AnswerDone:
    """Give the whole answer; without the message where the gateway would not carry it."""
    whole = AnswerDone(
        conversation_id=message.conversation_id,
        message_id=message.message_id,
        message=conversations.shown_message(message),
    )
    fits = len(whole.model_dump_json().encode()) <= MAX_PUSHED_BYTES
    return whole if fits else whole.model_copy(update={"message": None})


@dataclass(slots=True)
class Delivery:
    """One answer on its way.

    Attributes:
        question: shown to connections that did not ask it.
    """

    row: AnswerRow
    question: str
    store: SocketStore
    streams: AnswerStreams
    connections: Connections
    _sent: dict[tuple[str, str], int] = field(default_factory=dict)

    def step(self, subscribers: list[SubscriptionRow]) -> int:
        """Send what is new to each of them; returns how many pieces there are. Raises Unavailable."""
        pieces = self.streams.read(self.row.tenant_id, self.row.stream_id).pieces
        for subscriber in subscribers:
            self._bring(subscriber, pieces)
        return len(pieces)

    def subscribers(self) -> list[SubscriptionRow]:
        """Return who looks at the conversation now; it is its person's alone."""
        found = self.store.subscribers(self.row.tenant_id, conversation_topic(self.row.conversation_id))
        return [subscriber for subscriber in found if subscriber.user_id == self.row.user_id]

    def end(self, message: Down) -> None:
        """Send the end to everybody who looks at it and was not sent it. Raises Unavailable."""
        for subscriber in self.subscribers():
            send_end(self.store, self.connections, subscriber, self.row.message_id, message)

    def _bring(self, subscriber: SubscriptionRow, pieces: tuple[str, ...]) -> None:
        key = (subscriber.connection_id, subscriber.stamp)
        try:
            if key not in self._sent:
                knows = subscriber.message_id == self.row.message_id
                if not knows and not self._post(subscriber, started(self.row, self.question)):
                    return
                self._sent[key] = subscriber.after if knows else 0
            for sequence in range(self._sent[key] + 1, len(pieces) + 1):
                piece = AnswerPiece(message_id=self.row.message_id, sequence=sequence, text=pieces[sequence - 1])
                if not self._post(subscriber, piece):
                    return
                self._sent[key] = sequence
        except Unavailable:
            return  # the next step goes on where this one was interrupted

    def _post(self, subscriber: SubscriptionRow, message: Down) -> bool:
        return post(self.store, self.connections, subscriber, message)


def post(store: SocketStore, connections: Connections, subscriber: SubscriptionRow, message: Down) -> bool:
    """Send a message; who is gone is forgotten. Raises Unavailable."""
    if connections.post(subscriber.connection_id, message):
        return True
    store.remove_connection(subscriber.connection_id)
    return False


def send_end(
    store: SocketStore, connections: Connections, subscriber: SubscriptionRow, message_id: str, message: Down
) -> None:
    """Send the end of an answer unless it was sent to this subscription; a lost one is got by resuming."""
    if store.claim_end(subscriber, message_id):
        try:
            post(store, connections, subscriber, message)
        except Unavailable:
            return
