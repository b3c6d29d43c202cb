"""Look at a document: its file, its pages, its passages; and at what a citation points at."""

from dataclasses import dataclass

from functions.application.domain import conversations, sources
from functions.application.domain.principals import Principal
from functions.application.file_ports import SourceSigner
from functions.application.ports import ControlStore, MlApi
from functions.application.services.questions import caller
from functions.application.services.rows import readable_document
from shared.contracts import api
from shared.contracts.ml_api import DocumentChunksRequest, DocumentPagesRequest
from shared.registry.ports import Registry


@dataclass(frozen=True)
class Views:
    """The use cases of looking. All need the right to read the document's knowledge base, as it is now.

    A bot answers each person only from what this person may read, so the right to open a citation is that right too: a
    right that was taken away closes old citations with it.
    """

    registry: Registry
    store: ControlStore
    signer: SourceSigner
    ml: MlApi

    def source(self, principal: Principal, kb_id: str, document_id: str) -> api.DocumentSource:
        """Let the file be fetched.

        Raises:
            NotFound: the document is not there or not to be read (`unknown_document`), or its file is gone
                (`source_missing`).
            Conflict: the file never arrived (`upload_missing`).
        """
        row = readable_document(self.registry, principal, kb_id, document_id)
        version = sources.version_of(row)
        found = self.signer.sign_source(object_key=row.object_key, version=version, filename=row.filename)
        if found is None:
            raise sources.gone()
        return sources.shown(row, found)

    def cited(self, principal: Principal, conversation_id: str, message_id: str, number: str) -> api.CitedSource:
        """Let the file be fetched that a citation of one of the person's own conversations points at.

        Raises:
            NotFound: no such conversation of this person's, message or citation (`unknown_citation`), and as `source`.
            Conflict: as `source`.
        """
        conversations.own(self.store.conversation(principal.tenant_id, conversation_id), principal)
        messages = self.store.messages(principal.tenant_id, conversation_id)
        citation = conversations.citation(messages, message_id, number)
        return api.CitedSource(citation=citation, source=self.source(principal, citation.kb_id, citation.document_id))

    def pages(self, principal: Principal, kb_id: str, document_id: str, wish: sources.Wish) -> api.DocumentPages:
        """Return pages as they were read. Raises NotFound, Invalid `bad_cursor`, and what the ML layer answers."""
        row = readable_document(self.registry, principal, kb_id, document_id)
        found = self.ml.document_pages(
            DocumentPagesRequest(
                caller=caller(principal),
                kb_id=row.kb_id,
                document_id=row.document_id,
                offset=wish.offset,
                limit=min(wish.limit, api.MAX_VIEWED_PAGES),
                at=wish.at,
                page=wish.page,
            )
        )
        return api.DocumentPages(
            filename=found.filename,
            version=found.generation,
            view=found.view,
            items=found.items,
            cursor=sources.cursor(found.next_offset),
        )

    def chunks(self, principal: Principal, kb_id: str, document_id: str, wish: sources.Wish) -> api.DocumentChunks:
        """Return passages in order. Raises NotFound, Invalid `bad_cursor`, and what the ML layer answers."""
        row = readable_document(self.registry, principal, kb_id, document_id)
        found = self.ml.document_chunks(
            DocumentChunksRequest(
                caller=caller(principal),
                kb_id=row.kb_id,
                document_id=row.document_id,
                offset=wish.offset,
                limit=min(wish.limit, api.MAX_LISTED_CHUNKS),
            )
        )
        return api.DocumentChunks(
            filename=found.filename,
            version=found.generation,
            release_id=found.release_id,
            chunks_total=found.chunks_total,
            items=found.items,
            cursor=sources.cursor(found.next_offset),
        )
