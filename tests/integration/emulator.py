"""A MiniStack of its own for one test module: free port, temporary state."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

STARTS_WITHIN_S = 60


def free_port() -> int:
    """Let the system choose a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def ministack(folder: Path) -> Iterator[str]:
    """Run the emulator with its state in a folder; yields its address and stops it at the end."""
    port = free_port()
    environment = {
        **os.environ,
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LAMBDA_EXECUTOR": "local",
        "PERSIST_STATE": "0",
        "STATE_DIR": str(folder / "state"),
        "S3_PERSIST": "0",
        "S3_DATA_DIR": str(folder / "objects"),
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
    }
    with (folder / "emulator.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"], cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            endpoint = f"http://127.0.0.1:{port}"
            _wait_until_healthy(process, endpoint, folder / "emulator.log")
            yield endpoint
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_healthy(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=2).close()
            return
        time.sleep(0.1)
    raise AssertionError(f"the emulator did not start:\n{log.read_text()[-2000:]}")
