"""Measures how long a changed document takes when it is uploaded again, against the first time.

    python -m benchmarks.reupload --data DATA/xquad_en [--paragraphs 240]

It starts a platform of its own, uploads one Markdown file of real paragraphs under headings, and then three newer
versions: the same text, 5 % of the paragraphs changed in one place, and 5 % changed all over the file. Seconds are from
the last byte until READY. What counts is how many chunks hold a changed paragraph: those are embedded, all others take
the vectors that the index holds.
"""

import argparse
import json
import os
import random
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from benchmarks.local_platform import difference, local_platform
from benchmarks.machine import machine, machine_line
from benchmarks.retrieval_sets import load_set
from benchmarks.uploads import upload_until_ready
from infra.cli.session import connected
from shared.contracts import api

PARAGRAPHS_PER_HEADING = 6
SHARE = 0.05
NAME = "handbook.md"


def document(paragraphs: Sequence[str], changed: Collection[int]) -> str:
    """Write the paragraphs under headings, some of them with another first sentence."""
    lines = []
    for number, paragraph in enumerate(paragraphs):
        if number % PARAGRAPHS_PER_HEADING == 0:
            lines.append(f"## Section {number // PARAGRAPHS_PER_HEADING + 1}")
        lines.append(f"This was changed on revision {number}. {paragraph}" if number in changed else paragraph)
    return "\n\n".join(lines)


def versions(paragraphs: Sequence[str]) -> dict[str, str]:
    """Return the text of each upload by its name, the first one first."""
    count = round(SHARE * len(paragraphs))
    start = len(paragraphs) // 2
    scattered = random.Random(5).sample(range(len(paragraphs)), count)
    return {
        "first": document(paragraphs, ()),
        "the same text": document(paragraphs, ()) + "\n",
        "5 % in one place": document(paragraphs, range(start, start + count)),
        "5 % all over": document(paragraphs, scattered),
    }


def measure(paragraphs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Upload one version after the other, each as a document of its own beside the first."""
    found = {}
    with local_platform() as platform:
        os.environ["STRATA_HOME"] = str(platform.home)
        with connected() as client:
            kb = client.create_knowledge_base(api.CreateKnowledgeBase(name="Handbook"))
            for name, text in {"warm": "A document of one sentence.", **versions(paragraphs)}.items():
                file = platform.home / NAME
                file.write_text(text, encoding="utf-8")
                used = platform.processor_s()
                document, seconds = upload_until_ready(client, kb.kb_id, file)
                spent = difference(platform.processor_s(), used)
                found[name] = {
                    "seconds": seconds,
                    "chunks": document.chunks,
                    "embedding_cpu_s": spent.get("embedding", 0),
                }
    del found["warm"]
    first = found["first"]["seconds"]
    return {name: {**row, "of_the_first": round(row["seconds"] / first, 3)} for name, row in found.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of one retrieval set")
    parser.add_argument("--paragraphs", type=int, default=240)
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    given = parser.parse_args()
    paragraphs = [text.replace("\n", " ") for text in load_set(given.data).passages.values()][: given.paragraphs]
    found = measure(paragraphs)
    if given.json:
        print(json.dumps({"machine": machine(), "uploads": found}, indent=1))
        return
    print(machine_line())
    for name, row in found.items():
        print(f"{name:18} {row['seconds']:6.2f} s ({row['of_the_first']:.3f} of the first), {row['chunks']} chunks, "
              f"embedding {row['embedding_cpu_s']} CPU-s")  # fmt: skip


if __name__ == "__main__":
    main()
