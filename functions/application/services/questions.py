"""Questions to a knowledge base, without a bot: passages, or an answer."""

from collections.abc import Iterable
from dataclasses import dataclass

from functions.application.domain import answers
from functions.application.domain.principals import Principal
from functions.application.ports import MlApi
from functions.application.services.limits import RateLimit
from functions.application.services.rows import readable_kb
from shared.contracts import api
from shared.contracts.filters import Filters
from shared.contracts.ml_api import AnswerRequest, Caller, SearchRequest
from shared.contracts.registry import KnowledgeBaseRow
from shared.kernel.errors import Forbidden
from shared.registry.ports import Registry


@dataclass(frozen=True)
class Questions:
    """Search and ask one knowledge base."""

    registry: Registry
    ml: MlApi
    question_limit: RateLimit
    search_limit: RateLimit

    def search(self, principal: Principal, kb_id: str, request: api.Search) -> api.Hits:
        """Find passages. Raises NotFound, TooMany, and what the ML layer answers."""
        kb = readable_kb(self.registry, principal, kb_id)
        self.search_limit(principal)
        found = self.ml.search(
            SearchRequest(
                caller=caller(principal),
                kb_ids=(kb.kb_id,),
                query=request.query,
                limit=request.limit,
                filters=narrowing(request.filters),
            )
        )
        return answers.hits(found)

    def ask(self, principal: Principal, kb_id: str, request: api.Ask) -> api.Answer:
        """Answer a question. Raises NotFound, TooMany, and what the ML layer answers."""
        kb = readable_kb(self.registry, principal, kb_id)
        self.question_limit(principal)
        return answers.answer(
            self.ml.answer(
                AnswerRequest(
                    caller=caller(principal),
                    kb_ids=(kb.kb_id,),
                    question=request.question,
                    filters=narrowing(request.filters),
                )
            )
        )


def caller(principal: Principal) -> Caller:
    """Tell the ML layer who asks."""
    return Caller(tenant_id=principal.tenant_id, user_id=principal.user_id, readers=principal.readers)


def narrowing(*filters: Filters) -> tuple[Filters, ...]:
    """Return those that ask for anything; each of them must hold, so a caller's never widen a bot's."""
    return tuple(dict.fromkeys(item for item in filters if item.narrows))


def readable_ids(principal: Principal, rows: Iterable[KnowledgeBaseRow]) -> tuple[str, ...]:
    """Return the ids of those that the person may read.

    Raises:
        Forbidden: there are some, and the person may read none of them.
    """
    readable = tuple(row.kb_id for row in rows if principal.reads(row.readers))
    if not readable:
        raise Forbidden(
            "You may not read any of this bot's knowledge bases. Ask the bot's owner to share one with you.",
            code="knowledge_base_not_readable",
        )
    return readable
