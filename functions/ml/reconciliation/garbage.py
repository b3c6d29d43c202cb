"""What the index and the artifacts bucket hold and nobody will ever need again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from functions.ml.ports import ObjectStore, SearchIndex, StoredGeneration
from functions.ml.storage import PARTS, VIEWS, PartObject, parse_part_key
from shared.contracts.ml_api import DifferenceKind
from shared.contracts.registry import DocumentRow
from shared.registry.ports import Registry

Key = tuple[str, str, str]
"""tenant_id, kb_id, document_id."""
Needs = Callable[[DocumentRow | None, PartObject], bool]


@dataclass(frozen=True)
class CollectGarbage:
    """Removes chunks and parts of generations that are neither live nor in work, nor ever will be.

    Generations only grow, so what is garbage stays garbage. A row is read again before anything of its document is
    removed: the stores were read after the picture was taken, so they may know newer generations.
    """

    registry: Registry
    artifacts: ObjectStore
    index: SearchIndex
    note: Callable[[DifferenceKind, str, str, str, str], None]

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
        garbage = [*self._unneeded(PARTS, picture, _needs), *self._unneeded(VIEWS, picture, _needs_view)]
        return self.artifacts.delete(garbage) if garbage else 0

    def _unneeded(self, folder: str, picture: Mapping[Key, DocumentRow], needs: Needs) -> Iterator[str]:
        read: dict[Key, DocumentRow | None] = {}
        for stored in self.artifacts.list(folder):
            part = parse_part_key(stored.key)
            if part is None or needs(picture.get(part.document), part):
                continue
            if part.document not in read:
                read[part.document] = self.registry.document(*part.document)
            if not needs(read[part.document], part):
                yield stored.key


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
