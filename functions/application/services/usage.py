"""Count how bots are used, and show it to those who run them; and what needs attention."""

import contextlib
from dataclasses import dataclass

from functions.application.domain import bots, usage
from functions.application.domain.principals import Principal
from functions.application.domain.records import ConversationRow, MessageRow, UnansweredRow
from functions.application.ports import Bots, UsageStore
from functions.application.services.rows import all_documents
from shared.contracts import api
from shared.kernel.clock import Clock
from shared.kernel.errors import Invalid, Unavailable
from shared.registry.ports import Registry

MOST_UNANSWERED = 100
MOST_NAMED = 20


@dataclass(frozen=True)
class RecordUse:
    """Counts after the fact; an answer that was given is not lost because it could not be counted."""

    store: UsageStore
    clock: Clock

    def answered(self, conversation: ConversationRow, question: MessageRow, answer: api.Answer) -> None:
        """Count an answer of a published bot, and keep the question where it was refused."""
        if conversation.bot_version == 0:
            return
        tenant_id, bot_id = conversation.tenant_id, conversation.bot_id
        with contextlib.suppress(Unavailable):
            self.store.count(tenant_id, bot_id, usage.day_of(self.clock()), usage.counts_of(answer))
            if answer.refused:
                self.store.keep_unanswered(
                    UnansweredRow(
                        tenant_id=tenant_id,
                        bot_id=bot_id,
                        message_id=question.message_id,
                        question=question.content,
                        asked_at=question.created_at,
                    )
                )

    def rated(self, conversation: ConversationRow, before: api.Feedback | None, after: api.Feedback) -> None:
        """Count an opinion, and no more the one before it."""
        changes = usage.change_of(before, after)
        if changes and conversation.bot_version:
            with contextlib.suppress(Unavailable):
                self.store.count(conversation.tenant_id, conversation.bot_id, usage.day_of(self.clock()), changes)

    def forgotten(self, conversation: ConversationRow, messages: list[MessageRow]) -> None:
        """Forget the questions of a conversation that is deleted. Raises Unavailable: a delete must not leave any."""
        questions = [(row.created_at, row.message_id) for row in messages if row.role == "user"]
        if questions and conversation.bot_version:
            self.store.forget_unanswered(conversation.tenant_id, conversation.bot_id, questions)


@dataclass(frozen=True)
class Usage:
    """Shows how a bot is used, and what of the caller's documents failed."""

    registry: Registry
    bots: Bots
    store: UsageStore
    clock: Clock

    def of_bot(self, principal: Principal, bot_id: str, days: str) -> api.BotUsage:
        """Return the figures of so many days, today among them.

        Raises:
            NotFound: not visible to the person.
            Forbidden: somebody else's; other people's questions are for the bot's owner and administrators only.
            Invalid: not a number of days.
        """
        row = bots.editable(self.bots.bot(principal.tenant_id, bot_id), principal)
        if not (days.isascii() and days.isdigit() and 1 <= int(days[:6]) <= usage.MOST_DAYS):
            raise Invalid(f"days: must be a number from 1 to {usage.MOST_DAYS}.", code="invalid_request")
        since = usage.first_day(self.clock(), int(days))
        found = self.store.days(row.tenant_id, bot_id, since=since)
        unanswered = self.store.unanswered(row.tenant_id, bot_id, limit=MOST_UNANSWERED)
        return usage.shown(found, [item for item in unanswered if item.asked_at >= since], since)

    def attention(self, principal: Principal) -> api.Attention:
        """Return the failed documents that the person may retry or delete, by knowledge base. Raises Unavailable."""
        shelves = []
        for kb in self.registry.knowledge_bases(principal.tenant_id):
            if kb.deleting or not principal.reads(kb.readers):
                continue
            owns = principal.manages(kb.owner_id)
            failed = [
                row
                for row in all_documents(self.registry, kb.tenant_id, kb.kb_id)
                if row.status == "FAILED" and (owns or row.owner_id == principal.user_id)
            ]
            if failed:
                latest = sorted(failed, key=lambda row: row.status_since, reverse=True)[:MOST_NAMED]
                named = tuple(
                    api.AffectedDocument(
                        kb_id=row.kb_id,
                        document_id=row.document_id,
                        filename=row.filename,
                        status=row.status,
                        code=row.code,
                        reason=row.reason,
                        since=row.status_since,
                    )
                    for row in latest
                )
                shelves.append(api.FailedDocuments(kb_id=kb.kb_id, name=kb.name, count=len(failed), documents=named))
        return api.Attention(failed_documents=sum(shelf.count for shelf in shelves), knowledge_bases=tuple(shelves))
