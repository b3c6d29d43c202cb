"""What a person sees of the platform's state: releases to choose from, documents by state, queues."""

from collections import Counter
from dataclasses import dataclass

from functions.application.domain import answers
from functions.application.domain.principals import Principal
from functions.application.ports import MlApi, QueueGauge
from functions.application.services.rows import all_documents
from shared.contracts import api
from shared.contracts.registry import Status
from shared.kernel.clock import Clock, isoformat
from shared.registry.ports import Registry


@dataclass(frozen=True)
class PlatformStatus:
    """Counts the tenant's documents; queues carry all tenants' work, so only administrators see them."""

    registry: Registry
    gauge: QueueGauge
    clock: Clock

    def __call__(self, principal: Principal) -> api.PlatformStatus:
        """Return the state of what the person may read. Raises Unavailable."""
        now = isoformat(self.clock())
        states: Counter[Status] = Counter()
        late = 0
        kbs = [
            row
            for row in self.registry.knowledge_bases(principal.tenant_id)
            if not row.deleting and principal.reads(row.readers)
        ]
        for kb in kbs:
            for document in all_documents(self.registry, kb.tenant_id, kb.kb_id):
                states[document.status] += 1
                late += bool(document.deadline and document.deadline < now)
        return api.PlatformStatus(
            documents=dict(states),
            knowledge_bases=len(kbs),
            queues=dict(self.gauge.depths()) if principal.is_admin else {},
            dead_letters=dict(self.gauge.dead_letters()) if principal.is_admin else {},
            late_documents=late,
        )


def list_releases(ml: MlApi) -> api.Releases:
    """Return the releases that a knowledge base can choose by name. Raises Unavailable."""
    return answers.releases(ml.releases())
