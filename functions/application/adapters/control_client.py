"""The few DynamoDB calls that the control table needs, with errors in our tree."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from functions.application.adapters.control_items import Item, Key, bad_cursor, cursor_of, key_item, plain, position_of
from shared.kernel.aws import client, error_code, unavailable
from shared.kernel.errors import Conflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CHANGED = "Somebody else changed it in the meantime. Load it again and repeat the change."
SERVICE = "Control table"
BATCH_WRITE_LIMIT = 25  # requests per BatchWriteItem call, an AWS limit


class ControlClient:
    """One table with string keys `pk` and `sk` and the index `gsi1`; reads by key are strongly consistent."""

    def __init__(self, table: str) -> None:
        self.table = table

    @property
    def db(self) -> "DynamoDBClient":
        """The DynamoDB client, made on first use."""
        return client("dynamodb")

    def get(self, key: Key) -> Item | None:
        """Return one item's fields. Raises Unavailable."""
        try:
            answer = self.db.get_item(TableName=self.table, Key=key_item(key), ConsistentRead=True)
        except Exception as error:
            unavailable(SERVICE, error)
        return plain(answer["Item"]) if "Item" in answer else None

    def put(self, item: Item, **condition: Any) -> None:
        """Write one item, under a condition where given. Raises Conflict, Unavailable."""
        try:
            self.db.put_item(TableName=self.table, Item=item, **condition)
        except Exception as error:
            fail(error)

    def update(self, key: Key, **update: Any) -> None:
        """Update one item. Raises Conflict when the condition does not hold, Unavailable."""
        try:
            self.db.update_item(TableName=self.table, Key=key_item(key), **update)
        except Exception as error:
            fail(error)

    def delete(self, key: Key, **condition: Any) -> None:
        """Delete one item; a missing one is no error. Raises Conflict when the condition does not hold, Unavailable."""
        try:
            self.db.delete_item(TableName=self.table, Key=key_item(key), **condition)
        except Exception as error:
            fail(error)

    def transact(self, *writes: Item) -> list[str]:
        """Do all writes or none; returns the reason of each write that refused, empty when all were done."""
        try:
            self.db.transact_write_items(TransactItems=writes)  # type: ignore[arg-type]
        except Exception as error:
            if error_code(error) != "TransactionCanceledException":
                unavailable(SERVICE, error)
            response: Any = getattr(error, "response", {})
            reasons = [str(reason.get("Code", "None")) for reason in response.get("CancellationReasons", [])]
            if "ConditionalCheckFailed" not in reasons:
                unavailable(SERVICE, error)
            return reasons
        return []

    def page(self, pk: str, prefix: str, *, cursor: str, limit: int, forward: bool = True) -> tuple[list[Item], str]:
        """Return one page of a partition and the next cursor. Raises Invalid `bad_cursor`, Unavailable."""
        start = {"ExclusiveStartKey": position_of(cursor, pk=pk)} if cursor else {}
        return self._query(
            start,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": {"S": pk}, ":prefix": {"S": prefix}},
            ConsistentRead=True,
            ScanIndexForward=forward,
            Limit=limit,
        )

    def index_page(self, gsi1pk: str, *, cursor: str, limit: int, forward: bool = True) -> tuple[list[Item], str]:
        """Return one page of the index (eventually consistent). Raises Invalid `bad_cursor`, Unavailable."""
        start = {"ExclusiveStartKey": position_of(cursor, gsi1pk=gsi1pk)} if cursor else {}
        return self._query(
            start,
            IndexName="gsi1",
            KeyConditionExpression="gsi1pk = :pk",
            ExpressionAttributeValues={":pk": {"S": gsi1pk}},
            ScanIndexForward=forward,
            Limit=limit,
        )

    def everything(self, pk: str, prefix: str) -> Iterator[Item]:
        """Yield a partition's items in order. Raises Unavailable."""
        cursor = ""
        while True:
            items, cursor = self.page(pk, prefix, cursor=cursor, limit=1000)
            yield from items
            if not cursor:
                return

    def delete_all(self, keys: Sequence[Key]) -> None:
        """Delete many items; missing ones are no error. Raises Unavailable."""
        left: list[Any] = [{"DeleteRequest": {"Key": key_item(key)}} for key in keys]
        while left:
            batch, left = left[:BATCH_WRITE_LIMIT], left[BATCH_WRITE_LIMIT:]
            try:
                answer = self.db.batch_write_item(RequestItems={self.table: batch})
            except Exception as error:
                unavailable(SERVICE, error)
            left += answer.get("UnprocessedItems", {}).get(self.table, [])

    def _query(self, start: Item, **query: Any) -> tuple[list[Item], str]:
        try:
            answer = self.db.query(TableName=self.table, **query, **start)
        except Exception as error:
            if start and error_code(error) == "ValidationException":
                raise bad_cursor() from error
            unavailable(SERVICE, error)
        last: Any = answer.get("LastEvaluatedKey")
        return [plain(raw) for raw in answer["Items"]], cursor_of(last)


def fail(error: Exception) -> NoReturn:
    """Translate the error of a conditional write. Raises Conflict, Unavailable."""
    if error_code(error) == "ConditionalCheckFailedException":
        raise Conflict(CHANGED, code="changed_meanwhile") from error
    unavailable(SERVICE, error)
