"""Note every change of the emulator's memory in the journal, and keep the journal short with snapshots."""

import asyncio
import gc
import json
import logging
import os
import time
import warnings
from typing import Any

from infra.local.emulator import capture
from infra.local.emulator.frames import CLEARED, END, MESSAGES, ROWS, SERVICE, encode
from infra.local.emulator.generations import Generations, sync_folder
from infra.local.emulator.journal import Journal
from infra.local.emulator.replay import Message

SHORTEST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 0.7
# Effects of a request, such as what a queue's consumer does, may follow it; a look at rest finds what came of itself.
ACTIVE_AFTER_REQUEST_S = 1.0
PAUSE_AT_REST_S = 5.0
# While the disk is flushed, an append may have to wait for it.
PAUSE_BETWEEN_SYNCS_S = 0.4
# A snapshot or a look at the services takes at most a tenth of the time: what it took is followed by nine such pauses.
PAUSES_PER_WORK = 9
SNAPSHOT_DEADLINE_S = 120.0

log = logging.getLogger("strata.state")


class Recorder:
    """The one writer of the journal.

    Rows are noted as they change and written before their request is answered (`commit_rows`); services and messages
    are compared with what was last written (`capture_changes`), at the latest `LONGEST_PAUSE_S` after a change.

    Args:
        generations: the state's files.
        journal_bytes: smallest journal that calls for a snapshot; a larger state waits for a journal of its own size,
            so that the cost of snapshots stays in proportion to what is written.
    """

    def __init__(self, generations: Generations, journal_bytes: int) -> None:
        self.generations = generations
        self.journal_bytes = journal_bytes
        self.journal = Journal(generations)
        self._rows: list[tuple[str, Any, Any, Any]] = []
        self._known_tables: set[str] = set()
        self._services: dict[str, bytes] = {}
        self._messages: dict[str, dict[str, int]] = {}
        self._child: tuple[int, int, float] | None = None
        self._snapshot_bytes = 0
        self._next_snapshot_s = 0.0
        self._active_until_s = 0.0
        self._used: set[str] | None = None  # services whose state requests may have changed since; None for any
        self._looked_at_all_s = 0.0

    def used(self, service: str) -> None:
        """Remember which service a request was for."""
        changed = capture.state_of_request(service)
        if changed is None:
            self._used = None
        elif self._used is not None:
            self._used.add(changed)

    def touch(self) -> None:
        """Remember that a request or an invocation has begun or ended: something may change now."""
        self._active_until_s = time.monotonic() + ACTIVE_AFTER_REQUEST_S

    def start(self) -> None:
        """Begin a new generation with the present state, so that old files are never appended to."""
        self.changes()
        self.snapshot()

    def note_row(self, table: dict[str, Any], hash_key: str, sort_key: str, item: dict[str, Any] | None) -> None:
        """Remember that a row is now `item`, or is gone."""
        self._rows.append((capture.table_id(table), hash_key, sort_key, item))

    def note_replaced(self, table: dict[str, Any]) -> None:
        """Remember that all rows of a table were replaced at once."""
        name = capture.table_id(table)
        self._rows.append((name, None, None, None))
        for hash_key, partition in table["items"].items():
            self._rows.extend((name, hash_key, sort_key, item) for sort_key, item in partition.items())

    def commit_rows(self) -> None:
        """Write the noted rows; those of one request are one record, so a transaction is there whole or not at all.

        Raises:
            OSError: the disk is full or failing; the rows stay noted.
        """
        if not self._rows:
            return
        with self.journal.lock:
            noted, self._rows = self._rows, []
            frames, known = [], self._known_tables
            try:
                if any(name not in known for name, *_ in noted):
                    frames.append(self._service_frame("dynamodb", capture.to_json(capture.tables())))
                frames.extend(_row_frames(noted))
                self.journal.append(b"".join(frames))
            except OSError:
                self._rows = noted + self._rows
                raise
            known.update(name for name, *_ in noted)

    def _service_frame(self, name: str, state: bytes) -> bytes:
        self._services[name] = state
        return encode(SERVICE, name.encode() + b"\n" + state)

    def changes(self) -> list[bytes]:
        """Frame what changed in services and queues since the last call.

        Describing all services takes longer than most requests, so only those that were used are looked at, and all
        now and then, for what changed without a request.
        """
        now_s = time.monotonic()
        overdue = not self._looked_at_all_s or now_s > self._looked_at_all_s + PAUSE_AT_REST_S
        wanted = None if overdue else self._used
        self._used = set()
        if wanted is None:
            self._looked_at_all_s = now_s
        states = capture.services(wanted)
        frames = [self._service_frame(name, state) for name, state in states if self._services.get(name) != state]
        seen: dict[str, dict[str, int]] = {}
        for queue, messages in capture.messages():
            seen[queue] = {message["id"]: message.get("receive_count", 0) for message in messages}
            frames.extend(self._message_frames(queue, messages, seen[queue]))
        for queue in self._messages.keys() - seen.keys():
            frames.extend(self._message_frames(queue, [], {}))
        self._messages = seen
        return frames

    def _message_frames(self, queue: str, messages: list[Message], counts: dict[str, int]) -> list[bytes]:
        before = self._messages.get(queue, {})
        if counts == before:
            return []
        arrived = [message for message in messages if before.get(message["id"]) != counts[message["id"]]]
        gone = list(before.keys() - counts.keys())
        return [encode(MESSAGES, capture.to_json([queue, arrived, gone]))]

    def capture_changes(self) -> None:
        """Write what changed since the last look; a change that comes in between is found by the next look.

        Raises:
            OSError: the disk is full or failing; what was to be written is written by the next look.
        """
        services, messages, used = dict(self._services), self._messages, self._used
        try:
            self.commit_rows()
            frames = self.changes()
            if frames:
                self.journal.append(b"".join(frames))
        except BaseException:
            self._services, self._messages = services, messages
            self._used = None if used is None or self._used is None else used | self._used
            self._looked_at_all_s = 0.0
            raise

    async def run(self) -> None:
        """Look for changes and keep the journal durable and short until cancelled."""
        pause_s, looked_s, synced_s = SHORTEST_PAUSE_S, 0.0, 0.0
        while True:
            await asyncio.sleep(pause_s)
            if self._active_until_s < time.monotonic() < looked_s + PAUSE_AT_REST_S:
                continue
            began_s, looked_s = time.perf_counter(), time.monotonic()
            try:
                self.capture_changes()
            except RuntimeError:
                # A thread changed a dictionary while it was read: the next look sees it whole.
                log.debug("a look at the services was disturbed")
            except OSError as error:
                log.error("the state cannot be written (%s): free disk space; until then a kill loses more", error)  # noqa: TRY400
            pause_s = min(max(SHORTEST_PAUSE_S, PAUSES_PER_WORK * (time.perf_counter() - began_s)), LONGEST_PAUSE_S)
            if time.monotonic() > synced_s + PAUSE_BETWEEN_SYNCS_S:
                await asyncio.to_thread(self.journal.sync)
                synced_s = time.monotonic()
            self._tend_snapshot()

    def _tend_snapshot(self) -> None:
        if self._child is not None:
            self._collect(os.WNOHANG)
        limit = max(self.journal_bytes, self._snapshot_bytes)
        if self._child is None and self.journal.size_bytes > limit and time.monotonic() > self._next_snapshot_s:
            self.snapshot()

    def snapshot(self) -> None:
        """Begin a generation; a forked copy of this process, frozen in this moment, writes the snapshot meanwhile."""
        with self.journal.lock:
            number = self.journal.begin()
            gc.collect(0)
            with warnings.catch_warnings():
                # The child runs nothing but the writer below, which takes no lock that another thread may hold.
                warnings.simplefilter("ignore", DeprecationWarning)
                child = os.fork()
            if child == 0:
                _write_and_exit(self.generations, number, self._services)
        self._child = (child, number, time.monotonic())

    def _collect(self, options: int) -> None:
        child, number, began_s = self._child or (0, 0, 0.0)
        finished, status = os.waitpid(child, options)
        if not finished:
            if time.monotonic() - began_s > SNAPSHOT_DEADLINE_S:
                os.kill(child, 9)
            return
        took_s, self._child = time.monotonic() - began_s, None
        self._next_snapshot_s = time.monotonic() + PAUSES_PER_WORK * took_s
        if status:
            log.error("a snapshot could not be written; the journal keeps growing until one can")
            return
        self._snapshot_bytes = self.generations.snapshot(number).stat().st_size
        self.generations.forget_before(number)
        log.info("snapshot %d of %d bytes took %.2f s", number, self._snapshot_bytes, took_s)

    def close(self) -> None:
        """Write the last changes and wait for a running snapshot."""
        self._looked_at_all_s = 0.0
        self.capture_changes()
        self.journal.sync()
        if self._child is not None:
            self._collect(0)


def _row_frames(noted: list[tuple[str, Any, Any, Any]]) -> list[bytes]:
    frames: list[bytes] = []
    batch: list[Any] = []
    for name, hash_key, sort_key, item in noted:
        if hash_key is not None:
            batch.append([name, hash_key, sort_key, item])
            continue
        if batch:
            frames.append(encode(ROWS, capture.row_json(batch)))
            batch = []
        frames.append(encode(CLEARED, name.encode()))
    if batch:
        frames.append(encode(ROWS, capture.row_json(batch)))
    return frames


def _write_and_exit(generations: Generations, number: int, services: dict[str, bytes]) -> None:
    """Write a snapshot in the forked child, then end it without running anything that belongs to the parent."""
    try:
        gc.disable()
        os.nice(5)
        # The parent's sockets and pipes must not stay open for as long as this takes.
        os.closerange(3, min(os.sysconf("SC_OPEN_MAX"), 65_536))
        _write_snapshot(generations, number, services)
        os._exit(0)
    except BaseException:  # the exit code tells the parent
        os._exit(1)


def _write_snapshot(generations: Generations, number: int, services: dict[str, bytes]) -> None:
    path = generations.snapshot(number)
    unfinished = path.with_name(path.name + ".tmp")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(generations.head())
        for name, state in services.items():
            file.write(encode(SERVICE, name.encode() + b"\n" + state))
        for batch in capture.rows():
            file.write(encode(ROWS, capture.row_json(batch)))
        for queue, messages in capture.messages():
            for start in range(0, len(messages), capture.MESSAGES_PER_FRAME):
                part = messages[start : start + capture.MESSAGES_PER_FRAME]
                file.write(encode(MESSAGES, json.dumps([queue, part, []]).encode()))
        file.write(encode(END, b""))
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    sync_folder(generations.folder)
