"""Rows as tests need them."""

from datetime import UTC, datetime

from shared.contracts.registry import DocumentRow, KnowledgeBaseRow
from shared.registry.transitions import new_document

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def knowledge_base(kb_id: str = "kb_1", *, tenant_id: str = "acme", name: str = "Docs") -> KnowledgeBaseRow:
    """Make a knowledge base that everybody of its tenant may read."""
    return KnowledgeBaseRow(
        tenant_id=tenant_id,
        kb_id=kb_id,
        name=name,
        release_id="rel_1",
        release_name="multilingual",
        readers=(f"tenant:{tenant_id}",),
        owner_id="user_1",
        created_at="2026-01-31T11:00:00.000Z",
        updated_at="2026-01-31T11:00:00.000Z",
    )


def document(document_id: str = "doc_1", *, kb: KnowledgeBaseRow | None = None) -> DocumentRow:
    """Make a document whose bytes have not come yet."""
    kb = kb or knowledge_base()
    return new_document(
        kb=kb,
        document_id=document_id,
        filename="handbook.txt",
        media_type="text/plain",
        size_bytes=10,
        object_key=f"documents/{kb.tenant_id}/{kb.kb_id}/{document_id}/source",
        owner_id="user_1",
        correlation_id="corr_1",
        now=NOW,
    )
