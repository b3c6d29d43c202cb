"""Time from asking over the WebSocket to the first piece of the answer, on a platform started for it.

`python -m benchmarks.streaming --questions 40` starts a platform in a folder of its own, fills a knowledge base, asks
the same bot again and again over one connection, and prints the median and the 95th percentile of: the acknowledgement,
the first piece, the finished answer (in milliseconds), with the machine's load beside them.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from tests.e2e.platform import Platform
from tests.e2e.socket import socket_of
from tests.e2e.test_bots import HANDBOOK, published_bot

QUESTIONS = (
    "How many days of paid leave does an employee of Fernhill get?",
    "When does the car park of Fernhill open?",
    "Who hands out a badge for the car park?",
)
WARM_UP = 3


def measure(platform: Platform, questions: int) -> dict[str, list[float]]:
    """Ask and time; the first questions, which start functions, are left out."""
    person = platform.administrator()
    kb_id = person.knowledge_base("Streaming")
    person.document(kb_id, person.upload(kb_id, "handbook.md", HANDBOOK))
    bot_id = published_bot(person, kb_id)
    took: dict[str, list[float]] = {"answer.started": [], "answer.piece": [], "answer.done": []}
    with socket_of(person) as socket:
        for number in range(questions + WARM_UP):
            conversation = person.call("POST", f"/bots/{bot_id}/conversations", {}, status=201)["conversation_id"]
            began_s, first = time.perf_counter(), dict[str, float]()
            socket.send("ask", conversation_id=conversation, text=QUESTIONS[number % len(QUESTIONS)])
            while "answer.done" not in first:
                kind = socket.receive()["type"]
                assert kind in took, kind
                first.setdefault(kind, (time.perf_counter() - began_s) * 1_000)
            socket.send("unsubscribe", conversation_id=conversation)
            assert socket.receive()["type"] == "done"
            if number >= WARM_UP:
                for kind, took_ms in first.items():
                    took[kind].append(took_ms)
    return took


def main() -> None:
    """Start, measure, print, stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=40)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="streaming") as folder:
        platform = Platform(Path(folder))
        try:
            took = measure(platform.up(), arguments.questions)
            load = os.getloadavg()[0]
            platform.down()
        finally:
            platform.end()
    for kind, times_ms in took.items():
        p95 = statistics.quantiles(times_ms, n=20)[-1]
        line = {"what": kind, "p50_ms": round(statistics.median(times_ms)), "p95_ms": round(p95), "n": len(times_ms)}
        print(json.dumps({**line, "load": round(load, 1)}))


if __name__ == "__main__":
    main()
