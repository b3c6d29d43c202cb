"""Reading and changing registry rows the way every use case does it."""

from collections.abc import Callable, Iterator

from functions.application.domain import documents, knowledge_bases
from functions.application.domain.principals import Principal
from shared.contracts.registry import DocumentRow, KnowledgeBaseRow
from shared.kernel.errors import Conflict
from shared.registry.ports import Registry

MOST_ATTEMPTS = 5
ROWS_PER_PAGE = 1_000


def readable_kb(registry: Registry, principal: Principal, kb_id: str) -> KnowledgeBaseRow:
    """Read a knowledge base that the person may read. Raises NotFound, Unavailable."""
    return knowledge_bases.visible(registry.knowledge_base(principal.tenant_id, kb_id), principal)


def readable_document(registry: Registry, principal: Principal, kb_id: str, document_id: str) -> DocumentRow:
    """Read a document that the person may read. Raises NotFound, Unavailable."""
    readable_kb(registry, principal, kb_id)
    return documents.visible(registry.document(principal.tenant_id, kb_id, document_id), principal)


def all_documents(registry: Registry, tenant_id: str, kb_id: str) -> Iterator[DocumentRow]:
    """Yield every row of a knowledge base, page by page."""
    cursor = ""
    while True:
        rows, cursor = registry.list_documents(tenant_id, kb_id, cursor=cursor, limit=ROWS_PER_PAGE)
        yield from rows
        if not cursor:
            return


def change_document(registry: Registry, row: DocumentRow, change: Callable[[DocumentRow], DocumentRow]) -> DocumentRow:
    """Apply a transition by compare-and-set; when a worker was faster, read again and repeat, a few times.

    Raises:
        Conflict: the transition does not allow it, or the row kept changing.
        Unavailable: the registry does not answer.
    """
    current: DocumentRow | None = row
    for attempt in range(MOST_ATTEMPTS):
        if current is None:
            return row
        wanted = change(current)
        if wanted == current:
            return current
        try:
            return registry.replace_document(current, wanted)
        except Conflict:
            if attempt == MOST_ATTEMPTS - 1:
                raise
            current = registry.document(row.tenant_id, row.kb_id, row.document_id)
    raise AssertionError("unreachable")


def change_knowledge_base(
    registry: Registry, row: KnowledgeBaseRow, change: Callable[[KnowledgeBaseRow], KnowledgeBaseRow]
) -> KnowledgeBaseRow:
    """Apply a change by compare-and-set, repeated a few times. Raises Conflict, Unavailable."""
    current: KnowledgeBaseRow | None = row
    for attempt in range(MOST_ATTEMPTS):
        if current is None:
            return row
        try:
            return registry.replace_knowledge_base(current, change(current))
        except Conflict:
            if attempt == MOST_ATTEMPTS - 1:
                raise
            current = registry.knowledge_base(row.tenant_id, row.kb_id)
    raise AssertionError("unreachable")
