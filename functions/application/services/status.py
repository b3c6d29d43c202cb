"""What a person sees of the platform's state: releases to choose from, documents by state, queues."""

from collections import Counter
from dataclasses import dataclass

from functions.application.domain import answers
from functions.application.domain.diagnosis import is_late, is_waiting
from functions.application.domain.principals import Principal
from functions.application.ports import MlApi, QueueGauge
from functions.application.services.operations import last_report
from functions.application.services.rows import all_documents
from shared.contracts import api
from shared.contracts.registry import DocumentRow
from shared.kernel.clock import Clock
from shared.registry.ports import Registry


@dataclass(frozen=True)
class PlatformStatus:
    """Counts the tenant's documents; queues carry all tenants' work, so only administrators see them."""

    registry: Registry
    gauge: QueueGauge
    ml: MlApi
    clock: Clock

    def __call__(self, principal: Principal) -> api.PlatformStatus:
        """Return the state of what the person may read. Raises Unavailable."""
        every = self.registry.knowledge_bases(principal.tenant_id)
        readable = [row for row in every if principal.reads(row.readers)]
        kbs = [row for row in readable if not row.deleting]
        documents = [row for kb in kbs for row in all_documents(self.registry, kb.tenant_id, kb.kb_id)]
        return api.PlatformStatus(
            documents=dict(Counter(row.status for row in documents)),
            knowledge_bases=len(kbs),
            queues=dict(self.gauge.depths()) if principal.is_admin else {},
            dead_letters=dict(self.gauge.dead_letters()) if principal.is_admin else {},
            late_documents=sum(is_late(row, self.clock()) for row in documents),
            failed=dict(Counter(row.code for row in documents if row.status == "FAILED")),
            waiting=dict(Counter(row.code for row in documents if is_waiting(row))),
            oldest_in_work=min((row.status_since or row.updated_at for row in documents if in_work(row)), default=""),
            deleting_knowledge_bases=sum(row.deleting and row.receipt is None for row in readable),
            reconciliation=self._reconciliation() if principal.is_admin else None,
        )

    def _reconciliation(self) -> api.Reconciliation | None:
        found = last_report(self.ml)
        return api.Reconciliation.model_validate(found.model_dump()) if found else None


IN_WORK = frozenset({"QUEUED", "PARSING", "RECOGNISING", "EMBEDDING"})


def in_work(row: DocumentRow) -> bool:
    """Is the document waiting for its turn, or being processed?"""
    return row.status in IN_WORK


def list_releases(ml: MlApi) -> api.Releases:
    """Return the releases that a knowledge base can choose by name. Raises Unavailable."""
    return answers.releases(ml.releases())
