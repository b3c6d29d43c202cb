"""Ingests real documents while function workers are killed every two seconds, then the whole platform once.

    python -m benchmarks.soak --data <folder of docs_* sets, or of files> [--documents 300] [--release fast-english]

Meanwhile some documents are uploaded again with other content, and some are deleted. It ends by itself: when every
document is at rest, or when the patience is over. The exit code is 1 when a document is lost (acknowledged, and not
there), stuck (not at rest), a ghost (deleted, and it still answers or lies somewhere), shows anything but exactly its
own passages, or is blamed for what the platform did to it. A document that is refused for
its own fault is no loss: the reasons are printed. Kills hit all functions evenly. Where there are fewer files than
documents, files come again under other names.
"""

import argparse
import hashlib
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.function_workers import patient, workers
from benchmarks.ingestion import documents
from benchmarks.machine import machine_line
from tests.e2e.platform import Person, Platform

OWN_FAULTS = frozenset(
    {"unsupported_type", "empty_file", "password_protected", "no_text", "unreadable", "too_many_pages", "parser_limit",
     "zip_bomb", "file_too_large", "too_many_chunks"}
)  # fmt: skip
CHANGEABLE = frozenset({".md", ".txt", ".csv"})
AT_REST = frozenset({"READY", "FAILED", "DELETED"})


@dataclass
class Sent:
    """A document as its owner knows it."""

    filename: str
    content: bytes
    deleted: bool = False

    @property
    def version(self) -> str:
        """The entity tag that S3 gives these bytes."""
        return hashlib.md5(self.content, usedforsecurity=False).hexdigest()


@dataclass
class Soak:
    """One run.

    Attributes:
        sent: what was acknowledged, by document id.
    """

    platform: Platform
    random: random.Random
    pause_s: float
    kb_id: str = ""
    sent: dict[str, Sent] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)

    def person(self) -> Person:
        """Sign in; as long as workers die, an attempt may fail."""
        return patient(self.platform.administrator)

    def kill_workers(self) -> None:
        """Kill one worker every now and then, of the function that was hit least so far, until it is over."""
        while not self.over.wait(self.pause_s):
            found = workers(self.platform)
            if found:
                fewest = min(self.kills[name] for _, name in found)
                pid, name = self.random.choice([one for one in found if self.kills[one[1]] == fewest])
                try:
                    os.kill(pid, signal.SIGKILL)
                    self.kills[name] += 1
                except ProcessLookupError:
                    continue

    def upload(self, person: Person, path: Path, number: int) -> None:
        """Announce and send a file; it counts when the store acknowledged it."""
        name, content = f"{number:03d}-{path.name}", path.read_bytes()
        body = {"filename": name, "size_bytes": len(content) + 1_000}
        made = patient(lambda: person.call("POST", f"/knowledge-bases/{self.kb_id}/documents", body, status=201))
        upload = made["upload"]

        def send() -> httpx.Response:
            found = person.http.post(upload["url"], data=upload["fields"], files={"file": (name, content)})
            found.raise_for_status()
            return found

        patient(send)
        self.sent[made["document_id"]] = Sent(name, content)

    def change(self, person: Person, share: float) -> None:
        """Upload some documents again with other content, and delete some."""
        for document_id, sent in list(self.sent.items()):
            if self.random.random() >= share:
                continue
            path = f"/knowledge-bases/{self.kb_id}/documents/{document_id}"
            if Path(sent.filename).suffix in CHANGEABLE and self.random.random() < 0.7:
                sent.content += f"\nChanged in the soak: {self.random.random()}\n".encode()
                patient(lambda row=document_id, sent=sent: self._overwrite(row, sent.content))  # type: ignore[misc]
            else:
                patient(lambda path=path: person.call("DELETE", path, status=202))  # type: ignore[misc]
                sent.deleted = True

    def _overwrite(self, document_id: str, content: bytes) -> Any:
        """Put other bytes under the document, as another system does."""
        key = self.rows()[document_id]["object_key"]
        return self.platform.client("s3").put_object(Bucket=self.platform.bucket, Key=key, Body=content)

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return the registry's rows of the documents."""
        found: dict[str, dict[str, Any]] = {}
        more: dict[str, Any] = {}
        while True:
            page = self.platform.table("registry_table").scan(ConsistentRead=True, **more)
            found |= {
                item["document_id"]: item
                for item in page["Items"]
                if item.get("kb_id") == self.kb_id and "document_id" in item
            }
            if "LastEvaluatedKey" not in page:
                return found
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def at_rest(self) -> bool:
        """Is every document at rest, in the version that was sent last?"""
        rows = self.rows()
        ended = all(row["status"] in AT_REST and not self._will_try_again(row) for row in rows.values())
        return ended and all(
            sent.deleted or rows.get(document_id, {}).get("version") == sent.version
            for document_id, sent in self.sent.items()
        )

    def _will_try_again(self, row: dict[str, Any]) -> bool:
        return row["status"] == "FAILED" and not row.get("permanent") and int(row.get("tries", 0)) < 3

    def await_rest(self, patience_s: float) -> float:
        """Wait; returns the seconds it took, whether it came to rest or not."""
        began = time.monotonic()
        while time.monotonic() - began < patience_s and not self.at_rest():
            time.sleep(1.0)
        return time.monotonic() - began

    def indexed(self) -> Counter[tuple[str, int]]:
        """Count the passages in the index's files by document and generation."""
        found: Counter[tuple[str, int]] = Counter()
        for path in self.platform.home.index.glob("[!.]*.index.sqlite3"):
            with sqlite3.connect(path) as connection:
                query = "SELECT document_id, generation, count(*) FROM chunk GROUP BY 1, 2"
                for document_id, generation, count in connection.execute(query):
                    found[document_id, int(generation)] += count
            connection.close()
        return found

    def texts(self) -> int:
        """Count the texts that were handed to the embedding model, also by workers that died over them."""
        total = 0
        for path in self.platform.home.logs.glob("functions.log*"):
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                if "texts are embedded" in line:
                    total += int(json.loads(json.loads(line)["line"])["texts"])
        return total


def measure(soak: Soak, paths: list[Path], release: str, patience_s: float) -> dict[str, Any]:
    """Run the soak and return what was found."""
    person = soak.person()
    body = {"name": "Soak", "release": release}
    soak.kb_id = str(person.call("POST", "/knowledge-bases", body, status=201)["kb_id"])
    killer = threading.Thread(target=soak.kill_workers, daemon=True)
    killer.start()
    began = time.monotonic()
    for number, path in enumerate(paths):
        soak.upload(person, path, number)
        if number % 25 == 24:
            soak.change(person, 0.04)
            print(f"{number + 1} documents sent, {sum(soak.kills.values())} workers killed", file=sys.stderr)
    soak.change(person, 0.1)
    soak.await_rest(60)
    soak.over.set()
    killer.join()
    worked_s = time.monotonic() - began
    killed = soak.platform.kill()
    soak.platform.up()
    print(f"the platform ({killed} processes) was killed and started again", file=sys.stderr)
    rest_s = soak.await_rest(patience_s)
    return {
        "seconds_of_kills": round(worked_s),
        "time_to_rest_s": round(rest_s),
        "processes_killed_at_once": killed,
        **verdict(soak),
    }


def verdict(soak: Soak) -> dict[str, Any]:
    """Compare registry, index and bucket with what was acknowledged."""
    rows, indexed = soak.rows(), soak.indexed()
    kept = {document_id: sent for document_id, sent in soak.sent.items() if not sent.deleted}
    wrong: dict[str, list[str]] = {"lost": [], "stuck": [], "ghost": [], "blamed": []}
    for document_id, sent in soak.sent.items():
        row = rows.get(document_id, {})
        held = {generation: count for (found, generation), count in indexed.items() if found == document_id}
        if sent.deleted:
            kept_rows = row.get("status") not in (None, "DELETED")
            wrong["stuck"] += [f"{sent.filename}: {row.get('status')}"] if kept_rows else []
            wrong["ghost"] += [f"{sent.filename}: {held}"] if held or _in_bucket(soak, document_id) else []
        elif row and row.get("version") != sent.version:
            wrong["stuck"].append(f"{sent.filename}: {row['status']} in an older version")
        elif row.get("status") == "READY":
            right = {int(row["live_generation"]): int(row["live_chunks"])}
            wrong["ghost" if set(held) - set(right) else "lost"] += (
                [f"{sent.filename}: {held}"] if held != right else []
            )
        elif row.get("status") == "FAILED":
            wrong["blamed"] += [f"{sent.filename}: {row['code']}"] if row["code"] not in OWN_FAULTS else []
        else:
            wrong["lost" if not row else "stuck"].append(
                f"{sent.filename}: {row.get('status')} {row.get('reason', '')}"
            )
    chunks = sum(int(row.get("live_chunks", 0)) for row in rows.values())
    return {
        "documents": len(soak.sent),
        "deleted": len(soak.sent) - len(kept),
        "states": dict(Counter(str(row["status"]) for row in rows.values())),
        "failed_for": dict(Counter(str(row["code"]) for row in rows.values() if row["status"] == "FAILED")),
        "workers_killed": dict(soak.kills),
        "live_passages": chunks,
        "texts_embedded": (texts := soak.texts()),
        "texts_per_live_passage": round(texts / chunks, 2) if chunks else 0.0,
        **wrong,
    }  # fmt: skip


def _in_bucket(soak: Soak, document_id: str) -> bool:
    found = soak.platform.client("s3").list_object_versions(Bucket=soak.platform.bucket, Prefix="documents/")
    return any(document_id in item["Key"] for item in (*found.get("Versions", []), *found.get("DeleteMarkers", [])))


def report(found: dict[str, Any]) -> None:
    """Print the figures for people."""
    print(machine_line())
    for name, value in found.items():
        print(f"{name.replace('_', ' '):26} {len(value) if isinstance(value, list) else value}")
    for name in ("lost", "stuck", "ghost", "blamed"):
        for line in found[name]:
            print(f"{name.upper()}  {line}")


def main() -> None:
    """Measure, print, and fail when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--most-kb", type=int, default=120, help="leave out larger files")
    parser.add_argument("--release", default="fast-english")
    parser.add_argument("--pause-s", type=float, default=2.0, help="between two kills of a worker")
    parser.add_argument("--patience-s", type=float, default=1_200.0, help="longest wait for rest after the last kill")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sound = documents(given.data, (), given.most_kb * 1000)
    if not sound:
        raise SystemExit(f"{given.data} holds no document that can be read.")
    choice = random.Random(given.seed)
    choice.shuffle(sound)
    paths = [sound[number % len(sound)] for number in range(given.documents)]
    with tempfile.TemporaryDirectory(prefix="strata-soak-") as folder:
        platform = Platform(Path(folder))
        try:
            platform.up()
            found = measure(Soak(platform, choice, given.pause_s), paths, given.release, given.patience_s)
        finally:
            platform.end()
    report(found)
    sys.exit(1 if any(found[name] for name in ("lost", "stuck", "ghost", "blamed")) else 0)


if __name__ == "__main__":
    main()
