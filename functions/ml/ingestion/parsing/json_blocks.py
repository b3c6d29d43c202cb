"""JSON values as text: records become tables, anything else lines that each name their path."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from functions.ml.ingestion.parsing.tables import clean, table_blocks
from functions.ml.parsed import Block

_MOST_COLUMNS = 60
_LEAST_FILLED_SHARE = 0.3
_DEEPEST = 50
_LONGEST_BLOCK = 1_000
_SPACES = re.compile(r"[^\S\n]+")

Record = dict[str, Any]


def loads(text: str) -> Any:
    """Return the value of a JSON text, numbers as they are written.

    Raises:
        ValueError: it is no JSON, or nested deeper than anybody nests.
    """
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def is_scalar(value: Any) -> bool:
    """Tell whether a value holds no others."""
    return not isinstance(value, dict | list)


def as_text(value: Any) -> str:
    """Return a scalar as a person reads it, nothing for null."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_records(values: Sequence[Any]) -> bool:
    """Tell whether values are flat objects that share their keys, so that they make a table."""
    if not values or not all(
        isinstance(value, dict) and value and all(map(is_scalar, value.values())) for value in values
    ):
        return False
    columns = {key for value in values for key in value}
    filled = sum(map(len, values))
    return 1 < len(columns) <= _MOST_COLUMNS and filled >= _LEAST_FILLED_SHARE * len(columns) * len(values)


def record_rows(values: Sequence[Record], *, table: int, row_numbers: Sequence[int] = ()) -> list[Block]:
    """Return records as the rows of a table whose header are the keys in the order in which they come up."""
    header = list(dict.fromkeys(key for value in values for key in value))
    rows = [header, *([as_text(value.get(key)) for key in header] for value in values)]
    numbers = [0, *row_numbers] if row_numbers else range(len(rows))
    blocks = table_blocks(rows, table=table, row_numbers=numbers, header=True)
    return [block for block in blocks if block.row or len(blocks) == 1]


class JsonBlocks:
    """Turns values into blocks; counts the tables."""

    def __init__(self) -> None:
        """Start without a table."""
        self._tables = 0
        self._lines: list[str] = []

    def of(self, value: Any) -> Iterator[Block]:
        """Yield the blocks of a value: one per item of a list, one per nested value of an object."""
        yield from self._walk(value, "", 0)
        yield from self._flushed()

    def _walk(self, value: Any, path: str, depth: int) -> Iterator[Block]:
        if is_scalar(value):
            self._say(path, as_text(value))
        elif depth >= _DEEPEST:
            self._say(path, json.dumps(value, ensure_ascii=False))
        elif isinstance(value, dict):
            yield from self._object(value, path, depth)
        elif is_records(value) and len(value) > 1:
            yield from self._table(value, path)
        elif all(map(is_scalar, value)):
            yield from self._scalars(value, path)
        else:
            yield from self._items(value, path, depth)

    def _object(self, value: Record, path: str, depth: int) -> Iterator[Block]:
        for key, inner in value.items():
            yield from self._walk(inner, f"{path}.{key}" if path else key, depth + 1)
            if not depth and not is_scalar(inner):
                yield from self._flushed()

    def _items(self, values: Sequence[Any], path: str, depth: int) -> Iterator[Block]:
        for index, inner in enumerate(values):
            yield from self._walk(inner, f"{path}[{index}]" if path else "", depth + 1)
            if depth <= 1:
                yield from self._flushed()

    def _table(self, value: Sequence[Record], path: str) -> Iterator[Block]:
        yield from self._flushed()
        if path:
            yield Block("caption", path)
        yield from record_rows(value, table=self._tables)
        self._tables += 1

    def _scalars(self, values: Sequence[Any], path: str) -> Iterator[Block]:
        texts = [as_text(value) for value in values]
        if path and sum(map(len, texts)) <= _LONGEST_BLOCK:
            self._say(path, ", ".join(filter(None, texts)))
            return
        yield from self._flushed()
        yield from (
            Block("list_item", f"{path}: {clean(text)}" if path else text.strip()) for text in texts if text.strip()
        )

    def _say(self, path: str, text: str) -> None:
        text = _SPACES.sub(" ", text).strip()
        if text:
            self._lines.append(f"{path}: {text}" if path else text)

    def _flushed(self) -> Iterator[Block]:
        """Yield the lines so far as blocks of a readable size."""
        yield from (Block("paragraph", text) for text in _packed(self._lines))
        self._lines.clear()


def _packed(lines: Iterable[str]) -> list[str]:
    packed: list[str] = []
    for line in lines:
        if packed and len(packed[-1]) + len(line) < _LONGEST_BLOCK:
            packed[-1] += f"\n{line}"
        else:
            packed.append(line)
    return packed
