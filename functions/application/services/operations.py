"""What operators do: find what is not as it should be, and mend it. Administrators only."""

from collections.abc import Iterator
from dataclasses import dataclass

from functions.application.domain import diagnosis
from functions.application.domain.principals import Principal
from functions.application.ports import IngestQueue, MlApi, QueueGauge, Redrive
from functions.application.services.knowledge_bases import changed_event
from functions.application.services.rows import all_documents, change_document
from shared.contracts import api
from shared.contracts.ml_api import ReconciliationResponse
from shared.contracts.registry import DocumentRow
from shared.kernel.clock import Clock, isoformat
from shared.kernel.errors import Forbidden, PlatformError
from shared.registry.ports import Registry
from shared.registry.transitions import GIVEN_UP, MOST_TRIES, retry

MOST_RETRIED = 300
"""Documents that one request queues again, so that it ends long before the gateway gives up."""


@dataclass(frozen=True)
class Operations:
    """Looks at the caller's tenant; queues and the reconciler are the whole platform's."""

    registry: Registry
    gauge: QueueGauge
    redriver: Redrive
    queue: IngestQueue
    ml: MlApi
    clock: Clock

    def diagnose(self, principal: Principal) -> api.Diagnosis:
        """Name everything that is not as it should be. Raises Forbidden, Unavailable."""
        check_operator(principal)
        kbs = self.registry.knowledge_bases(principal.tenant_id)
        picture = diagnosis.Picture(
            knowledge_bases=kbs,
            documents=list(self._documents(principal)),
            dead_letters=self.gauge.dead_letters(),
            reconciliation=last_report(self.ml),
            now=self.clock(),
        )
        return diagnosis.diagnose(picture, principal)

    def reconcile(self, principal: Principal) -> api.Reconciliation:
        """Run the reconciler now and wait for its report. Raises Forbidden, and what the ML layer answers."""
        check_operator(principal)
        return api.Reconciliation.model_validate(self.ml.reconcile().model_dump())

    def redrive(self, principal: Principal, *, correlation_id: str) -> api.Redriven:
        """Put dead letters back, and queue the tenant's documents again that were given up.

        Raises:
            Forbidden: not an administrator.
            Unavailable: a neighbour does not answer; asking again goes on.
        """
        check_operator(principal)
        moved = dict(self.redriver.redrive())
        again = [row for row in self._documents(principal) if was_given_up(row)]
        for row in again[:MOST_RETRIED]:
            changed = change_document(
                self.registry, row, lambda current: retry(current, self.clock()) if was_given_up(current) else current
            )
            self.queue.send([changed_event(changed, correlation_id, isoformat(self.clock()))])
        left = max(0, len(again) - MOST_RETRIED)
        return api.Redriven(moved=moved, retried=len(again) - left, left=left)

    def _documents(self, principal: Principal) -> Iterator[DocumentRow]:
        for kb in self.registry.knowledge_bases(principal.tenant_id):
            if kb.receipt is None:
                yield from all_documents(self.registry, kb.tenant_id, kb.kb_id)


def was_given_up(row: DocumentRow) -> bool:
    """Did the platform stop trying, though another try may succeed?"""
    used_up = not row.permanent and row.tries >= MOST_TRIES
    return row.status == "FAILED" and (row.code in GIVEN_UP or used_up)


def last_report(ml: MlApi) -> ReconciliationResponse | None:
    """Return the reconciler's last report; None when there is none, or when the ML layer does not answer."""
    try:
        return ml.reconciliation()
    except PlatformError:
        return None


def check_operator(principal: Principal) -> None:
    """Let administrators pass. Raises Forbidden."""
    if not principal.is_admin:
        raise Forbidden("Only administrators may see and mend the platform's state.", code="operators_only")
