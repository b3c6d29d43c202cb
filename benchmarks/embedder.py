"""Measures the local embedding models: texts per second by length and threads, cold load, memory.

`python -m benchmarks.embedder [--json] [NAME...]`. Each model runs in a process of its own, so that memory and load
time are its own; the packages and files are warm in the page cache.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.machine import machine, machine_line
from functions.ml.adapters.onnx_embedder import OnnxEmbedder
from infra.local.models.wanted import install_model

NAMES = ("multilingual", "fast-english")
TOKENS = (16, 64, 128, 256)
THREADS = (1, 2)
SECONDS = 2.0
WORDS = ("water", "time", "house", "river", "people", "street", "night", "paper")


def resident_mb() -> float:
    """Memory of this process now, in MB; without pages of the vocabulary that no text has used."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def text_of(tokens: int, number: int) -> str:
    """Make a text of common words, one token each, the two tokens around it counted."""
    return " ".join(WORDS[(number + place) % len(WORDS)] for place in range(tokens - 2))


def rates(embedder: OnnxEmbedder, tokens: int) -> dict[str, float]:
    """Embed for some seconds, in calls of 16 texts; the rate per CPU-second holds on a machine that others use too."""
    texts = [text_of(tokens, number) for number in range(16)]
    embedder.embed(texts[:2], purpose="passage")
    done, started, cpu_started = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - started < SECONDS:
        embedder.embed(texts, purpose="passage")
        done += len(texts)
    per_second = done / (time.perf_counter() - started)
    return {"per_s": round(per_second, 1), "per_cpu_s": round(done / (time.process_time() - cpu_started), 1)}


def measure(name: str, directory: Path) -> dict[str, Any]:
    """Measure one model in this process."""
    before, started = resident_mb(), time.perf_counter()
    embedder = OnnxEmbedder(directory, name, THREADS[0])
    embedder.embed(["how many days of leave may I carry over"], purpose="query")
    loaded = time.perf_counter() - started
    started = time.perf_counter()
    for _ in range(50):
        embedder.embed(["how many days of leave may I carry over"], purpose="query")
    query_ms = (time.perf_counter() - started) / 50 * 1000
    found = {
        f"{tokens} tokens, {threads} threads": rates(OnnxEmbedder(directory, name, threads), tokens)
        for threads in THREADS
        for tokens in TOKENS
    }
    return {
        "model_id": embedder.model_id,
        "import_and_load_s": round(loaded, 2),
        "query_ms": round(query_ms, 1),
        "resident_mb_before": round(before),
        "texts": found,
    }


def resident_after_load(name: str, directory: Path) -> int:
    """Memory with one model loaded and a passage of the longest kind embedded, in MB."""
    OnnxEmbedder(directory, name, 1).embed([text_of(512, 0)], purpose="passage")
    return round(resident_mb())


def in_own_process(function: str, name: str, directory: Path) -> Any:
    """Call a function of this module in a fresh process."""
    program = (
        "import json; from pathlib import Path; from benchmarks import embedder; "
        f"print(json.dumps(embedder.{function}({name!r}, Path({str(directory)!r}))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def print_table(found: dict[str, Any]) -> None:
    """Print the figures for people."""
    print(machine_line())
    for name, figures in found["models"].items():
        print(f"\n{name} ({figures['model_id']})")
        print(f"  import and load {figures['import_and_load_s']} s, a query {figures['query_ms']} ms,", end=" ")
        print(f"resident {figures['resident_mb']} MB (Python alone {figures['resident_mb_before']} MB)")
        print("  texts/s (per CPU-s)" + "".join(f"{tokens:>10} tokens" for tokens in TOKENS))
        for threads in THREADS:
            row = [figures["texts"][f"{tokens} tokens, {threads} threads"] for tokens in TOKENS]
            print(f"  {threads} threads         " + "".join(f"{x['per_s']:>9} ({x['per_cpu_s']:>5})" for x in row))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the named models and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.embedder", description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES, metavar="NAME")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    given = parser.parse_args(arguments)
    found: dict[str, Any] = {"machine": machine(), "models": {}}
    with TemporaryDirectory() as folder:
        for name in given.names:
            install_model(name, Path(folder), on_progress=lambda line: print(line, file=sys.stderr))
            figures = in_own_process("measure", name, Path(folder))
            figures["resident_mb"] = in_own_process("resident_after_load", name, Path(folder))
            found["models"][name] = figures
    print(json.dumps(found, indent=2)) if given.json else print_table(found)


if __name__ == "__main__":
    main()
