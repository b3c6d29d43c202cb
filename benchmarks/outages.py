"""Takes the embedding model, the search index and the buckets away from a running platform, and gives them back.

    python -m benchmarks.outages [--model-minutes 5] [--index-minutes 2] [--bucket-minutes 1] [--documents 6]

An outage of 0 minutes is left out. The buckets refuse access (403) to ingestion and embedding. Prints what people saw
meanwhile and how long READY took afterwards. The exit code is 1 when a document was given up, a message became a dead
letter, or a wait was not shown with its beginning.
"""

import argparse
import json
import os
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.function_workers import workers
from benchmarks.machine import machine_line
from tests.e2e.platform import Person, Platform
from tests.refusing_bucket import refusing_bucket

RELEASE = "fast-english"
HOLD_S = 0.02
PATIENCE_S = 300.0
READERS = ("ingestion", "embedding")
Outage = Callable[[Platform], Any]


@contextmanager
def no_model(platform: Platform) -> Iterator[None]:
    """Point the model's pointer nowhere, as often as somebody mends it, and end the workers that hold it in memory."""
    pointer, wanted = (platform.home.models / f"{RELEASE}{ending}" for ending in (".json", ".wanted"))
    before = pointer.read_bytes()
    nowhere = json.dumps({**json.loads(before), "path": str(platform.home.models / "nowhere")}).encode()
    over = threading.Event()

    def hold() -> None:
        while not over.wait(HOLD_S):
            if pointer.read_bytes() != nowhere:
                pointer.write_bytes(nowhere)
            wanted.unlink(missing_ok=True)

    holder = threading.Thread(target=hold, daemon=True)
    pointer.write_bytes(nowhere)
    holder.start()
    _end(platform, ("embedding",))
    try:
        yield
    finally:
        over.set()
        holder.join()
        pointer.write_bytes(before)


@contextmanager
def no_index(platform: Platform) -> Iterator[None]:
    """Hold the one lock that every writer of the index needs."""
    (file,) = platform.home.index.glob("[!.]*.index.sqlite3")
    connection = sqlite3.connect(file, isolation_level=None, timeout=60)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@contextmanager
def no_bucket(platform: Platform) -> Iterator[None]:
    """Let the functions that read documents and parts find S3 where it answers 403 to everything."""
    functions = platform.client("lambda")
    names = [f"strata-local-{name}" for name in READERS]
    before = {
        name: functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"] for name in names
    }
    with refusing_bucket() as address:
        for name in names:
            variables = {**before[name], "AWS_ENDPOINT_URL_S3": address}
            functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        _end(platform, READERS)
        try:
            yield
        finally:
            for name in names:
                functions.update_function_configuration(FunctionName=name, Environment={"Variables": before[name]})
            _end(platform, READERS)


def _end(platform: Platform, names: Collection[str]) -> None:
    """End the workers of these functions, which hold in memory what they had."""
    for pid, name in workers(platform):
        if name in names:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def suffer(person: Person, name: str, outage: Outage, *, seconds: float, count: int) -> dict[str, Any]:
    """Send documents into an outage; return what was seen during it and after it."""
    platform = person.platform
    body = {"name": f"Without {name}", "release": RELEASE}
    kb_id = str(person.call("POST", "/knowledge-bases", body, status=201)["kb_id"])
    shown: dict[str, set[tuple[str, str, str]]] = {}
    with outage(platform):
        began = time.monotonic()
        for number in range(count):
            person.upload(kb_id, f"{name}-{number}.md", f"# {name}\n\nFact {number} of {name}.\n".encode())
        while time.monotonic() - began < seconds:
            for document_id, item in person.documents(kb_id).items():
                seen = (item["status"], item["waiting_for"], item["waiting_since"])
                shown.setdefault(document_id, set()).add(seen)
            time.sleep(1.0)
    began = time.monotonic()
    ended = person.settled(kb_id, count, deadline_s=PATIENCE_S)
    waits = {document_id: {(what, since) for _, what, since in seen if since} for document_id, seen in shown.items()}
    return {
        "outage": name,
        "seconds": round(seconds),
        "documents": count,
        "told": sorted({what for found in waits.values() for what, _ in found}),
        "told_of": sum(bool(found) for found in waits.values()),
        "one_beginning_each": all(len({since for _, since in found}) <= 1 for found in waits.values()),
        "ready": sum(item["status"] == "READY" for item in ended),
        "still_waiting": sum(bool(item["waiting_since"]) for item in ended),
        "seconds_to_ready": round(time.monotonic() - began),
        "dead_letters": dead_letters(platform),
    }


def dead_letters(platform: Platform) -> int:
    """Count the dead letters that the platform recorded or that wait."""
    lines = sum(path.read_text(errors="replace").count("dead letter recorded") for path in logs(platform))
    sqs = platform.client("sqs")
    for url in sqs.list_queues().get("QueueUrls", []):
        if "dead" in url:
            answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
            lines += int(answer["Attributes"]["ApproximateNumberOfMessages"])
    return lines


def logs(platform: Platform) -> list[Path]:
    """Return the files with the functions' lines."""
    return sorted(platform.home.logs.glob("functions.log*"))


def is_right(found: dict[str, Any]) -> bool:
    """Was nothing given up, and was every wait told from its beginning?"""
    return bool(
        found["ready"] == found["told_of"] == found["documents"]
        and found["one_beginning_each"]
        and not found["still_waiting"]
        and not found["dead_letters"]
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model-minutes", type=float, default=5.0, help="how long the embedding model is away")
    parser.add_argument("--index-minutes", type=float, default=2.0, help="how long the search index is locked")
    parser.add_argument("--bucket-minutes", type=float, default=1.0, help="how long the buckets refuse access")
    parser.add_argument("--documents", type=int, default=6)
    given = parser.parse_args()
    print(machine_line())
    with tempfile.TemporaryDirectory(prefix="strata-outages-") as folder:
        platform = Platform(Path(folder))
        try:
            platform.up()
            person = platform.administrator()
            warm = str(person.call("POST", "/knowledge-bases", {"name": "Warm", "release": RELEASE})["kb_id"])
            person.document(warm, person.upload(warm, "warm.md", b"# Warm\n\nOne fact.\n"))
            outages = (
                ("the embedding model", no_model, given.model_minutes),
                ("the search index", no_index, given.index_minutes),
                ("the buckets", no_bucket, given.bucket_minutes),
            )
            found = [
                suffer(person, name, outage, seconds=minutes * 60, count=given.documents)
                for name, outage, minutes in outages
                if minutes
            ]
        finally:
            platform.end()
    for one in found:
        print("right" if is_right(one) else "WRONG", json.dumps(one))
    sys.exit(0 if all(map(is_right, found)) else 1)


if __name__ == "__main__":
    main()
