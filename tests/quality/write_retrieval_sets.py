"""Writes the small retrieval sets of `tests/data/retrieval`: passages, some questions, and their vectors.

python -m tests.quality.write_retrieval_sets --data DIR --vectors DIR

The vectors are those of the release `multilingual`, in float16, which moves a cosine by less than 0.0005.
"""

import argparse
import gzip
import json
from pathlib import Path

import numpy as np

from benchmarks.retrieval import asked

FOLDER = Path(__file__).parent.parent / "data" / "retrieval"
SETS = ("xquad_de", "xquad_ar", "tatqa_dev", "xquad_zh:xquad_en")
QUESTIONS = 120


def write(data: Path, vectors: Path, name: str) -> None:
    """Write one set; equal input gives equal bytes."""
    questions, passages = asked(data, name)
    rows = list(range(len(questions.questions)))[:: len(questions.questions) // QUESTIONS][:QUESTIONS]
    keys = [list(questions.questions)[row] for row in rows]
    with np.load(vectors / f"{passages.name}.npz") as found:
        corpus = found["corpus"].astype("<f2")
    with np.load(vectors / f"{questions.name}.npz") as found:
        queries = found["queries"][rows].astype("<f2")
    content = {
        "passages": passages.passages,
        "questions": {key: questions.questions[key] for key in keys},
        "relevant": {key: questions.relevant[key] for key in keys},
    }
    packed = gzip.compress(json.dumps(content, ensure_ascii=False).encode(), mtime=0)
    stem = name.replace(":", "_of_")
    (FOLDER / f"{stem}.json.gz").write_bytes(packed)
    (FOLDER / f"{stem}.f2").write_bytes(np.concatenate([corpus, queries]).tobytes())


def main() -> None:
    """Write all sets."""
    parser = argparse.ArgumentParser(description="Write the small retrieval sets.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, required=True, help="of the release multilingual")
    given = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in SETS:
        write(given.data, given.vectors, name)


if __name__ == "__main__":
    main()
