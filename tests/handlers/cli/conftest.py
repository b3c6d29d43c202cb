"""The command, a platform that it finds by itself, and ways to run it."""

import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from infra.cli.main import app
from tests.fakes.public_api import CLIENT_ID, EMAIL, PASSWORD, PublicApi
from tests.fakes.public_api_server import serving

STRATA = Path(sys.executable).with_name("strata")
PATIENCE_S = 20.0


@dataclass
class Strata:
    """Runs the command against one fake platform.

    Attributes:
        platform: the state of the fake.
        home: a checkout that a platform was started from; its samples are in `home/events`.
        environ: of the command.
    """

    platform: PublicApi
    home: Path
    environ: dict[str, str]

    @property
    def credentials(self) -> Path:
        """Where sign-ins are kept."""
        return Path(self.environ["XDG_CONFIG_HOME"], "strata", "credentials.json")

    def __call__(self, *args: str | Path, **environ: str) -> Result:
        """Run it in this process."""
        return CliRunner().invoke(app, [str(arg) for arg in args], env={**self.environ, **environ})

    def json(self, *args: str | Path, code: int = 0) -> Any:
        """Run it in this process with `--json` and return what it printed."""
        done = self(*args, "--json")
        assert done.exit_code == code, done.output
        return json.loads(done.stdout)

    def start(self, *args: str | Path, **environ: str) -> "subprocess.Popen[str]":
        """Start it as a process of its own."""
        return subprocess.Popen(
            [str(STRATA), *map(str, args)],
            env={**os.environ, **self.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def on_a_terminal(self, *args: str | Path, columns: int) -> tuple[int, str]:
        """Run it as a process on a terminal of so many columns; return its exit code and all that it printed."""
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        environ = {**os.environ, **self.environ, "TERM": "xterm-256color"}
        del environ["COLUMNS"]
        command = [str(STRATA), *map(str, args)]
        running = subprocess.Popen(command, env=environ, stdin=follower, stdout=follower, stderr=follower)
        os.close(follower)
        printed = b""
        while chunk := _read(leader):
            printed += chunk
        os.close(leader)
        return running.wait(timeout=PATIENCE_S), printed.decode()

    def process(self, *args: str | Path, **environ: str) -> "subprocess.CompletedProcess[str]":
        """Run it as a process of its own."""
        running = self.start(*args, **environ)
        out, err = running.communicate(timeout=PATIENCE_S)
        return subprocess.CompletedProcess(running.args, running.returncode, out, err)

    def interrupt(self, running: "subprocess.Popen[str]", when: Callable[[], bool]) -> tuple[str, str]:
        """Press Ctrl-C once something is true and return what was printed."""
        until = time.monotonic() + PATIENCE_S
        while not when():
            assert running.poll() is None, running.communicate()
            assert time.monotonic() < until, "it never happened"
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        return running.communicate(timeout=PATIENCE_S)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # how Linux tells that the other end was closed
        return b""


@pytest.fixture
def strata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Strata]:
    """A command whose checkout started the fake platform."""
    for name in ("STRATA_API_URL", "STRATA_PASSWORD", "STRATA_DEBUG", "COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "checkout"
    home.mkdir(parents=True)
    state = PublicApi()
    with serving(state):
        known = {"endpoint": state.url, "api_url": state.url, "user_pool_id": "p", "user_pool_client_id": CLIENT_ID}
        known |= {"region": "us-east-1", "email": EMAIL, "password": PASSWORD, "stage": "local"}
        (home / "platform.json").write_text(json.dumps(known))
        environ = {"STRATA_HOME": str(home), "XDG_CONFIG_HOME": str(tmp_path / "config"), "COLUMNS": "160"}
        yield Strata(state, home, environ)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of files that are all fine."""
    made = tmp_path / "Some files"
    (made / "Über uns").mkdir(parents=True)
    (made / "Über uns" / "Straße 1.txt").write_text("We live in Hamburg.")
    (made / "handbook.pdf").write_bytes(b"%PDF The pump weighs 12 kg.")
    (made / ".hidden.txt").write_text("hidden")
    (made / "~$handbook.docx").write_text("lock")
    return made
