"""What a function loads when it starts: only what it uses, within its budget of CPU time."""

import json
import subprocess
import sys

import pytest

VENDORS = (
    "boto3",
    "litellm",
    "onnxruntime",
    "tokenizers",
    "numpy",
    "pypdfium2",
    "lxml",
    "pptx",
    "chalice",
    "jwt",
    "opensearchpy",
)
HANDLERS = {
    "functions.application.api.handler": {"chalice"},
    "functions.application.projector.handler": set(),
    "functions.application.sockets.handler": set(),
    "functions.application.sockets.streaming": set(),
    "functions.ml.ingestion.handler": set(),
    "functions.ml.ingestion.dead_letter_handler": set(),
    "functions.ml.embedding.handler": set(),
    "functions.ml.answering.handler": {"chalice"},
    "functions.ml.evaluation.handler": set(),
    "functions.ml.reconciliation.handler": set(),
}
BUDGET_CPU_S = {"functions.application.api.handler": 0.5, "functions.ml.answering.handler": 1.5}
PROBE = """
import importlib, json, sys, time
start = time.process_time()
importlib.import_module({module!r})
cpu_s = time.process_time() - start
print(json.dumps({{"cpu_s": cpu_s, "modules": sorted({{name.split(".")[0] for name in sys.modules}})}}))
"""


def probe(module: str) -> tuple[float, set[str]]:
    """Import a module in a fresh interpreter; returns CPU seconds and the top-level modules it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(module=module)], capture_output=True, text=True, check=True
    )
    answer = json.loads(done.stdout)
    return answer["cpu_s"], set(answer["modules"])


@pytest.mark.parametrize("module", HANDLERS)
def test_importing_a_handler_loads_no_vendor_it_does_not_need(module: str) -> None:
    _, loaded = probe(module)
    assert loaded.intersection(VENDORS) == HANDLERS[module]


@pytest.mark.parametrize("module", BUDGET_CPU_S)
def test_importing_a_handler_stays_within_its_budget(module: str) -> None:
    probe(module)  # writes the bytecode
    best = min(probe(module)[0] for _ in range(7))  # others use the machine too
    assert best < BUDGET_CPU_S[module]
