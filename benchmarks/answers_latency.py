"""Measures `POST messages` with the extractive answerer over HTTP: `--data <folder of xquad_en> [--chunks N] [--json]`.

It starts a platform of its own, ingests paragraphs of the set as one document per chunk-sized piece until the knowledge
base holds the wanted number of chunks, makes a bot, and asks the set's questions one after the other, each in a new
conversation. Only the request that asks is timed; the first few are not counted.
"""

import argparse
import gzip
import json
import os
import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks.local_platform import LocalPlatform, difference, local_platform
from benchmarks.machine import machine, machine_line
from infra.cli.client import Client
from infra.cli.session import connected
from shared.contracts import api

WARM_QUESTIONS = 5
PARAGRAPHS_PER_FILE = 100


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """Read JSON lines, zipped or not."""
    path = folder / name
    if path.exists():
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    with gzip.open(f"{path}.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write_documents(corpus: list[dict[str, Any]], folder: Path, chunks: int) -> None:
    """Write paragraphs as sections, each under a heading of its own, so that each becomes a chunk."""
    folder.mkdir()
    for start in range(0, min(chunks, len(corpus)), PARAGRAPHS_PER_FILE):
        part = corpus[start : min(start + PARAGRAPHS_PER_FILE, chunks)]
        text = "\n\n".join(f"# {start + n} {row.get('title', '')}\n\n{row['text']}" for n, row in enumerate(part))
        (folder / f"part-{start:05d}.md").write_text(text, encoding="utf-8")


def ask(client: Client, kb_id: str, questions: list[str]) -> tuple[list[float], int]:
    """Ask one question per conversation; returns milliseconds of each, and how many were refused."""
    definition = api.CreateBot(name="Bench", kb_ids=(kb_id,))
    bot = client.publish_bot(client.create_bot(definition).bot_id)
    taken, refused = [], 0
    for question in questions:
        conversation = client.create_conversation(bot.bot_id, api.CreateConversation())
        started = time.perf_counter()
        answer = client.send_message(conversation.conversation_id, question).answer
        taken.append(1000 * (time.perf_counter() - started))
        refused += answer is None or answer.refused
    return taken[WARM_QUESTIONS:], refused


def measure(platform: LocalPlatform, data: Path, chunks: int, questions: int) -> dict[str, Any]:
    """Fill a knowledge base and ask."""
    folder = platform.home / "corpus"
    write_documents(rows(data, "corpus.jsonl"), folder, chunks)
    said = json.loads(platform.strata("ingest", "--kb", "Bench", "--json", str(folder)))
    texts = [row["text"] for row in rows(data, "queries.jsonl")][: questions + WARM_QUESTIONS]
    os.environ["STRATA_HOME"] = str(platform.home)
    with connected() as client:
        before = platform.processor_s()
        taken, refused = ask(client, said["kb_id"], texts)
        used = difference(platform.processor_s(), before)
    taken.sort()
    return {
        "chunks": sum(row["chunks"] for row in said["documents"]),
        "questions": len(texts),
        "refused": refused,
        "p50_ms": round(statistics.median(taken)),
        "p95_ms": round(taken[int(len(taken) * 0.95)]),
        "cpu_ms_each": {name: round(1000 * value / len(texts), 1) for name, value in used.items()},
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--chunks", type=int, default=1000)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with local_platform() as platform:
        found = measure(platform, given.data, given.chunks, given.questions)
    if given.json:
        print(json.dumps({"machine": machine(), **found}, indent=1))
        return
    print(machine_line())
    print(f"{found['chunks']} chunks, {found['questions']} questions ({found['refused']} refused)")
    print(f"POST messages: p50 {found['p50_ms']} ms, p95 {found['p95_ms']} ms")
    print("processor time per question, ms: " + ", ".join(f"{n} {v}" for n, v in found["cpu_ms_each"].items()))


if __name__ == "__main__":
    main()
