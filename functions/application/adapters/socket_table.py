"""The socket store on the control table.

ticket        TICKET#<sha256>              TICKET                 (expires after 60 s)
connection    CONNECTION#<id>              CONNECTION             (expires)
its topics    CONNECTION#<id>              TOPIC#<topic>          (expires)
subscription  TOPIC#<tenant>#<topic>       CONNECTION#<id>        (expires)
answer        ANSWER#<tenant>#<message>    ANSWER                 (expires after a day)
slot          STREAMS#<tenant>#<user>      SLOT#<n>               (expires)
"""

from datetime import datetime
from typing import Any

from functions.application.adapters.control_client import SERVICE, ControlClient
from functions.application.adapters.control_items import Key, key_item, plain, stored
from functions.application.domain.sockets import AnswerRow, ConnectionRow, SubscriptionRow, TicketRow
from shared.kernel.aws import error_code, unavailable
from shared.kernel.clock import parse_time
from shared.kernel.errors import Conflict


class DynamoSocketStore:
    """The SocketStore port."""

    def __init__(self, table: str) -> None:
        self._table = ControlClient(table)

    def add_ticket(self, row: TicketRow, *, expires_at: datetime) -> None:
        """Keep a ticket."""
        self._table.put(stored(row, _ticket(row.digest), expires_at=_seconds(expires_at)))

    def take_ticket(self, digest: str, *, now: datetime) -> TicketRow | None:
        """Remove it by one conditional delete, so that of two takers one gets it."""
        try:
            answer = self._table.db.delete_item(
                TableName=self._table.table,
                Key=key_item(_ticket(digest)),
                ConditionExpression="expires_at > :now",
                ExpressionAttributeValues={":now": {"N": str(_seconds(now))}},
                ReturnValues="ALL_OLD",
            )
        except Exception as error:
            if error_code(error) == "ConditionalCheckFailedException":
                return None
            unavailable(SERVICE, error)
        return TicketRow.model_validate(plain(answer["Attributes"]))

    def add_connection(self, row: ConnectionRow, *, expires_at: datetime) -> None:
        """Keep whose connection it is."""
        self._table.put(stored(row, _connection(row.connection_id), expires_at=_seconds(expires_at)))

    def connection(self, connection_id: str) -> ConnectionRow | None:
        """Return whose connection it is."""
        item = self._table.get(_connection(connection_id))
        return ConnectionRow.model_validate(item) if item else None

    def remove_connection(self, connection_id: str) -> None:
        """Forget its subscriptions, then itself."""
        pk = _connection(connection_id)[0]
        topics = [SubscriptionRow.model_validate(item) for item in self._table.everything(pk, "TOPIC#")]
        gone = [key for row in topics for key in (_subscription(row), _topic_of(row))]
        self._table.delete_all([*gone, _connection(connection_id)])

    def subscribe(self, row: SubscriptionRow, *, expires_at: datetime, most: int) -> bool:
        """Keep it under the connection, to be forgotten with it, and under the topic, to be found."""
        pk = _connection(row.connection_id)[0]
        known = {item["topic"] for item in self._table.everything(pk, "TOPIC#")}
        if len(known - {row.topic}) >= most:
            return False
        until = _seconds(expires_at)
        self._table.put(stored(row, _topic_of(row), expires_at=until))
        self._table.put(stored(row, _subscription(row), expires_at=until))
        return True

    def unsubscribe(self, tenant_id: str, topic: str, connection_id: str) -> None:
        """Forget both."""
        row = SubscriptionRow(tenant_id=tenant_id, topic=topic, connection_id=connection_id, user_id="", stamp="")
        self._table.delete_all([_subscription(row), _topic_of(row)])

    def subscribers(self, tenant_id: str, topic: str) -> list[SubscriptionRow]:
        """Return who looks at it."""
        found = self._table.everything(f"TOPIC#{tenant_id}#{topic}", "CONNECTION#")
        return [SubscriptionRow.model_validate(item) for item in found]

    def claim_end(self, row: SubscriptionRow, message_id: str) -> bool:
        """Claim by a conditional update."""
        return self._try(
            _subscription(row),
            UpdateExpression="SET delivered = :message",
            ConditionExpression="stamp = :stamp AND delivered <> :message",
            ExpressionAttributeValues={":message": {"S": message_id}, ":stamp": {"S": row.stamp}},
        )

    def answer(self, tenant_id: str, message_id: str) -> AnswerRow | None:
        """Return an answer."""
        item = self._table.get((f"ANSWER#{tenant_id}#{message_id}", "ANSWER"))
        return AnswerRow.model_validate(item) if item else None

    def begin_answer(self, row: AnswerRow, *, now: str, expires_at: datetime) -> bool:
        """Write it under the condition that nobody else does."""
        try:
            self._table.put(
                stored(row, _answer(row), expires_at=_seconds(expires_at)),
                ConditionExpression="attribute_not_exists(pk) OR #state = :failed OR (#state = :running AND "
                "lease_until <= :now)",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={
                    ":failed": {"S": "FAILED"},
                    ":running": {"S": "RUNNING"},
                    ":now": {"S": now},
                },
            )
        except Conflict:
            return False
        return True

    def claim_answer(self, row: AnswerRow) -> bool:
        """Claim by a conditional update."""
        return self._try(
            _answer(row),
            UpdateExpression="SET claimed = :yes",
            ConditionExpression="stream_id = :stream AND claimed = :no",
            ExpressionAttributeValues={":stream": {"S": row.stream_id}, ":yes": {"BOOL": True}, ":no": {"BOOL": False}},
        )

    def end_answer(self, row: AnswerRow) -> bool:
        """End this try and no other."""
        return self._try(
            _answer(row),
            UpdateExpression="SET #state = :state, #code = :code, reason = :reason",
            ConditionExpression="stream_id = :stream AND #state = :running",
            ExpressionAttributeNames={"#state": "state", "#code": "code"},
            ExpressionAttributeValues={
                ":stream": {"S": row.stream_id},
                ":running": {"S": "RUNNING"},
                ":state": {"S": row.state},
                ":code": {"S": row.code},
                ":reason": {"S": row.reason},
            },
        )

    def take_slot(self, tenant_id: str, user_id: str, stream_id: str, *, now: str, until: str, most: int) -> int | None:
        """Try one slot after the other, each by a conditional write."""
        for slot in range(most):
            if self._try(
                (f"STREAMS#{tenant_id}#{user_id}", f"SLOT#{slot}"),
                UpdateExpression="SET stream_id = :stream, lease_until = :until, expires_at = :expires",
                ConditionExpression="attribute_not_exists(pk) OR lease_until <= :now",
                ExpressionAttributeValues={
                    ":stream": {"S": stream_id},
                    ":until": {"S": until},
                    ":now": {"S": now},
                    ":expires": {"N": str(_seconds(parse_time(until)))},
                },
            ):
                return slot
        return None

    def free_slot(self, row: AnswerRow) -> None:
        """Delete it if this try holds it."""
        try:
            self._table.delete(
                (f"STREAMS#{row.tenant_id}#{row.user_id}", f"SLOT#{row.slot}"),
                ConditionExpression="stream_id = :stream",
                ExpressionAttributeValues={":stream": {"S": row.stream_id}},
            )
        except Conflict:
            return

    def _try(self, key: Key, **update: Any) -> bool:
        try:
            self._table.update(key, **update)
        except Conflict:
            return False
        return True


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _ticket(digest: str) -> Key:
    return f"TICKET#{digest}", "TICKET"


def _connection(connection_id: str) -> Key:
    return f"CONNECTION#{connection_id}", "CONNECTION"


def _topic_of(row: SubscriptionRow) -> Key:
    return f"CONNECTION#{row.connection_id}", f"TOPIC#{row.topic}"


def _subscription(row: SubscriptionRow) -> Key:
    return f"TOPIC#{row.tenant_id}#{row.topic}", f"CONNECTION#{row.connection_id}"


def _answer(row: AnswerRow) -> Key:
    return f"ANSWER#{row.tenant_id}#{row.message_id}", "ANSWER"
