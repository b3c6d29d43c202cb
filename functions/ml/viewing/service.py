"""Show a document that answers: page by page as it was read, and passage by passage as it is searched.

Both show the live generation and no other, under the rights that hold now.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import dropwhile
from typing import TypeVar

from functions.ml.documents import IndexedChunk, chunk_id
from functions.ml.ports import ObjectStore, Scope, SearchIndex
from functions.ml.retrieval.liveness import readable_document
from functions.ml.token_estimates import estimate_tokens
from functions.ml.view_files import ViewIndex, read_index, read_pages
from shared.contracts.ml_api import (
    DocumentChunksRequest,
    DocumentChunksResponse,
    DocumentPagesRequest,
    DocumentPagesResponse,
    DocumentRequest,
)
from shared.contracts.passages import PreviewedChunk
from shared.contracts.registry import DocumentRow
from shared.contracts.views import ViewedPage
from shared.kernel.errors import Conflict, NotFound
from shared.registry.ports import Registry

T = TypeVar("T")
_MOST_SHOWN_BYTES = 3_000_000  # with JSON around it under the 6 MB that a function answers with


@dataclass(frozen=True)
class ShowPages:
    """Reads what ingestion kept of the document when it read it."""

    registry: Registry
    artifacts: ObjectStore

    def __call__(self, request: DocumentPagesRequest) -> DocumentPagesResponse:
        """Return stretches from where is wished.

        Raises:
            NotFound: `unknown_document`, also where the caller may not read it.
            Conflict: `document_not_live`: nothing of it answers yet; `view_missing`: it was processed by a version of
                the platform that kept no view.
            Unavailable: a store does not answer.
        """
        row = live_document(self.registry, request)
        try:
            return self._shown(row, request)
        except NotFound:
            again = live_document(self.registry, request)  # another generation may have taken over meanwhile
            if again.live_generation == row.live_generation:
                raise _no_view() from None
        try:
            return self._shown(again, request)
        except NotFound as error:
            raise _no_view() from error

    def _shown(self, row: DocumentRow, request: DocumentPagesRequest) -> DocumentPagesResponse:
        generation = row.live_generation or 0
        index = read_index(self.artifacts, row, generation)
        file, wanted = _beginning(index, request)
        following = dropwhile(lambda page: not wanted(page), read_pages(self.artifacts, row, generation, index, file))
        items = _as_many_as_fit(
            following, request.limit, lambda page: 4 * (page.end - page.start) + 150 * _leaves(page)
        )
        after = items[-1].ordinal + 1 if items else index.view.stretches
        return DocumentPagesResponse(
            filename=row.filename,
            generation=generation,
            view=index.view,
            items=tuple(items),
            next_offset=after if after < index.view.stretches else None,
        )


@dataclass(frozen=True)
class ShowChunks:
    """Reads the passages from the index."""

    registry: Registry
    index: SearchIndex

    def __call__(self, request: DocumentChunksRequest) -> DocumentChunksResponse:
        """Return passages from an ordinal on.

        Raises:
            NotFound: `unknown_document`, also where the caller may not read it.
            Conflict: `document_not_live`: nothing of it answers yet.
            Unavailable: a store does not answer.
        """
        row = live_document(self.registry, request)
        generation, caller = row.live_generation or 0, request.caller
        last = min(request.offset + request.limit, row.live_chunks)
        ids = [chunk_id(row.document_id, generation, ordinal) for ordinal in range(request.offset, last)]
        found = self.index.chunks(Scope(caller.tenant_id, (row.kb_id,), caller.readers), ids) if ids else {}
        chunks = [found[one] for one in ids if one in found]
        items = _as_many_as_fit(iter(chunks), request.limit, _weight)
        after = items[-1].chunk.ordinal + 1 if items else last
        return DocumentChunksResponse(
            filename=row.filename,
            generation=generation,
            release_id=items[0].release_id if items else row.release_id,
            chunks_total=row.live_chunks,
            items=tuple(_shown_chunk(item) for item in items),
            next_offset=after if after < row.live_chunks else None,
        )


def live_document(registry: Registry, request: DocumentRequest) -> DocumentRow:
    """Return a document that the caller may read and that answers. Raises NotFound, Conflict, Unavailable."""
    row = readable_document(registry, request.caller, request.kb_id, request.document_id)
    if row.live_generation is None:
        raise Conflict(
            "This document cannot be shown yet: it has not been processed. Look at its state.", code="document_not_live"
        )
    return row


def _beginning(index: ViewIndex, request: DocumentPagesRequest) -> tuple[int, Callable[[ViewedPage], bool]]:
    """Return the file to begin with, and what the first stretch is known by."""
    at, number, offset = request.at, request.page, request.offset
    if at is not None:
        return index.file_at(at), lambda page: page.end > at
    if number is not None:
        return 0, lambda page: _last_page(page) >= number
    return index.file_of(offset), lambda page: page.ordinal >= offset


def _last_page(page: ViewedPage) -> int:
    """Return the page that a stretch ends on: its last paragraph may run over the end of its page."""
    boxes = page.blocks[-1].boxes if page.blocks else ()
    return max(page.page or 0, boxes[-1].page if boxes else 0)


def _as_many_as_fit(items: Iterator[T], limit: int, size_of: Callable[[T], int]) -> list[T]:
    """Return at least one where there is one, up to what a response can carry."""
    taken: list[T] = []
    size = 0
    for item in items:
        size += size_of(item)
        if taken and size > _MOST_SHOWN_BYTES:
            break
        taken.append(item)
        if len(taken) == limit:
            break
    return taken


def _leaves(page: ViewedPage) -> int:
    return sum(1 + len(block.boxes) + sum(1 + len(row.boxes) for row in block.rows) for block in page.blocks)


def _weight(item: IndexedChunk) -> int:
    return 4 * len(item.chunk.text) + 120 * len(item.chunk.place.boxes)


def _shown_chunk(item: IndexedChunk) -> PreviewedChunk:
    chunk = item.chunk
    return PreviewedChunk(
        ordinal=chunk.ordinal,
        text=chunk.text,
        kind=chunk.kind,
        context=chunk.context,
        tokens=round(estimate_tokens(chunk.text)),
        place=chunk.place,
    )


def _no_view() -> Conflict:
    return Conflict(
        "This document was processed before pages were kept to be shown. Rebuild its knowledge base to see them.",
        code="view_missing",
    )
