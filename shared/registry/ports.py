"""The registry as a port of both layers."""

from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from shared.contracts.registry import DocumentRow, KnowledgeBaseRow, Status


class Registry(Protocol):
    """Rows with compare-and-set. Reads are strongly consistent."""

    def knowledge_base(self, tenant_id: str, kb_id: str) -> KnowledgeBaseRow | None:
        """Return the row, None when there is none. Raises Unavailable."""

    def knowledge_bases(self, tenant_id: str) -> list[KnowledgeBaseRow]:
        """Return all rows of a tenant, oldest first, those being deleted too. Raises Unavailable."""

    def create_knowledge_base(self, row: KnowledgeBaseRow) -> None:
        """Write a new row. Raises Conflict when its id exists, Unavailable."""

    def replace_knowledge_base(self, old: KnowledgeBaseRow, new: KnowledgeBaseRow) -> KnowledgeBaseRow:
        """Write `new` if the row is still `old`; returns it with its new revision. Raises Conflict, Unavailable."""

    def remove_knowledge_base(self, row: KnowledgeBaseRow) -> None:
        """Remove the row if it is still this one; a missing row is no error. Raises Conflict, Unavailable."""

    def document(self, tenant_id: str, kb_id: str, document_id: str) -> DocumentRow | None:
        """Return the row, None when there is none. Raises Unavailable."""

    def documents(self, tenant_id: str, keys: Collection[tuple[str, str]]) -> dict[str, DocumentRow]:
        """Return rows by document id for pairs (kb_id, document_id); missing ones are left out. Raises Unavailable."""

    def create_document(self, row: DocumentRow) -> None:
        """Write a new row. Raises Conflict when its id exists, Unavailable."""

    def replace_document(self, old: DocumentRow, new: DocumentRow) -> DocumentRow:
        """Write `new` if the row is still `old`; returns it with its new revision. Raises Conflict, Unavailable."""

    def replace_documents(self, changes: Sequence[tuple[DocumentRow, DocumentRow]]) -> list[DocumentRow]:
        """Write the second of each pair if the row is still the first, many at once.

        Returns those that were written, with their new revision; the others were changed by somebody else meanwhile.
        Raises Unavailable, also when some were written.
        """

    def remove_documents(self, rows: Sequence[DocumentRow]) -> None:
        """Remove those that are still the same, many at once; what was changed stays. Raises Unavailable."""

    def remove_document(self, row: DocumentRow) -> None:
        """Remove the row if it is still this one; a missing row is no error. Raises Conflict, Unavailable."""

    def add_part(self, row: DocumentRow, part: int, *, status: Status = "EMBEDDING") -> DocumentRow:
        """Add a finished part to the set if the generation still is `row.generation` and its status is this one.

        Progress: the row waits for no neighbour any more.

        Returns the row after it. Raises Conflict when another generation or state took over, Unavailable.
        """

    def list_documents(
        self, tenant_id: str, kb_id: str, *, cursor: str = "", limit: int = 100
    ) -> tuple[list[DocumentRow], str]:
        """Return one page of rows in document id order and the cursor of the next, empty at the end."""

    def scan(self) -> Iterator[KnowledgeBaseRow | DocumentRow]:
        """Yield every row of every tenant, for the reconciler. Raises Unavailable."""
