"""The states of documents and deletes in words, for tables and lines."""

from collections.abc import Sequence
from datetime import UTC, datetime

from infra.cli.output import size_text
from shared.contracts import api

ACTIONS: dict[api.Action, str] = {
    "wait": "wait",
    "upload_again": "upload a mended file",
    "retry": "strata documents retry",
    "delete": "strata documents delete",
}
STORES = {
    "versions": "the file, all versions",
    "parts": "cut text waiting to be embedded",
    "chunks": "passages in the search index",
}


def age_text(moment: str, now: datetime | None = None) -> str:
    """Return how long ago a moment was, e.g. `4 min`; empty for an empty moment."""
    if not moment:
        return ""
    seconds = ((now or datetime.now(UTC)) - datetime.fromisoformat(moment)).total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def progress_text(document: api.Document) -> str:
    """Return how far a document is: bytes while it is sent, then pages and chunks."""
    progress = document.progress
    if document.status == "UPLOADING":
        return f"{size_text(progress.bytes_received)} of {size_text(progress.bytes_total)}"
    pages = f"{progress.pages} pages, " if progress.pages else ""
    if document.status == "EMBEDDING":
        return f"{pages}{progress.chunks_done} of {progress.chunks_total} chunks"
    if document.status == "READY":
        return f"{pages}{progress.chunks_total} chunks"
    return ""


def waiting_text(document: api.Document) -> str:
    """Say what a document waits for, and since when on this machine's clock; empty when it waits for nothing."""
    if not document.waiting_since:
        return ""
    since = datetime.fromisoformat(document.waiting_since).astimezone()
    return f"waiting for {document.waiting_for}, since {since:%H:%M:%S}"


def outlook_text(document: api.Document) -> str:
    """Return why a document is where it is; a reason says what helps, too."""
    parts = [f"{waiting_text(document)}: {document.reason}" if document.waiting_since else document.reason]
    if document.next_try_at:
        parts.append(f"Tried again at {document.next_try_at}.")
    return " ".join(part for part in parts if part)


def answers_text(document: api.Document) -> str:
    """Return whether a document answers, and from which version."""
    if document.live_version is None:
        return "yes" if document.live else "no"
    if document.live_version == document.version:
        return f"yes, version {document.live_version}"
    return f"version {document.live_version}, until version {document.version} is READY"


def removal_rows(receipt: api.DeleteReceipt) -> Sequence[tuple[object, ...]]:
    """Return the rows of a receipt's table: store, removed, when, left."""
    return [(STORES[store.store], store.removed, store.removed_at, store.left) for store in receipt.stores]


def deletion_text(deletion: api.KnowledgeBaseDeletion) -> str:
    """Return how far the delete of a knowledge base is, in one line."""
    done = deletion.documents_total - deletion.documents_left
    if not deletion.finished_at:
        return f"{done} of {deletion.documents_total} documents removed"
    counts = ", ".join(f"{number} {store}" for store, number in deletion.removed.items() if number)
    checked = "looked at again: nothing left" if deletion.verified else "not verified"
    return f"{deletion.documents_total} documents removed ({counts or 'nothing stored'}; {checked})"
