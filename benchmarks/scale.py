"""Measures whether the thousandth document takes longer than the first ones.

    python -m benchmarks.scale [--documents 5000] [--batch 250]

It starts a platform of its own and uploads small documents of different text through the command line, batch after
batch into one knowledge base, and prints the time per document of each batch and its processor time by function. The
first batch warms the functions and is not compared.
"""

import argparse
import json
import random
import time
from pathlib import Path
from typing import Any

from benchmarks.local_platform import LocalPlatform, difference, local_platform
from benchmarks.machine import machine, machine_line

WORDS_PER_DOCUMENT = 60
VOCABULARY = 4_000


def write_batch(folder: Path, first: int, count: int) -> Path:
    """Write documents that share no sentence, the same at every run."""
    draw = random.Random(first)
    folder.mkdir()
    for number in range(first, first + count):
        words = " ".join(f"word{draw.randrange(VOCABULARY)}" for _ in range(WORDS_PER_DOCUMENT))
        (folder / f"document-{number}.txt").write_text(f"Document {number}. {words}.", encoding="utf-8")
    return folder


def batch_of(platform: LocalPlatform, first: int, count: int) -> dict[str, Any]:
    """Upload one batch and wait until it is READY."""
    folder = write_batch(platform.home / f"batch-{first}", first, count)
    used, started = platform.processor_s(), time.perf_counter()
    rows = json.loads(platform.strata("ingest", "--kb", "Scale", "--json", str(folder)))["documents"]
    seconds = time.perf_counter() - started
    if any(row["status"] != "READY" for row in rows):
        raise SystemExit("a document did not become READY")
    cpu = {name: round(1000 * value / count, 1) for name, value in difference(platform.processor_s(), used).items()}
    return {"first": first, "ms_per_document": round(1000 * seconds / count, 1), "cpu_ms_per_document": cpu}


def report(row: dict[str, Any]) -> None:
    """Print one batch."""
    cpu = ", ".join(f"{name} {value}" for name, value in row["cpu_ms_per_document"].items())
    print(f"from {row['first']:>6}: {row['ms_per_document']:>7} ms a document; processor ms: {cpu}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=5_000)
    parser.add_argument("--batch", type=int, default=250)
    parser.add_argument("--json", action="store_true", help="print JSON at the end")
    given = parser.parse_args()
    print(machine_line())
    rows = []
    with local_platform() as platform:
        for first in range(0, given.documents + given.batch, given.batch):
            rows.append(batch_of(platform, first, given.batch))
            report(rows[-1])
    compared = rows[1:]
    ratio = compared[-1]["ms_per_document"] / compared[0]["ms_per_document"]
    print(f"last batch / first batch after the warm-up: {ratio:.2f}")
    if given.json:
        print(json.dumps({"machine": machine(), "batches": rows, "ratio": round(ratio, 2)}, indent=1))


if __name__ == "__main__":
    main()
