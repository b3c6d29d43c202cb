"""Measure rankings of retrieval sets: the words alone, the vectors alone, and rankers over both.

    pip install -r benchmarks/retrieval.in
    python -m benchmarks.retrieval --data DIR --vectors DIR [--models DIR] [--release NAME] [--sets NAME...] [--write]

The engine and the rankers are the product's, behind their ports; the measures are those of ir-measures. A set named
`xquad_de:xquad_en` asks the questions of one about the passages of the other. The interval is that of a paired
bootstrap of nDCG@10, the release's ranker minus the better of words and vectors.
"""

import argparse
import importlib
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.retrieval_sets import RetrievalSet, load_set
from benchmarks.search import DEPTH, SCOPE, chunk, filled, vectors_of
from functions.ml.adapters.sqlite_index import SqliteIndex
from functions.ml.ports import Candidates, Ranker
from functions.ml.releases.catalogue import load_catalogue
from functions.ml.retrieval.fusion import ConvexRanker, ReciprocalRanker
from functions.ml.retrieval.rankers import ranker_of

SETS = (
    "scifact", "xquad_en", "xquad_de", "xquad_ar", "xquad_zh", "chunking", "tatqa_dev", "mtrag_un",
    "xquad_de:xquad_en", "xquad_ar:xquad_en", "xquad_zh:xquad_en",
)  # fmt: skip
SHOWN = 20
RESAMPLES = 2_000
COLUMNS = ("words", "vectors", "rrf", "convex", "hybrid")
MEASURES = ("nDCG@10", "R@20", "RR", "P@1")
BEGIN = "<!-- retrieval, {release}: written by benchmarks.retrieval -->"
END = "<!-- retrieval, {release}: end -->"

Rankings = dict[str, dict[str, dict[str, float]]]
"""By column and question: scores by passage."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One set: by column and measure the value of each question, in one order, and the rankers' milliseconds."""

    name: str
    values: Mapping[str, Mapping[str, list[float]]]
    milliseconds: list[float]

    def mean(self, column: str, measure: str) -> float:
        """Return the mean over questions."""
        return float(np.mean(self.values[column][measure]))

    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval of hybrid minus the better part, by a paired bootstrap over questions."""
        better = max(("words", "vectors"), key=lambda column: self.mean(column, "nDCG@10"))
        gains = np.array(self.values["hybrid"]["nDCG@10"]) - np.array(self.values[better]["nDCG@10"])
        drawn = np.random.default_rng(7).integers(0, len(gains), (RESAMPLES, len(gains)))
        low, high = np.percentile(gains[drawn].mean(axis=1), [2.5, 97.5])
        return float(low), float(high)


def asked(data: Path, name: str) -> tuple[RetrievalSet, RetrievalSet]:
    """Read the set of the questions and the set of the passages."""
    questions, _, passages = name.partition(":")
    return load_set(data / questions), load_set(data / (passages or questions))


def rank_all(
    data: tuple[RetrievalSet, RetrievalSet],
    vectors: tuple[Sequence[Sequence[float]], Sequence[Sequence[float]]],
    rankers: Mapping[str, Ranker],
) -> tuple[Rankings, list[float]]:
    """Ask every question of the engine once and rank what it finds in every way."""
    questions, passages = data
    found: Rankings = {column: {} for column in COLUMNS}
    milliseconds = []
    with tempfile.TemporaryDirectory() as folder:
        index = SqliteIndex(Path(folder))
        rows = zip(passages.passages.items(), vectors[0], strict=True)
        filled(index, (chunk(key, text, vector) for (key, text), vector in rows))
        for (key, text), vector in zip(questions.questions.items(), vectors[1], strict=True):
            candidates = index.search(SCOPE, text=text, vector=tuple(vector), limit=DEPTH)
            found["words"][key] = in_order([hit.indexed.chunk_id for hit in candidates.lexical])
            found["vectors"][key] = in_order([hit.indexed.chunk_id for hit in candidates.dense])
            for column, ranker in rankers.items():
                ranked, elapsed = timed(ranker, text, candidates)
                found[column][key] = ranked
                if column == "hybrid":
                    milliseconds.append(elapsed)
        index.close()
    return found, milliseconds


def timed(ranker: Ranker, text: str, candidates: Candidates) -> tuple[dict[str, float], float]:
    """Rank; returns the order as scores and the processor milliseconds that it took."""
    started = time.process_time()
    hits = ranker(text, candidates, limit=SHOWN)
    elapsed = (time.process_time() - started) * 1000
    return in_order([hit.indexed.chunk_id for hit in hits]), elapsed


def in_order(ids: Sequence[str]) -> dict[str, float]:
    """Give descending scores: the library orders equal ones its own way, which decides much among equal passages."""
    return {key: float(len(ids) - n) for n, key in enumerate(ids)}


def judged(relevant: Mapping[str, Mapping[str, int]], rankings: Rankings) -> dict[str, dict[str, list[float]]]:
    """Score every column by every measure with ir-measures."""
    library: Any = importlib.import_module("ir_measures")
    measures = {name: library.parse_measure(name) for name in MEASURES}
    result = {}
    for column, ranked in rankings.items():
        judgements = {key: dict(relevant[key]) for key in ranked}
        # A question without any result is left out by the library, and counts 0 here.
        scores: dict[str, dict[str, float]] = {name: dict.fromkeys(ranked, 0.0) for name in MEASURES}
        for metric in library.iter_calc(list(measures.values()), judgements, ranked):
            scores[str(metric.measure)][metric.query_id] = metric.value
        result[column] = {name: [values[key] for key in ranked] for name, values in scores.items()}
    return result


def table(measured: Iterable[Measured]) -> list[str]:
    """Lay the results out in Markdown."""
    lines = [
        "| set | words | vectors | RRF | convex | hybrid | gain, 95 % | recall@20 | MRR | hit@1 | p50, p95 ms |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in measured:
        low, high = one.interval()
        cells = [f"{one.mean(column, 'nDCG@10'):.3f}" for column in COLUMNS]
        cells += [f"{low:+.3f} to {high:+.3f}"]
        cells += [f"{one.mean('hybrid', measure):.3f}" for measure in MEASURES[1:]]
        cells += [", ".join(f"{np.percentile(one.milliseconds, share):.1f}" for share in (50, 95))]
        lines.append(f"| {one.name} | {' | '.join(cells)} |")
    return lines


def write_section(path: Path, release: str, lines: Sequence[str]) -> None:
    """Replace what stands between the release's marks."""
    begin, end = BEGIN.format(release=release), END.format(release=release)
    before, rest = path.read_text(encoding="utf-8").split(begin)
    path.write_text("\n".join([before + begin, *lines, end]) + rest.split(end)[1], encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure rankings of retrieval sets.")
    parser.add_argument("--data", type=Path, required=True, help="folder of retrieval sets")
    parser.add_argument("--vectors", type=Path, required=True, help="folder of vectors of the release's model")
    parser.add_argument("--models", type=Path, help="folder of local embedding models, to make what is missing")
    parser.add_argument("--release", default="multilingual")
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("--write", type=Path, help="Markdown file with the release's marks")
    given = parser.parse_args(arguments)
    choice = next(release.ranker for release in load_catalogue() if release.name == given.release)
    models = given.models if given.release == "multilingual" else None
    rankers: dict[str, Ranker] = {"rrf": ReciprocalRanker(), "convex": ConvexRanker(0.5), "hybrid": ranker_of(choice)}
    measured = []
    for name in given.sets:
        data = asked(given.data, name)
        made = [vectors_of(one, given.vectors, models) for one in data]
        if made[0] is None or made[1] is None:
            sys.exit(f"There are no vectors of {name}: name the folder of models with --models to make them.")
        rankings, milliseconds = rank_all(data, (made[1][0], made[0][1]), rankers)
        measured.append(Measured(name, judged(data[0].relevant, rankings), milliseconds))
        print(*table(measured[-1:])[2:], flush=True)
    if given.write:
        write_section(given.write, given.release, table(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
