"""Measures what the process of each document costs, against all that ingestion does with small files.

    python -m benchmarks.sandbox --data <folder of files> [--models <folder of models>] [--rounds 5]

Each file of 1 to 50 KB is parsed and cut in this process and in the sandbox, and embedded once. The ratio is the
sandbox's own milliseconds against those of parsing, cutting and embedding: at most 0.15 of the work may go there.
Without a model the ratio is against parsing and cutting alone, which no ingestion consists of.
"""

import argparse
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.machine import machine_line
from functions.ml.documents import Chunk
from functions.ml.ingestion.chunking import chunker_for
from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.reading import Reader, ReadInProcess
from functions.ml.ingestion.sandbox import SandboxedParser
from functions.ml.ingestion.sandboxed_reading import SandboxedReader
from shared.kernel.errors import Rejected

MODEL = "multilingual"
_SMALLEST, _LARGEST = 1_000, 50_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", type=Path, help="the folder that `make model` fills")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    paths = small_files(given.data)
    sandboxed = SandboxedReader("structure", {})
    bare = ReadInProcess(partial(parse_file, limits=ParserLimits()), chunker_for("structure", {}))
    chunks = [passages(sandboxed, path) for path in paths]
    inside = _per_document(paths, given.rounds, partial(passages, bare))
    isolated = _per_document(paths, given.rounds, partial(passages, sandboxed))
    embed = _embedding_ms(chunks, given.models) if given.models else 0.0
    cost, work = isolated - inside, inside + embed
    print(machine_line())
    print(f"{len(paths)} files of {len({path.suffix for path in paths})} types, {sum(map(len, chunks))} chunks")
    print(f"ms a document: parse and cut {inside:.2f}, in the sandbox {isolated:.2f}, embed {embed:.2f}")
    print(f"the sandbox's own: {cost:.2f} ms, {cost / work:.3f} of parse + cut + embed (goal: at most 0.15)")


def passages(read: Reader, path: Path) -> list[Chunk]:
    """Read and cut a file."""
    with read(path, filename=path.name) as reading:
        return list(reading.chunks({}))


def small_files(folder: Path) -> list[Path]:
    """Return the readable files of 1 to 50 KB under a folder."""
    found, parse = [], SandboxedParser()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and _SMALLEST <= path.stat().st_size <= _LARGEST:
            try:
                parse(path, filename=path.name)
            except Rejected:
                continue
            found.append(path)
    return found


def _per_document(paths: list[Path], rounds: int, work: Callable[[Path], object]) -> float:
    """Return the mean over the files of the median over the rounds, in milliseconds."""
    total = 0.0
    for path in paths:
        spans = []
        for _ in range(rounds):
            started = time.perf_counter()
            work(path)
            spans.append(time.perf_counter() - started)
        total += median(spans)
    return 1000 * total / len(paths)


def _embedding_ms(chunks: list[list[Chunk]], models: Path) -> float:
    from functions.ml.adapters.onnx_embedder import OnnxEmbedder

    embedder = OnnxEmbedder(models, MODEL, os.cpu_count() or 1)
    texts = [f"{one.context}\n{one.text}" if one.context else one.text for every in chunks for one in every]
    embedder.embed(texts[:2], purpose="passage")
    started = time.perf_counter()
    embedder.embed(texts, purpose="passage")
    return 1000 * (time.perf_counter() - started) / len(chunks)


if __name__ == "__main__":
    main()
