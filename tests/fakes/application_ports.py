"""The application layer's smaller ports in memory."""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from functions.application.domain.sources import SignedSource
from functions.application.domain.uploads import StoredPart
from shared.contracts.api import QueueDepth, Upload
from shared.contracts.documents import Place
from shared.contracts.ml_api import (
    AnswerRequest,
    AnswerResponse,
    Chunking,
    ChunkPreview,
    ChunkPreviewRequest,
    Citation,
    DocumentChunksRequest,
    DocumentChunksResponse,
    DocumentPagesRequest,
    DocumentPagesResponse,
    DocumentRequest,
    EvaluationRequest,
    EvaluationResponse,
    PreviewedChunk,
    ReconciliationResponse,
    Release,
    ReleasesResponse,
    SearchHit,
    SearchRequest,
    SearchResponse,
    Spread,
    Usage,
)
from shared.contracts.views import DocumentView, ViewedBlock, ViewedPage
from shared.kernel.clock import isoformat
from shared.kernel.errors import Conflict, NotFound


class SteppedClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 31, 12, 0, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class CountedIds:
    """Ids in order: `kb_1`, `doc_2`."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}_{self.count}"


class MemoryOnce:
    """The Once port on a dictionary."""

    def __init__(self) -> None:
        self.results: dict[str, tuple[str, dict[str, object]]] = {}

    def __call__(
        self, *, key: str, payload: str, action: Callable[[], dict[str, object]], context: object
    ) -> dict[str, object]:
        if key in self.results:
            first_payload, result = self.results[key]
            if first_payload != payload:
                raise Conflict("This Idempotency-Key was sent with another request.", code="idempotency_key_reused")
            return result
        result = action()
        self.results[key] = (payload, result)
        return result


class MemorySigner:
    """The UploadSigner port; remembers what was signed."""

    def __init__(self) -> None:
        self.signed: list[tuple[str, int, str]] = []

    def sign(
        self, *, object_key: str, size_bytes: int, media_type: str, filename: str, modified_on: str = ""
    ) -> Upload:
        self.signed.append((object_key, size_bytes, media_type))
        return Upload(url="https://bucket.example", fields={"key": object_key}, expires_at="2026-01-31T13:00:00.000Z")


class MemoryParts:
    """The PartSigner port; clients put parts into `uploads`, complete ones lie in `objects` as sizes."""

    def __init__(self) -> None:
        self.uploads: dict[str, dict[int, StoredPart]] = {}
        self.objects: dict[str, int] = {}
        self.begun: list[tuple[str, str, str]] = []

    def begin(self, *, object_key: str, media_type: str, filename: str, modified_on: str = "") -> str:
        self.begun.append((object_key, media_type, filename))
        upload_id = f"upload-{len(self.begun)}"
        self.uploads[upload_id] = {}
        return upload_id

    def sign_parts(
        self, *, object_key: str, upload_id: str, sizes_bytes: Mapping[int, int]
    ) -> tuple[dict[int, str], str]:
        urls = {number: f"https://bucket.example/{object_key}?{upload_id}={number}" for number in sizes_bytes}
        return urls, "2026-01-31T13:00:00.000Z"

    def parts(self, *, object_key: str, upload_id: str) -> Mapping[int, StoredPart] | None:
        return self.uploads.get(upload_id)

    def complete(self, *, object_key: str, upload_id: str, tags: Mapping[int, str]) -> None:
        parts = self.uploads.pop(upload_id, None)
        if parts is not None:
            self.objects[object_key] = sum(parts[number].size_bytes for number in tags)

    def abort(self, *, object_key: str, upload_id: str) -> None:
        self.uploads.pop(upload_id, None)


class MemorySources:
    """The SourceSigner port over versions that are there: their sizes by (object key, version)."""

    def __init__(self) -> None:
        self.sizes: dict[tuple[str, str], int] = {}

    def sign_source(self, *, object_key: str, version: str, filename: str) -> SignedSource | None:
        size = self.sizes.get((object_key, version))
        if size is None:
            return None
        url = f"https://bucket.example/{object_key}?version={version}&name={quote(filename)}"
        return SignedSource(url, "2026-01-31T12:05:00.000Z", size)


class MemoryVersions:
    """The SourceVersions port: version ids by object key."""

    def __init__(self) -> None:
        self.newest_ids: dict[str, str] = {}

    def newest(self, object_key: str) -> str:
        return self.newest_ids.get(object_key, "")


class MemoryDatasets:
    """The DatasetStore port."""

    def __init__(self) -> None:
        self.objects: dict[str, str] = {}

    def write(self, key: str, body: str, *, media_type: str) -> None:
        self.objects[key] = body


class MemoryGauge:
    """The QueueGauge and Redrive ports over given numbers."""

    def __init__(self) -> None:
        self.queues = {"ingest": QueueDepth(waiting=3, in_flight=1)}
        self.dead = {"ingest": 2}

    def depths(self) -> Mapping[str, QueueDepth]:
        return self.queues

    def dead_letters(self) -> Mapping[str, int]:
        return self.dead

    def redrive(self) -> Mapping[str, int]:
        moved, self.dead = self.dead, dict.fromkeys(self.dead, 0)
        return moved


class MemoryMl:
    """The MlApi port: answers every question from one passage, after the failures that wait to happen."""

    def __init__(self) -> None:
        self.failures: deque[Exception] = deque()
        self.answered: list[AnswerRequest] = []
        self.unanswerable: set[str] = set()
        self.searched: list[SearchRequest] = []
        self.previewed: list[ChunkPreviewRequest] = []
        self.looked_at: list[DocumentRequest] = []
        self.evaluated: dict[str, EvaluationRequest] = {}
        self.report: ReconciliationResponse | None = None
        self.clock = SteppedClock()
        self.offered = ReleasesResponse(
            releases=tuple(
                Release(
                    release_id=f"rel_{name}",
                    name=name,
                    description="",
                    is_default=name == "multilingual",
                    embedder=name,
                    chunker="structure",
                    model="extractive",
                    chunking="structure",
                    chunkings=tuple(
                        Chunking(name=way, description=f"Cuts by {way}.", release_id=f"rel_{name}{suffix}")
                        for way, suffix in (("structure", ""), ("parent-child", "_parents"))
                    ),
                )
                for name in ("multilingual", "fast-english")
            )
        )

    def answer(self, request: AnswerRequest) -> AnswerResponse:
        self.answered.append(request)
        if self.failures:
            raise self.failures.popleft()
        if request.question in self.unanswerable:
            return AnswerResponse(
                text="The documents do not say.",
                refused=True,
                citations=(),
                usage=Usage(model="extractive", latency_ms=900),
                release_id="rel_multilingual",
            )
        cited = Citation(
            n=1,
            chunk_id="doc_1#1#0",
            kb_id=request.kb_ids[0],
            document_id="doc_1",
            filename="handbook.pdf",
            page=3,
            place=Place(unit="page", page=3, start=0, end=9),
            quote="the quote",
        )
        return AnswerResponse(
            text=f"answer {len(self.answered)} [1]",
            refused=False,
            citations=(cited,),
            usage=Usage(model="extractive", latency_ms=5),
            release_id="rel_multilingual",
        )

    def search(self, request: SearchRequest) -> SearchResponse:
        self.searched.append(request)
        hit = SearchHit(
            rank=1,
            score=0.9,
            chunk_id="doc_1#1#0",
            kb_id=request.kb_ids[0],
            document_id="doc_1",
            filename="handbook.pdf",
            text="the passage",
            kind="text",
            place=Place(unit="page", page=3, start=4, end=15),
        )
        return SearchResponse(hits=(hit,), release_id="rel_multilingual")

    def releases(self) -> ReleasesResponse:
        return self.offered

    def preview_chunks(self, request: ChunkPreviewRequest) -> ChunkPreview:
        self.previewed.append(request)
        spread = Spread(least=3, median=3, most=3)
        chunk = PreviewedChunk(ordinal=0, text="the passage", kind="text", context="", tokens=3, place=Place(end=11))
        return ChunkPreview(
            filename=request.file.filename if request.file else "handbook.pdf",
            chunking=request.chunking or "structure",
            parameters=request.parameters,
            pages=1,
            unit="page",
            characters=11,
            chunks_total=1,
            tokens=spread,
            chunk_characters=Spread(least=11, median=11, most=11),
            overlap=0.0,
            chunks=(chunk,),
        )

    def document_pages(self, request: DocumentPagesRequest) -> DocumentPagesResponse:
        self.looked_at.append(request)
        block = ViewedBlock(kind="paragraph", text="the passage", start=0, end=11)
        page = ViewedPage(ordinal=request.offset, unit="page", page=1, start=0, end=11, blocks=(block,))
        view = DocumentView(unit="page", pages=3, characters=33, stretches=3)
        following = request.offset + 1 if request.offset < 2 else None
        return DocumentPagesResponse(
            filename="handbook.pdf", generation=1, view=view, items=(page,), next_offset=following
        )

    def document_chunks(self, request: DocumentChunksRequest) -> DocumentChunksResponse:
        self.looked_at.append(request)
        chunk = PreviewedChunk(
            ordinal=request.offset, text="the passage", kind="text", context="", tokens=3, place=Place(end=11)
        )
        return DocumentChunksResponse(
            filename="handbook.pdf", generation=1, release_id="rel_multilingual", chunks_total=1, items=(chunk,)
        )

    def evaluate(self, request: EvaluationRequest) -> EvaluationResponse:
        evaluation_id = f"run_{len(self.evaluated) + 1}"
        self.evaluated[evaluation_id] = request
        return EvaluationResponse(evaluation_id=evaluation_id, status="QUEUED")

    def evaluation(self, evaluation_id: str) -> EvaluationResponse:
        if evaluation_id not in self.evaluated:
            raise NotFound("There is no such run.", code="unknown_evaluation")
        return EvaluationResponse(evaluation_id=evaluation_id, status="FINISHED", questions=1, done=1)

    def reconcile(self) -> ReconciliationResponse:
        now = isoformat(self.clock())
        self.report = ReconciliationResponse(started_at=now, finished_at=now)
        return self.report

    def reconciliation(self) -> ReconciliationResponse:
        if self.report is None:
            raise NotFound("The reconciler never ran.", code="object_not_found")
        return self.report
