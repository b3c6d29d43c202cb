"""Measures what importing each function's handler costs: `python -m benchmarks.imports [--runs N] [--json]`.

Each import runs in a fresh interpreter; the lowest processor time of the runs is reported, since other programs can
only add to it. The last rows import what a function loads besides on its first request.
"""

import argparse
import json
import subprocess
import sys
from typing import Any

from benchmarks.machine import machine, machine_line

HANDLERS = {
    "api": "functions.application.api.handler",
    "projector": "functions.application.projector.handler",
    "answering": "functions.ml.answering.handler",
    "ingestion": "functions.ml.ingestion.handler",
    "embedding": "functions.ml.embedding.handler",
    "evaluation": "functions.ml.evaluation.handler",
    "reconciler": "functions.ml.reconciliation.handler",
    "answering, with its adapters": "functions.ml.answering.handler functions.ml.answering.wiring boto3",
    "ingestion, with its adapters": "functions.ml.ingestion.handler functions.ml.ingestion.wiring boto3",
    "embedding, with its adapters": "functions.ml.embedding.handler functions.ml.embedding.wiring boto3 onnxruntime",
}
BUDGETS_CPU_S = {"api": 0.5, "answering": 1.5}
PROBE = """
import importlib, json, sys, time
before, start = len(sys.modules), time.process_time()
for name in {names!r}.split():
    importlib.import_module(name)
print(json.dumps([time.process_time() - start, len(sys.modules) - before]))
"""


def measure(names: str, runs: int) -> dict[str, Any]:
    """Import modules in fresh interpreters; one run more than counted writes the bytecode."""
    found = []
    for _ in range(runs + 1):
        program = [sys.executable, "-c", PROBE.format(names=names)]
        found.append(json.loads(subprocess.run(program, capture_output=True, text=True, check=True).stdout))
    return {"cpu_s": round(min(cpu_s for cpu_s, _ in found[1:]), 3), "modules": found[-1][1]}


def main() -> None:
    """Measure every handler and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = {name: measure(names, given.runs) for name, names in HANDLERS.items()}
    if given.json:
        print(json.dumps({"machine": machine(), "imports": found}, indent=1))
        return
    print(machine_line())
    for name, one in found.items():
        budget = f"  budget {BUDGETS_CPU_S[name]} CPU-s" if name in BUDGETS_CPU_S else ""
        print(f"{name:30} {one['cpu_s']:6.3f} CPU-s  {one['modules']:5} modules{budget}")


if __name__ == "__main__":
    main()
