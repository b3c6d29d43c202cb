"""The registry on DynamoDB.

Keys: a knowledge base is (`<tenant>#kb`, kb_id), a document (`<tenant>#<kb_id>`, document_id), so that a page of
documents is one Query and the check of a query's hits one BatchGetItem.
"""

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from shared.contracts.registry import DocumentRow, KnowledgeBaseRow, Status
from shared.kernel.aws import client, error_code, unavailable
from shared.kernel.clock import Clock, isoformat, system_clock
from shared.kernel.errors import Conflict, Invalid
from shared.registry.transitions import PROGRESS_WINDOWS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
T = TypeVar("T")
R = TypeVar("R")
BATCH_GET_LIMIT = 100  # keys per BatchGetItem call, an AWS limit
TRANSACTION_LIMIT = 100  # items per TransactWriteItems call, an AWS limit
CONFLICT = "Somebody else changed it in the meantime. Load it again and repeat the change."


class DynamoRegistry:
    """The Registry port on one table with string keys `pk` and `sk`."""

    def __init__(self, table: str, clock: Clock = system_clock) -> None:
        self._table = table
        self._clock = clock

    @property
    def _db(self) -> "DynamoDBClient":
        return client("dynamodb")

    def knowledge_base(self, tenant_id: str, kb_id: str) -> KnowledgeBaseRow | None:
        """Return one knowledge base."""
        item = self._get(f"{tenant_id}#kb", kb_id)
        return KnowledgeBaseRow.model_validate(item) if item else None

    def knowledge_bases(self, tenant_id: str) -> list[KnowledgeBaseRow]:
        """Return a tenant's knowledge bases, oldest first."""
        rows: list[KnowledgeBaseRow] = []
        start: Item | None = None
        while True:
            items, start = self._query(f"{tenant_id}#kb", start=start)
            rows += [KnowledgeBaseRow.model_validate(item) for item in items]
            if start is None:
                return sorted(rows, key=lambda row: (row.created_at, row.kb_id))

    def create_knowledge_base(self, row: KnowledgeBaseRow) -> None:
        """Write a new knowledge base."""
        self._put(f"{row.tenant_id}#kb", row.kb_id, row, old_revision=None)

    def replace_knowledge_base(self, old: KnowledgeBaseRow, new: KnowledgeBaseRow) -> KnowledgeBaseRow:
        """Compare and set."""
        written = new.model_copy(update={"revision": old.revision + 1})
        self._put(f"{old.tenant_id}#kb", old.kb_id, written, old_revision=old.revision)
        return written

    def remove_knowledge_base(self, row: KnowledgeBaseRow) -> None:
        """Compare and remove."""
        self._remove(f"{row.tenant_id}#kb", row.kb_id, row.revision)

    def document(self, tenant_id: str, kb_id: str, document_id: str) -> DocumentRow | None:
        """Return one document."""
        item = self._get(f"{tenant_id}#{kb_id}", document_id)
        return _document(item) if item else None

    def documents(self, tenant_id: str, keys: Collection[tuple[str, str]]) -> dict[str, DocumentRow]:
        """Return many documents with one consistent BatchGetItem per 100."""
        wanted = [_key(f"{tenant_id}#{kb_id}", document_id) for kb_id, document_id in sorted(set(keys))]
        found: dict[str, DocumentRow] = {}
        while wanted:
            batch, wanted = wanted[:BATCH_GET_LIMIT], wanted[BATCH_GET_LIMIT:]
            try:
                answer = self._db.batch_get_item(RequestItems={self._table: {"Keys": batch, "ConsistentRead": True}})
            except Exception as error:
                unavailable("Registry", error)
            for raw in answer["Responses"].get(self._table, []):
                row = _document(_plain(raw))
                found[row.document_id] = row
            left = answer.get("UnprocessedKeys", {}).get(self._table)
            wanted += left["Keys"] if left else []
        return found

    def create_document(self, row: DocumentRow) -> None:
        """Write a new document."""
        self._put(f"{row.tenant_id}#{row.kb_id}", row.document_id, row, old_revision=None)

    def replace_document(self, old: DocumentRow, new: DocumentRow) -> DocumentRow:
        """Compare and set."""
        written = new.model_copy(update={"revision": old.revision + 1})
        self._put(f"{old.tenant_id}#{old.kb_id}", old.document_id, written, old_revision=old.revision)
        return written

    def remove_document(self, row: DocumentRow) -> None:
        """Compare and remove."""
        self._remove(f"{row.tenant_id}#{row.kb_id}", row.document_id, row.revision)

    def replace_documents(self, changes: Sequence[tuple[DocumentRow, DocumentRow]]) -> list[DocumentRow]:
        """Compare and set in one transaction per 100 rows, and one by one where any of them was changed meanwhile."""
        written: list[DocumentRow] = []
        for start in range(0, len(changes), TRANSACTION_LIMIT):
            batch = changes[start : start + TRANSACTION_LIMIT]
            news = [(old.revision, new.model_copy(update={"revision": old.revision + 1})) for old, new in batch]
            puts = [self._put_of(*_place(new), new, old_revision=revision) for revision, new in news]
            if self._transact("Put", puts):
                written += [new for _, new in news]
            else:
                written += _one_by_one(batch, lambda change: self.replace_document(*change))
        return written

    def remove_documents(self, rows: Sequence[DocumentRow]) -> None:
        """Compare and remove in one transaction per 100 rows, one by one where any of them was changed meanwhile."""
        for start in range(0, len(rows), TRANSACTION_LIMIT):
            batch = rows[start : start + TRANSACTION_LIMIT]
            if not self._transact("Delete", [self._delete_of(*_place(row), row.revision) for row in batch]):
                _one_by_one(batch, self.remove_document)

    def add_part(self, row: DocumentRow, part: int, *, status: Status = "EMBEDDING") -> DocumentRow:
        """Add a part to the set under the fence of generation and status; progress renews the deadline, ends a wait."""
        now = self._clock()
        try:
            answer = self._db.update_item(
                TableName=self._table,
                Key=_key(f"{row.tenant_id}#{row.kb_id}", row.document_id),
                UpdateExpression=(
                    "ADD parts_done :part, revision :one SET updated_at = :now, deadline = :deadline, "
                    "reason = :none, code = :none, waiting_since = :none"
                ),
                ConditionExpression="generation = :generation AND #status = :status",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":part": {"NS": [str(part)]},
                    ":one": {"N": "1"},
                    ":none": {"S": ""},
                    ":now": {"S": isoformat(now)},
                    ":deadline": {"S": isoformat(now + PROGRESS_WINDOWS[status])},
                    ":generation": {"N": str(row.generation)},
                    ":status": {"S": status},
                },
                ReturnValues="ALL_NEW",
            )
        except Exception as error:
            _raise(error)
        return _document(_plain(answer["Attributes"]))

    def list_documents(
        self, tenant_id: str, kb_id: str, *, cursor: str = "", limit: int = 100
    ) -> tuple[list[DocumentRow], str]:
        """Return one page in document id order; the cursor is the last id."""
        partition = f"{tenant_id}#{kb_id}"
        start = _key(partition, cursor) if cursor else None
        items, following = self._query(partition, start=start, limit=limit)
        rows = [_document(item) for item in items]
        return rows, rows[-1].document_id if following and rows else ""

    def scan(self) -> Iterator[KnowledgeBaseRow | DocumentRow]:
        """Yield every row."""
        start: Item | None = None
        while True:
            extra: Item = {"ExclusiveStartKey": start} if start else {}
            try:
                answer = self._db.scan(TableName=self._table, ConsistentRead=True, **extra)
            except Exception as error:
                unavailable("Registry", error)
            for raw in answer["Items"]:
                item = _plain(raw)
                yield _document(item) if "document_id" in item else KnowledgeBaseRow.model_validate(item)
            start = answer.get("LastEvaluatedKey")
            if not start:
                return

    def _get(self, pk: str, sk: str) -> Item | None:
        try:
            answer = self._db.get_item(TableName=self._table, Key=_key(pk, sk), ConsistentRead=True)
        except Exception as error:
            unavailable("Registry", error)
        return _plain(answer["Item"]) if "Item" in answer else None

    def _query(self, pk: str, *, start: Item | None, limit: int = 1000) -> tuple[list[Item], Item | None]:
        extra: Item = {"ExclusiveStartKey": start} if start else {}
        try:
            answer = self._db.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": pk}},
                ConsistentRead=True,
                Limit=limit,
                **extra,
            )
        except Exception as error:
            if error_code(error) == "ValidationException" and start:
                raise Invalid("The cursor is not one of ours. Start from the first page.", code="bad_cursor") from error
            unavailable("Registry", error)
        return [_plain(raw) for raw in answer["Items"]], answer.get("LastEvaluatedKey")

    def _transact(self, kind: str, writes: list[Item]) -> bool:
        """Do all writes, or none; False when a row was changed meanwhile, or is being changed in this moment."""
        if len(writes) == 1:
            return False  # a single write costs half
        try:
            self._db.transact_write_items(TransactItems=[{kind: write} for write in writes])  # type: ignore[misc]
        except Exception as error:
            if error_code(error) != "TransactionCanceledException":
                unavailable("Registry", error)
            return False
        return True

    def _put(self, pk: str, sk: str, row: KnowledgeBaseRow | DocumentRow, *, old_revision: int | None) -> None:
        try:
            self._db.put_item(**self._put_of(pk, sk, row, old_revision=old_revision))
        except Exception as error:
            _raise(error)

    def _put_of(self, pk: str, sk: str, row: KnowledgeBaseRow | DocumentRow, *, old_revision: int | None) -> Item:
        condition: Item = {"ConditionExpression": "attribute_not_exists(pk)"}
        if old_revision is not None:
            condition = {
                "ConditionExpression": "revision = :revision",
                "ExpressionAttributeValues": {":revision": {"N": str(old_revision)}},
            }
        return {"TableName": self._table, "Item": {**_key(pk, sk), **_stored(row)}, **condition}

    def _remove(self, pk: str, sk: str, revision: int) -> None:
        try:
            self._db.delete_item(**self._delete_of(pk, sk, revision))
        except Exception as error:
            _raise(error)

    def _delete_of(self, pk: str, sk: str, revision: int) -> Item:
        return {
            "TableName": self._table,
            "Key": _key(pk, sk),
            "ConditionExpression": "attribute_not_exists(pk) OR revision = :revision",
            "ExpressionAttributeValues": {":revision": {"N": str(revision)}},
        }


def _one_by_one(batch: Sequence[T], write: Callable[[T], R]) -> list[R]:
    done = []
    for one in batch:
        with contextlib.suppress(Conflict):
            done.append(write(one))
    return done


def _place(row: DocumentRow) -> tuple[str, str]:
    return f"{row.tenant_id}#{row.kb_id}", row.document_id


def _raise(error: Exception) -> NoReturn:
    if error_code(error) == "ConditionalCheckFailedException":
        raise Conflict(CONFLICT, code="changed_meanwhile") from error
    unavailable("Registry", error)


def _key(pk: str, sk: str) -> Item:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _stored(row: KnowledgeBaseRow | DocumentRow) -> Item:
    from boto3.dynamodb.types import TypeSerializer  # noqa: PLC0415 - boto3 is loaded on first use

    serializer = TypeSerializer()
    item = {}
    for name, value in row.model_dump().items():
        if value is None or value == frozenset():  # DynamoDB has no empty sets; absent reads as the default
            continue
        item[name] = serializer.serialize(list(value) if isinstance(value, tuple) else value)
    return item


def _plain(raw: Any) -> Item:
    from boto3.dynamodb.types import TypeDeserializer  # noqa: PLC0415 - boto3 is loaded on first use

    deserializer = TypeDeserializer()
    item = {name: _without_decimals(deserializer.deserialize(value)) for name, value in raw.items()}
    item.pop("pk", None)
    item.pop("sk", None)
    return item


def _without_decimals(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, dict):
        return {key: _without_decimals(inner) for key, inner in value.items()}
    if isinstance(value, list | set):
        return type(value)(_without_decimals(inner) for inner in value)
    return value


def _document(item: Item) -> DocumentRow:
    return DocumentRow.model_validate(item)
