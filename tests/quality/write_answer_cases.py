"""Writes the small set of `tests/data/answers`: questions with what the product's retrieval found for them.

python -m tests.quality.write_answer_cases --data DIR --vectors DIR --models DIR
"""

import argparse
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.answer_cases import XQUAD, Case, Cases
from functions.ml.adapters.onnx_embedder import OnnxEmbedder
from functions.ml.releases.catalogue import load_releases

FOLDER = Path(__file__).parent.parent / "data" / "answers"
PER_KIND = 40
WANTED = {
    "xquad_en": ("own", "other topics", "passage taken away"),
    "xquad_de": ("own", "other topics"),
    "xquad_zh": ("own", "other topics"),
    "xquad_de of xquad_en": ("own", "other topics"),
    "mtrag_un": ("own", "unanswerable"),
}


def sample(cases: Iterable[Case]) -> list[Case]:
    """Take up to `PER_KIND` cases of each wanted kind, evenly spread."""
    kinds: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        if case.kind in WANTED.get(case.source, ()):
            kinds[case.source, case.kind].append(case)
    return [case for found in kinds.values() for case in found[:: max(1, len(found) // PER_KIND)][:PER_KIND]]


def row_of(case: Case, answers: tuple[str, ...]) -> dict[str, Any]:
    """Write a case with its passages by key."""
    base = case.source.rpartition(" of ")[2]
    found = [
        (f"{base}/{one.source}", round(one.score, 4), round(one.lexical, 3), round(one.dense, 4))
        for one in case.passages
    ]
    return {
        "source": case.source, "kind": case.kind, "text": case.text, "judged": case.judged, "answers": answers,
        "passages": found, "further": [round(cosine, 3) for cosine in case.further],
    }  # fmt: skip


def write(cases: list[Case], english: dict[str, tuple[str, ...]]) -> None:
    """Write both files; equal input gives equal bytes."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    texts = {
        f"{case.source.rpartition(' of ')[2]}/{one.source}": {"context": one.context, "text": one.text}
        for case in cases
        for one in case.passages
    }
    rows = []
    for case in cases:
        known = english.get(case.question.question_id) if " of " in case.source else None
        rows.append(row_of(case, known or (() if case.source == "mtrag_un" else case.question.answers)))
    for name, content in (("passages.json.gz", dict(sorted(texts.items()))), ("cases.json.gz", rows)):
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        (FOLDER / name).write_bytes(gzip.compress(body, mtime=0))


def main() -> None:
    """Make the cases and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, required=True, help="folder with one folder per release")
    parser.add_argument("--models", type=Path, required=True)
    options = parser.parse_args()
    release = load_releases("extractive", "multilingual").default
    embedder = OnnxEmbedder(options.models, "multilingual", 2)
    sets = (*XQUAD, "mtrag_un", "chunking", "tatqa_dev")
    cases = Cases(options.data, options.vectors / "multilingual", release, embedder, sets)
    write(sample(cases.every()), {one.question_id: one.answers for one in cases.sets["xquad_en"].questions})


if __name__ == "__main__":
    main()
