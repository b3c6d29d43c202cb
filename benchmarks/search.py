"""Measure search: nDCG@10 on retrieval sets and latency at sizes, on the embedded engine.

    python -m benchmarks.search --data DIR [--sets NAME...] [--vectors DIR] [--models DIR] [--sizes N...] [--json]

Vectors of a set are read from `--vectors` (`<set>.npz` with `corpus` and `queries`); missing ones are embedded with
the multilingual model in `--models` and kept there. Without both, only the lexical side is measured.
"""

import argparse
import importlib
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import machine
from benchmarks.retrieval_sets import RetrievalSet, load_set, ndcg
from functions.ml.adapters.sqlite_index import SqliteIndex
from functions.ml.documents import Chunk, IndexedChunk
from functions.ml.ports import Candidates, Ranker, Scope
from functions.ml.retrieval.fusion import ConvexRanker, ReciprocalRanker
from shared.contracts.documents import Place

SETS = ("scifact", "xquad_en", "xquad_de", "xquad_ar", "xquad_zh", "chunking", "tatqa_dev", "mtrag_un")
SCOPE = Scope("bench", ("kb",), ("everybody",))
DEPTH = 100
DIMENSIONS = 384
BULK = 500
Vectors = tuple[list[list[float]], list[list[float]]]


def chunk(chunk_id: str, text: str, vector: Sequence[float]) -> IndexedChunk:
    """Make a chunk whose id is the passage's."""
    passage = Chunk(ordinal=0, text=text, kind="text", place=Place(end=len(text)))
    return IndexedChunk(chunk_id, "bench", "kb", chunk_id, 1, "release", ("everybody",), "f", passage, tuple(vector))


def filled(index: SqliteIndex, chunks: Iterator[IndexedChunk]) -> float:
    """Write all chunks in bulks; returns chunks per second."""
    started, written, bulk = time.perf_counter(), 0, []
    for one in chunks:
        bulk.append(one)
        if len(bulk) == BULK:
            written += len(bulk) - len(index.upsert(bulk))
            bulk = []
    written += len(bulk) - len(index.upsert(bulk))
    return written / (time.perf_counter() - started)


def vectors_of(data: RetrievalSet, vectors: Path | None, models: Path | None) -> Vectors | None:
    """Read or make the vectors of a set, None when neither is possible."""
    kept = vectors / f"{data.name}.npz" if vectors else None
    if kept and kept.exists():
        with np.load(kept) as found:
            return found["corpus"].tolist(), found["queries"].tolist()
    if not models:
        return None
    adapter = importlib.import_module("functions.ml.adapters.onnx_embedder")
    embedder = adapter.OnnxEmbedder(models, "multilingual", 2)
    made = (
        embedder.embed(list(data.passages.values()), purpose="passage"),
        embedder.embed(list(data.questions.values()), purpose="query"),
    )
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, corpus=np.array(made[0], dtype="f4"), queries=np.array(made[1], dtype="f4"))
    return made


def quality(data: RetrievalSet, vectors: Vectors | None) -> dict[str, Any]:
    """Score lexical, dense and fused rankings of one set."""
    corpus, queries = vectors or ([[1.0]] * len(data.passages), [[]] * len(data.questions))
    rankers: dict[str, Ranker] = {
        "rrf": ReciprocalRanker(),
        **{f"convex_{weight}": ConvexRanker(weight) for weight in (0.3, 0.5, 0.6)},
    }
    columns: dict[str, Callable[[str, Candidates], list[str]]] = {
        "lexical": lambda _, found: [hit.indexed.chunk_id for hit in found.lexical],
    }
    if vectors:
        columns["dense"] = lambda _, found: [hit.indexed.chunk_id for hit in found.dense]
        columns |= {name: ranked_by(ranker) for name, ranker in rankers.items()}
    scores: dict[str, list[float]] = {name: [] for name in columns}
    with tempfile.TemporaryDirectory() as folder:
        index = SqliteIndex(Path(folder))
        filled(index, (chunk(key, text, v) for (key, text), v in zip(data.passages.items(), corpus, strict=True)))
        for (key, text), vector in zip(data.questions.items(), queries, strict=True):
            found = index.search(SCOPE, text=text, vector=tuple(vector) if vector else None, limit=DEPTH)
            for name, ranked in columns.items():
                scores[name].append(ndcg(ranked(text, found), data.relevant[key]))
        index.close()
    return {"set": data.name, **{name: round(statistics.fmean(values), 4) for name, values in scores.items()}}


def ranked_by(ranker: Ranker) -> Callable[[str, Candidates], list[str]]:
    """Make a column of a ranker."""
    return lambda text, found: [hit.indexed.chunk_id for hit in ranker(text, found, limit=10)]


def latency(size: int, data: RetrievalSet, *, searches: int = 200) -> dict[str, Any]:
    """Time searches over `size` chunks of real sentences, shuffled, with random vectors."""
    chance, numbers = random.Random(7), np.random.default_rng(7)
    sentences = [one for text in data.passages.values() for one in text.split(". ") if one]
    texts = (". ".join(chance.sample(sentences, 8)) for _ in range(size))
    questions = chance.choices(list(data.questions.values()), k=searches)
    ranker = ConvexRanker()
    with tempfile.TemporaryDirectory() as folder:
        writer = SqliteIndex(Path(folder))
        made = (chunk(f"c{n}", text, numbers.standard_normal(DIMENSIONS).tolist()) for n, text in enumerate(texts))
        rate = filled(writer, made)
        writer.close()
        index, times = SqliteIndex(Path(folder)), []
        for question in questions:
            vector = tuple(numbers.standard_normal(DIMENSIONS).tolist())
            started = time.perf_counter()
            ranker(question, index.search(SCOPE, text=question, vector=vector, limit=DEPTH), limit=10)
            times.append((time.perf_counter() - started) * 1000)
        index.close()
        megabytes = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
    warm = sorted(times[1:])
    return {
        "chunks": size,
        "first_ms": round(times[0], 1),
        "p50_ms": round(warm[len(warm) // 2], 1),
        "p95_ms": round(warm[int(len(warm) * 0.95)], 1),
        "written_per_s": round(rate),
        "file_mb": round(megabytes),
    }


def named_machine() -> dict[str, Any]:
    """Name what was measured on, with the libraries that do the work."""
    return {**machine(), "sqlite": sqlite3.sqlite_version, "numpy": np.__version__}


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Lay rows out in columns."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [names, *([str(row.get(name, "")) for name in names] for row in rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(names))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure search quality and latency.")
    parser.add_argument("--data", type=Path, required=True, help="folder of retrieval sets")
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("--vectors", type=Path, help="folder of vectors made before")
    parser.add_argument("--models", type=Path, help="folder of local embedding models")
    parser.add_argument("--sizes", nargs="*", type=int, default=[1_000, 20_000])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    sets = [load_set(given.data / name) for name in given.sets]
    scored = [quality(one, vectors_of(one, given.vectors, given.models)) for one in sets]
    source = load_set(given.data / "scifact") if given.sizes else None
    timed = [latency(size, source) for size in given.sizes] if source else []
    if given.json:
        print(json.dumps({"machine": named_machine(), "ndcg_at_10": scored, "latency": timed}, indent=1))
    else:
        print(*(part for part in (str(named_machine()), table(scored), table(timed)) if part), sep="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
