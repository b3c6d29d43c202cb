"""Remove what is left of documents whose delete was asked for: S3 first, then the index, then the receipts."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os.path import commonprefix

from functions.ml.outcomes import document_event
from functions.ml.ports import Bus, ObjectStore, ObjectVersion, SearchIndex
from functions.ml.recognised import recognised_prefix
from functions.ml.storage import parse_part_key, part_prefix, view_prefix
from shared.contracts.events import DocumentDeleted
from shared.contracts.registry import DocumentRow
from shared.kernel.clock import Clock, isoformat
from shared.kernel.errors import Unavailable
from shared.registry.ports import Registry
from shared.registry.transitions import count_before_delete, finish_delete

Counts = dict[str, dict[str, int]]
"""How many by document id and store."""
Intend = Callable[[DocumentRow], DocumentRow]


@dataclass(frozen=True)
class PurgeDocuments:
    """Carry out recorded deletes (protocol rule 7), those of a page with as few calls as one. All can be repeated."""

    registry: Registry
    documents: ObjectStore
    artifacts: ObjectStore
    index: SearchIndex
    bus: Bus
    clock: Clock

    def __call__(self, rows: Sequence[DocumentRow], *, intend: Intend = lambda row: row) -> int:
        """Delete the source with all versions, parts, recognised pages and chunks, look again, write the receipts.

        What there is is counted and written before anything is removed, so that the receipt of a delete that was
        interrupted, however often, counts what all its tries removed. What a stale worker adds meanwhile is removed,
        and counted where it makes a store's sum larger. A document whose row is changed by somebody else is left to it.

        Args:
            rows: of one knowledge base; each being deleted, or made so by `intend`.
            intend: makes the row of a delete; written together with what was counted, before anything is removed.

        Returns:
            How many receipts were written.

        Raises:
            Unavailable: a store does not answer, or still holds something; deliver again.
        """
        counted = self._count(rows, intend)
        if not counted:
            return 0  # another delivery of the same deletes counts, and goes on
        removed, removed_at = self._remove(counted)
        left = self._held(counted)
        emptied = [row for row in counted if not any(left[row.document_id].values())]
        closed = self.registry.replace_documents(
            [(row, self._closed(row, removed[row.document_id], removed_at, left[row.document_id])) for row in emptied]
        )
        if closed:
            self.bus.publish([document_event(row, DocumentDeleted, removed=row.receipt or {}) for row in closed])
        if len(emptied) < len(counted):
            raise Unavailable(
                "Something of this document was written while it was deleted; it will be deleted again.",
                code="delete_incomplete",
            )
        return len(closed)

    def _closed(
        self, row: DocumentRow, removed: dict[str, int], removed_at: dict[str, str], left: dict[str, int]
    ) -> DocumentRow:
        found = row.deletion.found if row.deletion else {}
        receipt = {store: max(number, found.get(store, 0)) for store, number in removed.items()}
        return finish_delete(row, receipt=receipt, now=self.clock(), removed_at=removed_at, left=left)

    def _count(self, rows: Sequence[DocumentRow], intend: Intend) -> list[DocumentRow]:
        """Write down what there is, once for each document; those whose row changed meanwhile are left out."""
        intended = [(row, intend(row)) for row in rows]
        known = [
            wanted for row, wanted in intended if wanted is row and row.deletion is not None and row.deletion.found
        ]
        ids = {row.document_id for row in known}
        others = [(row, wanted) for row, wanted in intended if row.document_id not in ids]
        if not others:
            return known
        held = self._held([wanted for _, wanted in others])
        changes = [(row, count_before_delete(wanted, found=held[row.document_id])) for row, wanted in others]
        return known + self.registry.replace_documents(changes)

    def _remove(self, rows: Sequence[DocumentRow]) -> tuple[Counts, dict[str, str]]:
        removed: Counts = {row.document_id: {} for row in rows}
        removed_at = {}
        for store, counts in (
            ("versions", self._remove_sources),
            ("parts", self._remove_parts),
            ("chunks", self._remove_chunks),
        ):
            for document_id, number in counts(rows).items():
                removed[document_id][store] = number
            removed_at[store] = isoformat(self.clock())
        return removed, removed_at

    def _remove_sources(self, rows: Sequence[DocumentRow]) -> dict[str, int]:
        """Delete the bytes, but none that came after another worker ended a delete: an inbox path lives on."""
        going = self._sources(rows)
        if going:
            charged = {row.object_key for row in self._in_charge(rows)}
            going = [version for version in going if version.key in charged]
            self.documents.delete_versions(going)
        return _tally(going, _keys(rows), rows)

    def _in_charge(self, rows: Sequence[DocumentRow]) -> list[DocumentRow]:
        """Return those whose delete nobody has ended since it was read."""
        found = self.registry.documents(rows[0].tenant_id, [(row.kb_id, row.document_id) for row in rows])
        current = {(row.document_id, row.generation) for row in found.values() if row.status == "DELETING"}
        return [row for row in rows if (row.document_id, row.generation) in current]

    def _remove_parts(self, rows: Sequence[DocumentRow]) -> dict[str, int]:
        parts = self._parts(rows)
        going = self.artifacts.list_versions(list(parts)) if parts else []
        if going:
            self.artifacts.delete_versions(going)
        return _tally(going, parts, rows)

    def _remove_chunks(self, rows: Sequence[DocumentRow]) -> dict[str, int]:
        return {
            row.document_id: self.index.delete(row.tenant_id, row.document_id, through_generation=row.generation)
            for row in rows
        }

    def _held(self, rows: Sequence[DocumentRow]) -> Counts:
        """Count what each store holds of the documents now."""
        versions = _tally(self._sources(rows), _keys(rows), rows)
        keys = self._parts(rows)
        parts = _tally(self.artifacts.list_versions(list(keys)) if keys else [], keys, rows)
        return {
            row.document_id: {
                "versions": versions[row.document_id],
                "parts": parts[row.document_id],
                "chunks": self.index.count(row.tenant_id, row.document_id, None),
            }
            for row in rows
        }

    def _sources(self, rows: Sequence[DocumentRow]) -> list[ObjectVersion]:
        """Return what goes; an object stays that came after the delete was asked for, where it says so.

        What lies there by now is live, and is none of the versions that lay there then: those go in an order in which
        none of them comes to light again.
        """
        last = {
            row.object_key: row.deletion.through_version
            for row in rows
            if row.deletion is not None and row.deletion.spares_what_came_later
        }
        found = self.documents.list_versions([row.object_key for row in rows])
        return [one for one in found if not (one.is_live and last.get(one.key, one.version_id) != one.version_id)]

    def _parts(self, rows: Sequence[DocumentRow]) -> dict[str, str]:
        """Name the recognised pages, and parts and views up to this generation: newer ones are of another life of it.

        Returns document ids by key.
        """
        folders = (part_prefix, view_prefix, recognised_prefix)
        of = {folder(row): row for row in rows for folder in folders}
        found = {}
        for folder in folders:
            for key, prefix in self._under([folder(row) for row in rows]):
                stored = parse_part_key(key)
                if stored is None or stored.generation <= of[prefix].generation:
                    found[key] = of[prefix].document_id
        return found

    def _under(self, folders: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield the keys in these folders, each with its folder: one listing for all that lie beside each other."""
        depth, wanted, last = folders[0].count("/"), frozenset(folders), max(folders)
        for stored in self.artifacts.list(commonprefix(folders)):  # noqa: RUF071 - of keys
            folder = "/".join(stored.key.split("/")[:depth]) + "/"
            if folder > last:
                return
            if folder in wanted:
                yield stored.key, folder


def _keys(rows: Sequence[DocumentRow]) -> dict[str, str]:
    return {row.object_key: row.document_id for row in rows}


def _tally(versions: Sequence[ObjectVersion], ids: Mapping[str, str], rows: Sequence[DocumentRow]) -> dict[str, int]:
    """Count versions by document; delete markers hold no bytes."""
    counted = Counter(ids[version.key] for version in versions if not version.is_marker)
    return {row.document_id: counted[row.document_id] for row in rows}
