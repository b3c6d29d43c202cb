"""Serve MiniStack on one loopback port, its state loaded before the first request and written after the last."""

import asyncio
import fcntl
import json
import logging
import os
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from infra.local.emulator import hooks, objects, workers
from infra.local.emulator.environment import emulator_environment
from infra.local.emulator.generations import Generations, Loaded
from infra.local.emulator.private_names import PINNED, missing, module
from infra.local.emulator.recorder import Recorder

log = logging.getLogger("strata.state")


class LineFormatter(logging.Formatter):
    """Log records as one line of JSON each, as the supervisor reads them."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        message = super().format(record)
        fields = {"source": "emulator", "level": record.levelname, "logger": record.name, "message": message}
        return json.dumps({"time": round(record.created, 3), **fields})


@dataclass(frozen=True)
class Folders:
    """Where the emulator keeps what; all below one home folder except the objects.

    Args:
        state: journals, snapshots, keys, code archives.
        objects: S3 objects.
    """

    state: Path
    objects: Path

    @property
    def generations(self) -> Path:
        """Folder of the journals and snapshots."""
        return self.state / "generations"

    @property
    def scratch(self) -> Path:
        """Folder of running functions' unpacked code."""
        return self.state / "scratch"


class AlreadyRunning(Exception):
    """Another emulator uses the same state."""


def claim(state: Path) -> int:
    """Keep every other emulator away from a state folder for as long as this process lives.

    Raises:
        AlreadyRunning: another process holds it.
    """
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(state / "claim", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise AlreadyRunning(
            f"The state in {state} is in use by another emulator. Stop it with `make down`."
        ) from error
    return handle


def configure_logs(level: str) -> None:
    """Write MiniStack's log as JSON lines to the standard output."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger("strata.state").setLevel(logging.INFO)


class Emulator:
    """One emulator process, from loading its state to its last write."""

    def __init__(self, port: int, folders: Folders, journal_bytes: int) -> None:
        self.port = port
        self.folders = folders
        self.generations = Generations(folders.generations, folders.state, PINNED, port)
        self.recorder = Recorder(self.generations, journal_bytes)
        self.writes = hooks.ObjectWrites()
        self._tasks: list[asyncio.Task[None]] = []

    def install(self) -> None:
        """Put our persistence, records and log lines into MiniStack; the environment must have been set."""
        lacking = missing()
        if lacking:
            raise RuntimeError(f"The installed MiniStack lacks {', '.join(lacking)}; version {PINNED} is needed.")
        hooks.own_persistence(self.load, self.save)
        hooks.record_rows(self.recorder)
        hooks.note_services(self.recorder)
        self.writes.install()
        workers.install(self.recorder.touch)

    def load(self) -> None:
        """Load the newest usable state, report what could not be used, and start recording."""
        loaded = self.generations.load(module("core.persistence")._json_object_hook)
        refused = hooks.restore(loaded.state, loaded.set_aside or self.folders.state / "nothing")
        self._report(loaded, refused)
        self.recorder.start()
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self.recorder.run()), loop.create_task(self.writes.run())]

    def _report(self, loaded: Loaded, refused: list[str]) -> None:
        notices = [*loaded.notices, *refused]
        aside = str(loaded.set_aside) if loaded.set_aside else None
        for notice in notices:
            log.warning(notice)
        if aside:
            kept = "the last good state is used" if loaded.state else "the platform starts empty"
            log.warning("what could not be read was moved to %s; %s", aside, kept)
        workers.emit(source="state", loaded=loaded.state is not None, set_aside=aside, notices=notices)

    def save(self) -> None:
        """Write the last changes, after the last request."""
        for task in self._tasks:
            task.cancel()
        self.recorder.close()
        self.writes.sync()

    async def serve(self) -> None:
        """Answer requests until SIGTERM, SIGINT or the end of the standard input."""
        from hypercorn.asyncio import serve
        from hypercorn.config import Config

        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        threading.Thread(target=_stop_at_end_of_input, args=(loop, stop), daemon=True).start()
        config = Config()
        config.bind = [f"127.0.0.1:{self.port}"]
        config.keep_alive_timeout = 75
        config.graceful_timeout = 1
        config.loglevel = "WARNING"
        application = hooks.watched_application(module("app").app, self.recorder)
        await serve(application, config, shutdown_trigger=stop.wait)


def _stop_at_end_of_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    # The supervisor holds the other end: when it dies, however it dies, the emulator stops cleanly.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    loop.call_soon_threadsafe(stop.set)


def run(port: int, folders: Folders, log_level: str, journal_bytes: int) -> int:
    """Run one emulator until it is told to stop.

    Args:
        port: loopback port to open.
        folders: where its state lives.
        log_level: of MiniStack's own log.
        journal_bytes: smallest journal that calls for a snapshot.

    Returns:
        Exit code: 0 stopped cleanly, 1 could not start.
    """
    configure_logs(log_level)
    try:
        claim(folders.state)
    except AlreadyRunning as error:
        log.error(str(error))  # noqa: TRY400 - a sentence for a person
        return 1
    for left_over in (folders.scratch, folders.objects):
        left_over.mkdir(parents=True, exist_ok=True, mode=0o700)
    hooks.empty_folder(folders.scratch)
    mended = objects.mend(folders.objects, folders.state / "torn-writes")
    if mended:
        log.warning("%d S3 writes that were never answered were taken back", mended)
    os.environ.update(emulator_environment(port, folders.state, folders.objects, folders.scratch))
    emulator = Emulator(port, folders, journal_bytes)
    emulator.install()
    asyncio.run(emulator.serve())
    module("core.lambda_runtime").reset()
    return 0
