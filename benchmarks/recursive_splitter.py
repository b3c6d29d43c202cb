"""A plain recursive splitter to compare with: LangChain's RecursiveCharacterTextSplitter, written anew.

The same separators in the same order, coarse before fine, and parts merged greedily up to the size, counted in
characters; a separator stays with the part that it ends.
"""

from collections.abc import Sequence

Span = tuple[int, int]
_SEPARATORS = ("\n\n", "\n", ". ", " ", "")


def overlapping(text: str, size: int, overlap: int) -> list[Span]:
    """Cut as the recursive splitter does with an overlap: each chunk begins before the end of the last."""
    found = recursive(text, size - overlap)
    return [(max(0, start - overlap) if n else start, end) for n, (start, end) in enumerate(found)]


def recursive(text: str, size: int) -> list[Span]:
    """Cut as the usual recursive splitter does: at the coarsest separator that fits, parts merged up to the size."""
    return merge(list(parts(text, 0, len(text), size, 0)), size)


def parts(text: str, start: int, end: int, size: int, depth: int) -> list[Span]:
    """Split a stretch until every part fits."""
    if end - start <= size:
        return [(start, end)] if start < end else []
    separator = _SEPARATORS[depth]
    if not separator:
        return [(at, min(at + size, end)) for at in range(start, end, size)]
    found: list[Span] = []
    position = start
    while position < end:
        at = text.find(separator, position, end)
        stop = end if at < 0 else at + len(separator)
        found += parts(text, position, stop, size, depth + 1)
        position = stop
    return found


def merge(found: Sequence[Span], size: int) -> list[Span]:
    """Join neighbours while they fit."""
    merged: list[Span] = []
    for start, end in found:
        if merged and end - merged[-1][0] <= size:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged
