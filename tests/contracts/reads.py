"""Which fields of the other layer's messages a layer reads: seen while its tests run, and kept in the contracts.

    python -m tests.contracts.reads            record what both layers read
    python -m tests.contracts.reads check      fail where a layer reads what is not recorded

A field counts as read where code of the layer takes it from a message that the other layer made; a message that is
passed on whole counts with all its fields.
"""

import inspect
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from shared.contracts import events, ml_api

ROOT = Path(__file__).resolve().parents[2]
EXPECTATIONS = ROOT / "shared" / "contracts" / "expectations"
READERS = ("application", "ml")
SUITES = (
    "tests/unit/application", "tests/handlers/api", "tests/handlers/sockets", "tests/handlers/test_projector.py",
    "tests/handlers/test_ml_api.py", "tests/handlers/test_pipeline.py", "tests/handlers/test_evaluation.py",
)  # fmt: skip
Reads = dict[str, dict[str, set[str]]]
"""Fields by message by reader."""

FROM_APPLICATION = frozenset({"DocumentChanged", "EvaluationRequested"})
"""Events of the application layer; all others are the ML layer's."""


def messages() -> dict[str, type[BaseModel]]:
    """Return the classes of all messages between the layers by name."""
    found = {
        name: kind
        for module in (ml_api, events)
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, BaseModel) and kind.__module__ == module.__name__
    }
    return {name: kind for name, kind in found.items() if kind.model_fields}


def reader_of(name: str) -> str:
    """Return which layer reads what the other one made: the application layer reads answers, the ML layer requests."""
    asks = name.endswith("Request") or name in {"Caller", "Turn", "PreviewFile", *FROM_APPLICATION}
    return "ml" if asks else "application"


def layer_of(filename: str) -> str:
    """Return the layer whose code a file is; empty for tests and shared code."""
    for layer in READERS:
        if f"/functions/{layer}/" in filename:
            return layer
    return ""


class Recorder:
    """Watches every message class while tests run; a plugin of pytest."""

    def __init__(self) -> None:
        self.reads: Reads = {reader: defaultdict(set) for reader in READERS}

    def pytest_configure(self) -> None:
        """Begin to watch."""
        for name, kind in messages().items():
            self._watch(name, kind)

    def _watch(self, name: str, kind: type[BaseModel]) -> None:
        fields, reader = frozenset(kind.model_fields), reader_of(name)
        plain = kind.__getattribute__

        def look(message: BaseModel, attribute: str) -> Any:
            if attribute in fields:
                if layer_of(sys._getframe(1).f_code.co_filename) == reader:
                    self.reads[reader][name].add(attribute)
            elif attribute in {"model_dump", "model_dump_json"} and (
                layer_of(sys._getframe(1).f_code.co_filename) == reader
            ):
                self.reads[reader][name] |= fields
            return plain(message, attribute)

        kind.__getattribute__ = look  # type: ignore[assignment]


def recorded() -> Reads:
    """Return what is kept in the contracts."""
    return {
        reader: {name: set(fields) for name, fields in json.loads(path.read_text()).items()}
        for reader in READERS
        if (path := EXPECTATIONS / f"{reader}.json").is_file()
    }


def unrecorded(found: Reads, known: Reads) -> Iterator[str]:
    """Yield what is read and not kept, one line each."""
    for reader, kinds in found.items():
        for name, fields in sorted(kinds.items()):
            for field in sorted(fields - known.get(reader, {}).get(name, set())):
                yield f"the {reader} layer reads {name}.{field}"


def main(*arguments: str) -> int:
    """Run the tests of both layers; keep what they read, or compare it."""
    recorder = Recorder()
    outcome = pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", *SUITES], plugins=[recorder])
    if outcome != pytest.ExitCode.OK:
        return int(outcome)
    if arguments == ("check",):
        missing = list(unrecorded(recorder.reads, recorded()))
        sys.stdout.write("\n".join([*missing, f"{len(missing)} reads are not recorded"]) + "\n")
        return 1 if missing else 0
    EXPECTATIONS.mkdir(exist_ok=True)
    for reader, kinds in recorder.reads.items():
        told = {name: sorted(fields) for name, fields in sorted(kinds.items())}
        (EXPECTATIONS / f"{reader}.json").write_text(json.dumps(told, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
