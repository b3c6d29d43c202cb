"""The registry in memory, with the compare-and-set that the real table has."""

from collections.abc import Collection, Iterator

from shared.contracts.registry import DocumentRow, KnowledgeBaseRow
from shared.kernel.errors import Conflict

Key = tuple[str, ...]


class MemoryRegistry:
    """Rows by key, in order of creation."""

    def __init__(self) -> None:
        self.knowledge_base_rows: dict[Key, KnowledgeBaseRow] = {}
        self.document_rows: dict[Key, DocumentRow] = {}

    def knowledge_base(self, tenant_id: str, kb_id: str) -> KnowledgeBaseRow | None:
        return self.knowledge_base_rows.get((tenant_id, kb_id))

    def knowledge_bases(self, tenant_id: str) -> list[KnowledgeBaseRow]:
        rows = [row for row in self.knowledge_base_rows.values() if row.tenant_id == tenant_id]
        return sorted(rows, key=lambda row: (row.created_at, row.kb_id))

    def create_knowledge_base(self, row: KnowledgeBaseRow) -> None:
        if (row.tenant_id, row.kb_id) in self.knowledge_base_rows:
            raise Conflict("The knowledge base exists already.")
        self.knowledge_base_rows[row.tenant_id, row.kb_id] = row

    def replace_knowledge_base(self, old: KnowledgeBaseRow, new: KnowledgeBaseRow) -> KnowledgeBaseRow:
        current = self.knowledge_base(old.tenant_id, old.kb_id)
        if current is None or current.revision != old.revision:
            raise Conflict("The knowledge base was changed by somebody else.")
        written = new.model_copy(update={"revision": old.revision + 1})
        self.knowledge_base_rows[old.tenant_id, old.kb_id] = written
        return written

    def remove_knowledge_base(self, row: KnowledgeBaseRow) -> None:
        current = self.knowledge_base(row.tenant_id, row.kb_id)
        if current is not None and current.revision != row.revision:
            raise Conflict("The knowledge base was changed by somebody else.")
        self.knowledge_base_rows.pop((row.tenant_id, row.kb_id), None)

    def document(self, tenant_id: str, kb_id: str, document_id: str) -> DocumentRow | None:
        return self.document_rows.get((tenant_id, kb_id, document_id))

    def documents(self, tenant_id: str, keys: Collection[tuple[str, str]]) -> dict[str, DocumentRow]:
        rows = (self.document(tenant_id, *key) for key in keys)
        return {row.document_id: row for row in rows if row is not None}

    def create_document(self, row: DocumentRow) -> None:
        if (row.tenant_id, row.kb_id, row.document_id) in self.document_rows:
            raise Conflict("The document exists already.")
        self.document_rows[row.tenant_id, row.kb_id, row.document_id] = row

    def replace_document(self, old: DocumentRow, new: DocumentRow) -> DocumentRow:
        current = self.document(old.tenant_id, old.kb_id, old.document_id)
        if current is None or current.revision != old.revision:
            raise Conflict("The document was changed by somebody else.")
        return self._written(new.model_copy(update={"revision": old.revision + 1}))

    def add_part(self, row: DocumentRow, part: int) -> DocumentRow:
        current = self.document(row.tenant_id, row.kb_id, row.document_id)
        if current is None or current.generation != row.generation or current.status != "EMBEDDING":
            raise Conflict("Another generation of the document took over.")
        parts_done = current.parts_done | {part}
        return self._written(current.model_copy(update={"parts_done": parts_done, "revision": current.revision + 1}))

    def _written(self, row: DocumentRow) -> DocumentRow:
        self.document_rows[row.tenant_id, row.kb_id, row.document_id] = row
        return row

    def list_documents(
        self, tenant_id: str, kb_id: str, *, cursor: str = "", limit: int = 100
    ) -> tuple[list[DocumentRow], str]:
        rows = [row for row in self.document_rows.values() if (row.tenant_id, row.kb_id) == (tenant_id, kb_id)]
        rest = sorted((row for row in rows if row.document_id > cursor), key=lambda row: row.document_id)
        return rest[:limit], rest[limit - 1].document_id if len(rest) > limit else ""

    def scan(self) -> Iterator[KnowledgeBaseRow | DocumentRow]:
        yield from list(self.knowledge_base_rows.values())
        yield from list(self.document_rows.values())
