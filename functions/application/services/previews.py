"""How a document, or a file that is in no knowledge base, is cut in some way."""

from dataclasses import dataclass

from functions.application.domain.principals import Principal
from functions.application.ports import MlApi
from functions.application.services.limits import RateLimit
from functions.application.services.questions import caller
from functions.application.services.rows import readable_document
from shared.contracts import api
from shared.contracts.ml_api import ChunkPreviewRequest, PreviewFile
from shared.registry.ports import Registry


@dataclass(frozen=True)
class Previews:
    """The use cases of previews, as often as questions may be asked: each reads a whole file."""

    registry: Registry
    ml: MlApi
    limit: RateLimit

    def of_document(
        self, principal: Principal, kb_id: str, document_id: str, request: api.PreviewChunks
    ) -> api.ChunkPreview:
        """Cut a document. Raises NotFound, TooMany, and what the ML layer answers."""
        row = readable_document(self.registry, principal, kb_id, document_id)
        self.limit(principal)
        wish = request.model_dump()
        asked = ChunkPreviewRequest(caller=caller(principal), kb_id=row.kb_id, document_id=row.document_id, **wish)
        return self.ml.preview_chunks(asked)

    def of_file(self, principal: Principal, request: api.PreviewFileChunks) -> api.ChunkPreview:
        """Cut a file that came with the request. Raises TooMany, and what the ML layer answers."""
        self.limit(principal)
        wish = request.model_dump(exclude={"filename", "content"})
        file = PreviewFile(filename=request.filename, content=request.content)
        return self.ml.preview_chunks(ChunkPreviewRequest(caller=caller(principal), file=file, **wish))
