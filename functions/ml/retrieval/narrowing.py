"""From the filters that people and bots ask for to the one that the index applies: each of them must hold.

Every field but the tags has a single value per document, so two filters hold together exactly where both allow that
value. A document has many tags: `hr` and `2026`, asked for by two filters, are both carried by some documents, and only
the registry knows which.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from functions.ml import ports
from shared.contracts.filters import Filters
from shared.contracts.registry import DocumentRow
from shared.kernel.errors import Invalid
from shared.registry.ports import Registry

NOTHING = ports.Filters(document_ids=("-",))
"""No document has this id."""
MOST_DOCUMENTS = 10_000
_ROWS_PER_PAGE = 1_000


class Narrow(Protocol):
    """Makes one filter of several."""

    def __call__(self, tenant_id: str, kb_ids: Sequence[str], filters: Sequence[Filters]) -> ports.Filters:
        """Return what passes each of the filters, and nothing else. Raises Invalid, Unavailable."""


@dataclass(frozen=True, slots=True)
class NarrowFilters:
    """The `Narrow` port; asks the registry only where several filters name different tags."""

    registry: Registry

    def __call__(self, tenant_id: str, kb_ids: Sequence[str], filters: Sequence[Filters]) -> ports.Filters:
        """Return what passes each of the filters.

        Raises:
            Invalid: `filters_too_broad`: more documents carry tags of each filter than an index can be told by id.
            Unavailable: the registry does not answer.
        """
        together = intersected(filters)
        groups = _distinct_groups([item.tags for item in filters if item.tags])
        if together == NOTHING or not groups:
            return together
        if len(groups) == 1:
            return replace(together, tags=tuple(sorted(groups[0])))
        found = tuple(row.document_id for row in self._rows(tenant_id, kb_ids) if carries_each(row.tags, groups))
        if len(found) > MOST_DOCUMENTS:
            raise Invalid(
                f"More than {MOST_DOCUMENTS:,} documents carry these tags together. Narrow it by a folder as well, or "
                "give the documents one tag for it.",
                code="filters_too_broad",
            )
        return replace(together, document_ids=found) if found else NOTHING

    def _rows(self, tenant_id: str, kb_ids: Sequence[str]) -> Iterator[DocumentRow]:
        for kb_id in dict.fromkeys(kb_ids):
            cursor = ""
            while True:
                rows, cursor = self.registry.list_documents(tenant_id, kb_id, cursor=cursor, limit=_ROWS_PER_PAGE)
                yield from rows
                if not cursor:
                    break


def intersected(filters: Sequence[Filters]) -> ports.Filters:
    """Intersect filters field by field but for the tags, which are left out.

    Returns:
        `NOTHING` where two of them exclude each other; without filters, one that everything passes.
    """
    since = max((item.since for item in filters), default="")
    until = min((item.until for item in filters if item.until), default="")
    files = _common([item.files for item in filters])
    folders = _common_folders([item.folders for item in filters])
    types = _common([item.types for item in filters])
    languages = _common([item.languages for item in filters])
    if files is None or folders is None or types is None or languages is None or (until and since > until):
        return NOTHING
    return ports.Filters(filenames=files, folders=folders, formats=types, languages=languages, since=since, until=until)


def carries_each(tags: Collection[str], groups: Sequence[Collection[str]]) -> bool:
    """Does a document with these tags carry one of every group?"""
    return all(not set(group).isdisjoint(tags) for group in groups)


def _common(groups: Sequence[tuple[str, ...]]) -> tuple[str, ...] | None:
    """Return the values that all groups with values share; None where they share none, empty where none has any."""
    given = [group for group in groups if group]
    if not given:
        return ()
    return tuple(value for value in given[0] if all(value in group for group in given[1:])) or None


def _common_folders(groups: Sequence[tuple[str, ...]]) -> tuple[str, ...] | None:
    """Return the folders that lie in a folder of every group: of two, one inside the other, the inner one."""
    given = [group for group in groups if group]
    if not given:
        return ()
    found = given[0]
    for group in given[1:]:
        inner = [one for one in found if any(_lies_in(one, other) for other in group)]
        inner += [other for other in group if any(_lies_in(other, one) for one in found)]
        found = tuple(dict.fromkeys(inner))
    return found or None


def _lies_in(folder: str, outer: str) -> bool:
    return f"{folder}/".startswith(f"{outer}/")


def _distinct_groups(groups: Sequence[tuple[str, ...]]) -> list[frozenset[str]]:
    """Drop groups that hold whenever another does, because that one is a part of them."""
    sets = list(dict.fromkeys(map(frozenset, groups)))
    return [group for group in sets if not any(other < group for other in sets)]
