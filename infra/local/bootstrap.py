"""Build the checkout's `.venv` from the committed lock files, before anything can be imported.

Runs on a bare Python 3.11 or newer with only the standard library: `python3 infra/local/bootstrap.py SET`, where SET
is `platform` (what `make up` needs) or `development` (what `make check` and `make test` need, a superset).
A finished environment is stamped with the digest of its lock file, so the second start costs nothing.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "infra" / "requirements"
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "strata-environment.json"
SETS = ("platform", "development")
NEEDED_BYTES = 2 * 1024**3


class SetupFailed(Exception):
    """The environment cannot be built; the message says what to do."""


def run(command: list[str | Path], *, remedy: str, env: dict[str, str] | None = None) -> None:
    """Run one set-up command and turn its failure into a remedy for a person."""
    done = subprocess.run([str(part) for part in command], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        detail = (done.stderr or done.stdout).strip().splitlines()[-12:]
        raise SetupFailed(remedy + "\n\n" + "\n".join("    " + line for line in detail))


def check_machine() -> None:
    """Refuse early what would fail late: an old Python, a full disk."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is the one that an older Python still gets to read
        raise SetupFailed(
            f"Strata needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}. "
            "Install one and run `make PYTHON=/path/to/python3.11 ...`."
        )
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED_BYTES and not STAMP.exists():
        raise SetupFailed(
            f"The set-up needs 2 GB of free disk space under {ROOT}; {free / 1e9:.1f} GB are free. "
            "Free some space and run the command again."
        )


def wanted_stamp(name: str) -> dict[str, str]:
    """What identifies a finished environment: the lock, the project file, the interpreter, the place."""
    digest = hashlib.sha256()
    for part in (REQUIREMENTS / f"{name}.txt", REQUIREMENTS / "bootstrap.txt", ROOT / "pyproject.toml"):
        digest.update(part.read_bytes())
    return {"set": name, "digest": digest.hexdigest(), "python": sys.version, "place": str(ENVIRONMENT)}


def is_ready(name: str) -> bool:
    """Is the environment the wanted one, or the larger set of the same lock files?"""
    if not (STAMP.exists() and PYTHON.exists()):
        return False
    found = json.loads(STAMP.read_text())
    return any(found == wanted_stamp(candidate) for candidate in SETS[SETS.index(name) :])


def installer_environment() -> dict[str, str]:
    """Hand pip's own settings for the package index and certificates to uv, which does not read them."""
    environment = dict(os.environ)
    listed = subprocess.run(
        [str(PYTHON), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    settings = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        settings[key.split(".", 1)[-1].strip(".").removesuffix(":")] = value.strip("'\"")
    for option, variable in (("index-url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")):
        if option in settings:
            environment.setdefault(variable, settings[option])
    environment["VIRTUAL_ENV"] = str(ENVIRONMENT)
    environment["UV_PYTHON_DOWNLOADS"] = "never"
    environment.setdefault("UV_HTTP_TIMEOUT", "180")
    return environment


def build(name: str) -> None:
    """Create the environment and install the locked set, every file checked against its hash."""
    stale = STAMP.exists() and json.loads(STAMP.read_text())["python"] != sys.version
    if stale or not PYTHON.exists():
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        run(
            [sys.executable, "-m", "venv", ENVIRONMENT],
            remedy="Python cannot create a virtual environment. On Debian or Ubuntu: `apt-get install python3-venv`.",
        )
    STAMP.unlink(missing_ok=True)
    unreachable = (
        "The packages could not be installed. Is a Python package index reachable? Behind a proxy or a mirror, set "
        "HTTPS_PROXY, or `pip config set global.index-url URL`, and run the command again."
    )
    print("  installing the package installer ...", flush=True)
    bootstrap = REQUIREMENTS / "bootstrap.txt"
    run(
        [PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", bootstrap],
        remedy=unreachable,
    )
    print(f"  installing the locked packages ({name}) ...", flush=True)
    uv: list[str | Path] = [PYTHON, "-m", "uv", "pip"]
    environment = installer_environment()
    locked = REQUIREMENTS / f"{name}.txt"
    run([*uv, "install", "--require-hashes", "-r", locked], remedy=unreachable, env=environment)
    run(
        [*uv, "install", "--no-deps", "--no-build-isolation", "--editable", ROOT],
        remedy="The strata command could not be installed into .venv; remove .venv and run the command again.",
        env=environment,
    )
    STAMP.write_text(json.dumps(wanted_stamp(name)))


def main() -> int:
    """Build the named set unless it is there."""
    name = sys.argv[1] if len(sys.argv) > 1 else "platform"
    try:
        if name not in SETS:
            raise SetupFailed(f"Unknown set {name!r}; one of {', '.join(SETS)}.")
        check_machine()
        if not is_ready(name):
            print(f"Setting up {ENVIRONMENT} (once) ...", flush=True)
            build(name)
    except SetupFailed as error:
        print(f"\nset-up failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
