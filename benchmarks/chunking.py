"""Compare the chunking strategies by how well single chunks hold known passages.

    python -m benchmarks.chunking --data <folder with docs/ and queries.jsonl>

The measure needs no retrieval: for each reference passage the chunk with the best overlap (by IoU, intersection over
union of characters that are not space) is taken. Recall is the share of the passage in that chunk, precision the share
of the chunk that is passage, `whole` the share of passages that lie in one chunk entirely.
"""

import argparse
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from functions.ml.documents import Chunk
from functions.ml.ingestion.chunking import chunker_for
from functions.ml.ingestion.parsing.formats import plain
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.text import full_text
from functions.ml.parsed import ParsedDocument

Span = tuple[int, int]
_SEPARATORS = ("\n\n", "\n", ". ", " ", "")
_DEFAULT: Mapping[str, object] = {}


@dataclass(frozen=True)
class Source:
    """One document with its passages, both as positions among the characters that are not space."""

    document: ParsedDocument
    text: str
    passages: list[Span]


def main() -> None:
    """Print one line per strategy."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    folder = arguments.parse_args().data
    sources = load(folder)
    print(f"{'strategy':<58}{'chunks':>7}{'chars':>7}{'recall':>8}{'prec.':>7}{'IoU':>7}{'whole':>7}")
    for name, cut in strategies().items():
        print(f"{name:<58}{score(sources, cut)}")


def strategies() -> dict[str, Callable[[Source], list[Span]]]:
    """Return what is compared, by name; each gives spans of the text."""
    found: dict[str, Callable[[Source], list[Span]]] = {}
    for size in (800, 1000, 1200):
        found[f"recursive splitter, {size} characters"] = lambda source, size=size: recursive(source.text, size)  # type: ignore[misc]
    choices: list[tuple[str, Mapping[str, object]]] = [
        ("structure", _DEFAULT),
        ("structure", {"overlap_sentences": 1}),
        *(
            ("structure", {"target_tokens": target, "max_tokens": limit, "min_tokens": least})
            for target, limit, least in ((200, 300, 40), (240, 340, 60), (280, 400, 60), (320, 420, 80), (360, 450, 80))
        ),
        ("fixed", _DEFAULT),
        ("fixed", {"overlap_tokens": 0}),
    ]
    for strategy, parameters in choices:
        cut = chunker_for(strategy, parameters)
        found[f"{strategy} {dict(parameters) or 'default'}"] = lambda source, cut=cut: spans(cut(source.document))  # type: ignore[misc]
    return found


def spans(chunks: Sequence[Chunk]) -> list[Span]:
    """Return where chunks stand."""
    return [(chunk.place.start, chunk.place.end) for chunk in chunks]


def load(folder: Path) -> list[Source]:
    """Read the documents and their passages."""
    questions = [json.loads(line) for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()]
    sources = []
    for path in sorted((folder / "docs").glob("*.md")):
        raw = path.read_text(encoding="utf-8")
        document = plain.parse(path, ParserLimits())
        text = full_text(document).text
        if "".join(text.split()) != "".join(raw.split()):
            raise SystemExit(f"{path.name}: the parsed text has other characters than the file")
        places = ink_positions(raw)
        references = [one for question in questions if question["doc"] == path.stem for one in question["references"]]
        sources.append(Source(document, text, [ink_span(places, (one["start"], one["end"])) for one in references]))
    return sources


def ink_positions(text: str) -> list[int]:
    """Return the positions of the characters that are not space."""
    return [index for index, character in enumerate(text) if not character.isspace()]


def ink_span(places: Sequence[int], span: Span) -> Span:
    """Translate a span of the text into one among the characters that are not space."""
    return bisect_left(places, span[0]), bisect_left(places, span[1])


def score(sources: Sequence[Source], cut: Callable[[Source], list[Span]]) -> str:
    """Return the figures of one strategy over all passages."""
    rows: list[tuple[float, float, float, bool]] = []
    sizes: list[int] = []
    for source in sources:
        places = ink_positions(source.text)
        found = cut(source)
        sizes += [end - start for start, end in found]
        inked = sorted(ink_span(places, span) for span in found)
        rows += [best(passage, inked) for passage in source.passages if passage[0] < passage[1]]
    recall, precision, iou = (mean(row[index] for row in rows) for index in range(3))
    whole = mean(row[3] for row in rows)
    return f"{len(sizes):>7}{mean(sizes):>7.0f}{recall:>8.3f}{precision:>7.3f}{iou:>7.3f}{whole:>7.3f}"


def best(passage: Span, chunks: Sequence[Span]) -> tuple[float, float, float, bool]:
    """Return recall, precision and IoU of the chunk that overlaps best, and whether any chunk holds the passage."""
    start, end = passage
    first = max(bisect_right(chunks, (start,)) - 3, 0)
    figures = [(0.0, 0.0, 0.0, False)]
    for left, right in chunks[first:]:
        if left >= end:
            break
        shared = min(end, right) - max(start, left)
        if shared > 0:
            union = max(end, right) - min(start, left)
            figures.append((shared / (end - start), shared / (right - left), shared / union, shared == end - start))
    chosen = max(figures, key=lambda figure: figure[2])
    return (*chosen[:3], any(figure[3] for figure in figures))


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


if __name__ == "__main__":
    main()
