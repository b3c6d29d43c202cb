"""An emulator of its own for a test: started, killed and started again on the same state."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[2]
START_DEADLINE_S = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class EmulatorProcess:
    """`python -m infra.local.emulator` as a child of the test."""

    def __init__(self, home: Path, *, journal_bytes: int = 100_000) -> None:
        self.home = home
        self.journal_bytes = journal_bytes
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.log = home / "log"
        home.mkdir(parents=True, exist_ok=True)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def generations(self) -> Path:
        return self.home / "state" / "generations"

    def start(self) -> "EmulatorProcess":
        self.log.write_bytes(b"")
        options: list[str | Path] = [
            "--port",
            str(self.port),
            "--state",
            self.home / "state",
            "--objects",
            self.home / "s3",
        ]
        options += ["--journal-bytes", str(self.journal_bytes)]
        command = [sys.executable, "-m", "infra.local.emulator", *map(str, options)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + START_DEADLINE_S
        while not self._healthy():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)
        return self

    def _healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def kill(self) -> float:
        """SIGKILL, and return the moment at which it was sent."""
        assert self.process is not None
        sent = time.monotonic()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._close_input()
        return sent

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(timeout=30)
        self._close_input()
        return code

    def _close_input(self) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.close()

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def client(self, service: str) -> Any:
        quick = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20, max_pool_connections=20)
        session = boto3.Session("000000000000", "test", region_name="us-east-1")
        return session.client(service, endpoint_url=self.endpoint, config=quick)  # type: ignore[call-overload]

    def lines(self) -> list[dict[str, Any]]:
        """The JSON lines that the emulator has written since its last start."""
        found = []
        for line in self.log.read_text().splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found

    def state_line(self) -> dict[str, Any]:
        return next(line for line in self.lines() if line.get("source") == "state")

    def listening(self) -> set[str]:
        """Addresses on which the process accepts connections, as the kernel writes them."""
        inodes = set()
        for handle in Path(f"/proc/{self.pid}/fd").iterdir():
            target = os.readlink(handle)
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
        rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
        return {row[1] for row in rows if row[3] == "0A" and row[9] in inodes}
