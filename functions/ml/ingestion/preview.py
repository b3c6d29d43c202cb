"""Show how a document, or a file that is in no knowledge base, is cut in some way. Reads, and keeps nothing."""

import tempfile
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median_low

from functions.ml.documents import Chunk
from functions.ml.ingestion.reading import Reader
from functions.ml.ports import ObjectStore
from functions.ml.recognised import RECOGNISER, RecognisedPage, load_page, version_prefix
from functions.ml.releases.catalogue import ChunkerChoice
from functions.ml.releases.store import ReleaseStore
from functions.ml.retrieval.liveness import readable_document
from functions.ml.token_estimates import estimate_tokens
from shared.contracts.ml_api import (
    MAX_PREVIEWED_FILE_BYTES,
    ChunkPreview,
    ChunkPreviewRequest,
    PreviewedChunk,
    PreviewFile,
    Spread,
)
from shared.contracts.registry import DocumentRow
from shared.kernel.errors import Conflict, Invalid, TooLarge
from shared.registry.ports import Registry

_MOST_SHOWN_BYTES = 3_000_000


@dataclass(frozen=True)
class PreviewChunks:
    """The use case.

    Attributes:
        reader_for: reads and cuts by a strategy and its parameters, sandboxed and inside the limits of ingestion: a
            preview reads the same hostile files, and a person chooses how they are cut.
        releases: what ways to cut there are, and which one a document was cut in.
        recogniser: the model whose pages are read where the document was scanned.
    """

    registry: Registry
    documents: ObjectStore
    artifacts: ObjectStore
    reader_for: Callable[[str, Mapping[str, object]], Reader]
    releases: ReleaseStore
    recogniser: str = RECOGNISER

    def __call__(self, request: ChunkPreviewRequest) -> ChunkPreview:
        """Cut, and show a stretch of the chunks.

        Raises:
            NotFound: `unknown_document`, also where the caller may not read it; `unknown_chunking`.
            Conflict: `upload_missing`: the document's bytes are not there yet.
            Invalid: `invalid_chunking`, `invalid_base64`, and as the `Reader`.
            TooLarge, Unavailable: as the `Reader`.
        """
        if request.file is not None:
            choice = self._choice(request, self.releases.default.chunker)
            with _source() as path:
                path.write_bytes(_content(request.file))
                return self._shown(request, choice, path, request.file.filename, {})
        row = readable_document(self.registry, request.caller, request.kb_id, request.document_id)
        choice = self._choice(request, self.releases.by_id(row.release_id).chunker)
        stored = self.documents.head(row.object_key)
        if stored is None:
            raise Conflict("The file has not arrived yet. Upload it, then look again.", code="upload_missing")
        pages = self._recognised(row.model_copy(update={"version": stored.version}))
        with _source() as path:
            self.documents.download(row.object_key, path, version=stored.version)
            return self._shown(request, choice, path, row.filename, pages)

    def _shown(
        self,
        request: ChunkPreviewRequest,
        choice: ChunkerChoice,
        path: Path,
        filename: str,
        recognised: Mapping[int, RecognisedPage],
    ) -> ChunkPreview:
        with self.reader_for(choice.strategy, choice.parameters)(path, filename=filename) as reading:
            wanted = {number: page for number, page in recognised.items() if number in reading.unread_pages}
            cut = reading.chunks(wanted)
            chunks = list(cut)
            shown = _stretch(chunks, request.offset, request.limit)
            following = request.offset + len(shown)
            return ChunkPreview(
                filename=filename,
                chunking=request.chunking or choice.strategy,
                parameters=choice.parameters,
                pages=reading.pages,
                unit=cut.outline.unit,
                characters=cut.outline.characters,
                chunks_total=len(chunks),
                tokens=_spread([_tokens(chunk) for chunk in chunks]),
                chunk_characters=_spread([len(chunk.text) for chunk in chunks]),
                overlap=_overlap(chunks),
                chunks=shown,
                next_offset=following if following < len(chunks) else None,
                warnings=reading.warnings,
            )

    def _choice(self, request: ChunkPreviewRequest, own: ChunkerChoice) -> ChunkerChoice:
        if request.chunking:
            known = self.releases.catalogue
            own = known.with_chunking(known.default, request.chunking).chunker
        return ChunkerChoice(strategy=own.strategy, parameters={**own.parameters, **request.parameters})

    def _recognised(self, row: DocumentRow) -> dict[int, RecognisedPage]:
        kept = self.artifacts.list(version_prefix(row, self.recogniser))
        return {int(Path(stored.key).stem): load_page(self.artifacts.read(stored.key)) for stored in kept}


def _content(file: PreviewFile) -> bytes:
    """Return the bytes of a file. Raises Invalid, TooLarge."""
    try:
        content = b64decode(file.content, validate=True)
    except ValueError as error:
        raise Invalid("The file's content is not Base64. Encode its bytes so.", code="invalid_base64") from error
    if len(content) > MAX_PREVIEWED_FILE_BYTES:
        raise TooLarge(
            f"A file of at most {MAX_PREVIEWED_FILE_BYTES / 1e6:.0f} MB can be previewed so. Upload it to a "
            "knowledge base and preview the document.",
            code="file_too_large",
        )
    return content


@contextmanager
def _source() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="strata-") as folder:
        yield Path(folder) / "source"


def _stretch(chunks: Sequence[Chunk], offset: int, limit: int) -> tuple[PreviewedChunk, ...]:
    """Return chunks from an ordinal on, at least one where there is one, up to what a response can carry."""
    shown: list[PreviewedChunk] = []
    size = 0
    for chunk in chunks[offset : offset + limit]:
        size += 4 * len(chunk.text) + 120 * len(chunk.place.boxes)
        if shown and size > _MOST_SHOWN_BYTES:
            break
        shown.append(
            PreviewedChunk(
                ordinal=chunk.ordinal,
                text=chunk.text,
                kind=chunk.kind,
                context=chunk.context,
                tokens=_tokens(chunk),
                place=chunk.place,
            )
        )
    return tuple(shown)


def _tokens(chunk: Chunk) -> int:
    return round(estimate_tokens(chunk.text))


def _spread(sizes: Sequence[int]) -> Spread:
    if not sizes:
        return Spread(least=0, median=0, most=0)
    return Spread(least=min(sizes), median=median_low(sizes), most=max(sizes))


def _overlap(chunks: Sequence[Chunk]) -> float:
    """Return the share of the chunks' characters that stand in an earlier chunk too."""
    written = repeated = reached = 0
    for chunk in chunks:
        written += len(chunk.text)
        repeated += max(0, min(reached, chunk.place.end) - chunk.place.start)
        reached = max(reached, chunk.place.end)
    return round(repeated / written, 4) if written else 0.0
