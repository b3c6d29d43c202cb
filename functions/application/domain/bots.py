"""Bots: drafts, published versions, and who may see which."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from functions.application.domain import answers
from functions.application.domain.principals import Principal
from functions.application.domain.records import BotRow, BotVersionRow
from shared.contracts import api, ml_api
from shared.contracts.registry import KnowledgeBaseRow
from shared.kernel.clock import isoformat
from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound

MOST_INSTRUCTIONS = 8_000
LONGEST_NUMBER = 6
TONES = {
    "friendly": "Write in a warm and friendly tone.",
    "formal": "Write formally and politely.",
    "brief": "Write as briefly as the answer allows.",
    "detailed": "Write in detail, and say everything that the documents say about it.",
}
"""What a model is told for each tone."""


def unknown_bot() -> NotFound:
    """Make the error for a bot that is not there, or not visible to the caller."""
    return NotFound("There is no such bot, or it is not published yet.", code="unknown_bot")


def is_visible(row: BotRow, principal: Principal) -> bool:
    """Everyone of the tenant sees what is published; drafts are for the owner and administrators."""
    return row.tenant_id == principal.tenant_id and (row.published_version > 0 or principal.manages(row.owner_id))


def visible(row: BotRow | None, principal: Principal) -> BotRow:
    """Return the row if the person may know of it.

    Raises:
        NotFound: it is not there, is another tenant's, or is somebody else's draft.
    """
    if row is None or not is_visible(row, principal):
        raise unknown_bot()
    return row


def editable(row: BotRow | None, principal: Principal) -> BotRow:
    """Return the row if the person may change it.

    Raises:
        NotFound: not visible to the person.
        Forbidden: it is somebody else's.
    """
    bot = visible(row, principal)
    if not principal.manages(bot.owner_id):
        raise Forbidden("Only the bot's owner or an administrator may change it.", code="not_owner")
    return bot


def new_row(request: api.CreateBot, principal: Principal, *, bot_id: str, now: datetime) -> BotRow:
    """Make the row of a new bot that belongs to the person and is not published."""
    return BotRow(
        tenant_id=principal.tenant_id,
        bot_id=bot_id,
        owner_id=principal.user_id,
        draft=api.BotDefinition(
            name=request.name,
            description=request.description,
            instructions=request.instructions,
            kb_ids=distinct(request.kb_ids),
            starter_questions=tuple(request.starter_questions),
            picture=request.picture,
            tone=request.tone,
            unsure_text=request.unsure_text,
            filters=request.filters,
        ),
        created_at=isoformat(now),
        updated_at=isoformat(now),
    )


def with_changes(row: BotRow, request: api.UpdateBot, now: datetime) -> BotRow:
    """Change the draft; what is published stays as it is."""
    given = request.model_dump(exclude_none=True)
    draft = api.BotDefinition.model_validate({**row.draft.model_dump(), **given})
    draft = draft.model_copy(update={"kb_ids": distinct(draft.kb_ids)})
    return row.model_copy(update={"draft": draft, "updated_at": isoformat(now)})


def published(row: BotRow, principal: Principal, now: datetime) -> tuple[BotRow, BotVersionRow]:
    """Make the draft the next published version."""
    version = BotVersionRow(
        tenant_id=row.tenant_id,
        bot_id=row.bot_id,
        version=row.published_version + 1,
        definition=row.draft,
        published_by=principal.user_id,
        published_at=isoformat(now),
    )
    update = {"published": row.draft, "published_version": version.version, "updated_at": isoformat(now)}
    return row.model_copy(update=update), version


def living(kb_ids: Iterable[str], rows: Sequence[KnowledgeBaseRow]) -> tuple[KnowledgeBaseRow, ...]:
    """Return the bot's knowledge bases that still live, in the bot's order.

    Raises:
        Conflict: none is left (`bot_without_knowledge_base`).
    """
    by_id = {row.kb_id: row for row in rows if not row.deleting}
    found = tuple(by_id[kb_id] for kb_id in kb_ids if kb_id in by_id)
    if not found:
        raise Conflict(
            "This bot has no knowledge base to answer from. Add at least one to it and try again.",
            code="bot_without_knowledge_base",
        )
    return found


def distinct(kb_ids: Iterable[str]) -> tuple[str, ...]:
    """Drop repeated ids, first seen first."""
    return tuple(dict.fromkeys(kb_ids))


def shown(row: BotRow, principal: Principal) -> api.Bot:
    """Show a bot to a person: the draft only to those who may change it."""
    return api.Bot(
        bot_id=row.bot_id,
        owner_id=row.owner_id,
        draft=row.draft if principal.manages(row.owner_id) else None,
        published=row.published,
        published_version=row.published_version,
        is_own=row.owner_id == principal.user_id,
        changes=changes(row.published, row.draft) if principal.manages(row.owner_id) else (),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def changes(before: api.BotDefinition | None, after: api.BotDefinition) -> tuple[str, ...]:
    """Name the fields in which two definitions differ; all of them where there was none before."""
    names = tuple(type(after).model_fields)
    return names if before is None else tuple(name for name in names if getattr(before, name) != getattr(after, name))


def version_shown(row: BotVersionRow, before: BotVersionRow | None) -> api.BotVersion:
    """Show a published version, and what it changed."""
    return api.BotVersion(
        version=row.version,
        definition=row.definition,
        published_by=row.published_by,
        published_at=row.published_at,
        changes=changes(before.definition if before else None, row.definition),
    )


def restored(row: BotRow, version: BotVersionRow, now: datetime) -> BotRow:
    """Make a published version the draft; what is published stays as it is."""
    return row.model_copy(update={"draft": version.definition, "updated_at": isoformat(now)})


def told(definition: api.BotDefinition) -> str:
    """Return what a model is told: the instructions, and in which tone to write."""
    tone = TONES.get(definition.tone, "")
    return f"{definition.instructions}\n{tone}".strip()[:MOST_INSTRUCTIONS]


def in_its_words(definition: api.BotDefinition, response: ml_api.AnswerResponse) -> api.Answer:
    """Show an answer; a refusal in the bot's own words where it has some."""
    answer = answers.answer(response)
    own = answer.refused and definition.unsure_text
    return answer.model_copy(update={"text": definition.unsure_text}) if own else answer


def version_number(text: str) -> int:
    """Read the number of a version; 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else 0


def version_of_cursor(cursor: str, latest: int) -> int:
    """Return the version that a page begins with. Raises Invalid `bad_cursor`."""
    if not cursor:
        return latest
    number = version_number(cursor)
    if not 0 < number <= latest:
        raise Invalid("The cursor is not one of ours. Start from the first page.", code="bad_cursor")
    return number
