"""The layers, held by import-linter, and the routes of the templates, held to the table they are documented by."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.deployment.templates import read
from shared.contracts.routes import ML, PUBLIC, Route

ROOT = Path(__file__).resolve().parents[2]


def test_the_layers_import_only_what_they_may() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3_000:]


@pytest.mark.parametrize(("stack", "routes"), [("application", PUBLIC), ("ml", ML)], ids=["application", "ml"])
def test_a_template_has_one_event_for_each_route_and_no_other(stack: str, routes: tuple[Route, ...]) -> None:
    template = read(ROOT / "infra" / f"{stack}.yaml")
    declared = [
        (event["Properties"]["Method"].upper(), event["Properties"]["Path"])
        for resource in template["Resources"].values()
        for event in resource.get("Properties", {}).get("Events", {}).values()
        if event["Type"] == "Api"
    ]
    wanted: dict[str, list[str]] = {}
    for route in routes:
        wanted.setdefault(route.path, []).append(route.method)
    events: dict[str, list[str]] = {}
    for method, path in declared:
        events.setdefault(path, []).append(method)
    # A path of several methods may take ANY: Lambda keeps 20 KB of policy, and each event adds to it.
    for path, methods in events.items():
        if methods == ["ANY"] and len(wanted.get(path, ())) > 1:
            events[path] = wanted[path]
    assert {path: sorted(methods) for path, methods in events.items()} == {
        path: sorted(methods) for path, methods in wanted.items()
    }
