"""Asks for an evaluation and reads its report: what the REST API offers of a run that takes minutes."""

from dataclasses import dataclass

from functions.ml.evaluation.reports import is_own_dataset, read, report_key, written
from functions.ml.ports import ObjectStore, Queue
from functions.ml.releases.catalogue import Releases
from shared.contracts.events import EvaluationRequested, effect_id
from shared.contracts.ml_api import EvaluationRequest, EvaluationResponse
from shared.kernel.clock import Clock, isoformat
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import NewId


def evaluation_event(
    request: EvaluationRequest, *, evaluation_id: str, release_id: str, occurred_at: str
) -> EvaluationRequested:
    """Make the message that starts a run; its id derives from the run, so that a repeated request is one run."""
    return EvaluationRequested(
        event_id=effect_id(evaluation_id, EvaluationRequested.name),
        correlation_id=evaluation_id,
        tenant_id=request.caller.tenant_id,
        occurred_at=occurred_at,
        evaluation_id=evaluation_id,
        dataset_key=request.dataset_key,
        kb_ids=request.kb_ids,
        readers=request.caller.readers,
        instructions=request.instructions,
        filters=request.filters,
        release_id=release_id,
    )


@dataclass(frozen=True)
class RequestEvaluation:
    """Queues a run; its report says QUEUED at once."""

    artifacts: ObjectStore
    queue: Queue
    releases: Releases
    clock: Clock
    new_id: NewId

    def __call__(self, request: EvaluationRequest) -> EvaluationResponse:
        """Write the first report and queue the run.

        Raises:
            NotFound: the dataset or the release does not exist.
            Invalid: the dataset is of another tenant's folder (`foreign_dataset`).
            Unavailable: bucket or queue do not answer.
        """
        tenant_id = request.caller.tenant_id
        if not is_own_dataset(tenant_id, request.dataset_key):
            raise Invalid(
                f"The dataset must lie under datasets/{tenant_id}/ in the artifacts bucket.", code="foreign_dataset"
            )
        release = self.releases.by_id(request.release_id) if request.release_id else self.releases.default
        if self.artifacts.head(request.dataset_key) is None:
            raise NotFound(f"There is no dataset {request.dataset_key}. Upload it first.", code="unknown_dataset")
        evaluation_id = f"{self.new_id('eval')}_{tenant_id}"
        report = EvaluationResponse(evaluation_id=evaluation_id, status="QUEUED", release_id=release.release_id)
        self.artifacts.write(report_key(evaluation_id), written(report), media_type="application/json")
        event = evaluation_event(
            request, evaluation_id=evaluation_id, release_id=release.release_id, occurred_at=isoformat(self.clock())
        )
        self.queue.send([event])
        return report


@dataclass(frozen=True)
class ReadEvaluation:
    """Reads a report."""

    artifacts: ObjectStore

    def __call__(self, evaluation_id: str) -> EvaluationResponse:
        """Return the report as far as it is. Raises NotFound; Unavailable."""
        try:
            return read(self.artifacts.read(report_key(evaluation_id)))
        except NotFound as error:
            raise NotFound(f"There is no evaluation {evaluation_id}.", code="unknown_evaluation") from error
