"""`strata evaluate`: a scored run of a bot or a knowledge base on a dataset."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.failures import ExitCode
from infra.cli.options import JsonOption
from infra.cli.output import as_json, print_json, print_table, print_text, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra.cli.client import Client
    from shared.contracts import api
    from shared.contracts.ml_api import QuestionScore

SHOWN_QUESTIONS = 20


def evaluate(
    dataset: Annotated[
        Path, typer.Option("--dataset", metavar="FILE", help="JSONL {_id, text, answer?, documents?, unanswerable?}.")
    ],
    bot: Annotated[str | None, typer.Option("--bot", metavar="NAME", help="The bot to score.")] = None,
    kb: Annotated[str | None, typer.Option("--kb", metavar="NAME", help="The knowledge base to score.")] = None,
    json: JsonOption = False,
) -> None:
    """Score a bot or a knowledge base on a dataset, and wait for the result."""
    if bool(bot) == bool(kb):
        raise typer.BadParameter("Say what to score: either --bot NAME or --kb NAME.")
    from infra.cli.requests import request
    from infra.cli.scoring import read_dataset, run_evaluation
    from infra.cli.session import connected
    from shared.contracts import api

    items, unknown = read_dataset(dataset)
    if unknown:
        say(f"Ignored, because a dataset has no such fields: {', '.join(unknown)}.")
    with connected() as client, _progress(len(items)) as on_progress:
        whom = _whom(client, bot, kb)
        run = run_evaluation(client, request(api.CreateEvaluation, items=items, **whom), on_progress)
    if as_json.get():
        print_json(run.model_dump(mode="json"))
    else:
        _show(run)
    if any(score.error for score in run.scores):
        raise typer.Exit(ExitCode.SOME_FAILED)


def _whom(client: Client, bot: str | None, kb: str | None) -> dict[str, object]:
    from infra.cli.names import find_bot, find_knowledge_base

    if bot:
        return {"bot_id": find_bot(client, bot).bot_id}
    return {"kb_id": find_knowledge_base(client, kb or "").kb_id}


@contextmanager
def _progress(questions: int) -> Iterator[Callable[[api.Evaluation], None]]:
    """Show how many questions are scored: a bar on a terminal, nothing elsewhere."""
    from rich.progress import Progress

    from infra.cli.output import console

    screen = console(stderr=True)
    with Progress(console=screen, disable=not screen.is_terminal, transient=True) as progress:
        task = progress.add_task("Waiting", total=questions)

        def show(run: api.Evaluation) -> None:
            progress.update(task, completed=run.done, description=run.status.capitalize())

        yield show


def _show(run: api.Evaluation) -> None:
    rows = [(name.replace("_", " "), f"{value:.3f}") for name, value in run.metrics.items()]
    print_table(("Metric", "Value"), rows, right=("Value",))
    weak = [score for score in run.scores if _is_weak(score)]
    if weak:
        cells = [(s.question_id, s.question, _verdict(s), s.error or s.answer) for s in weak[:SHOWN_QUESTIONS]]
        print_table(("Id", "Question", "What went wrong", "Answer"), cells)
    count = run.questions or len(run.scores)
    print_text(f"{count} questions, {len(weak)} with something wrong; evaluation {run.evaluation_id}.")


def _verdict(score: QuestionScore) -> str:
    checks = {
        "error": bool(score.error),
        "document not found": score.retrieved is False,
        "document not cited": score.cited is False,
        "answer not in the quotes": score.answer_in_quotes is False,
        "wrongly refused" if score.refused else "not refused": score.correctly_refused is False,
    }
    return ", ".join(name for name, wrong in checks.items() if wrong)


def _is_weak(score: QuestionScore) -> bool:
    return bool(_verdict(score))
