"""Where the platform on this machine keeps what: the folder `.strata` of the checkout, or `STRATA_HOME`."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
DEFAULT_PORT = 4566


@dataclass(frozen=True)
class Home:
    """The folders and files of one installation.

    Args:
        root: absolute path; everything of the installation is below it.
    """

    root: Path

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Home":
        """Find the installation that an environment names; the checkout's own by default."""
        return cls(Path(environ.get("STRATA_HOME") or CHECKOUT / ".strata").expanduser().resolve())

    @property
    def state(self) -> Path:
        """Folder of the emulator's journals, snapshots, keys and code."""
        return self.root / "state"

    @property
    def objects(self) -> Path:
        """Folder of S3 objects."""
        return self.root / "s3"

    @property
    def index(self) -> Path:
        """Folder of the embedded search index."""
        return self.root / "index"

    @property
    def search(self) -> Path:
        """Folder of the OpenSearch server, where one was chosen."""
        return self.root / "opensearch"

    @property
    def models(self) -> Path:
        """Folder in which functions look for local models."""
        return self.root / "models"

    @property
    def logs(self) -> Path:
        """Folder of log files."""
        return self.root / "logs"

    @property
    def platform_file(self) -> Path:
        """What programs need to reach the platform: addresses and the seeded sign-in; readable by its owner only."""
        return self.root / "platform.json"

    @property
    def running_file(self) -> Path:
        """Which processes run the platform at the moment."""
        return self.root / "running.json"

    @property
    def claim_file(self) -> Path:
        """Locked by the supervisor for as long as it lives."""
        return self.root / "claim"

    def make(self) -> None:
        """Make the folders, readable by their owner only."""
        for folder in (self.root, self.state, self.objects, self.index, self.models, self.logs):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def read_json(path: Path) -> dict[str, Any]:
    """Read a file of ours; empty where it is missing or unreadable, as after a power cut."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file whole or not at all, readable by its owner only."""
    unfinished = path.with_name(path.name + ".tmp")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(handle)
    unfinished.replace(path)
