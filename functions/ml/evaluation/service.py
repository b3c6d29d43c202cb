"""Runs a dataset through retrieval and answering and writes the report as it grows."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

from functions.ml.evaluation.dataset import Item, read_dataset
from functions.ml.evaluation.metrics import HITS, holds, reciprocal_rank, summary, token_f1
from functions.ml.evaluation.reports import is_own_dataset, read, report_key, written
from functions.ml.ports import Bus, ObjectStore
from shared.contracts.events import EvaluationFinished, EvaluationRequested
from shared.contracts.ml_api import (
    AnswerRequest,
    AnswerResponse,
    Caller,
    EvaluationResponse,
    QuestionScore,
    SearchRequest,
    SearchResponse,
)
from shared.kernel.clock import Clock, isoformat
from shared.kernel.errors import NotFound, PlatformError, Rejected

logger = logging.getLogger(__name__)
WRITE_EVERY = 5
_MARKER = re.compile(r"\[\d+\]")


@dataclass(frozen=True)
class EvaluateDataset:
    """Scores one dataset. A redelivered request continues where the report says it was, and a finished one is left."""

    artifacts: ObjectStore
    answer: Callable[[AnswerRequest], AnswerResponse]
    search: Callable[[SearchRequest], SearchResponse]
    bus: Bus
    clock: Clock

    def __call__(self, event: EvaluationRequested) -> EvaluationResponse:
        """Run to the end, or to a failure that the report names.

        Raises:
            Unavailable: bucket or bus do not answer; the queue redelivers.
            NotFound: the event's id is not one of ours.
        """
        known = self._report(event)
        if known.status == "FAILED":
            return known
        if known.status != "FINISHED":
            known = self._run(event, known)
        if known.status == "FINISHED":
            self._announce(event, known)
        return known

    def _run(self, event: EvaluationRequested, known: EvaluationResponse) -> EvaluationResponse:
        try:
            items = self._items(event)
        except Rejected as error:
            return self._write(known.model_copy(update={"status": "FAILED", "reason": error.message}))
        scores = list(known.scores)
        done = {score.question_id for score in scores}
        for item in items:
            if item.id in done:
                continue
            scores.append(self._score(event, item))
            if len(scores) % WRITE_EVERY == 0 and len(scores) < len(items):
                self._write(self._progress(known, items, scores, "RUNNING"))
        if all(score.error for score in scores):
            failed = self._progress(known, items, scores, "FAILED")
            return self._write(failed.model_copy(update={"reason": f"No question was answered. {scores[0].error}"}))
        return self._write(self._progress(known, items, scores, "FINISHED"))

    def _items(self, event: EvaluationRequested) -> list[Item]:
        if not is_own_dataset(event.tenant_id, event.dataset_key):
            raise NotFound("The dataset does not lie in this tenant's folder.", code="foreign_dataset")
        return read_dataset(self.artifacts.read(event.dataset_key))

    def _report(self, event: EvaluationRequested) -> EvaluationResponse:
        try:
            return read(self.artifacts.read(report_key(event.evaluation_id)))
        except NotFound:
            return EvaluationResponse(evaluation_id=event.evaluation_id, status="QUEUED", release_id=event.release_id)

    def _write(self, report: EvaluationResponse) -> EvaluationResponse:
        key = report_key(report.evaluation_id)
        self.artifacts.write(key, written(report), media_type="application/json")
        return report

    @staticmethod
    def _progress(
        known: EvaluationResponse, items: list[Item], scores: list[QuestionScore], status: str
    ) -> EvaluationResponse:
        return known.model_copy(
            update={
                "status": status,
                "questions": len(items),
                "done": len(scores),
                "scores": tuple(scores),
                "metrics": summary(scores),
            }
        )

    def _score(self, event: EvaluationRequested, item: Item) -> QuestionScore:
        """Ask one question; its failure is its score, so that one bad question does not lose the run."""
        caller = Caller(tenant_id=event.tenant_id, user_id="evaluation", readers=event.readers)
        try:
            found = self.search(
                SearchRequest(caller=caller, kb_ids=event.kb_ids, query=item.text, limit=HITS, filters=event.filters)
            )
            answer = self.answer(
                AnswerRequest(
                    caller=caller,
                    kb_ids=event.kb_ids,
                    question=item.text,
                    instructions=event.instructions,
                    release_id=event.release_id,
                    filters=event.filters,
                )
            )
        except PlatformError as error:
            logger.warning("question failed", extra={"tenant_id": event.tenant_id, "error_code": error.code})
            return QuestionScore(question_id=item.id, question=item.text, answer="", refused=False, error=error.message)
        return score(item, found, answer)

    def _announce(self, event: EvaluationRequested, report: EvaluationResponse) -> None:
        fields = {
            "evaluation_id": event.evaluation_id,
            "report_key": report_key(event.evaluation_id),
            "questions": report.questions,
            "metrics": report.metrics,
        }
        self.bus.publish([event.causes(EvaluationFinished, occurred_at=isoformat(self.clock()), **fields)])


def _last_part(filename: str) -> str:
    """Return the name without its folders, which a dataset may leave out."""
    return filename.rpartition("/")[2]


def score(item: Item, found: SearchResponse, answer: AnswerResponse) -> QuestionScore:
    """Compare what was found and said with what was expected."""
    names = [(hit.filename, _last_part(hit.filename), hit.document_id) for hit in found.hits[:HITS]]
    rank = reciprocal_rank(names, item.documents) if item.documents else None
    right = frozenset(item.documents)
    cited = any(
        right & {citation.filename, _last_part(citation.filename), citation.document_id}
        for citation in answer.citations
    )
    expects_answer = bool(item.answers or item.documents or item.unanswerable)
    said = "" if answer.refused else _MARKER.sub("", answer.text)
    return QuestionScore(
        question_id=item.id,
        question=item.text,
        answer=answer.text,
        refused=answer.refused,
        retrieved=None if rank is None else rank > 0,
        reciprocal_rank=rank,
        cited=cited if item.documents else None,
        token_f1=token_f1(said, item.answers) if item.answers else None,
        answer_in_quotes=holds([citation.quote for citation in answer.citations], item.answers)
        if item.answers
        else None,
        correctly_refused=answer.refused == item.unanswerable if expects_answer else None,
        latency_ms=answer.usage.latency_ms,
    )
