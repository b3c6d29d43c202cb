"""Measure what parsers find in real files of every type, against the files whose text is known.

    python -m benchmarks.document_types --data FOLDER [--types pdf,docx] [--engines strata] [--worst 10] [--json out]

Prints a table: per type and engine how many files there are and how they ended, the seconds they took, and the mean
over the files with expected text of token recall and precision, table cells and rows, headings and reading order. A
refused file counts as 0 in recall, cells, rows and headings. With --worst it lists the worst files with what they miss
and what they have too much.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from benchmarks.document_engines import Outcome, strata_outcomes
from benchmarks.document_measures import Scores, score
from benchmarks.document_sets import DocumentFile, document_files
from benchmarks.machine import machine_line

MEASURES = ("recall", "precision", "cells", "rows", "headings", "order")
_SCORES = (*MEASURES, "missing", "surplus")
_TOKENS_SHOWN = 25


@dataclass(frozen=True, slots=True)
class Measured:
    """One file with one engine."""

    engine: str
    file: DocumentFile
    outcome: Outcome
    scores: Scores | None

    def record(self) -> dict[str, object]:
        """Return what a later run compares with."""
        facts = {"engine": self.engine, "name": self.file.name, "type": self.file.type}
        outcome = {"status": self.outcome.status, "reason": self.outcome.reason, "seconds": self.outcome.seconds}
        return {**facts, **outcome, **({name: getattr(self.scores, name) for name in _SCORES} if self.scores else {})}


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True, help="folder of docs_docling, docs_samples, ...")
    arguments.add_argument("--types", default="", help="types to measure, separated by commas; all by default")
    arguments.add_argument("--engines", default="strata", help="engines to measure, separated by commas")
    arguments.add_argument("--worst", type=int, default=0, help="files to list per engine, worst first")
    arguments.add_argument("--json", type=Path, help="where to write the figures of every file")
    options = arguments.parse_args()
    files = list(document_files(options.data, frozenset(filter(None, options.types.split(",")))))
    results = [result for engine in options.engines.split(",") for result in measured(engine, files)]
    print(machine_line(), end="\n\n")
    print("\n".join(table(results)))
    for engine in dict.fromkeys(result.engine for result in results):
        print("\n".join(worst([result for result in results if result.engine == engine], options.worst)))
    if options.json:
        options.json.write_text(json.dumps([result.record() for result in results], indent=1), encoding="utf-8")


def measured(engine: str, files: Sequence[DocumentFile]) -> Iterator[Measured]:
    """Yield each file as one engine reads it."""
    for file, outcome in zip(files, strata_outcomes(files), strict=True):
        expected = file.expected
        yield Measured(engine, file, outcome, None if expected is None else score(expected, outcome.pieces))


def table(results: Sequence[Measured]) -> Iterator[str]:
    """Yield the lines of a Markdown table, one per type and engine."""
    yield f"| type | engine | files | not parsed | seconds | with text | {' | '.join(MEASURES)} |"
    yield f"|---|---|---|---|---|---|{'---|' * len(MEASURES)}"
    for kind in sorted({result.file.type for result in results}):
        for engine in dict.fromkeys(result.engine for result in results):
            group = [result for result in results if (result.file.type, result.engine) == (kind, engine)]
            yield f"| {kind} | {engine} | {' | '.join(_cells(group))} |"


def _cells(group: Sequence[Measured]) -> Iterator[str]:
    yield str(len(group))
    failures = Counter(result.outcome.reason.partition(":")[0] for result in group if result.outcome.status != "parsed")
    yield ", ".join(f"{reason} {count}" for reason, count in failures.most_common())
    yield f"{sum(result.outcome.seconds for result in group):.1f}"
    scores = [result.scores for result in group if result.scores]
    yield str(len(scores))
    for measure in MEASURES:
        yield _mean(getattr(each, measure) for each in scores)


def _mean(values: Iterable[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{fmean(known):.3f}" if known else ""


def worst(results: Sequence[Measured], limit: int) -> Iterator[str]:
    """Yield the files with the least recall and precision, with what they miss and what they have too much."""
    known = [(result, result.scores) for result in results if result.scores]
    ranked = sorted(known, key=lambda pair: (pair[1].recall or 0) + (pair[1].precision or 0) + _structure(pair[1]))
    for result, scores in ranked[:limit]:
        figures = (f"{name} {value:.3f}" for name in MEASURES if (value := getattr(scores, name)) is not None)
        yield f"\n{result.engine} {result.file.name}: {', '.join(figures)} {result.outcome.reason}"
        yield f"    missing {scores.missing.total()}: {_shown(scores.missing)}"
        yield f"    surplus {scores.surplus.total()}: {_shown(scores.surplus)}"


def _structure(scores: Scores) -> float:
    return sum(1.0 if value is None else value for value in (scores.cells, scores.rows, scores.headings, scores.order))


def _shown(tokens: Counter[str]) -> str:
    return " ".join(f"{token}x{n}" if n > 1 else token for token, n in tokens.most_common(_TOKENS_SHOWN))


if __name__ == "__main__":
    main()
