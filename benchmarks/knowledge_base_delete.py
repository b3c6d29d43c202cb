"""Measure the delete of a large knowledge base: `python -m benchmarks.knowledge_base_delete [--documents N] [--kill]`.

Starts a platform, ingests N tiny text files, deletes the knowledge base, and follows the delete to its receipt. With
`--kill` the ingestion function's workers are SIGKILLed every two seconds meanwhile. Prints one JSON line; ends with an
error when the receipt does not count every document.
"""

import argparse
import json
import os
import signal
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.local_platform import LocalPlatform, local_platform
from benchmarks.machine import descendants, machine_line

KILL_EVERY_S = 2.0


def main() -> None:
    """Measure once and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--documents", type=int, default=1_000)
    parser.add_argument("--kill", action="store_true")
    chosen = parser.parse_args()
    with TemporaryDirectory(prefix="strata-notes-") as folder, local_platform() as platform:
        for number in range(chosen.documents):
            Path(folder, f"note-{number:05d}.txt").write_text(f"Note {number}: a duck was seen at pond {number * 7}.\n")
        Path(folder, "warm.txt").write_text("A platform that just began is slow.\n")
        platform.strata("ingest", "--kb", "Warm", str(Path(folder, "warm.txt")), "--json", fails=(1,))
        Path(folder, "warm.txt").unlink()
        began = time.monotonic()
        platform.strata("ingest", "--kb", "Notes", folder, "--json")
        ingested_s = time.monotonic() - began
        deleted = measure(platform, kill=chosen.kill)
    if deleted["documents"] != chosen.documents or not deleted["verified"]:
        raise SystemExit(f"the receipt is wrong: {deleted}")
    figures = {"machine": machine_line(), "ingest_s": round(ingested_s, 1), "killing": chosen.kill, **deleted}
    print(json.dumps(figures))


def measure(platform: LocalPlatform, *, kill: bool) -> dict[str, object]:
    """Delete the knowledge base; return how long the acknowledgement and the whole took, in seconds."""
    stop = threading.Event()
    killer = threading.Thread(target=_kill_workers, args=(platform, stop), daemon=True)
    if kill:
        killer.start()
    began = time.monotonic()
    acknowledged = json.loads(platform.strata("kb", "delete", "Notes", "--yes", "--json"))
    acknowledged_s = time.monotonic() - began
    receipt = json.loads(platform.strata("kb", "deletions", acknowledged["kb_id"], "--json"))["items"][0]
    whole_s = time.monotonic() - began
    stop.set()
    return {
        "acknowledged_s": round(acknowledged_s, 1),
        "deleted_s": round(whole_s, 1),
        "documents_per_s": round(receipt["documents_total"] / whole_s, 1),
        "documents": receipt["documents_total"],
        "removed": receipt["removed"],
        "verified": receipt["verified"],
    }


def _kill_workers(platform: LocalPlatform, stop: threading.Event) -> None:
    while not stop.wait(KILL_EVERY_S):
        for pid in descendants(platform.pid):
            try:
                if b"local-ingestion-" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, signal.SIGKILL)
            except OSError:
                continue


if __name__ == "__main__":
    main()
