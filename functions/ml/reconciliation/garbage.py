"""What the index and the artifacts bucket hold and nobody will ever need again."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice

from functions.ml.ports import ObjectStore, SearchIndex, StoredGeneration
from functions.ml.storage import PARTS, VIEWS, PartObject, parse_part_key
from shared.contracts.ml_api import DifferenceKind
from shared.contracts.registry import DocumentRow
from shared.registry.ports import Registry

Key = tuple[str, str, str]
"""tenant_id, kb_id, document_id."""
Needs = Callable[[DocumentRow | None, PartObject], bool]
READ_AT_ONCE = 1_000


@dataclass(frozen=True)
class CollectGarbage:
    """Removes chunks and parts of generations that are neither live nor in work, nor ever will be.

    Generations only grow, so what is garbage stays garbage. A row is read again before anything of its document is
    removed: the stores were read after the picture was taken, so they may know newer generations.

    Attributes:
        note: tells the report what was found.
        most_parts: removed in one run, which has its time; the rest waits for the next.
    """

    registry: Registry
    artifacts: ObjectStore
    index: SearchIndex
    note: Callable[[DifferenceKind, str, str, str, str], None]
    most_parts: int = 20_000

    def chunks(self, picture: Mapping[Key, DocumentRow]) -> tuple[dict[Key, int], int]:
        """Remove chunks; returns how many chunks each live generation has in the index, and how many were removed."""
        live: dict[Key, int] = {}
        removed = 0
        for tenant_id in self.index.tenants():
            for stored in self.index.generations(tenant_id):
                key = (tenant_id, stored.kb_id, stored.document_id)
                row = picture.get(key)
                if row is not None and row.live_generation == stored.generation:
                    live[key] = stored.chunks
                elif self._is_forgotten(key, stored):
                    detail = f"{stored.chunks} of generation {stored.generation}"
                    self.note("index_holds_garbage", *key, detail)
                    removed += self.index.delete(
                        tenant_id,
                        stored.document_id,
                        from_generation=stored.generation,
                        through_generation=stored.generation,
                    )
        return live, removed

    def _is_forgotten(self, key: Key, stored: StoredGeneration) -> bool:
        row = self.registry.document(*key)
        if row is None:
            return True
        if row.status == "DELETING" or row.live_generation == stored.generation or stored.generation > row.generation:
            return False
        return stored.generation < row.generation or row.status != "EMBEDDING"

    def parts(self, picture: Mapping[Key, DocumentRow]) -> int:
        """Remove parts and views; returns how many.

        A generation needs its parts while it is parsed and embedded, and its view as long as it is live, too.
        """
        unneeded = chain(self._unneeded(PARTS, picture, _needs), self._unneeded(VIEWS, picture, _needs_view))
        garbage = list(islice(unneeded, self.most_parts))
        return self.artifacts.delete(garbage) if garbage else 0

    def _unneeded(self, folder: str, picture: Mapping[Key, DocumentRow], needs: Needs) -> Iterator[str]:
        """Yield keys that neither the picture nor the rows as they are now need, read again many at a time."""
        stored = ((item.key, parse_part_key(item.key)) for item in self.artifacts.list(folder))
        doubtful = ((key, part) for key, part in stored if part and not needs(picture.get(part.document), part))
        while batch := list(islice(doubtful, READ_AT_ONCE)):
            rows = self._rows({part.document for _, part in batch})
            yield from (key for key, part in batch if not needs(rows.get(part.document), part))

    def _rows(self, documents: Collection[Key]) -> dict[Key, DocumentRow]:
        rows: dict[Key, DocumentRow] = {}
        for tenant_id in {key[0] for key in documents}:
            wanted = [key[1:] for key in documents if key[0] == tenant_id]
            found = self.registry.documents(tenant_id, wanted).values()
            rows.update({(row.tenant_id, row.kb_id, row.document_id): row for row in found})
        return rows


def _needs_view(row: DocumentRow | None, view: PartObject) -> bool:
    """Is the generation one that needs its parts, or the one that is shown?"""
    return _needs(row, view) or (row is not None and view.generation == row.live_generation)


def _needs(row: DocumentRow | None, part: PartObject) -> bool:
    """Is the generation in work, newer than what this row knows, or left to a delete, whose receipt counts it?"""
    if row is not None and row.status == "DELETING":
        return True
    if row is None or part.generation < row.generation:
        return False
    return part.generation > row.generation or row.status in ("PARSING", "EMBEDDING")
