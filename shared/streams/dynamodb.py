"""Growing answers on DynamoDB: one item each, `stream` = `<tenant>#<stream id>`.

One item and not one per piece: a read is then one GetItem, and that a stopped stream takes no further piece is a
condition of the very write that would add it. An answer has at most a few thousand tokens, far from the 400 KB of an
item.
"""

from datetime import timedelta
from typing import Any

from shared.kernel.aws import client, error_code, unavailable
from shared.kernel.clock import Clock, system_clock
from shared.streams.ports import Growth

KEPT = timedelta(hours=1)
SERVICE = "Answer streams"


class DynamoStreams:
    """The AnswerStreams port on one table."""

    def __init__(self, table: str, clock: Clock = system_clock) -> None:
        self._table = table
        self._clock = clock

    def append(self, tenant_id: str, stream_id: str, sequence: int, text: str) -> bool:
        """Append under the condition that it is the next piece and that nobody stopped the stream."""
        try:
            self._update(
                tenant_id,
                stream_id,
                UpdateExpression="SET pieces = list_append(if_not_exists(pieces, :none), :new), expires_at = :expires",
                ConditionExpression="attribute_not_exists(stopped) AND "
                + ("attribute_not_exists(pieces)" if sequence == 1 else "size(pieces) = :before"),
                ExpressionAttributeValues={
                    ":none": {"L": []},
                    ":new": {"L": [{"S": text}]},
                    ":expires": self._expires_at(),
                    **({} if sequence == 1 else {":before": {"N": str(sequence - 1)}}),
                },
            )
        except Exception as error:
            if error_code(error) != "ConditionalCheckFailedException":
                unavailable(SERVICE, error)
            return not self.read(tenant_id, stream_id).stopped
        return True

    def read(self, tenant_id: str, stream_id: str) -> Growth:
        """Return what there is."""
        try:
            answer = client("dynamodb").get_item(
                TableName=self._table, Key=_key(tenant_id, stream_id), ConsistentRead=True
            )
        except Exception as error:
            unavailable(SERVICE, error)
        item: Any = answer.get("Item", {})
        return Growth(tuple(piece["S"] for piece in item.get("pieces", {"L": []})["L"]), "stopped" in item)

    def stop(self, tenant_id: str, stream_id: str) -> None:
        """Mark it."""
        try:
            self._update(
                tenant_id,
                stream_id,
                UpdateExpression="SET stopped = :yes, expires_at = :expires",
                ExpressionAttributeValues={":yes": {"BOOL": True}, ":expires": self._expires_at()},
            )
        except Exception as error:
            unavailable(SERVICE, error)

    def _update(self, tenant_id: str, stream_id: str, **update: Any) -> None:
        client("dynamodb").update_item(TableName=self._table, Key=_key(tenant_id, stream_id), **update)

    def _expires_at(self) -> Any:
        return {"N": str(int((self._clock() + KEPT).timestamp()))}


def _key(tenant_id: str, stream_id: str) -> Any:
    return {"stream": {"S": f"{tenant_id}#{stream_id}"}}
