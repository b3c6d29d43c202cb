"""What a run of the reconciler found and set off, for metrics, for the API, and for people."""

from dataclasses import dataclass, field, fields

from functions.ml.ports import ObjectStore
from shared.contracts.ml_api import Difference, DifferenceKind, ReconciliationResponse

REPORT_KEY = "reports/reconciliation/latest.json"
MOST_DIFFERENCES = 200


@dataclass
class Report:
    """The counts of one run.

    Attributes:
        found: how many differences of each kind; `differences` names the first of them.
    """

    documents: int = 0
    hinted: int = 0
    requeued: int = 0
    failed: int = 0
    restored_knowledge_bases: int = 0
    resumed_knowledge_bases: int = 0
    collected_chunks: int = 0
    collected_parts: int = 0
    found: dict[DifferenceKind, int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    def note(self, kind: DifferenceKind, tenant_id: str, kb_id: str, document_id: str = "", detail: str = "") -> None:
        """Remember that the stores do not agree about something."""
        self.found[kind] = self.found.get(kind, 0) + 1
        if len(self.differences) < MOST_DIFFERENCES:
            named = Difference(kind=kind, tenant_id=tenant_id, kb_id=kb_id, document_id=document_id, detail=detail)
            self.differences.append(named)

    @property
    def counts(self) -> dict[str, int]:
        """The numbers alone, by name."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, int)}

    def told(self, *, started_at: str, finished_at: str) -> ReconciliationResponse:
        """Make the report that the API gives out."""
        return ReconciliationResponse(
            started_at=started_at,
            finished_at=finished_at,
            **self.counts,
            found=dict(self.found),
            differences=tuple(self.differences),
        )


@dataclass(frozen=True)
class LatestReport:
    """The report that the last run left behind."""

    artifacts: ObjectStore

    def __call__(self) -> ReconciliationResponse:
        """Read it. Raises NotFound when the reconciler never came to its end, Unavailable."""
        return ReconciliationResponse.model_validate_json(self.artifacts.read(REPORT_KEY))
