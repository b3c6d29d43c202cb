"""Measure rankings of retrieval sets: words alone, vectors alone, rankers over both, and other libraries' retrievers.

    pip install -r benchmarks/retrieval.in
    python -m benchmarks.retrieval --data DIR --vectors DIR --results FILE [--models DIR] [--release NAME]
        [--engine sqlite|opensearch] [--peers] [--sets NAME...]
    python -m benchmarks.retrieval_report --results FILE --docs DIR

The engines and the rankers are the product's, behind their ports; the measures are those of ir-measures. A set named
`xquad_de:xquad_en` asks the questions of one about the passages of the other. Passages with the same text count as one,
for every ranking alike: which of them is shown says nothing about a ranking. Each run adds to the file of results.
"""

import argparse
import importlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.retrieval_peers import PEERS, peer_rankings
from benchmarks.retrieval_sets import RetrievalSet, load_set
from benchmarks.search import BULK, DEPTH, SCOPE, chunk, vectors_of
from functions.ml.adapters.sqlite_index import SqliteIndex
from functions.ml.ports import Candidates, Ranker, SearchIndex
from functions.ml.releases.catalogue import load_catalogue
from functions.ml.retrieval.fusion import ConvexRanker, ReciprocalRanker, plain
from functions.ml.retrieval.rankers import ranker_of
from tests.opensearch_server import fresh_index, running_server

SETS = (
    "scifact", "xquad_en", "xquad_de", "xquad_ar", "xquad_zh", "chunking", "tatqa_dev", "mtrag_un",
    "xquad_de:xquad_en", "xquad_ar:xquad_en", "xquad_zh:xquad_en",
)  # fmt: skip
SHOWN = 50
RESAMPLES = 2_000
MEASURES = ("nDCG@10", "R@20", "RR", "P@1")

Rankings = dict[str, dict[str, list[str]]]
"""By column and question: ids of passages, best first."""


@dataclass(frozen=True, slots=True)
class Times:
    """Processor milliseconds of each question, in the searching process."""

    search: list[float]
    ranking: list[float]


def asked(data: Path, name: str) -> tuple[RetrievalSet, RetrievalSet]:
    """Read the set of the questions and the set of the passages."""
    questions, _, passages = name.partition(":")
    return load_set(data / questions), load_set(data / (passages or questions))


@contextmanager
def engine(name: str) -> Iterator[Callable[[], AbstractContextManager[SearchIndex]]]:
    """Start an engine and end it; what it gives makes an empty index that ends with its use."""
    with tempfile.TemporaryDirectory() as folder:
        if name == "sqlite":
            yield lambda: _embedded(Path(folder))
            return
        with running_server(Path(folder)) as server:
            yield lambda: fresh_index(server)


@contextmanager
def _embedded(folder: Path) -> Iterator[SearchIndex]:
    with tempfile.TemporaryDirectory(dir=folder) as own:
        index = SqliteIndex(Path(own))
        yield index
        index.close()


def fill(index: SearchIndex, passages: Mapping[str, str], vectors: Sequence[Sequence[float]]) -> None:
    """Write all passages, one chunk each."""
    chunks = [chunk(key, text, vector) for (key, text), vector in zip(passages.items(), vectors, strict=True)]
    for start in range(0, len(chunks), BULK):
        failures = index.upsert(chunks[start : start + BULK])
        assert not failures, failures[:3]


def rank_all(
    index: SearchIndex,
    questions: Mapping[str, str],
    vectors: Sequence[Sequence[float]],
    rankers: Mapping[str, Ranker],
) -> tuple[Rankings, Times]:
    """Ask every question of the engine once and rank what it finds in every way; `hybrid` is the one that is timed."""
    found: Rankings = {column: {} for column in ("words", "vectors", *rankers)}
    times = Times([], [])
    for (key, text), vector in zip(questions.items(), vectors, strict=True):
        started = time.process_time()
        candidates = index.search(SCOPE, text=text, vector=tuple(vector), limit=DEPTH)
        times.search.append((time.process_time() - started) * 1000)
        found["words"][key] = [hit.indexed.chunk_id for hit in candidates.lexical]
        found["vectors"][key] = [hit.indexed.chunk_id for hit in candidates.dense]
        for column, ranker in rankers.items():
            found[column][key], elapsed = timed(ranker, text, candidates)
            if column == "hybrid":
                times.ranking.append(elapsed)
    return found, times


def timed(ranker: Ranker, text: str, candidates: Candidates) -> tuple[list[str], float]:
    """Rank; returns the order and the processor milliseconds that it took."""
    started = time.process_time()
    hits = ranker(text, candidates, limit=SHOWN)
    return [hit.indexed.chunk_id for hit in hits], (time.process_time() - started) * 1000


def same_texts(passages: Mapping[str, str]) -> dict[str, str]:
    """Name for each passage the first one with the same text, itself as a rule."""
    first: dict[str, str] = {}
    return {key: first.setdefault(plain(text), key) for key, text in passages.items()}


def judged(
    relevant: Mapping[str, Mapping[str, int]], rankings: Rankings, same: Mapping[str, str]
) -> dict[str, dict[str, list[float]]]:
    """Score every column by every measure with ir-measures: by column and measure the value of each question."""
    library: Any = importlib.import_module("ir_measures")
    measures = {name: library.parse_measure(name) for name in MEASURES}
    result = {}
    for column, ranked in rankings.items():
        judgements = {key: _merged(relevant[key], same) for key in ranked}
        runs = {key: in_order([same[one] for one in ids]) for key, ids in ranked.items()}
        # A question without any result is left out by the library, and counts 0 here.
        scores: dict[str, dict[str, float]] = {name: dict.fromkeys(ranked, 0.0) for name in MEASURES}
        for metric in library.iter_calc(list(measures.values()), judgements, runs):
            scores[str(metric.measure)][metric.query_id] = metric.value
        result[column] = {name: [values[key] for key in ranked] for name, values in scores.items()}
    return result


def _merged(grades: Mapping[str, int], same: Mapping[str, str]) -> dict[str, int]:
    merged: dict[str, int] = {}
    for key, grade in grades.items():
        merged[same[key]] = max(grade, merged.get(same[key], 0))
    return merged


def in_order(ids: Sequence[str]) -> dict[str, float]:
    """Give descending scores: the library orders equal ones its own way, which decides much among equal passages."""
    distinct = list(dict.fromkeys(ids))
    return {key: float(len(distinct) - n) for n, key in enumerate(distinct)}


def interval(one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the mean of `one` minus `other`, by a paired bootstrap over questions."""
    gains = np.asarray(one) - np.asarray(other)
    drawn = np.random.default_rng(7).integers(0, len(gains), (RESAMPLES, len(gains)))
    low, high = np.percentile(gains[drawn].mean(axis=1), [2.5, 97.5])
    return round(float(low), 4), round(float(high), 4)


def summary(values: Mapping[str, Mapping[str, list[float]]], times: Times) -> dict[str, Any]:
    """Reduce a set to what is reported: means, intervals of hybrid's gains, percentiles of processor milliseconds."""
    ndcg = {column: scores["nDCG@10"] for column, scores in values.items()}
    means = {
        column: {name: round(float(np.mean(v)), 4) for name, v in scores.items()} for column, scores in values.items()
    }
    better = max(("words", "vectors"), key=lambda column: means[column]["nDCG@10"])
    peers = sorted((one for one in PEERS if one in ndcg), key=lambda column: -means[column]["nDCG@10"])
    return {
        "means": means,
        "over_part": interval(ndcg["hybrid"], ndcg[better]),
        "over_peer": interval(ndcg["hybrid"], ndcg[peers[0]]) if peers else None,
        "search_ms": [round(float(np.percentile(times.search, share)), 1) for share in (50, 95)],
        "ranking_ms": [round(float(np.percentile(times.ranking, share)), 1) for share in (50, 95)],
        "questions": len(ndcg["hybrid"]),
    }


def peers_of(
    questions: RetrievalSet,
    passages: RetrievalSet,
    corpus: Sequence[Sequence[float]],
    queries: Sequence[Sequence[float]],
) -> Rankings:
    """Rank with every other library, from the same vectors.

    They get only one of the passages with the same text: LlamaIndex adds up what equal ones score and shows them first.
    """
    kept = set(same_texts(passages.passages).values())
    rows = [row for row, key in enumerate(passages.passages) if key in kept]
    texts = {key: text for key, text in passages.passages.items() if key in kept}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.npz"
        np.savez(path, corpus=np.array(corpus, dtype="f4")[rows], queries=np.array(queries, dtype="f4"))
        return {peer: peer_rankings(peer, texts, questions.questions, path, depth=DEPTH)[0] for peer in PEERS}


def measure(given: argparse.Namespace, name: str, index: SearchIndex) -> dict[str, Any]:
    """Measure one set on one engine."""
    choice = next(release.ranker for release in load_catalogue() if release.name == given.release)
    rankers: dict[str, Ranker] = {"rrf": ReciprocalRanker(), "convex": ConvexRanker(0.5), "hybrid": ranker_of(choice)}
    questions, passages = asked(given.data, name)
    models = given.models if given.release == "multilingual" else None
    vectors = [vectors_of(one, given.vectors, models) for one in (questions, passages)]
    if vectors[0] is None or vectors[1] is None:
        sys.exit(f"There are no vectors of {name}: name the folder of models with --models to make them.")
    corpus, queries = vectors[1][0], vectors[0][1]
    fill(index, passages.passages, corpus)
    rankings, times = rank_all(index, questions.questions, queries, rankers)
    if given.peers:
        rankings |= peers_of(questions, passages, corpus, queries)
    return summary(judged(questions.relevant, rankings, same_texts(passages.passages)), times)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description="Measure rankings of retrieval sets.")
    parser.add_argument("--data", type=Path, required=True, help="folder of retrieval sets")
    parser.add_argument("--vectors", type=Path, required=True, help="folder of vectors of the release's model")
    parser.add_argument("--models", type=Path, help="folder of local embedding models, to make what is missing")
    parser.add_argument("--release", default="multilingual")
    parser.add_argument("--engine", choices=("sqlite", "opensearch"), default="sqlite")
    parser.add_argument("--peers", action="store_true", help="ask LangChain's and LlamaIndex's retrievers too")
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("--results", type=Path, required=True, help="JSON file that the results are added to")
    given = parser.parse_args(arguments)
    kept = json.loads(given.results.read_text("utf-8")) if given.results.exists() else {}
    with engine(given.engine) as empty_index:
        for name in given.sets:
            with empty_index() as index:
                one = measure(given, name, index)
            kept[f"{given.release}/{given.engine}/{name}"] = one
            given.results.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
            scores = {column: means["nDCG@10"] for column, means in one["means"].items()}
            print(name, scores, one["over_part"], one["over_peer"], one["ranking_ms"], flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
