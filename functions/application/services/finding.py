"""Find one's things by their names: knowledge bases, bots, documents, conversations."""

from dataclasses import dataclass
from itertools import islice

from functions.application.domain import bots, conversations
from functions.application.domain.documents import folded
from functions.application.domain.principals import Principal
from functions.application.ports import ControlStore
from functions.application.services.rows import all_documents
from shared.contracts import api
from shared.kernel.errors import Invalid
from shared.registry.ports import Registry

MOST_OF_A_KIND = 20
MOST_LOOKED_AT = 5_000
"""Documents, bots or conversations that one search looks at, so that it answers while a person types."""


@dataclass(frozen=True)
class FindThings:
    """Looks at names only; what is in documents is found by a search of a knowledge base."""

    registry: Registry
    store: ControlStore

    def __call__(self, principal: Principal, text: str) -> api.Found:
        """Return up to 20 of each kind in which every word stands.

        Raises:
            Invalid: there is no word to look for (`empty_query`).
        """
        words = folded(text).split()
        if not words:
            raise Invalid("Say what to look for: a word of a name.", code="empty_query")
        kbs = [
            row
            for row in self.registry.knowledge_bases(principal.tenant_id)
            if not row.deleting and principal.reads(row.readers)
        ]
        documents = (
            row
            for row in islice(
                (row for kb in kbs for row in all_documents(self.registry, kb.tenant_id, kb.kb_id)), MOST_LOOKED_AT
            )
            if row.status not in ("DELETING", "DELETED") and principal.reads(row.readers) and _in(row.filename, words)
        )
        return api.Found(
            knowledge_bases=tuple(
                api.FoundKnowledgeBase(kb_id=row.kb_id, name=row.name)
                for row in islice((row for row in kbs if _in(row.name, words)), MOST_OF_A_KIND)
            ),
            bots=self._bots(principal, words),
            documents=tuple(
                api.FoundDocument(
                    kb_id=row.kb_id, document_id=row.document_id, filename=row.filename, status=row.status
                )
                for row in islice(documents, MOST_OF_A_KIND)
            ),
            conversations=self._conversations(principal, words),
        )

    def _bots(self, principal: Principal, words: list[str]) -> tuple[api.FoundBot, ...]:
        rows, _ = self.store.bots(principal.tenant_id, limit=MOST_LOOKED_AT)
        shown = (bots.shown(row, principal) for row in rows if bots.is_visible(row, principal))
        named = (api.FoundBot(bot_id=bot.bot_id, name=bot.shown.name, picture=bot.shown.picture) for bot in shown)
        return tuple(islice((bot for bot in named if _in(bot.name, words)), MOST_OF_A_KIND))

    def _conversations(self, principal: Principal, words: list[str]) -> tuple[api.FoundConversation, ...]:
        rows, _ = self.store.conversations(principal.tenant_id, principal.user_id, limit=MOST_LOOKED_AT)
        found = (row for row in rows if conversations.found_by(row, words))
        return tuple(
            api.FoundConversation(conversation_id=row.conversation_id, bot_id=row.bot_id, title=row.title)
            for row in islice(found, MOST_OF_A_KIND)
        )


def _in(name: str, words: list[str]) -> bool:
    whole = folded(name)
    return all(word in whole for word in words)
