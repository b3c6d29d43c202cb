"""The state's files: numbered generations of one snapshot and one journal each, the last good one kept.

`snapshot-N` holds the state at the moment when `journal-N` was begun, so a state is a complete snapshot and every
journal from its number on. A snapshot that is not complete (no end record) does not count.
"""

import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.local.emulator.frames import END, HEAD, Damage, Frame, encode, read_frames
from infra.local.emulator.replay import Hook, Replayed

FORMAT = 1


class Unreadable(Exception):
    """A state file cannot be used; the message says why."""


@dataclass
class Loaded:
    """What was found at start.

    Args:
        state: None where nothing usable was there.
        notices: sentences for the person about what could not be read.
        set_aside: where unusable files were moved; None where there were none.
    """

    state: Replayed | None = None
    notices: list[str] = field(default_factory=list)
    set_aside: Path | None = None


def version_key(version: str) -> tuple[int, ...]:
    """Order versions such as 1.5.33 by their numbers."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def sync_folder(folder: Path) -> None:
    """Make renames and new names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass
class Generations:
    """The numbered files of one state folder.

    Args:
        folder: holds nothing but these files.
        aside: where a folder of unreadable files is put.
        emulator: version of the emulator that reads and writes them.
        port: port on which the emulator answers; addresses in the state follow it.
    """

    folder: Path
    aside: Path
    emulator: str
    port: int

    def __post_init__(self) -> None:
        """Make the folder and drop unfinished snapshots."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for unfinished in self.folder.glob("*.tmp"):
            unfinished.unlink()

    def snapshot(self, number: int) -> Path:
        """Name the snapshot of a generation."""
        return self.folder / f"snapshot-{number:08d}"

    def journal(self, number: int) -> Path:
        """Name the journal of a generation."""
        return self.folder / f"journal-{number:08d}"

    def numbers(self, kind: str) -> list[int]:
        """List the generations that have a file of a kind, `snapshot` or `journal`, in ascending order."""
        return sorted(int(path.name.rpartition("-")[2]) for path in self.folder.glob(f"{kind}-*"))

    def head(self) -> bytes:
        """Frame the first record of every file."""
        facts = {"format": FORMAT, "emulator": self.emulator, "port": self.port}
        return encode(HEAD, json.dumps(facts).encode())

    def load(self, hook: Hook | None) -> Loaded:
        """Read the newest usable state, setting aside what cannot be read.

        Args:
            hook: decodes the emulator's own JSON forms.

        Returns:
            The state, and what to tell the person.
        """
        loaded = Loaded()
        for number in [*reversed(self.numbers("snapshot")), 0]:
            state = Replayed(hook=hook)
            try:
                if number:
                    self._apply_file(self.snapshot(number), state, complete=True)
                elif not (self.journal(1).exists()):
                    break
                self._apply_journals(number, state, loaded)
            except Unreadable as error:
                loaded.notices.append(str(error))
                self._move_aside(loaded, self.snapshot(number))
                continue
            loaded.state = state
            return loaded
        for path in sorted(self.folder.iterdir()) if loaded.notices else []:
            self._move_aside(loaded, path)
        return loaded

    def _apply_journals(self, number: int, state: Replayed, loaded: Loaded) -> None:
        for later in [found for found in self.numbers("journal") if found >= number]:
            path = self.journal(later)
            damage = self._apply_file(path, state, complete=False)
            if damage is not None and not damage.torn:
                loaded.notices.append(f"{path.name} is damaged at byte {damage.offset_bytes}; what follows is lost.")
                self._move_aside(loaded, path, copy=True)

    def _apply_file(self, path: Path, state: Replayed, *, complete: bool) -> Damage | None:
        ended, head, damage = False, None, None
        for frame in read_frames(path):
            if isinstance(frame, Damage):
                damage = frame
            elif head is None:
                head = self._checked_head(path, frame)
            elif frame.kind == END:
                ended = True
            else:
                state.apply(Frame(frame.kind, self._moved(frame.content, head["port"])))
        if complete and not ended:
            raise Unreadable(f"{path.name} is damaged or incomplete.")
        return damage

    def _checked_head(self, path: Path, frame: Frame) -> dict[str, Any]:
        try:
            head: dict[str, Any] = json.loads(frame.content) if frame.kind == HEAD else {}
        except ValueError:
            head = {}
        if head.get("format") != FORMAT:
            raise Unreadable(f"{path.name} is of another format than this version of Strata reads.")
        if version_key(head["emulator"]) > version_key(self.emulator):
            raise Unreadable(f"{path.name} was written by a newer emulator ({head['emulator']}).")
        return head

    def _moved(self, content: bytes, port: int) -> bytes:
        if port == self.port:
            return content
        for host in (b"localhost", b"127.0.0.1"):
            content = content.replace(b"%s:%d" % (host, port), b"%s:%d" % (host, self.port))
        return content

    def _move_aside(self, loaded: Loaded, path: Path, *, copy: bool = False) -> None:
        if not path.exists():
            return
        if loaded.set_aside is None:
            loaded.set_aside = self.aside / time.strftime("unreadable-%Y%m%d-%H%M%S", time.gmtime())
            loaded.set_aside.mkdir(parents=True, exist_ok=True)
        put: Callable[..., Any] = shutil.copy2 if copy else shutil.move
        put(str(path), str(loaded.set_aside / path.name))

    def forget_before(self, number: int) -> None:
        """Delete all generations older than the one before `number`, whose snapshot is complete."""
        kept = max([found for found in self.numbers("snapshot") if found < number], default=number)
        for kind, name in (("snapshot", self.snapshot), ("journal", self.journal)):
            for found in self.numbers(kind):
                if found < kept:
                    name(found).unlink(missing_ok=True)
