"""Evaluation runs: from a dataset file to a finished run."""

import time
from collections.abc import Callable
from pathlib import Path

from infra.cli.client import Client
from infra.cli.failures import Failure
from infra.cli.questions import DATASET_FIELDS, Line, read_lines
from infra.cli.requests import request
from shared.contracts import api

POLL_PAUSE_S = 0.5
_RUNNING = frozenset({"QUEUED", "RUNNING"})


def read_dataset(path: Path) -> tuple[list[api.DatasetItem], list[str]]:
    """Read a dataset: JSONL {_id or id, text, answer?, documents?, unanswerable?}.

    Returns:
        The questions in the order of the file, and the names of fields that a dataset does not have.

    Raises:
        Failure: a line cannot be used; says which.
    """
    lines = read_lines(path)
    unknown = sorted({name for line in lines for name in line.content} - DATASET_FIELDS - {"_id"})
    return [_item(line) for line in lines], unknown


def _item(line: Line) -> api.DatasetItem:
    if line.problem:
        raise Failure(line.problem, code="invalid_line")
    known = {name: value for name, value in line.content.items() if name in DATASET_FIELDS - {"id"}}
    try:
        return request(api.DatasetItem, id=line.id, **known)
    except Failure as failure:
        raise Failure(f"Question {line.id}: {failure.message}", code="invalid_line") from failure


def run_evaluation(
    client: Client,
    wish: api.CreateEvaluation,
    on_progress: Callable[[api.Evaluation], None],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> api.Evaluation:
    """Start a scored run and wait for its end.

    Args:
        client: the platform.
        wish: whom to score, on what.
        on_progress: called with every state that was seen.
        sleep: waits for some seconds between looks.

    Returns:
        The finished run.

    Raises:
        Failure: the run failed; says why.
    """
    run = client.create_evaluation(wish)
    on_progress(run)
    while run.status in _RUNNING:
        sleep(POLL_PAUSE_S)
        run = client.evaluation(run.evaluation_id)
        on_progress(run)
    if run.status == "FAILED":
        raise Failure(f"The evaluation failed: {run.reason or 'without a reason.'}", code="evaluation_failed")
    return run
