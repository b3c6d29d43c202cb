"""Measures follow-up questions: nDCG@10 of the last turn alone against the question completed from the conversation.

    python -m benchmarks.followups --data DIR --vectors DIR --models DIR [--release NAME]

`mtrag_un` holds conversations. XQuAD's questions are complete; each is asked after a question and a passage of another
topic, to see what a change of topic costs.
"""

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from benchmarks.answer_cases import XQUAD, Cases
from benchmarks.answer_sets import AnswerSet, Question
from benchmarks.retrieval_sets import ndcg
from functions.ml.adapters.onnx_embedder import OnnxEmbedder
from functions.ml.answering.followup import is_follow_up, search_text
from functions.ml.ports import Turn
from functions.ml.releases.catalogue import load_releases

Complete = Callable[[Question], str]


def alone(question: Question) -> str:
    """Search for the last turn as it is."""
    return question.text


def completed(question: Question) -> str:
    """Search for what the product searches for."""
    return search_text(question.text, question.history)


def scores(cases: Cases, name: str, questions: Sequence[Question], complete: Complete) -> list[float]:
    """Return nDCG@10 of every question."""
    found = []
    for question in questions:
        asked = replace(question, text=complete(question), history=())
        ranked = [passage.source for passage in cases.asked(name, "own", asked, name).passages]
        found.append(ndcg(ranked, dict.fromkeys(question.right, 1)))
    return found


def after_another_topic(data: AnswerSet, count: int) -> list[Question]:
    """Put a question and a passage of another topic before questions that are complete."""
    chance = random.Random(1)
    changed = []
    for question in chance.sample(data.questions, count):
        other = question
        while _topic(other) == _topic(question):
            other = chance.choice(data.questions)
        told = data.passages[next(iter(other.right))][1][:400]
        changed.append(replace(question, history=(Turn("user", other.text), Turn("assistant", told))))
    return changed


def _topic(question: Question) -> str:
    return next(iter(question.right)).split("-")[0]


def main() -> None:
    """Print one line per set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, required=True, help="folder with one folder per release")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--release", default="multilingual")
    parser.add_argument("--questions", type=int, default=200, help="of each language")
    options = parser.parse_args()
    release = load_releases("extractive", options.release).default
    embedder = OnnxEmbedder(options.models, options.release, 2)
    cases = Cases(options.data, options.vectors / options.release, release, embedder, (*XQUAD, "mtrag_un"))
    asked = {"mtrag_un": [question for question in cases.sets["mtrag_un"].questions if question.right]}
    asked |= {name: after_another_topic(cases.sets[name], options.questions) for name in XQUAD}
    for name, questions in asked.items():
        last, whole = scores(cases, name, questions, alone), scores(cases, name, questions, completed)
        touched = [bool(one.history) and is_follow_up(one.text) for one in questions]
        better = sum(new > old + 1e-9 for old, new in zip(last, whole, strict=True))
        worse = sum(new < old - 1e-9 for old, new in zip(last, whole, strict=True))
        print(
            f"{name:10} {len(questions)} questions, {sum(touched)} taken for follow-ups, last turn alone "
            f"{fmean(last):.4f}, completed {fmean(whole):.4f}, better {better}, worse {worse}",
            flush=True,
        )


if __name__ == "__main__":
    main()
