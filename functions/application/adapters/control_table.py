"""The control store on DynamoDB; `control_items.py` draws the items."""

from datetime import datetime, timedelta
from typing import Any

from functions.application.adapters import control_items as items
from functions.application.adapters.control_client import CHANGED, ControlClient
from functions.application.domain.records import (
    ActivityRow,
    BotRow,
    BotVersionRow,
    ConversationRow,
    EvaluationRow,
    MessageRow,
    NameClaim,
    UserRow,
)
from shared.kernel.clock import parse_time
from shared.kernel.errors import Conflict, NotFound, Unavailable

ACTIVITY_KEPT = timedelta(days=90)
NEW = {"ConditionExpression": "attribute_not_exists(pk)"}
MOST_CLAIM_ATTEMPTS = 3


class DynamoControlStore:
    """The ControlStore port on one table."""

    def __init__(self, table: str) -> None:
        self._table = ControlClient(table)

    def user(self, user_id: str) -> UserRow | None:
        """Return a person."""
        item = self._table.get(items.user_key(user_id))
        return UserRow.model_validate(item) if item else None

    def bot(self, tenant_id: str, bot_id: str) -> BotRow | None:
        """Return a bot."""
        item = self._get(items.bot_key(tenant_id, bot_id), tenant_id)
        return BotRow.model_validate(item) if item else None

    def bots(self, tenant_id: str, *, cursor: str = "", limit: int = 100) -> tuple[list[BotRow], str]:
        """Return a page of the tenant's bots."""
        found, following = self._table.index_page(f"BOTS#{tenant_id}", cursor=cursor, limit=limit)
        return [BotRow.model_validate(item) for item in found], following

    def create_bot(self, row: BotRow) -> None:
        """Write a new bot."""
        self._table.put(items.bot_item(row), **NEW)

    def replace_bot(self, old: BotRow, new: BotRow) -> BotRow:
        """Compare and set."""
        written = new.model_copy(update={"revision": old.revision + 1})
        self._table.put(items.bot_item(written), **_still(old))
        return written

    def publish_bot(self, old: BotRow, new: BotRow, version: BotVersionRow) -> BotRow:
        """Write the bot and the version in one transaction."""
        written = new.model_copy(update={"revision": old.revision + 1})
        name = {"TableName": self._table.table}
        reasons = self._table.transact(
            {"Put": {**name, "Item": items.bot_item(written), **_still(old)}},
            {"Put": {**name, "Item": items.version_item(version), **NEW}},
        )
        if reasons:
            raise Conflict(CHANGED, code="changed_meanwhile")
        return written

    def remove_bot(self, row: BotRow) -> None:
        """Remove the bot first, so that nobody begins anything with it, then its versions."""
        self._table.delete(items.bot_key(row.tenant_id, row.bot_id))
        versions = range(1, row.published_version + 1)
        self._table.delete_all([items.version_key(row.tenant_id, row.bot_id, version) for version in versions])

    def bot_version(self, tenant_id: str, bot_id: str, version: int) -> BotVersionRow | None:
        """Return a published version."""
        item = self._get(items.version_key(tenant_id, bot_id, version), tenant_id)
        return BotVersionRow.model_validate(item) if item else None

    def conversation(self, tenant_id: str, conversation_id: str) -> ConversationRow | None:
        """Return a conversation."""
        item = self._get(items.conversation_key(tenant_id, conversation_id), tenant_id)
        return ConversationRow.model_validate(item) if item else None

    def conversations(
        self, tenant_id: str, user_id: str, *, cursor: str = "", limit: int = 100
    ) -> tuple[list[ConversationRow], str]:
        """Return a page of a person's conversations."""
        partition = items.conversations_of(tenant_id, user_id)
        found, following = self._table.index_page(partition, cursor=cursor, limit=limit, forward=False)
        return [ConversationRow.model_validate(item) for item in found], following

    def create_conversation(self, row: ConversationRow) -> None:
        """Write a new conversation."""
        self._table.put(items.conversation_item(row), **NEW)

    def describe_conversation(self, row: ConversationRow, *, title: str, words: str) -> None:
        """Write two fields, and put the conversation where it is listed: older ones were listed by bot."""
        try:
            self._table.update(
                items.conversation_key(row.tenant_id, row.conversation_id),
                UpdateExpression="SET title = :title, words = :words, gsi1pk = :person",
                ConditionExpression="attribute_exists(pk) AND deleting = :no",
                ExpressionAttributeValues={
                    ":title": {"S": title},
                    ":words": {"S": words},
                    ":person": {"S": items.conversations_of(row.tenant_id, row.user_id)},
                    ":no": {"BOOL": False},
                },
            )
        except Conflict as error:
            raise NotFound("There is no such conversation.", code="unknown_conversation") from error

    def message_page(
        self, tenant_id: str, conversation_id: str, *, cursor: str = "", limit: int = 100
    ) -> tuple[list[MessageRow], str]:
        """Return a page, newest first."""
        partition = items.conversation_key(tenant_id, conversation_id)[0]
        found, following = self._table.page(partition, "MESSAGE#", cursor=cursor, limit=limit, forward=False)
        return [MessageRow.model_validate(item) for item in found], following

    def add_message(self, row: MessageRow) -> None:
        """Append in one transaction with the conversation, whose delete it so cannot outrun."""
        name = {"TableName": self._table.table}
        key = items.conversation_key(row.tenant_id, row.conversation_id)
        touch = {
            **name,
            "Key": items.key_item(key),
            "UpdateExpression": "SET updated_at = :now, gsi1sk = :position",
            "ConditionExpression": "attribute_exists(pk) AND deleting = :no",
            "ExpressionAttributeValues": {
                ":now": {"S": row.created_at},
                ":position": {"S": f"{row.created_at}#{row.conversation_id}"},
                ":no": {"BOOL": False},
            },
        }
        put = {**name, "Item": items.stored(row, items.message_key(row)), **NEW}
        reasons = self._table.transact({"Put": put}, {"Update": touch})
        if reasons and reasons[1:] == ["ConditionalCheckFailed"]:
            raise NotFound("There is no such conversation.", code="unknown_conversation")
        if reasons:
            raise Conflict("This message is stored already.", code="message_exists")

    def replace_message(self, row: MessageRow) -> None:
        """Overwrite a message that exists."""
        try:
            self._table.put(items.stored(row, items.message_key(row)), ConditionExpression="attribute_exists(pk)")
        except Conflict as error:
            raise NotFound("There is no such message.", code="unknown_message") from error

    def messages(self, tenant_id: str, conversation_id: str) -> list[MessageRow]:
        """Return all messages, oldest first."""
        partition = items.conversation_key(tenant_id, conversation_id)[0]
        found = self._table.everything(partition, "MESSAGE#")
        return [MessageRow.model_validate(item) for item in found if item["tenant_id"] == tenant_id]

    def remove_conversation(self, row: ConversationRow) -> None:
        """Hide, empty, remove."""
        key = items.conversation_key(row.tenant_id, row.conversation_id)
        try:
            self._table.update(
                key,
                UpdateExpression="SET deleting = :yes REMOVE gsi1pk, gsi1sk",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":yes": {"BOOL": True}},
            )
        except Conflict:
            return
        messages = self.messages(row.tenant_id, row.conversation_id)
        self._table.delete_all([items.message_key(message) for message in messages])
        self._table.delete(key)

    def create_evaluation(self, row: EvaluationRow) -> None:
        """Write a new row."""
        self._table.put(items.stored(row, items.evaluation_key(row.tenant_id, row.evaluation_id)), **NEW)

    def evaluation(self, tenant_id: str, evaluation_id: str) -> EvaluationRow | None:
        """Return a row."""
        item = self._get(items.evaluation_key(tenant_id, evaluation_id), tenant_id)
        return EvaluationRow.model_validate(item) if item else None

    def add_activity(self, row: ActivityRow) -> None:
        """Append; the key holds the event's id, so its second delivery writes the same item."""
        key = (f"KB#{row.tenant_id}#{row.kb_id}", f"EVENT#{row.occurred_at}#{row.event_id}")
        expires_at = int((parse_time(row.occurred_at) + ACTIVITY_KEPT).timestamp())
        self._table.put(items.stored(row, key, expires_at=expires_at))

    def activity(
        self, tenant_id: str, kb_id: str, *, cursor: str = "", limit: int = 100
    ) -> tuple[list[ActivityRow], str]:
        """Return a page, newest first."""
        found, following = self._table.page(
            f"KB#{tenant_id}#{kb_id}", "EVENT#", cursor=cursor, limit=limit, forward=False
        )
        return [ActivityRow.model_validate(item) for item in found], following

    def claim_name(self, claim: NameClaim, *, kind: str, instead_of: NameClaim | None = None) -> NameClaim:
        """Take the name by a conditional write, or tell who has it."""
        key = items.name_key(claim.tenant_id, kind, claim.name)
        allowed = instead_of or claim
        for _ in range(MOST_CLAIM_ATTEMPTS):
            try:
                self._table.put(
                    items.stored(claim, key),
                    ConditionExpression="attribute_not_exists(pk) OR holder = :holder",
                    ExpressionAttributeValues={":holder": {"S": allowed.holder}},
                )
            except Conflict:
                held = self._get(key, claim.tenant_id)
                if held:
                    return NameClaim.model_validate(held)
                continue  # freed between the two calls
            return claim
        raise Unavailable("The name is being changed right now. Try again in a moment.", code="name_busy")

    def release_name(self, tenant_id: str, *, kind: str, name: str, holder: str) -> None:
        """Free the name if it is the holder's."""
        try:
            self._table.delete(
                items.name_key(tenant_id, kind, name),
                ConditionExpression="holder = :holder",
                ExpressionAttributeValues={":holder": {"S": holder}},
            )
        except Conflict:
            return

    def take(self, tenant_id: str, counter: str, window: str, *, most: int, expires_at: datetime) -> bool:
        """Count by one conditional update."""
        try:
            self._table.update(
                (f"RATE#{tenant_id}#{counter}", f"WINDOW#{window}"),
                UpdateExpression="SET expires_at = :expires, tenant_id = :tenant ADD uses :one",
                ConditionExpression="attribute_not_exists(uses) OR uses < :most",
                ExpressionAttributeValues={
                    ":expires": {"N": str(int(expires_at.timestamp()))},
                    ":tenant": {"S": tenant_id},
                    ":one": {"N": "1"},
                    ":most": {"N": str(most)},
                },
            )
        except Conflict:
            return False
        return True

    def _get(self, key: items.Key, tenant_id: str) -> items.Item | None:
        item = self._table.get(key)
        return item if item and item["tenant_id"] == tenant_id else None


def _still(old: BotRow) -> dict[str, Any]:
    return {
        "ConditionExpression": "revision = :revision",
        "ExpressionAttributeValues": {":revision": {"N": str(old.revision)}},
    }
