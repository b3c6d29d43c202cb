"""Measures the memory of each function while a large PDF goes through the platform, and how fast a small file is there.

    python -m benchmarks.footprint --pdf <a large PDF> [--pages 1600]

It starts a platform of its own, drops ten small files one after the other on the idle platform (seconds until READY),
then uploads the PDF, and then a PDF of `--pages` pages that is made of it. Memory is the proportional set size (shared
pages counted once) of all processes of a function together, looked at ten times a second; the peak is printed.
"""

import argparse
import json
import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pypdfium2

from benchmarks.local_platform import LocalPlatform, local_platform
from benchmarks.machine import machine, machine_line, proportional_bytes
from benchmarks.uploads import upload_until_ready
from infra.cli.client import Client
from infra.cli.session import connected
from shared.contracts import api

LOOKS_PER_S = 10
SMALL_FILES = 10
MIB = 1024 * 1024


class Peaks:
    """The highest memory of each function, followed by a thread."""

    def __init__(self, platform: LocalPlatform) -> None:
        self._platform = platform
        self._stop = threading.Event()
        self.bytes: dict[str, int] = defaultdict(int)

    @contextmanager
    def followed(self) -> Iterator["Peaks"]:
        """Look until the block ends."""
        thread = threading.Thread(target=self._follow, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()

    def _follow(self) -> None:
        while not self._stop.wait(1 / LOOKS_PER_S):
            now: dict[str, int] = defaultdict(int)
            for pid, name in self._platform.processes():
                # A parser is a part of the ingestion function: in the cloud they share its memory.
                now["ingestion" if name == "parsers" else name] += proportional_bytes(pid)
            for name, used in now.items():
                self.bytes[name] = max(self.bytes[name], used)


def enlarged(pdf: Path, pages: int, target: Path) -> Path:
    """Write a PDF of so many pages, those of another again and again."""
    source, made = pypdfium2.PdfDocument(pdf), pypdfium2.PdfDocument.new()
    while len(made) < pages:
        made.import_pages(source, list(range(min(len(source), pages - len(made)))))
    made.save(target)
    return target


def ingest(platform: LocalPlatform, *paths: Path) -> tuple[float, list[dict[str, Any]]]:
    """Upload and wait; returns the seconds and what became of the documents."""
    started = time.perf_counter()
    answer = platform.strata("ingest", "--kb", "Footprint", "--json", *map(str, paths))
    return time.perf_counter() - started, json.loads(answer)["documents"]


def measure(pdf: Path, pages: int) -> dict[str, Any]:
    """Measure all on one platform."""
    with local_platform() as platform:
        os.environ["STRATA_HOME"] = str(platform.home)
        small = platform.home / "small"
        small.mkdir()
        with connected() as client:
            kb = client.create_knowledge_base(api.CreateKnowledgeBase(name="Footprint"))
            waits = [ready_after(client, kb.kb_id, small, number) for number in range(SMALL_FILES + 1)]
        found: dict[str, Any] = {"first_ready_s": waits[0], "ready_s": waits[1:], "documents": []}
        for path in (pdf, enlarged(pdf, pages, platform.home / f"{pages}-pages.pdf")):
            peaks = Peaks(platform)
            with peaks.followed():
                seconds, (document,) = ingest(platform, path)
            found["documents"].append(
                {
                    "file": path.name,
                    "status": document["status"],
                    "pages": document["pages"],
                    "chunks": document["chunks"],
                    "seconds": round(seconds, 1),
                    "peak_mib": {name: round(used / MIB) for name, used in sorted(peaks.bytes.items())},
                }
            )
    return found


def ready_after(client: Client, kb_id: str, folder: Path, number: int) -> float:
    """Announce and upload a small file; return the seconds from the end of the upload until it is READY."""
    path = folder / f"{number}.txt"
    path.write_text(f"Room {number} is on the second floor and has {number} chairs.", encoding="utf-8")
    _, seconds = upload_until_ready(client, kb_id, path)
    return seconds


def report(found: dict[str, Any]) -> None:
    """Print the figures for people."""
    print(machine_line())
    print(
        f"first small file READY after {found['first_ready_s']} s; then p50 {median(found['ready_s']):.2f} s,", end=" "
    )
    print(f"slowest {max(found['ready_s']):.2f} s")
    for document in found["documents"]:
        print(
            f"{document['file']}: {document['status']}, {document['pages']} pages, {document['chunks']} chunks,",
            end=" ",
        )
        print(f"{document['seconds']} s; peak MiB: {document['peak_mib']}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pdf", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=1_600)
    parser.add_argument("--json", action="store_true", help="print JSON instead of sentences")
    given = parser.parse_args()
    found = {"machine": machine(), **measure(given.pdf, given.pages)}
    print(json.dumps(found, indent=1)) if given.json else report(found)


if __name__ == "__main__":
    main()
