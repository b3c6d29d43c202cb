"""Bots: describe, try, publish, share."""

from collections.abc import Iterable
from dataclasses import dataclass

from functions.application.domain import bots
from functions.application.domain.principals import Principal
from functions.application.ports import Bots as BotStore
from functions.application.services.rows import readable_kb
from shared.contracts import api
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kernel.ids import NewId
from shared.registry.ports import Registry


@dataclass(frozen=True)
class Bots:
    """The use cases of bots."""

    registry: Registry
    store: BotStore
    clock: Clock
    new_id: NewId

    def create(self, principal: Principal, request: api.CreateBot) -> api.Bot:
        """Make an unpublished bot. Raises NotFound for a knowledge base that the person may not read."""
        self._check_readable(principal, request.kb_ids)
        row = bots.new_row(request, principal, bot_id=self.new_id("bot"), now=self.clock())
        self.store.create_bot(row)
        return bots.shown(row, principal)

    def list(self, principal: Principal, *, cursor: str, limit: int) -> api.Bots:
        """Return a page of the person's bots and the tenant's published ones; it may be shorter than asked."""
        rows, following = self.store.bots(principal.tenant_id, cursor=cursor, limit=limit)
        shown = (bots.shown(row, principal) for row in rows if bots.is_visible(row, principal))
        return api.Bots(items=tuple(shown), cursor=following)

    def get(self, principal: Principal, bot_id: str) -> api.Bot:
        """Return one. Raises NotFound."""
        return bots.shown(bots.visible(self.store.bot(principal.tenant_id, bot_id), principal), principal)

    def update(self, principal: Principal, bot_id: str, request: api.UpdateBot) -> api.Bot:
        """Change the draft. Raises NotFound, Forbidden, Conflict when somebody else changed it meanwhile."""
        row = bots.editable(self.store.bot(principal.tenant_id, bot_id), principal)
        self._check_readable(principal, set(request.kb_ids or ()) - set(row.draft.kb_ids))
        written = self.store.replace_bot(row, bots.with_changes(row, request, self.clock()))
        return bots.shown(written, principal)

    def publish(self, principal: Principal, bot_id: str) -> api.Bot:
        """Make the draft what everyone in the tenant uses.

        Raises:
            NotFound: not visible to the person.
            Forbidden: somebody else's.
            Conflict: it has no living knowledge base (`bot_without_knowledge_base`), or changed meanwhile.
        """
        row = bots.editable(self.store.bot(principal.tenant_id, bot_id), principal)
        bots.living(row.draft.kb_ids, self.registry.knowledge_bases(principal.tenant_id))
        new, version = bots.published(row, principal, self.clock())
        return bots.shown(self.store.publish_bot(row, new, version), principal)

    def versions(self, principal: Principal, bot_id: str, *, cursor: str, limit: int) -> api.BotVersions:
        """Return published versions, the latest first, each with what it changed.

        Raises:
            NotFound: not visible to the person.
            Forbidden: somebody else's.
            Invalid: `bad_cursor`.
        """
        row = bots.editable(self.store.bot(principal.tenant_id, bot_id), principal)
        latest = bots.version_of_cursor(cursor, row.published_version)
        numbers = range(latest, max(0, latest - limit), -1)
        read = {number: self.store.bot_version(row.tenant_id, bot_id, number) for number in (*numbers, latest - limit)}
        shown = (bots.version_shown(found, read.get(number - 1)) for number in numbers if (found := read[number]))
        left = latest - limit
        return api.BotVersions(items=tuple(shown), cursor=str(left) if left > 0 else "")

    def restore(self, principal: Principal, bot_id: str, version: str) -> api.Bot:
        """Make a published version the draft; publishing it again is another step.

        Raises:
            NotFound: not visible to the person, or no such version (`unknown_version`).
            Forbidden: somebody else's.
            Conflict: changed meanwhile.
        """
        row = bots.editable(self.store.bot(principal.tenant_id, bot_id), principal)
        number = bots.version_number(version)
        found = self.store.bot_version(row.tenant_id, bot_id, number) if number else None
        if found is None:
            raise NotFound("There is no such version of this bot.", code="unknown_version")
        return bots.shown(self.store.replace_bot(row, bots.restored(row, found, self.clock())), principal)

    def delete(self, principal: Principal, bot_id: str) -> api.Deleted:
        """Remove the bot with its versions; conversations stay with their people. Raises NotFound, Forbidden."""
        self.store.remove_bot(bots.editable(self.store.bot(principal.tenant_id, bot_id), principal))
        return api.Deleted(id=bot_id)

    def _check_readable(self, principal: Principal, kb_ids: Iterable[str]) -> None:
        for kb_id in kb_ids:
            readable_kb(self.registry, principal, kb_id)
