"""The server as a child process: started, waited for, stopped by its number, and ended with its parent.

The Java is started without the scripts that come with the server: they start three more Javas, for choices that are
made here. Whoever starts it holds it: on Linux the kernel ends it when the process that started it dies, however that
dies; elsewhere, and where a machine was cut off, `running.json` names it, and the next start ends it.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from infra.local.home import read_json, write_json
from infra.local.opensearch.assembly import ensure_server
from infra.local.opensearch.errors import OpenSearchNotPossible
from infra.local.opensearch.java import ensure_java
from infra.local.processes import Identity

HEAP_MB = 512
START_DEADLINE_S = 240.0
STOP_DEADLINE_S = 30.0
NOBODY = "65534"
JAVA_OPTIONS = (
    "-XX:+UseSerialGC", "-Xss1m", "-XX:-OmitStackTraceInFastThrow", "--add-modules=jdk.incubator.vector",
    "--add-opens=java.base/java.nio=org.apache.arrow.memory.core,ALL-UNNAMED", "-Dfile.encoding=UTF-8",
    "-Djava.awt.headless=true", "-Djava.locale.providers=SPI,CLDR", "-Djna.nosys=true", "-Dio.netty.noUnsafe=true",
    "-Dio.netty.noKeySetOptimization=true", "-Dio.netty.recycler.maxCapacityPerThread=0",
    "-Dio.netty.allocator.numDirectArenas=0", "-Dlog4j.shutdownHookEnabled=false", "-Dlog4j2.disable.jmx=true",
    "-Dorg.apache.lucene.store.MMapDirectory.sharedArenaMaxPermits=1", "-Dopensearch.bundled_jdk=false",
    "-Dopensearch.distribution.type=zip",
)  # fmt: skip
LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
"""


class OpenSearchServer:
    """One server on a folder of data.

    Args:
        folder: absolute; keeps its data, configuration and log between starts.
        heap_mb: of its Java.
    """

    def __init__(self, folder: Path, *, heap_mb: int = HEAP_MB) -> None:
        self.folder = folder
        self.heap_mb = heap_mb
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def identity(self) -> Identity:
        """Which process it is."""
        return Identity.of(self.process.pid if self.process else 0)

    def start(self, *, on_progress: Callable[[str], None]) -> "OpenSearchServer":
        """Start it on a free port of the loopback, the one of its last start where that is free; returns at once.

        Args:
            on_progress: told what happens, in words.

        Raises:
            OpenSearchNotPossible: it cannot be installed, there is no Java for it, or it cannot be made unprivileged.
        """
        home, java = ensure_server(on_progress=on_progress), ensure_java(on_progress=on_progress)
        privileges = _privileges()
        self._end_former()
        self.port = _free_port(int(read_json(self._running).get("port", 0)))
        self._configure()
        on_progress("starting OpenSearch ...")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*privileges, *self._command(home, java)],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        write_json(self._running, {"port": self.port, **self.identity.write()})
        return self

    @property
    def log(self) -> Path:
        """The file of its warnings and of its last words."""
        return self.folder / "opensearch.log"

    @property
    def _running(self) -> Path:
        return self.folder / "running.json"

    def _end_former(self) -> None:
        """End a server that a lost machine or a killed parent left on this folder."""
        left = Identity.read(read_json(self._running)) if self._running.exists() else None
        if left is not None and left.is_alive():
            left.send(signal.SIGTERM)
            if not left.wait(STOP_DEADLINE_S):
                left.send(signal.SIGKILL)
                left.wait(STOP_DEADLINE_S)

    def _configure(self) -> None:
        """Write what the server reads when it starts."""
        for name in ("config", "data", "logs", "temporary"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        settings = {
            "cluster.name": "strata",
            "node.name": "strata",
            "path.data": str(self.folder / "data"),
            "path.logs": str(self.folder / "logs"),
            "network.host": "127.0.0.1",
            "http.port": self.port,
            "transport.port": _free_port(0),
            "discovery.type": "single-node",
            "action.auto_create_index": False,
            # The defaults are shares of the disk, and a well-filled disk of a person's machine would stop all writes.
            "cluster.routing.allocation.disk.watermark.low": "500mb",
            "cluster.routing.allocation.disk.watermark.high": "300mb",
            "cluster.routing.allocation.disk.watermark.flood_stage": "200mb",
        }
        (self.folder / "config" / "opensearch.yml").write_text(json.dumps(settings, indent=2) + "\n")
        (self.folder / "config" / "log4j2.properties").write_text(LOGGING)

    def _command(self, home: Path, java: Path) -> list[str]:
        return [
            str(java / "bin" / "java"), f"-Xms{self.heap_mb}m", f"-Xmx{self.heap_mb}m", *JAVA_OPTIONS,
            f"-javaagent:{home / 'agent' / 'opensearch-agent.jar'}", f"-Djava.io.tmpdir={self.folder / 'temporary'}",
            f"-XX:ErrorFile={self.folder / 'logs' / 'java-error-%p.log'}", f"-Dopensearch.path.home={home}",
            f"-Dopensearch.path.conf={self.folder / 'config'}", "-cp", f"{home / 'lib'}/*",
            "org.opensearch.bootstrap.OpenSearch",
        ]  # fmt: skip

    def wait_until_healthy(self, *, deadline_s: float = START_DEADLINE_S) -> "OpenSearchServer":
        """Wait until every index that it has can be read and written.

        Raises:
            OpenSearchNotPossible: it ended, or was not ready in time.
        """
        end = time.monotonic() + deadline_s
        while not self._is_healthy():
            self.check()
            if time.monotonic() > end:
                raise OpenSearchNotPossible(
                    f"OpenSearch was not ready within {deadline_s:.0f} s. Run the command again; {self.log} has its "
                    f"last words.{self._last_words()}"
                )
            time.sleep(0.1)
        return self

    def _is_healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=5s")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def check(self) -> None:
        """Make sure that it still runs.

        Raises:
            OpenSearchNotPossible: it does not; the message has its last words.
        """
        code = self.process.poll() if self.process else 0
        if code is None:
            return
        raise OpenSearchNotPossible(
            f"OpenSearch ended by itself (code {code}). Its data is kept: run the command again; if it fails again, "
            f"read {self.log}.{self._last_words()}"
        )

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-8:] if self.log.exists() else []
        return "".join(f"\n    {line[:300]}" for line in lines)

    def stop(self) -> bool:
        """End it after it has closed its files; False when it had to be killed. Nothing is lost either way."""
        if self.process is None:
            return True
        with suppress(ProcessLookupError):
            self.process.terminate()
        try:
            self.process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        return True

    def kill(self) -> None:
        """End it as a machine dies."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait()


def _free_port(wanted: int) -> int:
    """Return the wanted port of the loopback where it is free, else any that is."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise OpenSearchNotPossible("No port of 127.0.0.1 is free for OpenSearch. Stop a program, and run it again.")


def _privileges() -> list[str]:
    """Return what to put before the command: it ends with its parent and, as the server demands, is not root.

    The folders of an installation are closed to all but their owner. So in root's place it keeps the one capability to
    open files and none of the others; the secure bit makes it count also where a program only asks whether it may.

    Raises:
        OpenSearchNotPossible: this is root and there is no way to become somebody else.
    """
    tool = shutil.which("setpriv") if sys.platform == "linux" else None
    if os.geteuid() != 0:
        return [tool, "--pdeathsig", "TERM"] if tool else []
    if tool is None:
        raise OpenSearchNotPossible(
            "OpenSearch does not run as root, and the program setpriv, which starts it as somebody else, is missing. "
            "Install the package util-linux, or run the command as another user."
        )
    kept = "-all,+dac_override"
    return [
        tool, "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--inh-caps", kept, "--ambient-caps", kept,
        "--bounding-set", kept, "--securebits", "+no_setuid_fixup", "--pdeathsig", "TERM",
    ]  # fmt: skip
