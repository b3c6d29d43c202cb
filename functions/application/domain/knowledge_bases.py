"""Knowledge bases: who may read them, and how people see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from functions.application.domain.documents import INBOX
from functions.application.domain.principals import Principal
from functions.application.domain.records import NameClaim
from shared.contracts import api
from shared.contracts.ml_api import Release, ReleasesResponse
from shared.contracts.registry import DocumentRow, KnowledgeBaseRow, Status
from shared.kernel.clock import isoformat, parse_time
from shared.kernel.errors import Invalid, NotFound
from shared.registry.transitions import waits_for_rebuild

Visibility = Literal["tenant", "private"]
CLAIM_WITHOUT_ROW = timedelta(minutes=1)


def readers_of(visibility: Visibility, *, tenant_id: str, owner_id: str) -> tuple[str, ...]:
    """Return the principals that may read a knowledge base of this visibility."""
    return (f"tenant:{tenant_id}",) if visibility == "tenant" else (f"user:{owner_id}",)


def visibility_of(row: KnowledgeBaseRow) -> Visibility:
    """Tell whether the whole tenant reads it."""
    return "tenant" if f"tenant:{row.tenant_id}" in row.readers else "private"


def visible(row: KnowledgeBaseRow | None, principal: Principal) -> KnowledgeBaseRow:
    """Return the row if the person may know of it.

    Raises:
        NotFound: it is not there, is being deleted, or is somebody else's (which is the same to them).
    """
    if row is None or row.tenant_id != principal.tenant_id or row.deleting or not principal.reads(row.readers):
        raise NotFound("There is no such knowledge base, or you may not read it.", code="unknown_knowledge_base")
    return row


@dataclass(frozen=True, slots=True)
class Choice:
    """A pipeline release as a knowledge base chooses it: how it is named, and the id that this makes."""

    release_id: str
    release_name: str
    chunking: str


def choose_release(offered: ReleasesResponse, name: str | None, chunking: str | None = None) -> Choice:
    """Pick a pipeline release by name, the default one where none is named, with a way to cut, else its own.

    Raises:
        Invalid: there is no release (`unknown_release`) or no way to cut (`unknown_chunking`) of this name; the message
            lists those that exist.
    """
    for release in offered.releases:
        if release.name == name or (name is None and release.is_default):
            return _cut_so(release, chunking)
    names = ", ".join(release.name for release in offered.releases)
    raise Invalid(f"There is no release {name or '(default)'!r}. Choose one of: {names}.", code="unknown_release")


def _cut_so(release: Release, chunking: str | None) -> Choice:
    if chunking is None:
        return Choice(release.release_id, release.name, release.chunking or release.chunker)
    for offered in release.chunkings:
        if offered.name == chunking:
            return Choice(offered.release_id, release.name, offered.name)
    names = ", ".join(offered.name for offered in release.chunkings)
    raise Invalid(f"There is no chunking strategy {chunking!r}. Choose one of: {names}.", code="unknown_chunking")


def chunking_strategies(offered: ReleasesResponse) -> api.ChunkingStrategies:
    """Return the ways to cut that the default release can be combined with."""
    release = next((release for release in offered.releases if release.is_default), None)
    return api.ChunkingStrategies(
        items=tuple(
            api.ChunkingStrategy(
                name=chunking.name, description=chunking.description, is_default=chunking.name == release.chunking
            )
            for chunking in release.chunkings
        )
        if release
        else ()
    )


def claim_is_stale(claim: NameClaim, now: datetime) -> bool:
    """Was the name taken so long ago that the knowledge base it was taken for should have appeared?"""
    return now - parse_time(claim.claimed_at) > CLAIM_WITHOUT_ROW


def inbox_prefix(tenant_id: str, kb_id: str) -> str:
    """Name the prefix of the documents bucket under which objects become documents by themselves."""
    return f"{INBOX}{tenant_id}/{kb_id}/"


def new_row(
    request: api.CreateKnowledgeBase, principal: Principal, *, kb_id: str, choice: Choice, now: datetime
) -> KnowledgeBaseRow:
    """Make the row of a new, empty knowledge base that belongs to the person."""
    return KnowledgeBaseRow(
        tenant_id=principal.tenant_id,
        kb_id=kb_id,
        name=request.name,
        description=request.description,
        release_id=choice.release_id,
        release_name=choice.release_name,
        chunking=choice.chunking,
        readers=readers_of(request.visibility, tenant_id=principal.tenant_id, owner_id=principal.user_id),
        owner_id=principal.user_id,
        created_at=isoformat(now),
        updated_at=isoformat(now),
    )


def shown(
    row: KnowledgeBaseRow,
    *,
    bucket: str,
    documents: Mapping[Status, int] | None = None,
    rebuild: api.Rebuild | None = None,
) -> api.KnowledgeBase:
    """Show a knowledge base to a person."""
    return api.KnowledgeBase(
        kb_id=row.kb_id,
        name=row.name,
        description=row.description,
        release_id=row.release_id,
        release=row.release_name,
        chunking=row.chunking,
        visibility=visibility_of(row),
        owner_id=row.owner_id,
        documents=dict(documents or {}),
        inbox_bucket=bucket,
        inbox_prefix=inbox_prefix(row.tenant_id, row.kb_id),
        rebuild=rebuild,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def rebuild_of(row: KnowledgeBaseRow, documents: Sequence[DocumentRow], *, asker: str = "") -> api.Rebuild | None:
    """Show how far the last rebuild is and the address of who asked for it; None when there never was one."""
    if not row.rebuild_requested_at:
        return None
    counted = [
        document for document in documents if document.version and document.status not in ("DELETING", "DELETED")
    ]
    in_work = ("QUEUED", "PARSING", "RECOGNISING", "EMBEDDING")
    left = [document for document in counted if waits_for_rebuild(document, row) or document.status in in_work]
    return api.Rebuild(
        requested_at=row.rebuild_requested_at,
        requested_by=row.rebuild_requested_by,
        requested_by_address=asker,
        finished_at=row.rebuild_finished_at,
        documents_total=len(counted),
        documents_left=0 if row.rebuild_finished_at else len(left),
    )


def deletion_of(
    row: KnowledgeBaseRow, documents: Sequence[DocumentRow], *, deleter: str = ""
) -> api.KnowledgeBaseDeletion:
    """Show how far the delete of a knowledge base is, or its receipt.

    Args:
        row: of a knowledge base that is being deleted.
        documents: all its documents; not needed once there is a receipt.
        deleter: the address of who asked for it.
    """
    gone = [document for document in documents if document.status == "DELETED"]
    removed: dict[str, int] = dict(row.receipt.removed) if row.receipt else {}
    for document in gone if row.receipt is None else []:
        for store, number in (document.receipt or {}).items():
            removed[store] = removed.get(store, 0) + number
    return api.KnowledgeBaseDeletion(
        kb_id=row.kb_id,
        name=row.name,
        requested_at=row.deleting_since or row.updated_at,
        requested_by=row.deleted_by,
        requested_by_address=deleter,
        finished_at=row.receipt.finished_at if row.receipt else "",
        documents_total=row.receipt.documents if row.receipt else len(documents),
        documents_left=0 if row.receipt else len(documents) - len(gone),
        removed=removed,
        verified=bool(row.receipt and row.receipt.verified == row.receipt.documents),
    )
