"""Turns a tick of the schedule into runs of all scheduled datasets."""

import logging
from dataclasses import dataclass

from functions.ml.evaluation.reports import SCHEDULED_PREFIX, is_own_dataset
from functions.ml.evaluation.requests import evaluation_event
from functions.ml.ports import ObjectStore, Queue
from shared.contracts.events import EvaluationRequested
from shared.contracts.ml_api import EvaluationRequest
from shared.kernel.clock import Clock, isoformat
from shared.kernel.errors import NotFound
from shared.kernel.ids import derived_id

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class QueueScheduled:
    """Queues a run of every scheduled dataset: each manifest is an `EvaluationRequest` beside its dataset."""

    artifacts: ObjectStore
    queue: Queue
    clock: Clock

    def __call__(self, schedule_id: str) -> int:
        """Queue the runs of one tick; the same tick again queues the same ids.

        Args:
            schedule_id: the id of the schedule's event.

        Returns:
            How many were queued. A manifest that cannot be read is logged and left out.
        """
        events = [
            event
            for stored in self.artifacts.list(SCHEDULED_PREFIX)
            if stored.key.endswith(".json") and (event := self._event(stored.key, schedule_id))
        ]
        if events:
            self.queue.send(events)
        return len(events)

    def _event(self, key: str, schedule_id: str) -> EvaluationRequested | None:
        try:
            order = EvaluationRequest.model_validate_json(self.artifacts.read(key))
        except (ValueError, NotFound):
            logger.exception("manifest not readable", extra={"manifest": key})
            return None
        tenant_id = order.caller.tenant_id
        if not is_own_dataset(tenant_id, key) or not is_own_dataset(tenant_id, order.dataset_key):
            logger.error("manifest of another tenant", extra={"manifest": key, "tenant_id": tenant_id})
            return None
        evaluation_id = f"{derived_id('eval', schedule_id, key)}_{tenant_id}"
        return evaluation_event(
            order, evaluation_id=evaluation_id, release_id=order.release_id, occurred_at=isoformat(self.clock())
        )
