"""Figures of document types as tables: a long one for a terminal, and short ones side by side for the documentation."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.document_measures import Scores

MEASURES = ("recall", "precision", "cells", "rows", "headings", "order")
_BEGIN = "<!-- document types: written by benchmarks.document_types -->"
_END = "<!-- document types: end -->"
_TOKENS_SHOWN = 25


@dataclass(frozen=True, slots=True)
class Measured:
    """One file with one engine.

    Attributes:
        engine: who read it.
        name: the file's.
        type: the file's.
        status: `parsed`, `refused`, `failed`, `crashed` or `late`.
        reason: why it was not parsed, a code or a message.
        seconds: wall-clock time.
        scores: None for a file of which nobody knows the text.
    """

    engine: str
    name: str
    type: str
    status: str
    reason: str
    seconds: float
    scores: Scores | None

    def record(self) -> dict[str, object]:
        """Return the same as JSON takes it."""
        names = ("engine", "name", "type", "status", "reason", "seconds")
        scores = self.scores and {field: getattr(self.scores, field) for field in (*MEASURES, "missing", "surplus")}
        return {**{name: getattr(self, name) for name in names}, "scores": scores}


def from_record(record: dict[str, Any]) -> Measured:
    """Return what an earlier run wrote."""
    scores = record["scores"]
    if scores is not None:
        counts = {name: Counter(scores[name]) for name in ("missing", "surplus")}
        scores = Scores(**{**scores, **counts})
    return Measured(**{**record, "scores": scores})


def table(results: Sequence[Measured]) -> Iterator[str]:
    """Yield the lines of a Markdown table, one per type and engine."""
    yield f"| type | engine | files | not parsed | seconds | with text | {' | '.join(MEASURES)} |"
    yield f"|---|---|---|---|---|---|{'---|' * len(MEASURES)}"
    for kind, engine, group in _groups(results):
        scores = [result.scores for result in group if result.scores]
        means = (_mean(getattr(each, measure) for each in scores) for measure in MEASURES)
        yield f"| {kind} | {engine} | {' | '.join([*_outcomes(group), str(len(scores)), *means])} |"


def side_by_side(results: Sequence[Measured], measures: tuple[str, str]) -> Iterator[str]:
    """Yield the lines of a Markdown table with a row per type and a column per engine, two measures in each cell."""
    engines = list(dict.fromkeys(result.engine for result in results))
    yield f"| type | files | {' | '.join(engines)} |"
    yield f"|---|---|{'---|' * len(engines)}"
    cells: dict[str, list[str]] = {}
    for kind, _, group in _groups(results):
        scores = [result.scores for result in group if result.scores]
        known = [each for each in scores if getattr(each, measures[0]) is not None]
        means = [_mean(getattr(each, measure) for each in known) for measure in measures]
        cells.setdefault(kind, [str(len(known))]).append(" / ".join(mean or "-" for mean in means))
    for kind, row in cells.items():
        if row[0] != "0":
            yield f"| {kind} | {' | '.join(row)} |"


def outcomes(results: Sequence[Measured]) -> Iterator[str]:
    """Yield the lines of a Markdown table of how many files each engine parsed, and in how many seconds."""
    engines = list(dict.fromkeys(result.engine for result in results))
    yield f"| type | files | {' | '.join(engines)} |"
    yield f"|---|---|{'---|' * len(engines)}"
    rows: dict[str, list[str]] = {}
    for kind, _, group in _groups(results):
        parsed = sum(result.status == "parsed" for result in group)
        seconds = sum(result.seconds for result in group)
        rows.setdefault(kind, [str(len(group))]).append(f"{parsed} in {seconds:.1f} s")
    for kind, row in rows.items():
        yield f"| {kind} | {' | '.join(row)} |"


def replace_section(path: Path, lines: Iterable[str]) -> None:
    """Put lines between the two markers of a Markdown file."""
    before, _, rest = path.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    path.write_text("\n".join([f"{before}{_BEGIN}", "", *lines, "", f"{_END}{after}"]), encoding="utf-8")


def worst(results: Sequence[Measured], limit: int) -> Iterator[str]:
    """Yield the files that lose most over all measures, with what they miss and what they have too much."""
    known = [(result, result.scores) for result in results if result.scores and result.scores.recall is not None]
    for result, scores in sorted(known, key=lambda pair: _sum(pair[1]))[:limit]:
        figures = (f"{name} {value:.3f}" for name in MEASURES if (value := getattr(scores, name)) is not None)
        yield f"\n{result.engine} {result.name}: {', '.join(figures)} {result.reason}"
        yield f"    missing {scores.missing.total()}: {_shown(scores.missing)}"
        yield f"    surplus {scores.surplus.total()}: {_shown(scores.surplus)}"


def _groups(results: Sequence[Measured]) -> Iterator[tuple[str, str, list[Measured]]]:
    groups: dict[tuple[str, str], list[Measured]] = {}
    for result in results:
        groups.setdefault((result.type, result.engine), []).append(result)
    # Sorted by type alone, so that the engines keep the order in which they were named.
    for (kind, engine), group in sorted(groups.items(), key=lambda item: item[0][0]):
        yield kind, engine, group


def _outcomes(group: Sequence[Measured]) -> list[str]:
    failures = Counter(result.reason.partition(":")[0] for result in group if result.status != "parsed")
    named = ", ".join(f"{reason} {count}" for reason, count in failures.most_common())
    return [str(len(group)), named, f"{sum(result.seconds for result in group):.1f}"]


def _mean(values: Iterable[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{fmean(known):.3f}" if known else ""


def _sum(scores: Scores) -> float:
    # A refused file has no precision; it ranks below one that was read badly.
    found = [getattr(scores, name) for name in MEASURES]
    return sum(1.0 if value is None else value for value in found) - (2.0 if scores.precision is None else 0.0)


def _shown(tokens: Counter[str]) -> str:
    return " ".join(f"{token}x{n}" if n > 1 else token for token, n in tokens.most_common(_TOKENS_SHOWN))
