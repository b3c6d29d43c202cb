"""Retrieval sets (`corpus.jsonl[.gz]`, `queries.jsonl`, `qrels.tsv` in a folder) and the measure they are scored by."""

import gzip
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Passages and questions by id, and which passages answer which question."""

    name: str
    passages: dict[str, str]
    questions: dict[str, str]
    relevant: dict[str, dict[str, int]]


def load_set(folder: Path) -> RetrievalSet:
    """Read a set; questions that nothing answers are left out."""
    passages = {row["_id"]: f"{row.get('title', '')}\n{row['text']}".strip() for row in _rows(folder, "corpus.jsonl")}
    relevant: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text().splitlines()[1:]:
        question, passage, grade = line.split("\t")
        relevant.setdefault(question, {})[passage] = int(grade)
    questions = {row["_id"]: row["text"] for row in _rows(folder, "queries.jsonl") if row["_id"] in relevant}
    return RetrievalSet(folder.name, passages, questions, relevant)


def _rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """Read JSON lines, packed or not."""
    packed = folder / f"{name}.gz"
    text = gzip.decompress(packed.read_bytes()).decode() if packed.exists() else (folder / name).read_text()
    return [json.loads(line) for line in text.splitlines()]


def ndcg(ranked: Sequence[str], relevant: Mapping[str, int], *, cutoff: int = 10) -> float:
    """Score one ranking by normalised discounted cumulative gain.

    The sum of grade / log2(rank + 1) over the first `cutoff` ids, rank from 1, divided by that of the best ranking.

    Returns:
        A number in [0, 1]; 0 when nothing is relevant.

    Source:
        Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20(4), 2002; linear gain,
        as in trec_eval.
    """

    def gain(grades: Sequence[int]) -> float:
        return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades[:cutoff], start=1))

    best = gain(sorted(relevant.values(), reverse=True))
    return gain([relevant.get(one, 0) for one in ranked]) / best if best else 0.0
