"""The hybrid retrievers of other libraries on the same passages and vectors, in an environment of their own."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.document_peers import environment

PEERS = ("langchain", "llamaindex")
_SCRIPT = Path(__file__).parent / "peers" / "retrieve.py"
_LIMIT_S = 1_800


def peer_rankings(
    peer: str, passages: Mapping[str, str], questions: Mapping[str, str], vectors: Path, *, depth: int
) -> tuple[dict[str, list[str]], list[float]]:
    """Rank all questions.

    Args:
        peer: one of PEERS.
        passages: by id, in the order of the vectors.
        questions: likewise.
        vectors: a file with `corpus` and `queries`.
        depth: how many passages each part of a retriever may find.

    Returns:
        Ids of passages by question, best first, and the processor milliseconds of each question.
    """
    task = {"passages": passages, "questions": questions, "vectors": str(vectors.resolve()), "depth": depth}
    python = environment("hybrid_retrievers")
    done = subprocess.run([python, _SCRIPT, peer], input=json.dumps(task), text=True, capture_output=True,
                          timeout=_LIMIT_S, check=True)  # fmt: skip
    answer: Any = json.loads(done.stdout)
    return answer["rankings"], answer["milliseconds"]
