"""The control store in memory."""

from datetime import datetime
from typing import TypeVar

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
from shared.kernel.errors import Conflict, Invalid, NotFound

RowT = TypeVar("RowT")
CHANGED = "Somebody else changed it in the meantime."


class MemoryControlStore:
    """The ControlStore port on dictionaries."""

    def __init__(self) -> None:
        self.users: dict[str, UserRow] = {}
        self.bot_rows: dict[tuple[str, str], BotRow] = {}
        self.versions: dict[tuple[str, str, int], BotVersionRow] = {}
        self.conversation_rows: dict[tuple[str, str], ConversationRow] = {}
        self.message_rows: dict[tuple[str, str], dict[tuple[str, str], MessageRow]] = {}
        self.evaluations: dict[tuple[str, str], EvaluationRow] = {}
        self.log: dict[tuple[str, str], dict[tuple[str, str], ActivityRow]] = {}
        self.names: dict[tuple[str, str, str], NameClaim] = {}
        self.counters: dict[tuple[str, str, str], int] = {}

    def user(self, user_id: str) -> UserRow | None:
        return self.users.get(user_id)

    def bot(self, tenant_id: str, bot_id: str) -> BotRow | None:
        return self.bot_rows.get((tenant_id, bot_id))

    def bots(self, tenant_id: str, *, cursor: str = "", limit: int = 100) -> tuple[list[BotRow], str]:
        rows = [row for row in self.bot_rows.values() if row.tenant_id == tenant_id]
        return page(sorted(rows, key=lambda row: (row.created_at, row.bot_id)), cursor, limit)

    def create_bot(self, row: BotRow) -> None:
        if (row.tenant_id, row.bot_id) in self.bot_rows:
            raise Conflict(CHANGED, code="changed_meanwhile")
        self.bot_rows[row.tenant_id, row.bot_id] = row

    def replace_bot(self, old: BotRow, new: BotRow) -> BotRow:
        stored = self.bot(old.tenant_id, old.bot_id)
        if stored is None or stored.revision != old.revision:
            raise Conflict(CHANGED, code="changed_meanwhile")
        written = new.model_copy(update={"revision": old.revision + 1})
        self.bot_rows[old.tenant_id, old.bot_id] = written
        return written

    def publish_bot(self, old: BotRow, new: BotRow, version: BotVersionRow) -> BotRow:
        key = (version.tenant_id, version.bot_id, version.version)
        if key in self.versions:
            raise Conflict(CHANGED, code="changed_meanwhile")
        written = self.replace_bot(old, new)
        self.versions[key] = version
        return written

    def remove_bot(self, row: BotRow) -> None:
        self.bot_rows.pop((row.tenant_id, row.bot_id), None)
        for key in [key for key in self.versions if key[:2] == (row.tenant_id, row.bot_id)]:
            del self.versions[key]

    def bot_version(self, tenant_id: str, bot_id: str, version: int) -> BotVersionRow | None:
        return self.versions.get((tenant_id, bot_id, version))

    def conversation(self, tenant_id: str, conversation_id: str) -> ConversationRow | None:
        return self.conversation_rows.get((tenant_id, conversation_id))

    def conversations(
        self, tenant_id: str, user_id: str, *, cursor: str = "", limit: int = 100
    ) -> tuple[list[ConversationRow], str]:
        rows = [
            row
            for row in self.conversation_rows.values()
            if (row.tenant_id, row.user_id) == (tenant_id, user_id) and not row.deleting
        ]
        latest_first = sorted(rows, key=lambda row: (row.updated_at, row.conversation_id), reverse=True)
        return page(latest_first, cursor, limit)

    def create_conversation(self, row: ConversationRow) -> None:
        if (row.tenant_id, row.conversation_id) in self.conversation_rows:
            raise Conflict(CHANGED, code="changed_meanwhile")
        self.conversation_rows[row.tenant_id, row.conversation_id] = row

    def describe_conversation(self, row: ConversationRow, *, title: str, words: str) -> None:
        stored = self.conversation(row.tenant_id, row.conversation_id)
        if stored is None or stored.deleting:
            raise NotFound("There is no such conversation.", code="unknown_conversation")
        described = stored.model_copy(update={"title": title, "words": words})
        self.conversation_rows[row.tenant_id, row.conversation_id] = described

    def message_page(
        self, tenant_id: str, conversation_id: str, *, cursor: str = "", limit: int = 100
    ) -> tuple[list[MessageRow], str]:
        return page(self.messages(tenant_id, conversation_id)[::-1], cursor, limit)

    def add_message(self, row: MessageRow) -> None:
        key = (row.tenant_id, row.conversation_id)
        conversation = self.conversation_rows.get(key)
        if conversation is None or conversation.deleting:
            raise NotFound("There is no such conversation.", code="unknown_conversation")
        messages = self.message_rows.setdefault(key, {})
        if (row.created_at, row.message_id) in messages:
            raise Conflict("This message is stored already.", code="message_exists")
        messages[row.created_at, row.message_id] = row
        self.conversation_rows[key] = conversation.model_copy(update={"updated_at": row.created_at})

    def replace_message(self, row: MessageRow) -> None:
        messages = self.message_rows.get((row.tenant_id, row.conversation_id), {})
        if (row.created_at, row.message_id) not in messages:
            raise NotFound("There is no such message.", code="unknown_message")
        messages[row.created_at, row.message_id] = row

    def messages(self, tenant_id: str, conversation_id: str) -> list[MessageRow]:
        messages = self.message_rows.get((tenant_id, conversation_id), {})
        return [messages[key] for key in sorted(messages)]

    def remove_conversation(self, row: ConversationRow) -> None:
        self.conversation_rows.pop((row.tenant_id, row.conversation_id), None)
        self.message_rows.pop((row.tenant_id, row.conversation_id), None)

    def create_evaluation(self, row: EvaluationRow) -> None:
        if (row.tenant_id, row.evaluation_id) in self.evaluations:
            raise Conflict(CHANGED, code="changed_meanwhile")
        self.evaluations[row.tenant_id, row.evaluation_id] = row

    def evaluation(self, tenant_id: str, evaluation_id: str) -> EvaluationRow | None:
        return self.evaluations.get((tenant_id, evaluation_id))

    def add_activity(self, row: ActivityRow) -> None:
        self.log.setdefault((row.tenant_id, row.kb_id), {})[row.occurred_at, row.event_id] = row

    def activity(
        self, tenant_id: str, kb_id: str, *, cursor: str = "", limit: int = 100
    ) -> tuple[list[ActivityRow], str]:
        log = self.log.get((tenant_id, kb_id), {})
        return page([log[key] for key in sorted(log, reverse=True)], cursor, limit)

    def claim_name(self, claim: NameClaim, *, kind: str, instead_of: NameClaim | None = None) -> NameClaim:
        key = (claim.tenant_id, kind, claim.name)
        held = self.names.get(key)
        if held is not None and held.holder != (instead_of or claim).holder:
            return held
        self.names[key] = claim
        return claim

    def release_name(self, tenant_id: str, *, kind: str, name: str, holder: str) -> None:
        held = self.names.get((tenant_id, kind, name))
        if held is not None and held.holder == holder:
            del self.names[tenant_id, kind, name]

    def take(self, tenant_id: str, counter: str, window: str, *, most: int, expires_at: datetime) -> bool:
        key = (tenant_id, counter, window)
        if self.counters.get(key, 0) >= most:
            return False
        self.counters[key] = self.counters.get(key, 0) + 1
        return True


def page(rows: list[RowT], cursor: str, limit: int) -> tuple[list[RowT], str]:
    """Cut a page; the cursor is the number of rows before it."""
    if cursor and not cursor.isdigit():
        raise Invalid("The cursor is not one of ours.", code="bad_cursor")
    first = int(cursor or 0)
    return rows[first : first + limit], str(first + limit) if len(rows) > first + limit else ""
