"""`make up`: start the platform on this machine, keep it in the foreground, and stop it in order."""

import argparse
import fcntl
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TypeVar

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from infra.local.child import EmulatorChild, EmulatorFailed
from infra.local.clients import REGION
from infra.local.dashboard.hosting import HostedDashboard
from infra.local.home import DEFAULT_PORT, Home, read_json, write_json
from infra.local.lines import Lines
from infra.local.opensearch.errors import OpenSearchNotPossible
from infra.local.opensearch.server import OpenSearchServer
from infra.local.pieces import STAGE, PieceFailed, Pieces, SignIn, StrataPieces
from infra.local.processes import Identity

DASHBOARD_OFFSET = 14  # 4580 beside the emulator's 4566
NEEDED_BYTES = 500 * 1024**2
EXIT_STOPPED, EXIT_FAILED = 0, 1
Result = TypeVar("Result")


class NotPossible(Exception):
    """The platform cannot be started here and now; the message says what to do."""


class Stopped(BaseException):
    """Somebody asked for the end; no `except Exception` on the way may take it for a failure."""


def claim(home: Home) -> int:
    """Keep every other supervisor away from an installation for as long as this process lives.

    Raises:
        NotPossible: one is running; the message names its address.
    """
    handle = os.open(home.claim_file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        running = read_json(home.running_file)
        where = f"at http://127.0.0.1:{running['port']}" if "port" in running else "and is starting"
        raise NotPossible(f"The platform is already running {where}. Stop it with `make down`.") from error
    os.set_inheritable(handle, False)
    return handle


def end_former_children(home: Home) -> None:
    """Wait for what a killed supervisor left: it stops by itself, and is made to where it does not."""
    running = read_json(home.running_file)
    for left in map(Identity.read, (running.get("emulator"), running.get("search"))):
        if left is not None and not left.wait(10):
            left.send(signal.SIGKILL)
            left.wait(5)
    home.running_file.unlink(missing_ok=True)


def check_machine(home: Home, port: int) -> None:
    """Refuse early what would fail late.

    Raises:
        NotPossible: the port is taken, or the disk is full.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise NotPossible(
                f"Port {port} is in use by another program. Stop that program, or choose another port: "
                f"`make up PORT={port + 100}`."
            ) from error
    free = shutil.disk_usage(home.root).free
    if free < NEEDED_BYTES:
        raise NotPossible(
            f"The platform needs 500 MB of free disk space in {home.root}; {free / 1e6:.0f} MB are free. "
            "Free some space, or set STRATA_HOME to a folder on another disk."
        )


class Supervisor:
    """Brings the pieces up, waits, and takes them down.

    Args:
        home: folders of the installation.
        port: the emulator's.
        pieces: what is brought up besides it.
        console: where people look.
    """

    def __init__(self, home: Home, port: int, pieces: Pieces, console: Console) -> None:
        self.home = home
        self.port = port
        self.pieces = pieces
        self.console = console
        self.stopping = threading.Event()
        self._child: EmulatorChild | None = None
        self._search: OpenSearchServer | None = None
        self._dashboard: HostedDashboard | None = None

    def report(self, sentence: str) -> None:
        """Show one step of the set-up."""
        self.console.print(f"  {sentence}", style="dim", highlight=False, soft_wrap=True)

    def run(self) -> int:
        """Run the platform until it is told to stop.

        Returns:
            0 stopped as asked, 1 it could not start or ended by itself.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        lines = Lines(self.console, self.home.logs)
        try:
            self._start(lines)
            self._watch()
        except (EmulatorFailed, OpenSearchNotPossible, PieceFailed, NotPossible) as error:
            self.console.print(f"\n{error}", style="red", markup=False, highlight=False, soft_wrap=True)
            return EXIT_FAILED
        except Stopped:
            pass
        finally:
            self._stop()
            lines.close()
        return EXIT_STOPPED

    def _on_signal(self, _number: int, _frame: object) -> None:
        if not self.stopping.is_set():
            self.stopping.set()
            raise Stopped
        if self._child is not None:
            self._child.process.kill()
        if self._search is not None:
            self._search.kill()

    def _step(self) -> None:
        if self.stopping.is_set():
            raise Stopped
        if self._search is not None:
            self._search.check()
        if self._child is not None:
            self._child.check()

    def _start(self, lines: Lines) -> None:
        began_s = time.monotonic()
        self.console.print("Starting Strata ...", style="bold")
        self.pieces.install_models(self.home, self.report)
        self._step()
        self._search = self.pieces.start_search(self.home, self.report)
        self._child = child = EmulatorChild(self.home, self.port, lines)
        mine = {"supervisor": Identity.of(os.getpid()).write(), "emulator": child.identity.write(), "port": self.port}
        if self._search is not None:
            mine["search"] = self._search.identity.write()
        write_json(self.home.running_file, mine)
        child.wait_until_healthy()
        if self._search is not None:
            self._search.wait_until_healthy()
        self._step()
        outputs = self._explained(lambda: self.pieces.deploy(self.home, child.endpoint, self.report))
        self._step()
        password = read_json(self.home.platform_file).get("password")
        sign_in = self._explained(lambda: self.pieces.seed(child.endpoint, outputs, password, self.report))
        known = {"endpoint": child.endpoint, "region": REGION, "stage": STAGE, **asdict(sign_in), "outputs": outputs}
        addresses = {name: outputs[name] for name in ("api_url", "user_pool_id", "user_pool_client_id")}
        platform = {**addresses, "endpoint": child.endpoint, "region": REGION}
        self._dashboard = self.pieces.open_dashboard(platform, self.port + DASHBOARD_OFFSET, self.report)
        dashboard_url = self._dashboard.url if self._dashboard else ""
        write_json(self.home.platform_file, {**addresses, **known, "dashboard_url": dashboard_url})
        self._explained(lambda: self.pieces.reconcile(child.endpoint, outputs, self.report))
        self._welcome(dashboard_url, outputs["api_url"], sign_in, time.monotonic() - began_s)

    def _explained(self, step: Callable[[], Result]) -> Result:
        try:
            return step()
        except Exception:
            self._step()  # an emulator that died, or Ctrl-C, explains what the step could not do
            raise

    def _welcome(self, dashboard_url: str, api_url: str, sign_in: SignIn, took_s: float) -> None:
        table = Table(box=None, show_header=False, padding=(0, 2))
        if dashboard_url:
            table.add_row("open", dashboard_url)
        table.add_row("API", api_url)
        table.add_row("sign in", f"{sign_in.email}  {sign_in.password}")
        table.add_row("state", str(self.home.root))
        table.add_row("try", ".venv/bin/strata ingest --kb Handbook README.md")
        table.add_row("", '.venv/bin/strata ask --kb Handbook "What is Strata?"')
        table.add_row("", ".venv/bin/strata status")
        ready = Text(f"\nStrata is ready ({took_s:.1f} s). Ctrl-C or `make down` stops it.", style="bold green")
        # One write: whoever waits for the first line in a log finds the address and the password below it.
        self.console.print(Group(ready, table), highlight=False, soft_wrap=True, end="\n\n")

    def _watch(self) -> None:
        models = threading.Thread(target=self._build_models, name="models", daemon=True)
        models.start()
        while True:
            self._step()
            self.stopping.wait(0.3)

    def _build_models(self) -> None:
        while not self.stopping.wait(1.0):
            try:
                self.pieces.build_wanted_models(self.home, self.report)
            except Exception as error:
                self.report(f"a model could not be built: {error}")

    def _stop(self) -> None:
        self.stopping.set()
        if self._dashboard is not None:
            self._dashboard.stop()
        if self._child is not None:
            self.console.print("Stopping ...", style="dim")
            self._child.lines.quiet = True
            if not self._child.stop():
                self.console.print("The emulator did not stop in time and was ended; its journal is kept.")
        if self._search is not None:
            self._search.stop()
        self.home.running_file.unlink(missing_ok=True)


def run(pieces: Pieces, port: int, console: Console) -> int:
    """Start the platform and stay until it is stopped.

    Args:
        pieces: what is brought up besides the emulator.
        port: loopback port of the emulator.
        console: where people look.

    Returns:
        Exit code: 0 stopped as asked, 1 could not start or ended by itself.
    """
    home = Home.of(os.environ)
    try:
        home.make()
        claim(home)
        end_former_children(home)
        check_machine(home, port)
    except (NotPossible, OSError) as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return EXIT_FAILED
    return Supervisor(home, port, pieces, console).run()


def main() -> int:
    """Read the options and run the platform in the foreground."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = os.environ.get("STRATA_PORT") or str(DEFAULT_PORT)
    parser.add_argument("--port", type=int, default=int(default), help="loopback port of the emulator")
    return run(StrataPieces(), parser.parse_args().port, Console())


if __name__ == "__main__":
    sys.exit(main())
