"""How a document moves from state to state: pure functions from the row that was read to the row to write.

    UPLOADING -> PARSING -> EMBEDDING -> READY
        |           |           |          |
        |           +-----------+--> FAILED --retry--> QUEUED -> PARSING
        +--> FAILED (never came)
    any --delete--> DELETING -> DELETED

Opening a generation and beginning a delete raise `generation`, which fences every write of older work.
"""

from datetime import datetime, timedelta

from shared.contracts.registry import DocumentRow, KnowledgeBaseRow
from shared.kernel.clock import isoformat
from shared.kernel.errors import Conflict

UPLOAD_WINDOW = timedelta(hours=1)
QUEUE_WINDOW = timedelta(minutes=15)
PARSE_WINDOW = timedelta(minutes=5)
EMBED_WINDOW = timedelta(minutes=10)
DELETE_WINDOW = timedelta(minutes=2)
MOST_TRIES = 3
INDEX_INCOMPLETE = "index_incomplete"
"""The code of a generation whose passages the index took and does not show."""
SOURCE_GONE = "source_gone"
"""The code of a delete that began because the object was not in the bucket any more."""


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
        status="UPLOADING",
        created_at=isoformat(now),
        updated_at=isoformat(now),
        deadline=isoformat(now + UPLOAD_WINDOW),
    )


def open_generation(row: DocumentRow, *, version: str, size_bytes: int, release_id: str, now: datetime) -> DocumentRow:
    """Begin to process a version: the next generation, nothing done yet; what was live stays live until the flip.

    Raises:
        Conflict: the document is being deleted.
    """
    if row.status in ("DELETING", "DELETED"):
        raise Conflict("The document is being deleted.", code="document_deleted")
    return row.model_copy(
        update={
            "generation": row.generation + 1,
            "status": "PARSING",
            "version": version,
            "size_bytes": size_bytes,
            "release_id": release_id,
            "parts_total": 0,
            "parts_done": frozenset(),
            "chunks": 0,
            "pages": 0,
            "permanent": False,
            "reason": "",
            "code": "",
            "updated_at": isoformat(now),
            "deadline": isoformat(now + PARSE_WINDOW),
        }
    )


def cut(row: DocumentRow, *, parts_total: int, chunks: int, pages: int, now: datetime) -> DocumentRow:
    """Record that the generation's parts lie in S3 and wait to be embedded."""
    return row.model_copy(
        update={
            "status": "EMBEDDING",
            "parts_total": parts_total,
            "parts_done": frozenset(),
            "chunks": chunks,
            "pages": pages,
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
            "status": "READY",
            "live_generation": row.generation,
            "live_chunks": row.chunks,
            "live_pages": row.pages,
            "tries": 0,
            "reason": "",
            "code": "",
            "updated_at": isoformat(now),
            "deadline": "",
        }
    )


def fail(row: DocumentRow, *, code: str, reason: str, permanent: bool, now: datetime) -> DocumentRow:
    """End the current generation with a reason for people; an older live generation goes on answering."""
    return row.model_copy(
        update={
            "status": "FAILED",
            "permanent": permanent,
            "code": code,
            "reason": reason,
            "updated_at": isoformat(now),
            "deadline": "",
        }
    )


def retry(row: DocumentRow, now: datetime) -> DocumentRow:
    """Queue a failed document again because a person asked.

    Raises:
        Conflict: the document did not fail.
    """
    if row.status != "FAILED":
        raise Conflict(
            f"Only a failed document can be retried; this one is {row.status}. To process it again, upload it again.",
            code="document_not_failed",
        )
    return requeue(row, tries=0, now=now)


def requeue(row: DocumentRow, *, tries: int, now: datetime) -> DocumentRow:
    """Let the document wait for a new generation."""
    return row.model_copy(
        update={
            "status": "QUEUED",
            "permanent": False,
            "tries": tries,
            "updated_at": isoformat(now),
            "deadline": isoformat(now + QUEUE_WINDOW),
        }
    )


def begin_delete(row: DocumentRow, now: datetime) -> DocumentRow:
    """Record the intent to delete: from this write on nothing of the document is visible. Idempotent."""
    if row.status == "DELETING" and row.code == SOURCE_GONE:
        return row.model_copy(update={"code": "", "updated_at": isoformat(now)})  # a person wants its bytes gone, too
    if row.status in ("DELETING", "DELETED"):
        return row
    return row.model_copy(
        update={
            "status": "DELETING",
            "generation": row.generation + 1,
            "live_generation": None,
            "reason": "",
            "code": "",
            "updated_at": isoformat(now),
            "deadline": isoformat(now + DELETE_WINDOW),
        }
    )


def lose_source(row: DocumentRow, now: datetime) -> DocumentRow:
    """Begin the delete of a document whose object was removed from the bucket.

    What lies under its key by the time the delete is carried out came later and is not part of it: tools replace a file
    by removing it and putting the new one.
    """
    return begin_delete(row, now).model_copy(update={"code": SOURCE_GONE})


def finish_delete(row: DocumentRow, *, receipt: dict[str, int], now: datetime) -> DocumentRow:
    """Close a delete with its receipt: counts removed per store."""
    return row.model_copy(
        update={
            "status": "DELETED",
            "receipt": receipt,
            "code": "",
            "live_chunks": 0,
            "live_pages": 0,
            "updated_at": isoformat(now),
            "deadline": "",
        }
    )


def extend(row: DocumentRow, *, reason: str, code: str, now: datetime) -> DocumentRow:
    """Say what a document waits for, and give it the time of its state again.

    What is our own to mend gets no more time: the reconciler opens a new generation at the deadline.
    """
    deadline = row.deadline if code == INDEX_INCOMPLETE else isoformat(now + EMBED_WINDOW)
    return row.model_copy(update={"reason": reason, "code": code, "updated_at": isoformat(now), "deadline": deadline})
