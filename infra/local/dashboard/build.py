"""Build the dashboard of `web/` into the cache, once for every state of its sources.

Node.js comes out of a pinned PyPI package in an environment of its own, npm's packages out of the committed lock file
(checked against its hashes), and the API's types out of the committed OpenAPI document. Nothing is taken from what the
machine happens to have.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.home import CHECKOUT
from infra.local.models.cache import cache_folder, only_builder, place

WEB = CHECKOUT / "web"
OPENAPI = CHECKOUT / "shared" / "contracts" / "openapi.json"
NODE_LOCK = CHECKOUT / "infra" / "requirements" / "web.txt"
SOURCES = ("src", "public", "index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")
SHOWN_LINES = 12

Report = Callable[[str], None]


class DashboardNotBuilt(Exception):
    """The dashboard cannot be built; the message says what to do."""


def sources() -> Iterator[Path]:
    """Yield every file that shapes the built dashboard, in a fixed order."""
    for name in (*SOURCES, ".npmrc", "postcss.config.cjs"):
        path = WEB / name
        yield from sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    yield OPENAPI
    yield NODE_LOCK


def digest_of(files: Iterator[Path]) -> str:
    """Return one hash of the names and contents of files."""
    digest = hashlib.sha256()
    for file in files:
        body = file.read_bytes()
        digest.update(f"{file.relative_to(CHECKOUT)}\0{len(body)}\0".encode() + body)
    return digest.hexdigest()[:24]


def built(report: Report, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the built dashboard, building it when its sources changed.

    Raises:
        DashboardNotBuilt: a package could not be fetched, or the sources do not compile.
    """
    folder = cache_folder(environ) / "dashboard"
    target = folder / digest_of(sources())
    if (target / "index.html").is_file():
        return target
    with only_builder(folder, "dashboard"):
        if not (target / "index.html").is_file():
            report("building the dashboard (once for every change of it, about a minute) ...")
            node = _node(folder)
            place(target, "dashboard", lambda unfinished: _build(node, unfinished))
    return target


def _node(folder: Path) -> Path:
    """Return the folder of `node` and `npm`, installed by the lock file's hash."""
    environment = folder / f"node-{hashlib.sha256(NODE_LOCK.read_bytes()).hexdigest()[:16]}"
    if (environment / "whole").exists():
        return environment / "bin"
    shutil.rmtree(environment, ignore_errors=True)
    _run([sys.executable, "-m", "venv", environment], remedy="Python cannot create a virtual environment.")
    _run(
        [environment / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps",
         "-r", NODE_LOCK],
        remedy="Node.js could not be installed. Is a Python package index reachable?",
    )  # fmt: skip
    (environment / "whole").touch()
    return environment / "bin"


def _build(node: Path, target: Path) -> None:
    """Build in a copy of the sources, so that a checkout that may not be written to will do."""
    environ = {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '')}", "CI": "1"}
    with TemporaryDirectory(prefix="strata-dashboard-") as folder:
        work = Path(folder) / "web"
        shutil.copytree(WEB, work, ignore=shutil.ignore_patterns("node_modules", "dist"))
        unreachable = "The dashboard's packages could not be installed. Is an npm registry reachable?"
        _run([node / "npm", "ci", "--no-progress"], work, environ, remedy=unreachable)
        types = [node / "npx", "openapi-typescript", OPENAPI, "--output", "src/api/schema.d.ts"]
        for command in (types, [node / "npx", "tsc"], [node / "npx", "vite", "build"]):
            _run(command, work, environ, remedy="The dashboard does not compile.")
        shutil.copytree(work / "dist", target, dirs_exist_ok=True)


def _run(
    command: list[str | Path], folder: Path | None = None, environ: Mapping[str, str] | None = None, *, remedy: str
) -> None:
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()[-SHOWN_LINES:]
        raise DashboardNotBuilt("\n".join([remedy, *(f"    {line}" for line in said)]))
