"""Measures ingestion end to end against the raw embedder on the very same chunks, in the same run.

    python -m benchmarks.ingestion --data <folder of docs_* sets, or files and folders> [--types pdf docx] [--json]

It starts a platform of its own, warms its functions with a dozen small documents, uploads the documents through the
command line and waits until all are terminal. The raw embedder gets all distinct texts at once, in one process that has
its model loaded, on as many threads as there are cores; it runs before and after, because other programs may be busy.
"""

import argparse
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.local_platform import difference, local_platform
from benchmarks.machine import machine, machine_line
from functions.ml.adapters.onnx_embedder import OnnxEmbedder
from functions.ml.ingestion.chunking import chunker_for
from functions.ml.ingestion.sandbox import SandboxedParser
from shared.contracts.formats import formats_by_extension
from shared.kernel.errors import Rejected

SETS = ("docs_samples", "docs_docling", "docs_unstructured")
MODEL = "multilingual"
SOME_FAILED = 2
WARM_DOCUMENTS = 12


def documents(data: Path, types: Sequence[str], most_bytes: int) -> list[Path]:
    """Return the documents of the sets in a folder; of the folder itself when it holds no set."""
    folders = [data / name / "files" for name in SETS if (data / name / "files").is_dir()] or [data]
    found = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    wanted = set(types) or set(formats_by_extension())
    return [path for path in found if path.suffix[1:].lower() in wanted and 0 < path.stat().st_size <= most_bytes]


def texts_of(paths: Sequence[Path]) -> tuple[list[str], float]:
    """Parse and chunk in this process; returns what the embedder would get, and the seconds it took."""
    parse, chunk, texts = SandboxedParser(), chunker_for("structure", {}), []
    started = time.perf_counter()
    for path in paths:
        try:
            chunks = chunk(parse(path, filename=path.name))
        except Rejected:
            continue
        texts += [f"{one.context}\n{one.text}" if one.context else one.text for one in chunks]
    return texts, time.perf_counter() - started


def raw_rate(embedder: OnnxEmbedder, texts: Sequence[str]) -> dict[str, float]:
    """Embed all texts in one call."""
    embedder.embed(texts[:2], purpose="passage")
    started, cpu_started = time.perf_counter(), time.process_time()
    embedder.embed(texts, purpose="passage")
    seconds, cpu_s = time.perf_counter() - started, time.process_time() - cpu_started
    return {
        "seconds": round(seconds, 2),
        "cpu_s": round(cpu_s, 2),
        "per_s": round(len(texts) / seconds, 2),
        "per_cpu_s": round(len(texts) / cpu_s, 2),
    }


def measure(paths: Sequence[Path]) -> dict[str, Any]:
    """Measure both ways of getting the vectors of these documents."""
    texts, parse_s = texts_of(paths)
    distinct = list(dict.fromkeys(texts))
    with local_platform() as platform:
        embedder = OnnxEmbedder(platform.home / "models", MODEL, os.cpu_count() or 1)
        before = raw_rate(embedder, distinct)
        warm = platform.home / "warm"
        warm.mkdir()
        for number in range(WARM_DOCUMENTS):
            (warm / f"{number}.txt").write_text(f"A document of one sentence, number {number}.", encoding="utf-8")
        platform.strata("ingest", "--kb", "Warm", "--json", str(warm))
        used = platform.processor_s()
        started = time.perf_counter()
        answer = platform.strata("ingest", "--kb", "Docs", "--json", *map(str, paths), fails=(SOME_FAILED,))
        seconds = time.perf_counter() - started
        cpu = difference(platform.processor_s(), used)
        after = raw_rate(embedder, distinct)
    rows = json.loads(answer)["documents"]
    chunks = sum(row["chunks"] or 0 for row in rows)
    raw_s = (before["seconds"] + after["seconds"]) / 2
    raw_cpu_s = (before["cpu_s"] + after["cpu_s"]) / 2
    return {
        "documents": len(rows),
        "ready": sum(row["status"] == "READY" for row in rows),
        "chunks": chunks,
        "distinct_texts": len(distinct),
        "parse_and_chunk_alone_s": round(parse_s, 2),
        "seconds": round(seconds, 2),
        "chunks_per_s": round(chunks / seconds, 2),
        "raw_embedder": [before, after],
        "ratio_of_throughput": round(raw_s / seconds, 2),
        "cpu_s": cpu,
        "ratio_of_cpu": round(raw_cpu_s / sum(cpu.values()), 2),
        "beside_the_model_ms_per_document": _per_document(cpu, raw_cpu_s, len(rows)),
    }


def _per_document(cpu: Mapping[str, float], raw_cpu_s: float, count: int) -> dict[str, float]:
    """Return the processor time beside the model, of all and of each function, in milliseconds per document."""
    beside = {**cpu, "embedding": cpu.get("embedding", 0.0) - raw_cpu_s}
    each = {name: round(1_000 * used_s / count, 1) for name, used_s in beside.items()}
    return {"all": round(sum(each.values()), 1), **each}


def report(found: dict[str, Any]) -> None:
    """Print the figures for people."""
    print(machine_line())
    print(f"{found['documents']} documents ({found['ready']} READY), {found['chunks']} chunks, of them", end=" ")
    print(f"{found['distinct_texts']} distinct; parse and chunk alone {found['parse_and_chunk_alone_s']} s")
    print(f"end to end {found['seconds']} s, {found['chunks_per_s']} chunks/s")
    for when, raw in zip(("before", "after"), found["raw_embedder"], strict=True):
        print(f"raw embedder {when}: {raw['seconds']} s, {raw['per_s']} texts/s, {raw['cpu_s']} CPU-s")
    print(f"end to end / raw embedder: {found['ratio_of_throughput']} (of processor time {found['ratio_of_cpu']})")
    beside = found["beside_the_model_ms_per_document"]
    print("processor time beside the model, ms a document: " + ", ".join(f"{of} {ms}" for of, ms in beside.items()))
    print("processor time, s: " + ", ".join(f"{name} {value}" for name, value in found["cpu_s"].items()))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--types", nargs="*", default=[], help="extensions; all that can be read by default")
    parser.add_argument("--most-mb", type=float, default=2.0, help="leave out larger files")
    parser.add_argument("--json", action="store_true", help="print JSON instead of sentences")
    given = parser.parse_args()
    found = {"machine": machine(), **measure(documents(given.data, given.types, int(given.most_mb * 1e6)))}
    print(json.dumps(found, indent=1)) if given.json else report(found)


if __name__ == "__main__":
    main()
