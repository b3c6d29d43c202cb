"""How a document moves from state to state: pure functions from the row that was read to the row to write.

    UPLOADING -> PARSING [-> RECOGNISING] -> EMBEDDING -> READY
        |           |              |              |
        |           +--------------+--------------+--> FAILED --retry--> QUEUED -> PARSING
        +--> FAILED (never came)
    any --delete--> DELETING -> DELETED

Opening a generation and beginning a delete raise `generation`, which fences every write of older work.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from shared.contracts.registry import Deletion, DocumentRow, KnowledgeBaseRow, Status
from shared.kernel.clock import isoformat
from shared.kernel.errors import Conflict

UPLOAD_WINDOW = timedelta(hours=1)
QUEUE_WINDOW = timedelta(minutes=15)
PARSE_WINDOW = timedelta(minutes=5)
EMBED_WINDOW = timedelta(minutes=10)
RECOGNISE_WINDOW = timedelta(hours=2)
"""One queue holds the pages of all documents, and a page takes seconds: hundreds of pages may stand before these."""
RECOGNISE_PAGE = timedelta(seconds=30)
PROGRESS_WINDOWS: Mapping[Status, timedelta] = {"EMBEDDING": EMBED_WINDOW, "RECOGNISING": RECOGNISE_WINDOW}
"""How long the next part may take to come, by the state in which parts are counted."""
MOST_WARNINGS = 20
LONGEST_WARNING = 500
DELETE_WINDOW = timedelta(minutes=2)
KNOWLEDGE_BASE_WINDOW = timedelta(minutes=1)
MOST_TRIES = 3
RETRY_PAUSE = timedelta(minutes=1)
UPLOAD_MISSING = "upload_missing"
GIVEN_UP = frozenset({"processing_failed", "deadline_exceeded"})
"""Codes of documents that failed without a known fault of their own, so that another try is worth it."""
NOT_WAITING = {"reason": "", "code": "", "waiting_since": ""}
INDEX_INCOMPLETE = "index_incomplete"
"""The code of a generation whose passages the index took and does not show."""


def new_document(
    *,
    kb: KnowledgeBaseRow,
    document_id: str,
    filename: str,
    media_type: str,
    size_bytes: int,
    object_key: str,
    owner_id: str,
    correlation_id: str,
    now: datetime,
    tags: tuple[str, ...] = (),
    modified_on: str = "",
    replaces: str = "",
) -> DocumentRow:
    """Make the row of a document whose bytes are about to come."""
    return DocumentRow(
        tenant_id=kb.tenant_id,
        kb_id=kb.kb_id,
        document_id=document_id,
        filename=filename,
        media_type=media_type,
        size_bytes=size_bytes,
        object_key=object_key,
        owner_id=owner_id,
        readers=kb.readers,
        release_id=kb.release_id,
        correlation_id=correlation_id,
        tags=tags,
        modified_on=modified_on,
        replaces=replaces,
        status="UPLOADING",
        status_since=isoformat(now),
        created_at=isoformat(now),
        updated_at=isoformat(now),
        deadline=isoformat(now + UPLOAD_WINDOW),
    )


def await_parts(row: DocumentRow, *, upload_id: str, now: datetime) -> DocumentRow:
    """Record that the bytes come in parts, or not any more, and give them their time again."""
    return row.model_copy(
        update={"upload_id": upload_id, "updated_at": isoformat(now), "deadline": isoformat(now + UPLOAD_WINDOW)}
    )


def open_generation(
    row: DocumentRow, *, version: str, size_bytes: int, release_id: str, now: datetime, modified_on: str = ""
) -> DocumentRow:
    """Begin to process a version: the next generation, nothing done yet; what was live stays live until the flip.

    What the document waits for stays told, because a new try is no progress yet. The day of the file's last change
    stays where the store tells none.

    Raises:
        Conflict: the document is being deleted.
    """
    if row.status in ("DELETING", "DELETED"):
        raise Conflict("The document is being deleted.", code="document_deleted")
    return row.model_copy(
        update={
            "generation": row.generation + 1,
            **_entering("PARSING", now),
            "version": version,
            "size_bytes": size_bytes,
            "release_id": release_id,
            "modified_on": modified_on or row.modified_on,
            "parts_total": 0,
            "parts_done": frozenset(),
            "chunks": 0,
            "pages": 0,
            "warnings": (),
            "permanent": False,
            "reason": row.reason if row.waiting_since else "",
            "code": row.code if row.waiting_since else "",
            "updated_at": isoformat(now),
            "deadline": isoformat(now + PARSE_WINDOW),
        }
    )


def await_recognition(row: DocumentRow, *, unread: int, pages: int, now: datetime) -> DocumentRow:
    """Record that pages without a text layer wait for text recognition."""
    return row.model_copy(
        update={
            **_entering("RECOGNISING", now),
            "parts_total": unread,
            "parts_done": frozenset(),
            "pages": pages,
            "updated_at": isoformat(now),
            "deadline": isoformat(now + RECOGNISE_WINDOW + unread * RECOGNISE_PAGE),
        }
    )


def resume(row: DocumentRow, now: datetime) -> DocumentRow:
    """Take a document whose pages are recognised, so that one worker alone goes on with it."""
    return row.model_copy(
        update={
            **_entering("PARSING", now),
            "updated_at": isoformat(now),
            "deadline": isoformat(now + PARSE_WINDOW),
        }
    )


def cut(
    row: DocumentRow,
    *,
    parts_total: int,
    chunks: int,
    pages: int,
    now: datetime,
    warnings: Sequence[str] = (),
    file_format: str = "",
    language: str = "",
) -> DocumentRow:
    """Record that the generation's parts lie in S3 and wait to be embedded, and what was found out about the text."""
    return row.model_copy(
        update={
            **_entering("EMBEDDING", now),
            "parts_total": parts_total,
            "parts_done": frozenset(),
            "chunks": chunks,
            "pages": pages,
            "format": file_format,
            "language": language,
            "warnings": tuple(warning[:LONGEST_WARNING] for warning in warnings[:MOST_WARNINGS]),
            **NOT_WAITING,
            "updated_at": isoformat(now),
            "deadline": isoformat(now + EMBED_WINDOW),
        }
    )


def publish(row: DocumentRow, now: datetime) -> DocumentRow:
    """Make the current generation the one that answers.

    Raises:
        Conflict: not every part is done.
    """
    if row.status != "EMBEDDING" or len(row.parts_done) < row.parts_total:
        raise Conflict("The document is not completely indexed yet.", code="parts_missing")
    return row.model_copy(
        update={
            **_entering("READY", now),
            "live_generation": row.generation,
            "live_source": row.version,
            "live_chunks": row.chunks,
            "live_pages": row.pages,
            "tries": 0,
            **NOT_WAITING,
            "updated_at": isoformat(now),
            "deadline": "",
        }
    )


def fail(row: DocumentRow, *, code: str, reason: str, permanent: bool, now: datetime) -> DocumentRow:
    """End the current generation with a reason for people; an older live generation goes on answering."""
    return row.model_copy(
        update={
            **_entering("FAILED", now),
            "permanent": permanent,
            "code": code,
            "reason": reason,
            "waiting_since": "",
            "updated_at": isoformat(now),
            "deadline": "",
        }
    )


def retry(row: DocumentRow, now: datetime) -> DocumentRow:
    """Queue a failed document again because a person asked.

    Raises:
        Conflict: the document did not fail, or its bytes never came, so that there is nothing to process.
    """
    if row.status != "FAILED":
        raise Conflict(
            f"Only a failed document can be retried; this one is {row.status}. To process it again, upload it again.",
            code="document_not_failed",
        )
    if row.code == UPLOAD_MISSING:
        raise Conflict(
            "The file of this document never arrived, so there is nothing to process. Upload it again.",
            code="document_never_arrived",
        )
    return requeue(row, tries=0, now=now)


def retag(row: DocumentRow, *, tags: tuple[str, ...], now: datetime) -> DocumentRow:
    """Give a document other tags; what is live goes on answering with the old ones until its successor is READY.

    Every passage carries the tags, so those that are indexed or on their way there are made anew as the next
    generation: it takes their vectors from the index, and the fence keeps older workers' passages out. A document that
    nobody began to process keeps its state, and so does a failed one of which nothing answers.

    Raises:
        Conflict: the document is being deleted.
    """
    if row.status in ("DELETING", "DELETED"):
        raise Conflict("The document is being deleted, so its tags cannot be changed.", code="document_deleted")
    if row.tags == tags:
        return row
    tagged = row.model_copy(update={"tags": tags, "updated_at": isoformat(now)})
    untouched = row.status in ("UPLOADING", "QUEUED") or (row.status == "FAILED" and row.live_generation is None)
    return tagged if untouched else requeue(tagged, tries=0, now=now)


def requeue(row: DocumentRow, *, tries: int, now: datetime) -> DocumentRow:
    """Let the document wait for a new generation."""
    return row.model_copy(
        update={
            **_entering("QUEUED", now),
            "permanent": False,
            "tries": tries,
            "waiting_since": "",
            "updated_at": isoformat(now),
            "deadline": isoformat(now + QUEUE_WINDOW),
        }
    )


def begin_delete(row: DocumentRow, now: datetime, *, requested_by: str = "", newest: str | None = None) -> DocumentRow:
    """Record the intent to delete: from this write on nothing of the document is visible. Idempotent.

    Args:
        row: as read.
        now: the time.
        requested_by: the user who asked.
        newest: the newest version id under the key, read before this write, where other systems may put an object there
            again; empty when nothing lay there. What comes later stays. None: whatever lies there goes.
    """
    if row.status == "DELETING" and row.deletion is not None:
        return _widen_delete(row, row.deletion, now, requested_by=requested_by, newest=newest)
    if row.status == "DELETED":
        return row
    deletion = Deletion(
        requested_at=isoformat(now),
        requested_by=requested_by,
        source_gone=newest == "",
        through_version=newest or "",
    )
    return row.model_copy(
        update={
            **_entering("DELETING", now),
            "generation": row.generation + 1,
            "live_generation": None,
            "live_source": "",
            "deletion": deletion,
            **NOT_WAITING,
            "updated_at": isoformat(now),
            "deadline": isoformat(now + DELETE_WINDOW),
        }
    )


def _widen_delete(
    row: DocumentRow, deletion: Deletion, now: datetime, *, requested_by: str, newest: str | None
) -> DocumentRow:
    """Let the bytes go, too, that came since the delete was first asked for."""
    if not deletion.spares_what_came_later or newest in ("", deletion.through_version):
        return row
    update = {"source_gone": False, "through_version": newest or "", "requested_by": requested_by}
    return row.model_copy(update={"deletion": deletion.model_copy(update=update), "updated_at": isoformat(now)})


def count_before_delete(row: DocumentRow, *, found: dict[str, int]) -> DocumentRow:
    """Write down how much there is before the first of it is removed; a second count changes nothing."""
    deletion = row.deletion or Deletion(requested_at=row.updated_at)
    if deletion.found:
        return row
    return row.model_copy(update={"deletion": deletion.model_copy(update={"found": found})})


def lose_source(row: DocumentRow, now: datetime) -> DocumentRow:
    """Begin the delete of a document whose object was removed from the bucket.

    What lies under its key by the time the delete is carried out came later and is not part of it: tools replace a file
    by removing it and putting the new one.
    """
    deletion = Deletion(requested_at=isoformat(now), source_gone=True)
    return begin_delete(row, now).model_copy(update={"deletion": deletion})


def finish_delete(
    row: DocumentRow,
    *,
    receipt: dict[str, int],
    now: datetime,
    removed_at: dict[str, str] | None = None,
    left: dict[str, int] | None = None,
) -> DocumentRow:
    """Close a delete with its receipt: counts removed per store, when, and what was left when it was looked again."""
    deletion = row.deletion or Deletion(requested_at=row.updated_at)
    closed = {"removed_at": removed_at or {}, "left": left or {}, "finished_at": isoformat(now)}
    return row.model_copy(
        update={
            "deletion": deletion.model_copy(update=closed),
            **_entering("DELETED", now),
            "receipt": receipt,
            **NOT_WAITING,
            "live_chunks": 0,
            "live_pages": 0,
            "updated_at": isoformat(now),
            "deadline": "",
        }
    )


def extend(row: DocumentRow, *, reason: str, code: str, now: datetime) -> DocumentRow:
    """Say what a document waits for, and since when, and give it the time of its state again.

    What is our own to mend gets no more time: the reconciler opens a new generation at the deadline.
    """
    until = isoformat(now + PROGRESS_WINDOWS.get(row.status, EMBED_WINDOW))
    return row.model_copy(
        update={
            "reason": reason,
            "code": code,
            "waiting_since": row.waiting_since or isoformat(now),
            "updated_at": isoformat(now),
            "deadline": row.deadline if code == INDEX_INCOMPLETE else max(row.deadline, until),
        }
    )


def begin_knowledge_base_delete(row: KnowledgeBaseRow, now: datetime, *, requested_by: str) -> KnowledgeBaseRow:
    """Hide a knowledge base and everything in it from this write on. Idempotent."""
    if row.deleting:
        return row
    return row.model_copy(
        update={
            "deleting": True,
            "deleting_since": isoformat(now),
            "deleted_by": requested_by,
            "rebuild_requested_at": "",
            "updated_at": isoformat(now),
            "deadline": isoformat(now + KNOWLEDGE_BASE_WINDOW),
        }
    )


def begin_rebuild(row: KnowledgeBaseRow, now: datetime, *, requested_by: str) -> KnowledgeBaseRow:
    """Ask for every document to be processed again; what is live goes on answering until its successor is ready."""
    return row.model_copy(
        update={
            "rebuild_requested_at": isoformat(now),
            "rebuild_requested_by": requested_by,
            "rebuild_finished_at": "",
            "updated_at": isoformat(now),
            "deadline": isoformat(now + KNOWLEDGE_BASE_WINDOW),
        }
    )


def waits_for_rebuild(row: DocumentRow, kb: KnowledgeBaseRow) -> bool:
    """Has the document bytes that were not looked at since the rebuild was asked for?

    One that was in work at that moment may have come to rest later and yet be of the release before.
    """
    looked_at = row.status_since >= kb.rebuild_requested_at and row.release_id == kb.release_id
    return row.status in ("READY", "FAILED") and bool(row.version) and not looked_at


def _entering(status: Status, now: datetime) -> dict[str, object]:
    """Name the state and since when it lasts."""
    return {"status": status, "status_since": isoformat(now)}
