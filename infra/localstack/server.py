"""One LocalStack in host mode on a free port of 127.0.0.1, without Docker, an account or a network."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from infra.localstack.environment import LocalStackNotPossible, python

STARTS_WITHIN_S = 120
ENDS_WITHIN_S = 20
EXTERNAL_PORTS = 20

# GATEWAY_SERVER: the default server ignores the address and binds every interface.
SETTINGS = {
    "GATEWAY_SERVER": "hypercorn",
    "OVERRIDE_IN_DOCKER": "0",
    "DNS_ADDRESS": "0",
    "SKIP_SSL_CERT_DOWNLOAD": "1",
    "DISABLE_EVENTS": "1",
    "EAGER_SERVICE_LOADING": "0",
    "AWS_EC2_METADATA_DISABLED": "true",
    "LAMBDA_RUNTIME_EXECUTOR": "process",
    "PROVIDER_OVERRIDE_DYNAMODB": "moto",
    "LAMBDA_IGNORE_ARCHITECTURE": "1",
    "LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC": "0.1",
}


@dataclass(frozen=True)
class LocalStack:
    """A LocalStack that answers.

    Args:
        port: on 127.0.0.1.
        pid: of its process.
        log: what it writes.
    """

    port: int
    pid: int
    log: Path

    @property
    def endpoint(self) -> str:
        """Give what `AWS_ENDPOINT_URL` holds."""
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def localstack(folder: Path) -> Iterator[LocalStack]:
    """Run one with its files in a folder; it ends with all that it started.

    Raises:
        LocalStackNotPossible: it cannot be installed, or does not answer within two minutes.
    """
    interpreter = python()
    port = _free_port()
    log = folder / "localstack.log"
    with log.open("w") as written:
        process = subprocess.Popen(
            [interpreter, "-m", "localstack.runtime.main"],
            cwd=folder,
            env=_environment(folder, port),
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
            start_new_session=True,
        )
    try:
        server = LocalStack(port, process.pid, log)
        _wait_until_healthy(process, server)
        yield server
    finally:
        _end(process)


def _environment(folder: Path, port: int) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LOCALSTACK_"))}
    first = _free_port()
    files = folder / "files"
    files.mkdir(exist_ok=True)
    return {
        **inherited,
        **SETTINGS,
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "LOCALSTACK_HOST": f"localhost:{port}",
        "EXTERNAL_SERVICE_PORTS_START": str(first),
        "EXTERNAL_SERVICE_PORTS_END": str(first + EXTERNAL_PORTS),
        "LOCALSTACK_VOLUME_DIR": str(files),
        "TMPDIR": str(files),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(process: subprocess.Popen[bytes], server: LocalStack) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while process.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/_localstack/health")
            if connection.getresponse().status == HTTPStatus.OK:
                return
        time.sleep(0.2)
    raise LocalStackNotPossible(f"LocalStack did not start:\n{server.log.read_text()[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
