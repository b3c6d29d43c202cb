"""The check of every hit against the registry: what the index says is a hint, the registry is the truth.

It makes a delete, a new version or a revoked right effective at the first search after its acknowledgement, whatever
the index still holds.
"""

from collections.abc import Collection, Mapping

from functions.ml.documents import IndexedChunk
from functions.ml.ports import Candidates, Hit, Scope
from shared.contracts.ml_api import Caller
from shared.contracts.registry import DocumentRow, KnowledgeBaseRow
from shared.kernel.errors import NotFound
from shared.registry.ports import Registry

GONE = frozenset({"DELETING", "DELETED"})


def is_open(knowledge_base: KnowledgeBaseRow | None, scope: Scope) -> bool:
    """May the caller search this knowledge base now?"""
    return (
        knowledge_base is not None
        and knowledge_base.tenant_id == scope.tenant_id
        and not knowledge_base.deleting
        and not set(scope.readers).isdisjoint(knowledge_base.readers)
    )


def readable_document(registry: Registry, caller: Caller, kb_id: str, document_id: str) -> DocumentRow:
    """Return the row of a document if the caller may read it now.

    Raises:
        NotFound: there is none, it is being deleted, or it is not the caller's to read (which is the same to them).
        Unavailable: the registry does not answer.
    """
    scope = Scope(caller.tenant_id, (kb_id or "-",), caller.readers)
    kb = registry.knowledge_base(scope.tenant_id, kb_id)
    row = registry.document(scope.tenant_id, kb_id, document_id)
    readable = row is not None and row.status not in GONE and not set(scope.readers).isdisjoint(row.readers)
    if row is None or not readable or not is_open(kb, scope):
        raise NotFound("There is no such document, or you may not read it.", code="unknown_document")
    return row


def is_live(chunk: IndexedChunk, document: DocumentRow | None, scope: Scope) -> bool:
    """May this chunk be shown to the caller now?

    Args:
        chunk: what the index gave.
        document: the registry's row of its document, None when there is none.
        scope: the caller's, its knowledge bases narrowed to those that are open.
    """
    return (
        document is not None
        and chunk.tenant_id == document.tenant_id == scope.tenant_id
        and chunk.kb_id == document.kb_id
        and chunk.kb_id in scope.kb_ids
        and document.live_generation == chunk.generation
        and document.status not in GONE
        and not set(scope.readers).isdisjoint(document.readers)
    )


def document_keys(candidates: Candidates) -> frozenset[tuple[str, str]]:
    """Return the pairs (kb_id, document_id) that must be looked up."""
    hits = (*candidates.lexical, *candidates.dense)
    return frozenset((hit.indexed.kb_id, hit.indexed.document_id) for hit in hits)


def live_only(candidates: Candidates, documents: Mapping[str, DocumentRow], scope: Scope) -> Candidates:
    """Drop every hit that may not be shown, order kept."""

    def kept(hits: Collection[Hit]) -> tuple[Hit, ...]:
        return tuple(hit for hit in hits if is_live(hit.indexed, documents.get(hit.indexed.document_id), scope))

    return Candidates(kept(candidates.lexical), kept(candidates.dense))
