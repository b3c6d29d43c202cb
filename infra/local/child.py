"""The emulator as a child process of the supervisor."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time

from infra.local.home import CHECKOUT, Home
from infra.local.lines import Lines
from infra.local.processes import Identity

START_DEADLINE_S = 60.0
STOP_DEADLINE_S = 30.0


class EmulatorFailed(Exception):
    """The emulator did not start, or ended by itself; the message says what to do."""


class EmulatorChild:
    """Starts the emulator, reads its lines, and ends it.

    Its standard input is a pipe that only this process holds, so that the emulator stops cleanly by itself when the
    supervisor is killed. A session of its own keeps a terminal's Ctrl-C from it: the supervisor ends it, in order.
    """

    def __init__(self, home: Home, port: int, lines: Lines) -> None:
        command = [sys.executable, "-m", "infra.local.emulator", "--port", str(port)]
        command += ["--state", str(home.state), "--objects", str(home.objects)]
        self.port = port
        self.lines = lines
        self.process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.identity = Identity.of(self.process.pid)
        self._reader = threading.Thread(target=self._read, name="emulator-lines", daemon=True)
        self._reader.start()

    @property
    def endpoint(self) -> str:
        """Address of every AWS API."""
        return f"http://127.0.0.1:{self.port}"

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.take(line.decode(errors="replace").rstrip("\n"))

    def wait_until_healthy(self) -> None:
        """Wait for the first answer.

        Raises:
            EmulatorFailed: it ended, or did not answer in time.
        """
        deadline = time.monotonic() + START_DEADLINE_S
        while not self._answers():
            self.check()
            if time.monotonic() > deadline:
                raise EmulatorFailed(f"The emulator did not answer within {START_DEADLINE_S:.0f} s. Run it again.")
            time.sleep(0.05)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()

    def check(self) -> None:
        """Make sure that the emulator still runs.

        Raises:
            EmulatorFailed: it does not.
        """
        code = self.process.poll()
        if code is None:
            return
        self._reader.join(timeout=2)
        last = "".join(f"\n    {line}" for line in self.lines.last[-8:])
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        raise EmulatorFailed(
            f"The emulator {how}. Its state is kept: run `make up` again. "
            f"If that fails too, read logs/emulator.log in the state folder.{last}"
        )

    def stop(self) -> bool:
        """End the emulator after it has written its state; False when it had to be killed."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False
        finally:
            self._reader.join(timeout=2)
            if self.process.stdin:
                self.process.stdin.close()
        return True
