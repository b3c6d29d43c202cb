"""Which chunks hold a token and how often: for each block of rows and token one blob of postings, in row order.

A posting is a little-endian uint32: the row's number within its block, times 65,536, plus how often the token stands
there. Blocks keep what a small write touches close together, and a write appends to blobs instead of rewriting them.
"""

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from functions.ml.adapters.sqlite_index.roster import BLOCK_ROWS, Ints

MAX_COUNT = 65_535
_ROW_UNIT = MAX_COUNT + 1

Counted = tuple[int, Mapping[str, int]]
Place = tuple[int, str]


def add_postings(connection: sqlite3.Connection, chunks: Iterable[Counted]) -> None:
    """Add chunks (row, token counts) whose rows are higher than all before, in row order."""
    fresh: dict[Place, list[int]] = {}
    for row, counts in chunks:
        block, offset = divmod(row, BLOCK_ROWS)
        for token, count in counts.items():
            fresh.setdefault((block, token), []).append(offset * _ROW_UNIT + min(count, MAX_COUNT))
    connection.executemany(
        "INSERT INTO posting VALUES (?, ?, ?) ON CONFLICT (block, token) "
        "DO UPDATE SET content = CAST(content || excluded.content AS BLOB)",
        ((*place, np.asarray(postings, dtype="<u4").tobytes()) for place, postings in sorted(fresh.items())),
    )


def remove_postings(connection: sqlite3.Connection, chunks: Iterable[Counted]) -> None:
    """Take chunks (row, token counts) away that no longer are in the table of chunks."""
    gone: dict[int, dict[str, list[int]]] = {}
    for row, counts in chunks:
        block, offset = divmod(row, BLOCK_ROWS)
        of_block = gone.setdefault(block, {})
        for token in counts:
            of_block.setdefault(token, []).append(offset)
    for block, tokens in gone.items():
        left = "SELECT EXISTS (SELECT 1 FROM chunk WHERE row >= ? AND row < ?)"
        if connection.execute(left, (block * BLOCK_ROWS, (block + 1) * BLOCK_ROWS)).fetchone()[0]:
            _rewrite(connection, block, tokens)
        else:
            connection.execute("DELETE FROM posting WHERE block = ?", (block,))


def _rewrite(connection: sqlite3.Connection, block: int, tokens: Mapping[str, Sequence[int]]) -> None:
    """Take rows out of the blobs of one block."""
    find = "SELECT content FROM posting WHERE (block, token) = (?, ?)"
    for token, offsets in sorted(tokens.items()):
        found = connection.execute(find, (block, token)).fetchone()
        if found is None:
            continue
        postings = np.frombuffer(found[0], dtype="<u4")
        kept = postings[~np.isin(postings // _ROW_UNIT, offsets)].tobytes()
        if kept:
            connection.execute("UPDATE posting SET content = ? WHERE (block, token) = (?, ?)", (kept, block, token))
        else:
            connection.execute("DELETE FROM posting WHERE (block, token) = (?, ?)", (block, token))


def known_tokens(connection: sqlite3.Connection, tokens: Sequence[str], blocks: Collection[int]) -> list[str]:
    """Return those tokens that any chunk holds."""
    query = f"SELECT DISTINCT token FROM posting WHERE {_within(tokens, blocks)}"  # noqa: S608 - marks and numbers
    return [token for (token,) in connection.execute(query, tokens)]


def rarest(connection: sqlite3.Connection, tokens: Sequence[str], blocks: Collection[int], limit: int) -> list[str]:
    """Return those tokens that stand in the fewest chunks, but in any."""
    found = connection.execute(
        f"SELECT token FROM posting WHERE {_within(tokens, blocks)} "  # noqa: S608 - marks and numbers
        "GROUP BY token ORDER BY sum(length(content)), token LIMIT ?",
        (*tokens, limit),
    )
    return [token for (token,) in found]


def read_postings(
    connection: sqlite3.Connection, tokens: Sequence[str], slots: Mapping[int, int]
) -> dict[str, tuple[Ints, Ints]]:
    """Return by token, in the order given, the places of the chunks that hold it and how often each does.

    Tokens that no chunk of the blocks in `slots` holds are left out.
    """
    found: dict[str, list[tuple[int, bytes]]] = {}
    query = f"SELECT token, block, content FROM posting WHERE {_within(tokens, slots)}"  # noqa: S608 - marks, numbers
    for token, block, content in connection.execute(query, tokens):
        found.setdefault(token, []).append((slots[block], content))
    return {token: _placed(found[token]) for token in tokens if token in found}


def _placed(blobs: Sequence[tuple[int, bytes]]) -> tuple[Ints, Ints]:
    """Turn the blobs of a token, each with the slot of its block, into places and counts."""
    starts = np.asarray([slot for slot, _ in blobs]) * BLOCK_ROWS
    sizes = [len(content) // 4 for _, content in blobs]
    postings = np.frombuffer(b"".join(content for _, content in blobs), dtype="<u4").astype(np.int64)
    return np.repeat(starts, sizes) + postings // _ROW_UNIT, postings % _ROW_UNIT


def _within(tokens: Sequence[str], blocks: Collection[int]) -> str:
    marks, numbers = ",".join("?" * len(tokens)), ",".join(str(int(block)) for block in blocks)
    return f"block IN ({numbers}) AND token IN ({marks})"
