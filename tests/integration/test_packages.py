"""A function's package is complete: unpacked alone, with no other package in reach, it handles its sample events.

The packages are built for this machine, which has the same sources, locks and pruning as those for the cloud.
"""

import json
import os
import platform
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from infra.deployment.import_times import import_cpu_s
from infra.deployment.package import build, functions
from infra.deployment.packages import Built, Package, most_import_cpu_s, package_archive
from infra.deployment.stacks import DeployFailed
from infra.deployment.templates import ROOT, STACKS, code_folder, committed

ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
ANY = 10**9
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
ROW = re.compile(r"^\| (\w+\.json) \| .+ \| (\w+) \|$", re.MULTILINE)
RUN = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
module, _, name = sys.argv[2].rpartition(".")
handler = getattr(importlib.import_module(module), name)

class Context:
    function_name, memory_limit_in_mb = "sample", 1024
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:sample"
    aws_request_id = "00000000-0000-0000-0000-000000000000"
    get_remaining_time_in_millis = staticmethod(lambda: 30_000)

try:
    ended = {"returned": handler(json.loads(open(sys.argv[3]).read()), Context())}
except ImportError:
    raise
except Exception as error:
    ended = {"raised": f"{type(error).__name__}: {error}"}
files = (getattr(module, "__file__", None) or "" for module in list(sys.modules.values()))
outside = sorted(file for file in files if "site-packages" in file)
print("\\n" + json.dumps({"ended": ended, "outside": outside}, default=str))
"""


class Refusing(BaseHTTPRequestHandler):
    """Refuses every call to AWS: what a function does without it is not the question here."""

    def refuse(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b'{"__type": "AccessDeniedException", "message": "no"}'
        self.send_response(400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = refuse  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every function, built for this machine and unpacked from its zip."""
    folder = tmp_path_factory.mktemp("packages")
    for name, layer in functions().items():
        build(name, layer, architecture=ARCHITECTURE, python=PYTHON, folder=folder / "built", most_bytes=ANY)
        with zipfile.ZipFile(folder / "built" / f"{name}.zip") as archive:
            archive.extractall(folder / name)
    return folder


@dataclass(frozen=True)
class Function:
    """One function of the templates, with a value for every name of its environment."""

    folder: str
    handler: str
    variables: dict[str, str]


def text(value: Any, parameters: dict[str, Any]) -> str:
    """What a variable holds: its text, the default of the parameter that it names, or anything."""
    default = parameters.get(value["Ref"], {}).get("Default") if isinstance(value, dict) and "Ref" in value else value
    return default if isinstance(default, str) and not default.startswith("/") else "1"


def samples() -> list[Any]:
    """Each sample with its function."""
    found: dict[str, Function] = {}
    for stack in STACKS:
        document = committed(stack).document
        shared = document.get("Globals", {}).get("Function", {}).get("Environment", {}).get("Variables", {})
        for name, resource in document["Resources"].items():
            if resource["Type"] == "AWS::Serverless::Function":
                properties = resource["Properties"]
                variables = {**shared, **properties.get("Environment", {}).get("Variables", {})}
                known = {key: text(value, document["Parameters"]) for key, value in variables.items()}
                found[name] = Function(Path(code_folder(document, resource)).name, properties["Handler"], known)
    rows = ROW.findall((ROOT / "events" / "README.md").read_text())
    return [pytest.param(sample, found[name], id=sample.removesuffix(".json")) for sample, name in rows]


@pytest.mark.parametrize(("sample", "function"), samples())
def test_a_package_alone_handles_its_sample(
    packages: Path, endpoint: str, sample: str, function: Function, tmp_path: Path
) -> None:
    environment = {
        **function.variables, "SEARCH_URL": f"opensearch:{endpoint}",
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_ENDPOINT_URL": endpoint, "AWS_MAX_ATTEMPTS": "1",
        "AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "POWERTOOLS_TRACE_DISABLED": "1",
    }  # fmt: skip
    inside = packages / function.folder
    command = [
        sys.executable,
        "-I",
        "-S",
        "-B",
        "-c",
        RUN,
        str(inside),
        function.handler,
        str(ROOT / "events" / sample),
    ]
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stderr[-3_000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert told["outside"] == []
    # A batch reports a record whose code is not there as a failed one, and goes on.
    assert not re.search("ModuleNotFoundError|ImportError|SettingsError", done.stdout + done.stderr), done.stdout[
        -3_000:
    ]


@pytest.mark.parametrize("folder", sorted(functions()))
def test_the_import_of_a_function_stays_within_its_budget(packages: Path, folder: str) -> None:
    handlers = {case.values[1].handler for case in samples() if case.values[1].folder == folder}
    for handler in handlers:
        assert 0 < import_cpu_s(packages / folder, handler) < most_import_cpu_s()


def test_the_same_sources_make_the_same_bytes(packages: Path, tmp_path: Path) -> None:
    build("projector", "application", architecture=ARCHITECTURE, python=PYTHON, folder=tmp_path)
    assert (tmp_path / "projector.zip").read_bytes() == (packages / "built" / "projector.zip").read_bytes()


def test_a_package_that_was_changed_after_it_was_built_is_not_deployed(tmp_path: Path) -> None:
    (tmp_path / "api.zip").write_bytes(b"another")
    Built("3.13", "arm64", {"api": Package("0" * 64, 7, 7)}).write(tmp_path)
    with pytest.raises(DeployFailed, match="not what was built"):
        package_archive("api", tmp_path)
    with pytest.raises(DeployFailed, match="make package"):
        package_archive("projector", tmp_path)
    with pytest.raises(DeployFailed, match="Nothing is built"):
        package_archive("api", tmp_path / "elsewhere")
