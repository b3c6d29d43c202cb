"""What is not as it should be, found in what the stores say. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.application.domain.principals import Principal
from functions.application.domain.remedies import remedy_for
from shared.contracts import api
from shared.contracts.ml_api import ReconciliationResponse
from shared.contracts.registry import DocumentRow, KnowledgeBaseRow
from shared.kernel.clock import isoformat, parse_time
from shared.registry.transitions import GIVEN_UP, MOST_TRIES

MOST_NAMED = 20
WAIT_IS_LONG = timedelta(minutes=2)
SILENCE_IS_LONG = timedelta(minutes=5)
RECONCILE, REDRIVE = "strata repair reconcile", "strata repair redrive"
DOCUMENTS_GIVEN_UP = api.Finding(
    code="documents_given_up",
    title="documents were given up without a known cause",
    detail="Their messages ended among the dead letters, or they took too long too often.",
    remedy="Give them another try; if they fail again, find the cause in the logs by the document's id.",
    command=REDRIVE,
    count=0,
)
RETRIES_USED_UP = api.Finding(
    code="retries_used_up",
    title="documents failed for a temporary reason in every try",
    detail="The platform has stopped trying by itself.",
    remedy="Mend what they waited for, then give them another try.",
    command=REDRIVE,
    count=0,
)
DEADLINE_PASSED = api.Finding(
    code="deadline_passed",
    title="documents are in their state for longer than they should",
    detail="The reconciler gives each another try within a minute, if it runs.",
    remedy="Run the reconciler now, and look at the queues with `strata status`.",
    command=RECONCILE,
    count=0,
)


@dataclass(frozen=True)
class Picture:
    """What is known of the tenant at one moment.

    Attributes:
        reconciliation: the reconciler's last report, None when there is none or nobody can tell.
    """

    knowledge_bases: Sequence[KnowledgeBaseRow]
    documents: Sequence[DocumentRow]
    dead_letters: Mapping[str, int]
    reconciliation: ReconciliationResponse | None
    now: datetime


def diagnose(picture: Picture, principal: Principal) -> api.Diagnosis:
    """Name everything that is not as it should be, what to do first first."""
    findings = [
        *_reconciler(picture),
        *_dead_letters(picture),
        *_documents(picture, principal),
        *_stopped(picture),
        *_index(picture, principal),
    ]
    return api.Diagnosis(healthy=not findings, checked_at=isoformat(picture.now), findings=tuple(findings))


def is_late(row: DocumentRow, now: datetime) -> bool:
    """Does its state last longer than it should?"""
    return bool(row.deadline) and parse_time(row.deadline) < now


def is_waiting(row: DocumentRow) -> bool:
    """Does the document wait for a neighbour of the platform, as its code says?"""
    return row.status in ("PARSING", "EMBEDDING") and bool(row.code)


def _reconciler(picture: Picture) -> Iterable[api.Finding]:
    last = picture.reconciliation
    if last is not None and picture.now - parse_time(last.finished_at) <= SILENCE_IS_LONG:
        return
    yield api.Finding(
        code="reconciler_silent",
        title="The reconciler does not report",
        detail=f"Its last run ended at {last.finished_at}."
        if last
        else "It has left no report, or nobody can read it.",
        remedy="Run it now and read what it says; look at the log of the reconciler function if it fails.",
        command=RECONCILE,
        count=1,
    )


def _dead_letters(picture: Picture) -> Iterable[api.Finding]:
    for queue, number in sorted(picture.dead_letters.items()):
        if number:
            yield api.Finding(
                code="dead_letters",
                title=f"{number} dead letters of the queue {queue}",
                detail="These messages failed five times and nothing works on them any more.",
                remedy="Put them back once the cause is mended; the function's log names it by message id.",
                command=REDRIVE,
                count=number,
            )


def _documents(picture: Picture, principal: Principal) -> Iterable[api.Finding]:
    failed = [row for row in picture.documents if row.status == "FAILED"]
    used_up = [row for row in failed if not row.permanent and row.tries >= MOST_TRIES and row.code not in GIVEN_UP]
    yield from _about(DOCUMENTS_GIVEN_UP, [row for row in failed if row.code in GIVEN_UP], principal)
    yield from _about(RETRIES_USED_UP, used_up, principal)
    yield from _about(DEADLINE_PASSED, [row for row in picture.documents if is_late(row, picture.now)], principal)
    long_ago = picture.now - WAIT_IS_LONG
    waiting = [row for row in picture.documents if is_waiting(row) and parse_time(_since(row)) < long_ago]
    for code in sorted({row.code for row in waiting}):
        rows = [row for row in waiting if row.code == code]
        kind = api.Finding(
            code="waiting_for_neighbour",
            title=f"documents wait: {code}",
            detail=rows[0].reason,
            remedy=remedy_for(code),
            command="strata status",
            count=0,
        )
        yield from _about(kind, rows, principal)


def _stopped(picture: Picture) -> Iterable[api.Finding]:
    for kb in picture.knowledge_bases:
        going_on = (kb.deleting and kb.receipt is None) or kb.is_rebuilding
        if not going_on or not kb.deadline or parse_time(kb.deadline) >= picture.now:
            continue
        what = "delete" if kb.deleting else "rebuild"
        yield api.Finding(
            code="delete_stopped" if kb.deleting else "rebuild_stopped",
            title=f'The {what} of the knowledge base "{kb.name}" stands still',
            detail=f"Asked for at {kb.deleting_since or kb.rebuild_requested_at}, it should have gone on by now.",
            remedy="Run the reconciler now; it carries on where the work stopped.",
            command=RECONCILE,
            count=1,
        )


def _index(picture: Picture, principal: Principal) -> Iterable[api.Finding]:
    if picture.reconciliation is None:
        return
    named = {(row.kb_id, row.document_id): row for row in picture.documents}
    lost = [
        named[difference.kb_id, difference.document_id]
        for difference in picture.reconciliation.differences
        if difference.kind == "index_lost_passages"
        and difference.tenant_id == principal.tenant_id
        and (difference.kb_id, difference.document_id) in named
    ]
    kind = api.Finding(
        code="index_differs",
        title="documents had other passages in the index than they should",
        detail=f"The reconciler's run at {picture.reconciliation.finished_at} queued each to be indexed again.",
        remedy="Run it again when they are READY. If the index was lost, rebuild its knowledge bases from storage.",
        command=f"strata repair rebuild --kb {lost[0].kb_id}" if lost else RECONCILE,
        count=0,
    )
    yield from _about(kind, lost, principal)


def _about(kind: api.Finding, rows: Sequence[DocumentRow], principal: Principal) -> Iterable[api.Finding]:
    """Yield a finding about these documents, if there are any, the oldest first."""
    if rows:
        named = sorted(rows, key=_since)[:MOST_NAMED]
        documents = tuple(_affected(row, principal) for row in named)
        title = f"{len(rows)} {kind.title}"
        yield kind.model_copy(update={"title": title, "count": len(rows), "documents": documents})


def _affected(row: DocumentRow, principal: Principal) -> api.AffectedDocument:
    return api.AffectedDocument(
        kb_id=row.kb_id,
        document_id=row.document_id,
        filename=row.filename if principal.reads(row.readers) else "",
        status=row.status,
        code=row.code,
        reason=row.reason,
        since=_since(row),
    )


def _since(row: DocumentRow) -> str:
    return row.status_since or row.updated_at
