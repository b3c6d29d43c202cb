"""Measure the embedded search engine as it grows: search, memory, writing, and what our port adds to the engine.

    python -m benchmarks.search_speed --data DIR [--sizes N...] [--vectors DIR] [--searches N] [--write DOCS] [--json]

Chunks are sentences of a real set in a new order. Vectors are real ones from `--vectors` (`<set>.npz` with `corpus` and
`queries`, as `benchmarks.search` keeps them) with noise, or made around centres. Each size is searched by a process of
its own, one thread, because memory is measured; processor time is told beside wall time, because machines are shared.
"""

import argparse
import json
import multiprocessing
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.growth_chart import growth_chart
from benchmarks.machine import machine
from benchmarks.retrieval_sets import RetrievalSet, load_set
from benchmarks.search import SCOPE, chunk, filled, table
from functions.ml.adapters.sqlite_index import SqliteIndex
from functions.ml.adapters.sqlite_index.bm25 import bm25
from functions.ml.adapters.sqlite_index.reading import Search
from functions.ml.adapters.sqlite_index.rows import unit_vector
from functions.ml.documents import IndexedChunk
from functions.ml.ports import Hit, Vector
from functions.ml.retrieval.tokens import asked_tokens

LIMIT = 100
DIMENSIONS = 384
SENTENCES = 8
NOISE = 0.3
"""Length of what is added to a real vector: its copies have cosines of about 0.96 to it, as passages on one subject."""
Question = tuple[str, Vector]
Row = dict[str, Any]


def real_vectors(folder: Path | None, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return vectors of passages and of questions to vary: real ones where there are any, else around 500 centres."""
    numbers = np.random.default_rng(5)
    if folder is None:
        centres = numbers.standard_normal((500, DIMENSIONS))
        return centres, centres[:200] + 0.5 * numbers.standard_normal((200, DIMENSIONS))
    found = [np.load(path) for path in sorted(folder.glob("*.npz"))]
    passages = np.concatenate([one["corpus"] for one in found])
    questions = np.concatenate([one["queries"] for one in found])
    return numbers.permutation(passages)[:size], numbers.permutation(questions)[:2_000]


def chunks_of(data: RetrievalSet, size: int, vectors: np.ndarray) -> Iterator[IndexedChunk]:
    """Yield chunks of real sentences, ten to a document."""
    chance, numbers = random.Random(7), np.random.default_rng(7)
    sentences = [one for text in data.passages.values() for one in text.split(". ") if one]
    for n in range(size):
        vector = vectors[n % len(vectors)]
        if n >= len(vectors):
            noise = numbers.standard_normal(len(vector))
            vector = vector / np.linalg.norm(vector) + NOISE * noise / np.linalg.norm(noise)
        yield chunk(f"c{n}", ". ".join(chance.sample(sentences, SENTENCES)), vector.tolist())


def measured(folder: Path, questions: Sequence[Question], answer: Any) -> None:
    """Search an index in this process and send what was seen."""
    index = SqliteIndex(folder)
    before = time.perf_counter()
    index.search(SCOPE, text=questions[0][0], vector=questions[0][1], limit=LIMIT)
    first_ms = (time.perf_counter() - before) * 1000
    port, port_cpu = _times(lambda one: index.search(SCOPE, text=one[0], vector=one[1], limit=LIMIT), questions)
    _, raw = _times(lambda one: _raw(index, one), questions)
    resident, peak = (_own_kilobytes(name) * 1024 / 1e6 for name in ("VmRSS", "VmHWM"))
    answer.send({
        "first_ms": round(first_ms),
        "p50_ms": _quantile(port, 0.5),
        "p95_ms": _quantile(port, 0.95),
        "cpu_p50_ms": _quantile(port_cpu, 0.5),
        "cpu_p95_ms": _quantile(port_cpu, 0.95),
        "over_raw_cpu_p50_ms": round(_quantile(port_cpu, 0.5) - _quantile(raw, 0.5), 1),
        "resident_mb": round(resident),
        "peak_mb": round(peak),
    })  # fmt: skip
    index.close()


def _own_kilobytes(name: str) -> int:
    """Read a figure of this process's memory."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _times(search: Callable[[Question], object], questions: Sequence[Question]) -> tuple[list[float], list[float]]:
    """Return wall and processor time of each search in ms, in order of size."""
    wall, processor = [], []
    for one in questions:
        before = time.perf_counter(), time.process_time()
        search(one)
        wall.append((time.perf_counter() - before[0]) * 1000)
        processor.append((time.process_time() - before[1]) * 1000)
    return sorted(wall), sorted(processor)


def _raw(index: SqliteIndex, question: Question) -> None:
    """Ask the engine alone: scores of all words and the nearest vectors, nobody's rights, no chunk handed out."""
    with index._file(SCOPE.tenant_id).read() as opened:
        assert opened is not None
        connection, snapshot = opened
        words = asked_tokens(question[0], snapshot.languages)
        np.argpartition(bm25(connection, snapshot.roster, snapshot.damping, words), -LIMIT)
        every = np.append(np.ones(len(snapshot.shelf_of) - 1, dtype=bool), False)
        query, search = unit_vector(question[1]), Search(connection, snapshot, SCOPE)
        for matrix in snapshot.vectors_of(connection, SCOPE.kb_ids[0]).matrices.values():
            search._exact(matrix.candidates(query, every, LIMIT), query, LIMIT)


def _quantile(ordered: Sequence[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1)


def recall(folder: Path, questions: Sequence[Question], *, cutoff: int = 10) -> float:
    """Compare the nearest with those of all stored vectors in 32 bits; 1 when no score among the first differs."""
    (path,) = folder.glob("*.sqlite3")
    connection = sqlite3.connect(path)
    blobs = [content for (content,) in connection.execute("SELECT content FROM vector")]
    connection.close()
    stored = np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(blobs), -1)
    index, same = SqliteIndex(folder), 0
    for text, vector in questions:
        found: tuple[Hit, ...] = index.search(SCOPE, text=text, vector=vector, limit=cutoff).dense
        expected = np.sort(stored @ unit_vector(vector))[::-1][:cutoff]
        same += sum(abs(hit.score - cosine) < 2e-6 for hit, cosine in zip(found, expected.tolist(), strict=True))
    index.close()
    return same / (cutoff * len(questions))


def measure(size: int, data: RetrievalSet, vectors: Path | None, searches: int) -> Row:
    """Make an index of one size and search it."""
    passages, asked = real_vectors(vectors, 5_000)
    chance = random.Random(3)
    texts = chance.choices(list(data.questions.values()), k=searches + 1)
    questions = [(text, tuple(asked[n % len(asked)].tolist())) for n, text in enumerate(texts)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        writer, cpu = SqliteIndex(folder), time.process_time()
        rate = filled(writer, chunks_of(data, size, passages))
        cpu = time.process_time() - cpu
        writer.close()
        context = multiprocessing.get_context("spawn")
        receive, send = context.Pipe(duplex=False)
        process = context.Process(target=measured, args=(folder, questions, send))
        process.start()
        found = receive.recv()
        process.join()
        megabytes = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        share = recall(folder, questions[:30])
    written = {"written_per_s": round(rate), "written_per_cpu_s": round(size / cpu), "file_mb": round(megabytes)}
    return {"chunks": size, **found, **written, "dense_recall_at_10": share}


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and write the chart where asked."""
    parser = argparse.ArgumentParser(description="Measure the embedded search engine as it grows.")
    parser.add_argument("--data", type=Path, required=True, help="folder of retrieval sets")
    parser.add_argument("--sizes", nargs="+", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--vectors", type=Path, help="folder of vectors made before")
    parser.add_argument("--searches", type=int, default=200)
    parser.add_argument("--write", type=Path, help="folder to write search-speed.svg to")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    # Threads of the linear algebra would hide in wall time what they cost in processor time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    data = load_set(given.data / "scifact")
    rows = [measure(size, data, given.vectors, given.searches) for size in given.sizes]
    seen_on = {**machine(), "sqlite": sqlite3.sqlite_version, "numpy": np.__version__}
    print(json.dumps({"machine": seen_on, "sizes": rows}, indent=1) if given.json else f"{seen_on}\n\n{table(rows)}")
    if given.write:
        (given.write / "search-speed.svg").write_text(growth_chart(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
