"""The journal that is being written: one file, appended by plain writes, made durable by a regular flush to disk."""

import os
import threading
from pathlib import Path

from infra.local.emulator.generations import Generations, sync_folder


class Journal:
    """Append records to the newest generation's journal.

    A record is in the operating system's hands when `append` returns, so a killed emulator loses nothing of it; a power
    cut can lose what was appended after the last `sync`.
    """

    def __init__(self, generations: Generations) -> None:
        self.generations = generations
        self.lock = threading.RLock()
        self.number = max([0, *generations.numbers("journal"), *generations.numbers("snapshot")])
        self.size_bytes = 0
        self._handle = -1
        self._unsynced = False

    def begin(self) -> int:
        """Start the next generation's journal and return its number."""
        with self.lock:
            self.sync()
            number = self.number + 1
            path: Path = self.generations.journal(number)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_EXCL, 0o600)
            previous, self._handle, self.number, self.size_bytes = self._handle, handle, number, 0
            if previous >= 0:
                os.close(previous)
            self.append(self.generations.head())
            self.sync()
            sync_folder(self.generations.folder)
            return number

    def append(self, frames: bytes) -> None:
        """Hand framed records to the operating system, all of them or, where the disk is full, none that counts.

        Raises:
            OSError: the disk is full or failing; a part that was written is cut off again.
        """
        with self.lock:
            before = self.size_bytes
            view = memoryview(frames)
            try:
                while view:
                    written = os.write(self._handle, view)
                    view = view[written:]
                    self.size_bytes += written
            except OSError:
                os.ftruncate(self._handle, before)
                self.size_bytes = before
                raise
            self._unsynced = True

    def sync(self) -> None:
        """Make everything appended so far survive a power cut."""
        with self.lock:
            handle = self._handle if self._unsynced else -1
            self._unsynced = False
            # A duplicate, so that the wait for the disk holds no lock and outlives a change of generation.
            duplicate = os.dup(handle) if handle >= 0 else -1
        if duplicate >= 0:
            try:
                os.fsync(duplicate)
            finally:
                os.close(duplicate)
