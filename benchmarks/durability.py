"""Measure what durability costs: `python -m benchmarks.durability [--rows N] [--messages N]`.

Prints, for MiniStack alone and for our emulator: latency of single writes, time to start, time to load a large state,
processor time at rest and under a backlog, and the longest pause while a snapshot of many rows is written.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.machine import machine_line, processor_s
from infra.local.emulator.environment import emulator_environment
from tests.integration.emulator_process import EmulatorProcess

WRITES = 300


class PlainEmulator(EmulatorProcess):
    """MiniStack as it comes, with the same settings: saves only at a clean stop."""

    def start(self) -> EmulatorProcess:
        """Start it and wait for its first answer."""
        scratch = self.home / "scratch"
        scratch.mkdir(exist_ok=True)
        own = emulator_environment(self.port, self.home / "state", self.home / "s3", scratch)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ministack"], env={**os.environ, **own}, stdin=subprocess.PIPE, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip
        while not self._healthy():
            time.sleep(0.01)
        return self


def latencies_ms(write: Callable[[int], Any], count: int = WRITES) -> list[float]:
    """Time `count` calls one after the other."""
    taken = []
    for number in range(count):
        began = time.perf_counter()
        write(number)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def share_at_rest(emulator: EmulatorProcess, seconds: float = 6.0) -> float:
    """Share of one core that an emulator without requests uses, in percent."""
    time.sleep(1.5)
    before = processor_s(emulator.pid)
    time.sleep(seconds)
    return 100 * (processor_s(emulator.pid) - before) / seconds


def prepare(emulator: EmulatorProcess) -> str:
    """Make a table, a queue and a bucket; return the queue's address."""
    emulator.client("dynamodb").create_table(
        TableName="rows",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    emulator.client("s3").create_bucket(Bucket="documents")
    return str(emulator.client("sqs").create_queue(QueueName="work")["QueueUrl"])


def measure_writes(name: str, emulator: EmulatorProcess, queue: str) -> None:
    """Print the latency of each kind of single write."""
    dynamodb, sqs, s3 = (emulator.client(service) for service in ("dynamodb", "sqs", "s3"))
    text = "x" * 1000
    kinds: dict[str, Callable[[int], Any]] = {
        "PutItem, 1 KB": lambda n: dynamodb.put_item(
            TableName="rows", Item={"pk": {"S": f"w{n}"}, "text": {"S": text}}
        ),
        "SendMessage, 1 KB": lambda n: sqs.send_message(QueueUrl=queue, MessageBody=text),
        "PutObject, 100 KB": lambda n: s3.put_object(Bucket="documents", Key=str(n), Body=text * 100),
    }
    for kind, write in kinds.items():
        taken = sorted(latencies_ms(write))
        print(
            f"{name:10} {kind:18} p50 {statistics.median(taken):6.2f} ms   p99 {taken[int(len(taken) * 0.99)]:6.2f} ms"
        )


def fill(emulator: EmulatorProcess, queue: str, rows: int, messages: int) -> list[float]:
    """Put rows of 1 KB and messages of 1 KB in batches; return the latency of each batch of rows."""
    dynamodb, sqs = emulator.client("dynamodb"), emulator.client("sqs")
    text = "x" * 1000

    def put_batch(number: int) -> None:
        puts = [{"PutRequest": {"Item": {"pk": {"S": f"{number}-{n}"}, "text": {"S": text}}}} for n in range(25)]
        dynamodb.batch_write_item(RequestItems={"rows": puts})

    taken = latencies_ms(put_batch, rows // 25)
    for _ in range(messages // 10):
        sqs.send_message_batch(QueueUrl=queue, Entries=[{"Id": str(n), "MessageBody": text} for n in range(10)])
    return taken


def measure_large_state(emulator: EmulatorProcess, queue: str, rows: int, messages: int) -> None:
    """Print what a large state costs: snapshots, a backlog at rest and under traffic, loading it again."""
    taken = sorted(fill(emulator, queue, rows, messages))
    median = statistics.median(taken)
    print(f"strata     {rows} rows in batches of 25: p50 {median:.1f} ms, longest {taken[-1]:.1f} ms")
    for line in emulator.lines():
        if "snapshot" in str(line.get("message")):
            print(f"strata     {line['message']}")
    print(f"strata     at rest with {messages} messages waiting: {share_at_rest(emulator):.1f} % of a core")
    dynamodb = emulator.client("dynamodb")
    before, began = processor_s(emulator.pid), time.monotonic()
    latencies_ms(lambda n: dynamodb.put_item(TableName="rows", Item={"pk": {"S": f"v{n}"}}), 1000)
    used, took = processor_s(emulator.pid) - before, time.monotonic() - began
    print(f"strata     1000 PutItem with that backlog: {used:.2f} s of processor in {took:.2f} s")
    emulator.kill()
    began = time.monotonic()
    emulator.start()
    print(f"strata     start after SIGKILL with {rows} rows and {messages} messages: {time.monotonic() - began:.2f} s")


def main() -> None:
    """Measure MiniStack alone, then our emulator."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=30_000)
    parser.add_argument("--messages", type=int, default=5_000)
    options = parser.parse_args()
    print(machine_line())
    with tempfile.TemporaryDirectory() as folder:
        for name, kind in (("ministack", PlainEmulator), ("strata", EmulatorProcess)):
            emulator = kind(Path(folder) / name, journal_bytes=8 * 1024**2)
            began = time.monotonic()
            emulator.start()
            print(f"{name:10} start: {time.monotonic() - began:.2f} s")
            try:
                queue = prepare(emulator)
                measure_writes(name, emulator, queue)
                print(f"{name:10} at rest: {share_at_rest(emulator):.1f} % of a core")
                if name == "strata":
                    measure_large_state(emulator, queue, options.rows, options.messages)
            finally:
                emulator.end()


if __name__ == "__main__":
    main()
