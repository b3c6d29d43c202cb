"""The state of the platform, for those who run it."""

from typing import Literal

from pydantic import Field

from shared.contracts.api.bodies import Response
from shared.contracts.ml_api import DifferenceKind
from shared.contracts.registry import Status


class QueueDepth(Response):
    """How many messages wait and are being worked on, and in words what they are."""

    waiting: int
    in_flight: int
    meaning: str = ""


class Reconciliation(Response):
    """What the last run of the reconciler found and set off.

    Attributes:
        found: how many differences between registry, storage and index, by kind; each was acted upon.
    """

    started_at: str
    finished_at: str
    documents: int = 0
    hinted: int = 0
    requeued: int = 0
    failed: int = 0
    restored_knowledge_bases: int = 0
    resumed_knowledge_bases: int = 0
    collected_chunks: int = 0
    found: dict[DifferenceKind, int] = Field(default_factory=dict)


class PlatformStatus(Response):
    """What operators look at first: documents by state, queue depths, dead letters.

    Attributes:
        late_documents: those whose state lasts longer than it should.
        failed: how many documents failed, by the code of the reason.
        waiting: how many documents wait for a neighbour of the platform, by the code of what they wait for.
        oldest_in_work: since when the document waits or is worked on that does so longest; empty when none does.
        deleting_knowledge_bases: deletes that still have documents left.
        reconciliation: the last run; for administrators.
    """

    documents: dict[Status, int]
    knowledge_bases: int
    queues: dict[str, QueueDepth]
    dead_letters: dict[str, int]
    late_documents: int
    failed: dict[str, int] = Field(default_factory=dict)
    waiting: dict[str, int] = Field(default_factory=dict)
    oldest_in_work: str = ""
    deleting_knowledge_bases: int = 0
    reconciliation: Reconciliation | None = None


class AffectedDocument(Response):
    """A document that a finding is about; its name is left out for those who may not read it."""

    kb_id: str
    document_id: str
    filename: str = ""
    status: Status
    code: str = ""
    reason: str = ""
    since: str = ""


FindingCode = Literal[
    "dead_letters",
    "documents_given_up",
    "deadline_passed",
    "waiting_for_neighbour",
    "retries_used_up",
    "reconciler_silent",
    "index_differs",
    "delete_stopped",
    "rebuild_stopped",
]


class Finding(Response):
    """Something that is not as it should be, with what to do about it.

    Attributes:
        count: how many documents, messages or knowledge bases; `documents` names the first of them.
        command: what to type to mend it.
    """

    code: FindingCode
    title: str
    detail: str
    remedy: str
    command: str
    count: int
    documents: tuple[AffectedDocument, ...] = ()


class Diagnosis(Response):
    """Everything that is not as it should be."""

    healthy: bool
    checked_at: str
    findings: tuple[Finding, ...] = ()


class Redriven(Response):
    """What was given another try.

    Attributes:
        moved: dead letters that were put back, by queue.
        retried: documents that were queued again; `left` are still to do, so ask again.
    """

    moved: dict[str, int]
    retried: int
    left: int = 0
