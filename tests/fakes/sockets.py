"""Tickets, connections, subscriptions and running answers in memory, and the open WebSockets."""

from datetime import datetime

from functions.application.domain.sockets import AnswerRow, ConnectionRow, SubscriptionRow, TicketRow
from shared.contracts.sockets import Down


class MemorySocketStore:
    """The SocketStore port on dictionaries."""

    def __init__(self) -> None:
        self.tickets: dict[str, tuple[TicketRow, datetime]] = {}
        self.open: dict[str, ConnectionRow] = {}
        self.looking: dict[tuple[str, str, str], SubscriptionRow] = {}
        self.answers: dict[tuple[str, str], AnswerRow] = {}
        self.slots: dict[tuple[str, str, int], tuple[str, str]] = {}

    def add_ticket(self, row: TicketRow, *, expires_at: datetime) -> None:
        self.tickets[row.digest] = (row, expires_at)

    def take_ticket(self, digest: str, *, now: datetime) -> TicketRow | None:
        row, expires_at = self.tickets.get(digest, (None, now))
        if row is None or expires_at <= now:
            return None
        del self.tickets[digest]
        return row

    def add_connection(self, row: ConnectionRow, *, expires_at: datetime) -> None:
        self.open[row.connection_id] = row

    def connection(self, connection_id: str) -> ConnectionRow | None:
        return self.open.get(connection_id)

    def remove_connection(self, connection_id: str) -> None:
        self.open.pop(connection_id, None)
        self.looking = {key: row for key, row in self.looking.items() if key[2] != connection_id}

    def subscribe(self, row: SubscriptionRow, *, expires_at: datetime, most: int) -> bool:
        key = (row.tenant_id, row.topic, row.connection_id)
        others = [other for other in self.looking if other[2] == row.connection_id and other != key]
        if len(others) >= most:
            return False
        self.looking[key] = row
        return True

    def unsubscribe(self, tenant_id: str, topic: str, connection_id: str) -> None:
        self.looking.pop((tenant_id, topic, connection_id), None)

    def subscribers(self, tenant_id: str, topic: str) -> list[SubscriptionRow]:
        return [row for key, row in sorted(self.looking.items()) if key[:2] == (tenant_id, topic)]

    def claim_end(self, row: SubscriptionRow, message_id: str) -> bool:
        key = (row.tenant_id, row.topic, row.connection_id)
        found = self.looking.get(key)
        if found is None or found.stamp != row.stamp or found.delivered == message_id:
            return False
        self.looking[key] = found.model_copy(update={"delivered": message_id})
        return True

    def answer(self, tenant_id: str, message_id: str) -> AnswerRow | None:
        return self.answers.get((tenant_id, message_id))

    def begin_answer(self, row: AnswerRow, *, now: str, expires_at: datetime) -> bool:
        found = self.answer(row.tenant_id, row.message_id)
        if found and (found.state == "DONE" or found.is_alive(now)):
            return False
        self.answers[row.tenant_id, row.message_id] = row
        return True

    def claim_answer(self, row: AnswerRow) -> bool:
        found = self.answer(row.tenant_id, row.message_id)
        if found is None or found.stream_id != row.stream_id or found.claimed:
            return False
        self.answers[row.tenant_id, row.message_id] = found.model_copy(update={"claimed": True})
        return True

    def end_answer(self, row: AnswerRow) -> bool:
        found = self.answer(row.tenant_id, row.message_id)
        if found is None or found.stream_id != row.stream_id or found.state != "RUNNING":
            return False
        ended = {"state": row.state, "code": row.code, "reason": row.reason}
        self.answers[row.tenant_id, row.message_id] = found.model_copy(update=ended)
        return True

    def take_slot(self, tenant_id: str, user_id: str, stream_id: str, *, now: str, until: str, most: int) -> int | None:
        for slot in range(most):
            key = (tenant_id, user_id, slot)
            if key not in self.slots or self.slots[key][1] <= now:
                self.slots[key] = (stream_id, until)
                return slot
        return None

    def free_slot(self, row: AnswerRow) -> None:
        key = (row.tenant_id, row.user_id, row.slot)
        if self.slots.get(key, ("", ""))[0] == row.stream_id:
            del self.slots[key]


class MemoryConnections:
    """The Connections port: what arrived on each open connection, in order."""

    def __init__(self) -> None:
        self.arrived: dict[str, list[Down]] = {}

    def opened(self, connection_id: str) -> str:
        self.arrived[connection_id] = []
        return connection_id

    def post(self, connection_id: str, message: Down) -> bool:
        if connection_id not in self.arrived:
            return False
        self.arrived[connection_id].append(message)
        return True

    def close(self, connection_id: str) -> None:
        self.arrived.pop(connection_id, None)
