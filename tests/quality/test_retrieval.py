"""Ranking on small real sets, through the embedded engine: thresholds a little under what is reached.

The vectors are stored with the questions, so that no model is needed; `write_retrieval_sets.py` makes both,
docs/benchmarks.md has the figures of the whole sets.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest

from benchmarks.retrieval_sets import ndcg
from benchmarks.search import DEPTH, DIMENSIONS, SCOPE, chunk
from functions.ml.adapters.sqlite_index import SqliteIndex
from functions.ml.releases.catalogue import load_catalogue
from functions.ml.retrieval.fusion import ConvexRanker
from functions.ml.retrieval.rankers import ranker_of

FOLDER = Path(__file__).parent.parent / "data" / "retrieval"
RANKERS = {
    "hybrid": ranker_of(next(release.ranker for release in load_catalogue() if release.name == "multilingual")),
    "convex": ConvexRanker(0.5),
}
LEAST = {"xquad_de": 0.97, "xquad_ar": 0.965, "tatqa_dev": 0.745, "xquad_zh_of_xquad_en": 0.795}


def _searched(folder: Path, name: str) -> Iterator[tuple[str, list[str], dict[str, int]]]:
    """Yield for each question and column what was found and what is right."""
    stored: Any = json.loads(gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes()))
    vectors = np.frombuffer((FOLDER / f"{name}.f2").read_bytes(), dtype="<f2").astype("f4").reshape(-1, DIMENSIONS)
    passages, questions = stored["passages"], stored["questions"]
    index = SqliteIndex(folder)
    rows = zip(passages.items(), vectors[: len(passages)].tolist(), strict=True)
    assert index.upsert([chunk(key, text, vector) for (key, text), vector in rows]) == []
    for (key, text), vector in zip(questions.items(), vectors[len(passages) :].tolist(), strict=True):
        found = index.search(SCOPE, text=text, vector=tuple(vector), limit=DEPTH)
        yield "words", [hit.indexed.chunk_id for hit in found.lexical], stored["relevant"][key]
        yield "vectors", [hit.indexed.chunk_id for hit in found.dense], stored["relevant"][key]
        for column, ranker in RANKERS.items():
            ranked = [hit.indexed.chunk_id for hit in ranker(text, found, limit=10)]
            yield column, ranked, stored["relevant"][key]
    index.close()


@pytest.mark.parametrize("name", LEAST)
def test_the_ranking_reaches_what_it_did_and_is_no_worse_than_its_parts(tmp_path: Path, name: str) -> None:
    scores: dict[str, list[float]] = {column: [] for column in ("words", "vectors", *RANKERS)}
    for column, ranked, relevant in _searched(tmp_path, name):
        scores[column].append(ndcg(ranked, relevant))
    means = {column: round(fmean(values), 4) for column, values in scores.items()}
    assert means["hybrid"] >= LEAST[name], means
    assert means["hybrid"] >= max(means["words"], means["vectors"]), means
    assert means["hybrid"] >= means["convex"] - 0.002, means
