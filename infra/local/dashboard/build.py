"""Build the dashboard of `web/` into the cache, once for every state of its sources.

    python -m infra.local.dashboard.build           build it and print the folder
    python -m infra.local.dashboard.build check     format, lint, types and unit tests of the sources

Node.js comes out of a pinned PyPI package in an environment of its own, npm's packages out of the committed lock file
(checked against its hashes), and the API's types out of the committed OpenAPI document. Nothing is taken from what the
machine happens to have.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.home import CHECKOUT
from infra.local.models.cache import cache_folder, only_builder, place

WEB = CHECKOUT / "web"
CONTRACTS = CHECKOUT / "shared" / "contracts"
DOCS = CHECKOUT / "docs"
README = CHECKOUT / "README.md"
NODE_LOCK = CHECKOUT / "infra" / "requirements" / "dashboard.txt"
NOT_SOURCES = frozenset({"node_modules", "dist", "coverage"})
API_TYPES, SOCKET_TYPES = Path("src/api/schema.d.ts"), Path("src/sockets/schema.d.ts")
GENERATED = frozenset({API_TYPES, SOCKET_TYPES})
# A property with a default may be left out of a request; in an answer the document says itself that it is required.
TYPES_OPTIONS = ("--default-non-nullable=false", "--output")
SHOWN_LINES = 12
CHECKS = (
    ("prettier", "--no-editorconfig", "--check", "."),
    ("eslint", "."),
    ("tsc",),
    ("vitest", "run"),
)

Report = Callable[[str], None]


class DashboardNotBuilt(Exception):
    """The dashboard cannot be built; the message says what to do."""


def sources() -> Iterator[Path]:
    """Yield every file that shapes the built dashboard, in a fixed order."""
    for path in sorted(WEB.rglob("*")):
        place_in_web = path.relative_to(WEB)
        if path.is_file() and not NOT_SOURCES.intersection(place_in_web.parts) and place_in_web not in GENERATED:
            yield path
    # The pages offer the project's own documentation as a first knowledge base.
    yield from sorted(DOCS.glob("*.md"))
    yield README
    yield CONTRACTS / "openapi.json"
    yield CONTRACTS / "sockets.json"
    yield NODE_LOCK


def digest_of(files: Iterable[Path]) -> str:
    """Return one hash of the names and contents of files."""
    digest = hashlib.sha256()
    for file in files:
        body = file.read_bytes()
        digest.update(f"{file.relative_to(CHECKOUT)}\0{len(body)}\0".encode() + body)
    return digest.hexdigest()[:24]


def socket_messages() -> str:
    """Return the messages of the WebSocket API as a document that types are generated from."""
    schemas = json.loads((CONTRACTS / "sockets.json").read_text(encoding="utf-8"))["$defs"]
    document = {
        "openapi": "3.1.0", "info": {"title": "messages", "version": "1"}, "paths": {},
        "components": {"schemas": schemas},
    }  # fmt: skip
    return json.dumps(document).replace("#/$defs/", "#/components/schemas/")


class Builder:
    """Builds, checks, and can be stopped in the middle of it.

    Args:
        report: told what happens, in words.
        environ: names the cache; npm and pip take their own settings from it.

    Attributes:
        is_stopped: somebody asked for the end.
    """

    def __init__(self, report: Report, environ: Mapping[str, str] = os.environ) -> None:
        self._report = report
        self._environ = dict(environ)
        self._folder = cache_folder(environ) / "dashboard"
        self._running: subprocess.Popen[str] | None = None
        self.is_stopped = False

    def found(self) -> Path | None:
        """Return the folder of the built dashboard if these sources were built before."""
        target = self._folder / digest_of(sources())
        return target.resolve() if (target / "index.html").is_file() else None

    def built(self) -> Path:
        """Return the folder of the built dashboard, building it when its sources changed.

        Raises:
            DashboardNotBuilt: a package could not be fetched, or the sources do not compile.
        """
        if found := self.found():
            return found
        with only_builder(self._folder, "dashboard"):
            if found := self.found():
                return found
            self._report("building the dashboard (once for every change of it) ...")
            target = self._folder / digest_of(sources())
            place(target, "dashboard", self._build)
        return target.resolve()

    def check(self) -> None:
        """Check format, rules, types and unit tests of the sources.

        Raises:
            DashboardNotBuilt: one of them is not as it should be; the message shows what was said.
        """
        with only_builder(self._folder, "check"), TemporaryDirectory(prefix="strata-dashboard-") as folder:
            work = self._prepared(Path(folder))
            for command in CHECKS:
                self._report(" ".join(command))
                self._npx(work, *command, remedy=f"{command[0]} is not content with web/.")

    def stop(self) -> None:
        """End what runs; the build then fails, and what it had made is thrown away."""
        self.is_stopped = True
        if self._running is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGKILL)

    def _build(self, target: Path) -> None:
        with TemporaryDirectory(prefix="strata-dashboard-") as folder:
            work = self._prepared(Path(folder))
            self._npx(work, "vite", "build", remedy="The dashboard does not compile.")
            shutil.copytree(work / "dist", target, dirs_exist_ok=True)

    def _prepared(self, folder: Path) -> Path:
        """Return a copy of the sources with its packages, so that a checkout that may not be written to will do."""
        work = folder / "web"
        shutil.copytree(WEB, work, ignore=shutil.ignore_patterns(*NOT_SOURCES))
        shutil.copytree(DOCS, folder / DOCS.name)
        shutil.copy(README, folder)
        (work / "node_modules").symlink_to(self.packages() / "node_modules")
        messages = folder / "sockets.openapi.json"
        messages.write_text(socket_messages(), encoding="utf-8")
        for document, types in ((CONTRACTS / "openapi.json", API_TYPES), (messages, SOCKET_TYPES)):
            command = ("openapi-typescript", str(document), *TYPES_OPTIONS, str(types))
            self._npx(work, *command, remedy="The API has no types.")
        return work

    def packages(self) -> Path:
        """Return the folder of npm's packages, installed by the lock file's hashes."""
        locks = [WEB / "package.json", WEB / "package-lock.json", WEB / ".npmrc", NODE_LOCK]
        target = self._folder / f"packages-{digest_of(locks)}"
        if not (target / "node_modules").is_dir():
            place(target, "packages", self._install)
        return target

    def _install(self, target: Path) -> None:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(WEB / name, target)
        command: list[str | Path] = [self.node() / "npm", "ci", "--no-progress", "--no-audit", "--no-fund"]
        self._run(
            command, target, remedy="The dashboard's packages could not be installed. Is an npm registry reachable?"
        )

    def node(self) -> Path:
        """Return the folder of `node` and `npm`, installed by the lock file's hash."""
        environment = self._folder / f"node-{digest_of([NODE_LOCK])}"
        if not (environment / "whole").exists():
            shutil.rmtree(environment, ignore_errors=True)
            self._run([sys.executable, "-m", "venv", environment], remedy="Python cannot create a virtual environment.")
            pip: list[str | Path] = [environment / "bin" / "python", "-m", "pip"]
            unreachable = "Node.js could not be installed. Is a Python package index reachable?"
            locked: list[str | Path] = ["--quiet", "--require-hashes", "--no-deps", "-r", NODE_LOCK]
            self._run([*pip, "install", *locked], remedy=unreachable)
            (environment / "whole").touch()
        return environment / "bin"

    def _npx(self, folder: Path, *command: str, remedy: str) -> None:
        self._run([self.node() / "npx", "--no-install", *command], folder, remedy=remedy)

    def _run(self, command: list[str | Path], folder: Path | None = None, *, remedy: str) -> None:
        if self.is_stopped:
            raise DashboardNotBuilt("The build was stopped.")
        node = self._folder / f"node-{digest_of([NODE_LOCK])}" / "bin"
        self._running = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env={**self._environ, "PATH": f"{node}{os.pathsep}{self._environ.get('PATH', '')}", "CI": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # so that all that npm started can be ended together
        )
        said, _ = self._running.communicate()
        if self._running.returncode:
            raise DashboardNotBuilt(
                "\n".join([remedy, *(f"    {line}" for line in said.strip().splitlines()[-SHOWN_LINES:])])
            )


def main() -> int:
    """Build or check, from the command line."""
    builder = Builder(lambda sentence: print(f"  {sentence}", flush=True))
    try:
        if sys.argv[1:] == ["check"]:
            builder.check()
        else:
            print(builder.built())
    except DashboardNotBuilt as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
