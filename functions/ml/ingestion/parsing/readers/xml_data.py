"""XML that holds data: records as tables, values with their names, running text as it is."""

from collections.abc import Iterator, Sequence
from typing import Any

from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.ingestion.parsing.xml_trees import local_name
from functions.ml.parsed import Block

_MOST_COLUMNS = 60
_LONGEST_VALUE = 300
_DEEPEST = 60
# Names that say no more than that text follows.
_TEXT_NAMES = frozenset(
    "p para paragraph content text title body section description summary li item v value t".split()
)

Record = dict[str, str]


def data_blocks(root: Any) -> list[Block]:
    """Return the blocks of a tree in document order."""
    walk = _Walk()
    walk.over(root, 0)
    walk.flush()
    return walk.blocks


class _Walk:
    """One pass over a tree; values of one element stand together."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._lines: list[str] = []
        self._tables = 0

    def over(self, element: Any, depth: int) -> None:
        """Take an element: its own values, then its children."""
        children = [child for child in element if local_name(child)]
        self._say_attributes(element)
        if not children or _is_mixed(element) or depth >= _DEEPEST:
            self._say(element)
            return
        records = _records(children)
        if records:
            self.flush()
            self._table(records)
            return
        for child in children:
            is_leaf = len(child) == 0
            if not is_leaf:
                self.flush()
            self.over(child, depth + 1)
            if not is_leaf:
                self.flush()

    def flush(self) -> None:
        """End the block of the values so far."""
        if self._lines:
            self.blocks.append(Block("paragraph", "\n".join(self._lines)))
            self._lines.clear()

    def _say_attributes(self, element: Any) -> None:
        name = local_name(element)
        for key, value in _attributes(element):
            self._lines.append(f"{name} {key}: {clean(value)}")

    def _say(self, element: Any) -> None:
        text = clean("".join(element.itertext()))
        name = local_name(element)
        if not text:
            return
        if len(text) > _LONGEST_VALUE or name.lower() in _TEXT_NAMES:
            self.flush()
            self.blocks.append(Block("paragraph", text))
        else:
            self._lines.append(f"{name}: {text}")

    def _table(self, records: Sequence[Record]) -> None:
        header = list(dict.fromkeys(key for record in records for key in record))
        rows = [header, *([record.get(key, "") for key in header] for record in records)]
        self.blocks += table_blocks(rows, table=self._tables, header=True)
        self._tables += 1


def _is_mixed(element: Any) -> bool:
    """Tell whether text and elements stand side by side, as in running text."""
    return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)


def _attributes(element: Any) -> Iterator[tuple[str, str]]:
    for key, value in element.attrib.items():
        if value.strip() and not key.startswith("{http://www.w3.org/2001/XMLSchema-instance}"):
            yield key.rpartition("}")[2], value


def _records(children: Sequence[Any]) -> list[Record]:
    """Return the children as records where they are all of one name, flat, and of at least two short values."""
    if len(children) < 2 or len({child.tag for child in children}) > 1:  # noqa: PLR2004 - one row is no table
        return []
    records = [_record(child) for child in children]
    columns = {key for record in records if record for key in record}
    if not all(records) or not 1 < len(columns) <= _MOST_COLUMNS:
        return []
    return [record for record in records if record]


def _record(element: Any) -> Record | None:
    """Return an element's attributes and leaves by their names, None where it holds more than these."""
    record = {key: clean(value) for key, value in _attributes(element)}
    if _is_mixed(element) and len(element):
        return None
    if not len(element) and (text := clean(element.text or "")):
        record[local_name(element)] = text
    for leaf in element:
        name = local_name(leaf)
        if len(leaf) or name in record or len(leaf.text or "") > _LONGEST_VALUE:
            return None
        record[name] = clean(leaf.text or "")
        record |= {f"{name} {key}": clean(value) for key, value in _attributes(leaf)}
    return record
