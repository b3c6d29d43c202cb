"""Names that are unique within a tenant, also when two people take one at the same moment."""

from dataclasses import dataclass

from functions.application.domain.knowledge_bases import claim_is_stale
from functions.application.domain.records import NameClaim
from functions.application.ports import Names
from shared.kernel.clock import Clock, isoformat
from shared.kernel.errors import Conflict
from shared.registry.ports import Registry

KIND = "KB"


@dataclass(frozen=True)
class KnowledgeBaseNames:
    """Claims names in the control table; a claim whose knowledge base is gone or never came can be taken over."""

    registry: Registry
    names: Names
    clock: Clock

    def claim(self, tenant_id: str, name: str, kb_id: str) -> None:
        """Take the name for a knowledge base.

        Raises:
            Conflict: another one has it (`name_taken`).
            Unavailable: a table does not answer.
        """
        now = self.clock()
        wanted = NameClaim(tenant_id=tenant_id, name=name.casefold(), holder=kb_id, claimed_at=isoformat(now))
        if self._in_use(wanted):
            raise taken(name)
        held = self.names.claim_name(wanted, kind=KIND)
        if held.holder != kb_id and claim_is_stale(held, now):
            held = self.names.claim_name(wanted, kind=KIND, instead_of=held)
        if held.holder != kb_id:
            raise taken(name)

    def release(self, tenant_id: str, name: str, kb_id: str) -> None:
        """Free the name if this knowledge base holds it. Raises Unavailable."""
        self.names.release_name(tenant_id, kind=KIND, name=name.casefold(), holder=kb_id)

    def _in_use(self, wanted: NameClaim) -> bool:
        rows = self.registry.knowledge_bases(wanted.tenant_id)
        return any(
            row.name.casefold() == wanted.name and row.kb_id != wanted.holder and not row.deleting for row in rows
        )


def taken(name: str) -> Conflict:
    """Make the error that tells a person to choose another name."""
    return Conflict(f"There is a knowledge base called {name!r} already. Choose another name.", code="name_taken")
