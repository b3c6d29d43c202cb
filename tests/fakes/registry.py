"""The registry in memory, with real compare-and-set."""

import contextlib
from collections.abc import Collection, Iterator, Sequence

from shared.contracts.registry import DocumentRow, KnowledgeBaseRow, Status
from shared.kernel.errors import Conflict
from shared.registry.transitions import NOT_WAITING

CHANGED = "Somebody else changed it in the meantime."


class MemoryRegistry:
    """The Registry port on two dictionaries."""

    def __init__(self) -> None:
        self.kbs: dict[tuple[str, str], KnowledgeBaseRow] = {}
        self.rows: dict[tuple[str, str, str], DocumentRow] = {}

    def knowledge_base(self, tenant_id: str, kb_id: str) -> KnowledgeBaseRow | None:
        """Return one knowledge base."""
        return self.kbs.get((tenant_id, kb_id))

    def knowledge_bases(self, tenant_id: str) -> list[KnowledgeBaseRow]:
        """Return a tenant's knowledge bases, oldest first."""
        rows = [row for row in self.kbs.values() if row.tenant_id == tenant_id]
        return sorted(rows, key=lambda row: (row.created_at, row.kb_id))

    def create_knowledge_base(self, row: KnowledgeBaseRow) -> None:
        """Write a new knowledge base."""
        if (row.tenant_id, row.kb_id) in self.kbs:
            raise Conflict(CHANGED, code="changed_meanwhile")
        self.kbs[row.tenant_id, row.kb_id] = row

    def replace_knowledge_base(self, old: KnowledgeBaseRow, new: KnowledgeBaseRow) -> KnowledgeBaseRow:
        """Compare and set."""
        stored = self.kbs.get((old.tenant_id, old.kb_id))
        if stored is None or stored.revision != old.revision:
            raise Conflict(CHANGED, code="changed_meanwhile")
        written = new.model_copy(update={"revision": old.revision + 1})
        self.kbs[old.tenant_id, old.kb_id] = written
        return written

    def remove_knowledge_base(self, row: KnowledgeBaseRow) -> None:
        """Compare and remove."""
        stored = self.kbs.get((row.tenant_id, row.kb_id))
        if stored is not None and stored.revision != row.revision:
            raise Conflict(CHANGED, code="changed_meanwhile")
        self.kbs.pop((row.tenant_id, row.kb_id), None)

    def document(self, tenant_id: str, kb_id: str, document_id: str) -> DocumentRow | None:
        """Return one document."""
        return self.rows.get((tenant_id, kb_id, document_id))

    def documents(self, tenant_id: str, keys: Collection[tuple[str, str]]) -> dict[str, DocumentRow]:
        """Return many documents."""
        found = {document_id: self.rows.get((tenant_id, kb_id, document_id)) for kb_id, document_id in keys}
        return {document_id: row for document_id, row in found.items() if row is not None}

    def create_document(self, row: DocumentRow) -> None:
        """Write a new document."""
        if (row.tenant_id, row.kb_id, row.document_id) in self.rows:
            raise Conflict(CHANGED, code="changed_meanwhile")
        self.rows[row.tenant_id, row.kb_id, row.document_id] = row

    def replace_document(self, old: DocumentRow, new: DocumentRow) -> DocumentRow:
        """Compare and set."""
        stored = self.rows.get((old.tenant_id, old.kb_id, old.document_id))
        if stored is None or stored.revision != old.revision:
            raise Conflict(CHANGED, code="changed_meanwhile")
        written = new.model_copy(update={"revision": old.revision + 1})
        self.rows[old.tenant_id, old.kb_id, old.document_id] = written
        return written

    def remove_document(self, row: DocumentRow) -> None:
        """Compare and remove."""
        stored = self.rows.get((row.tenant_id, row.kb_id, row.document_id))
        if stored is not None and stored.revision != row.revision:
            raise Conflict(CHANGED, code="changed_meanwhile")
        self.rows.pop((row.tenant_id, row.kb_id, row.document_id), None)

    def replace_documents(self, changes: Sequence[tuple[DocumentRow, DocumentRow]]) -> list[DocumentRow]:
        """Compare and set, each by itself."""
        written = []
        for old, new in changes:
            with contextlib.suppress(Conflict):
                written.append(self.replace_document(old, new))
        return written

    def remove_documents(self, rows: Sequence[DocumentRow]) -> None:
        """Compare and remove, each by itself."""
        for row in rows:
            with contextlib.suppress(Conflict):
                self.remove_document(row)

    def add_part(self, row: DocumentRow, part: int, *, status: Status = "EMBEDDING") -> DocumentRow:
        """Add a part under the fence."""
        stored = self.rows.get((row.tenant_id, row.kb_id, row.document_id))
        if stored is None or stored.generation != row.generation or stored.status != status:
            raise Conflict(CHANGED, code="changed_meanwhile")
        update = {**NOT_WAITING, "parts_done": stored.parts_done | {part}, "revision": stored.revision + 1}
        written = stored.model_copy(update=update)
        self.rows[row.tenant_id, row.kb_id, row.document_id] = written
        return written

    def list_documents(
        self, tenant_id: str, kb_id: str, *, cursor: str = "", limit: int = 100
    ) -> tuple[list[DocumentRow], str]:
        """Return one page in document id order."""
        ids = sorted(key[2] for key in self.rows if key[:2] == (tenant_id, kb_id) and key[2] > cursor)
        page = [self.rows[tenant_id, kb_id, document_id] for document_id in ids[:limit]]
        return page, page[-1].document_id if len(ids) > limit else ""

    def scan(self) -> Iterator[KnowledgeBaseRow | DocumentRow]:
        """Yield every row."""
        yield from list(self.kbs.values())
        yield from list(self.rows.values())
