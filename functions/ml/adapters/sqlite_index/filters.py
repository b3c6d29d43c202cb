"""What the caller may see and wants to see, as a condition on editions."""

from collections.abc import Collection, Iterator, Sequence

from functions.ml.adapters.sqlite_index.rows import stored_text
from functions.ml.ports import Filters

Condition = tuple[str, list[bytes]]


def passing_editions(shelves: Collection[int], filters: Filters) -> Condition:
    """Return a query, with its values, of the editions on these shelves that pass the filters."""
    places = ",".join(str(int(shelf)) for shelf in shelves)
    conditions, values = [f"shelf IN ({places})"], []
    for condition, more in _conditions(filters):
        conditions.append(condition)
        values += more
    return f"SELECT id FROM edition WHERE {' AND '.join(conditions)}", values  # noqa: S608 - values are bound


def _conditions(filters: Filters) -> Iterator[Condition]:
    """Yield one condition for each field that has values; see `Filters.keep` for what they mean."""
    if filters.document_ids:
        # Bound as bytes, because what came from outside may be no text; no id is like that, so it finds nothing.
        yield f"document_id IN ({_marks(filters.document_ids, 'CAST(? AS TEXT)')})", _stored(filters.document_ids)
    for column in ("filename", "format", "language"):
        wanted: Sequence[str] = getattr(filters, f"{column}s")
        if wanted:
            yield f"{column} IN ({_marks(wanted)})", _stored(wanted)
    if filters.folders:
        # What lies below a folder orders between its name with a slash and its name with the next character.
        below = " OR ".join(["folder = ? OR (folder >= ? AND folder < ?)"] * len(filters.folders))
        bounds = [bound for name in _stored(filters.folders) for bound in (name, name + b"/", name + b"0")]
        yield f"({below})", bounds
    if filters.tags:
        chosen = f"SELECT edition FROM tag WHERE name IN ({_marks(filters.tags)})"  # noqa: S608 - values are bound
        yield f"id IN ({chosen})", _stored(filters.tags)
    if filters.since:
        yield "date >= ?", [stored_text(filters.since)]
    if filters.until:
        yield "date > x'' AND date <= ?", [stored_text(filters.until)]


def _marks(values: Sequence[str], mark: str = "?") -> str:
    return ", ".join([mark] * len(values))


def _stored(values: Sequence[str]) -> list[bytes]:
    return [stored_text(value) for value in values]
