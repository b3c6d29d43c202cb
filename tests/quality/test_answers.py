"""Refusing and quoting on a small set of real questions: thresholds a little under what is reached.

What retrieval found is stored with the questions, so that no model and no index is needed; `write_answer_cases.py`
makes it, docs/benchmarks.md has the figures of the whole sets.
"""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from benchmarks.answers import quoted, written
from functions.ml.answering.gate import GateParameters, can_answer
from functions.ml.ports import Passage
from functions.ml.releases.catalogue import load_releases

FOLDER = Path(__file__).parent.parent / "data" / "answers"
GATE = GateParameters(**load_releases("extractive", "multilingual").default.answer.gate)  # type: ignore[arg-type]


def _read(name: str) -> Any:
    return json.loads(gzip.decompress((FOLDER / name).read_bytes()))


TEXTS, ROWS = _read("passages.json.gz"), _read("cases.json.gz")


@dataclass(frozen=True)
class Outcome:
    refused: bool
    held: bool
    quotes: list[tuple[Passage, str]]


def passages(row: dict[str, Any]) -> tuple[Passage, ...]:
    return tuple(
        Passage(n, TEXTS[key]["text"], key, "text", score, TEXTS[key]["context"], lexical, dense)
        for n, (key, score, lexical, dense) in enumerate(row["passages"], 1)
    )


def rows(source: str, kind: str) -> list[dict[str, Any]]:
    found = [row for row in ROWS if (row["source"], row["kind"]) == (source, kind)]
    assert len(found) == 40
    return found


def refused(source: str, kind: str, *, with_model: bool = False) -> float:
    return fmean(
        not can_answer(row["judged"], passages(row), GATE, further=row["further"], with_model=with_model)
        for row in rows(source, kind)
    )


def outcomes(source: str) -> list[Outcome]:
    made = []
    for row in rows(source, "own"):
        found = passages(row)
        if not can_answer(row["judged"], found, GATE, further=row["further"]):
            made.append(Outcome(refused=True, held=False, quotes=[]))
            continue
        nothing, quotes = written(row["text"], found)
        made.append(Outcome(nothing, quoted((quote for _, quote in quotes), row["answers"]), quotes))
    return made


@pytest.mark.parametrize(
    ("source", "kind", "least"),
    [
        ("xquad_en", "other topics", 0.85),
        ("xquad_de", "other topics", 0.85),
        ("xquad_zh", "other topics", 0.9),
        ("xquad_en", "passage taken away", 0.42),
        ("xquad_de of xquad_en", "other topics", 0.4),
        ("mtrag_un", "unanswerable", 0.4),
    ],
)
def test_what_the_documents_do_not_say_is_refused(source: str, kind: str, least: float) -> None:
    assert refused(source, kind) >= least


@pytest.mark.parametrize("source", ["xquad_en", "xquad_de", "xquad_zh", "xquad_de of xquad_en", "mtrag_un"])
def test_at_most_every_tenth_answerable_question_is_refused(source: str) -> None:
    assert refused(source, "own") <= 0.1


@pytest.mark.parametrize("source", ["xquad_en", "xquad_de", "xquad_zh", "xquad_de of xquad_en", "mtrag_un"])
def test_a_model_is_kept_from_next_to_no_question_that_it_could_answer(source: str) -> None:
    assert refused(source, "own", with_model=True) <= 0.05


@pytest.mark.parametrize(
    ("source", "least"), [("xquad_en", 0.9), ("xquad_de", 0.8), ("xquad_zh", 0.8), ("xquad_de of xquad_en", 0.7)]
)
def test_the_quotes_hold_the_answer_and_stand_verbatim_in_their_passages(source: str, least: float) -> None:
    made = outcomes(source)
    assert fmean(one.held for one in made) >= least
    assert all(quote in passage.text for one in made for passage, quote in one.quotes)
