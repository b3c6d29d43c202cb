"""Documents: announce an upload, follow it, tag it, retry it, delete it."""

from dataclasses import dataclass

from functions.application.domain import documents
from functions.application.domain.principals import Principal
from functions.application.file_ports import SourceVersions, UploadSigner
from functions.application.ports import IngestQueue
from functions.application.services.deletions import DeleteDocument
from functions.application.services.knowledge_bases import changed_event
from functions.application.services.principals import AddressOf, no_address
from functions.application.services.rows import ROWS_PER_PAGE, change_document, readable_document, readable_kb
from shared.contracts import api
from shared.contracts.registry import DocumentRow, KnowledgeBaseRow
from shared.kernel.clock import Clock, isoformat
from shared.kernel.errors import Forbidden, Rejected
from shared.kernel.ids import NewId
from shared.registry.ports import Registry
from shared.registry.transitions import new_document, retag, retry

Rows = list[DocumentRow]
Done = list[api.Document]
Refused = list[api.BulkRefusal]
MOST_LOOKED_AT = 5_000
"""Rows that one page of a narrowed list looks at, so that it comes long before the gateway gives up."""


@dataclass(frozen=True)
class Documents:
    """The use cases of documents."""

    registry: Registry
    signer: UploadSigner
    versions: SourceVersions
    queue: IngestQueue
    clock: Clock
    new_id: NewId
    address: AddressOf = no_address

    def create(
        self, principal: Principal, kb_id: str, request: api.CreateDocument, *, correlation_id: str
    ) -> api.CreatedDocument:
        """Write the row of a document whose bytes are to come, and let the client send them.

        Raises:
            NotFound: the knowledge base is not visible to the person, or what is to be replaced (`unknown_document`).
            Forbidden: what is to be replaced is somebody else's.
            Invalid: `unsupported_type`, `empty_file`, `invalid_filename`.
            TooLarge: `file_too_large`.
        """
        kb = readable_kb(self.registry, principal, kb_id)
        if request.replaces:
            check_may_change(principal, kb, readable_document(self.registry, principal, kb_id, request.replaces))
        filename = documents.clean_filename(request.filename)
        media_type = documents.media_type_of(filename)
        documents.check_size(request.size_bytes)
        document_id = self.new_id("doc")
        row = new_document(
            kb=kb,
            document_id=document_id,
            filename=filename,
            media_type=media_type,
            size_bytes=request.size_bytes,
            object_key=documents.object_key(kb.tenant_id, kb_id, document_id),
            owner_id=principal.user_id,
            correlation_id=correlation_id,
            now=self.clock(),
            tags=request.tags,
            modified_on=request.modified_on,
            replaces=request.replaces,
        )
        self.registry.create_document(row)
        upload = self.signer.sign(
            object_key=row.object_key,
            size_bytes=row.size_bytes,
            media_type=media_type,
            filename=row.filename,
            modified_on=row.modified_on,
        )
        return api.CreatedDocument(document_id=document_id, document=documents.shown(row), upload=upload)

    def list(
        self, principal: Principal, kb_id: str, *, cursor: str, limit: int, wanted: documents.Wanted = documents.ANY
    ) -> api.Documents:
        """Return a page in the order of their ids, which no change of a document moves.

        Deleted ones are left out. A page is shorter than asked only where it is the last, or where so many others had
        to be looked at that the answer would be late.

        Raises:
            NotFound: the knowledge base is not visible to the person.
            Invalid: `bad_cursor`.
        """
        readable_kb(self.registry, principal, kb_id)
        found: Rows = []
        looked_at = 0
        while True:
            rows, following = self.registry.list_documents(
                principal.tenant_id, kb_id, cursor=cursor, limit=ROWS_PER_PAGE if wanted != documents.ANY else limit
            )
            looked_at += len(rows)
            kept = [row for row in rows if wanted.keeps(row) and principal.reads(row.readers)]
            found += kept
            if len(found) > limit:
                found, following = found[:limit], found[limit - 1].document_id
            cursor = following
            if not following or len(found) >= limit or looked_at >= MOST_LOOKED_AT:
                return api.Documents(items=tuple(documents.shown(row) for row in found), cursor=following)

    def bulk(
        self, principal: Principal, kb_id: str, request: api.BulkDocuments, *, correlation_id: str
    ) -> api.BulkOutcome:
        """Delete or retry many; what is refused for one stops no other. Raises NotFound, Unavailable."""
        readable_kb(self.registry, principal, kb_id)
        act = self.delete if request.action == "delete" else self.retry
        done: Done = []
        refused: Refused = []
        for document_id in dict.fromkeys(request.document_ids):
            try:
                done.append(act(principal, kb_id, document_id, correlation_id=correlation_id))
            except Rejected as error:
                refused.append(api.BulkRefusal(document_id=document_id, code=error.code, message=error.message))
        return api.BulkOutcome(done=tuple(done), refused=tuple(refused))

    def get(self, principal: Principal, kb_id: str, document_id: str) -> api.Document:
        """Return one, a deleted one with its receipt too. Raises NotFound."""
        row = readable_document(self.registry, principal, kb_id, document_id)
        asked_by = row.deletion.requested_by if row.deletion else ""
        return documents.shown(row, deleter=self.address(row.tenant_id, asked_by) if asked_by else "")

    def retry(self, principal: Principal, kb_id: str, document_id: str, *, correlation_id: str) -> api.Document:
        """Process a failed document again. Raises NotFound, Conflict `document_not_failed`."""
        row = readable_document(self.registry, principal, kb_id, document_id)
        row = change_document(self.registry, row, lambda current: retry(current, self.clock()))
        self._tell(row, correlation_id)
        return documents.shown(row)

    def update(
        self, principal: Principal, kb_id: str, document_id: str, request: api.UpdateDocument, *, correlation_id: str
    ) -> api.Document:
        """Change its tags, and have it indexed anew with them; until then it answers with the old ones.

        Raises:
            NotFound: not visible to the person.
            Forbidden: neither the document nor the knowledge base is the person's.
            Conflict: it is being deleted, or kept changing; asking again helps.
        """
        kb = readable_kb(self.registry, principal, kb_id)
        row = readable_document(self.registry, principal, kb_id, document_id)
        check_may_change(principal, kb, row)
        tags = request.tags
        if tags is None:
            return documents.shown(row)
        row = change_document(self.registry, row, lambda current: retag(current, tags=tags, now=self.clock()))
        if row.status == "QUEUED":
            self._tell(row, correlation_id)
        return documents.shown(row)

    def delete(self, principal: Principal, kb_id: str, document_id: str, *, correlation_id: str) -> api.Document:
        """Record the intent, from when on nothing of it is visible, and tell ingestion to remove it everywhere.

        A file that another system drops under the same inbox path from then on is a new document, and stays.

        Raises:
            NotFound: not visible to the person.
            Forbidden: neither the document nor the knowledge base is the person's.
            Conflict: the document kept changing; asking again helps.
            Unavailable: the registry or the bucket does not answer.
        """
        kb = readable_kb(self.registry, principal, kb_id)
        row = readable_document(self.registry, principal, kb_id, document_id)
        check_may_change(principal, kb, row)
        delete = DeleteDocument(self.registry, self.versions, self.queue, self.clock)
        return documents.shown(delete(row, requested_by=principal.user_id, correlation_id=correlation_id))

    def _tell(self, row: DocumentRow, correlation_id: str) -> None:
        self.queue.send([changed_event(row, correlation_id, isoformat(self.clock()))])


def check_may_change(principal: Principal, kb: KnowledgeBaseRow, row: DocumentRow) -> None:
    """Let those change it who brought the document, own the knowledge base, or administer the tenant. Raises Forbidden.

    A tag decides who finds a document through which bot, so it takes the same right as a delete.
    """
    if principal.user_id != row.owner_id and not principal.manages(kb.owner_id):
        raise Forbidden(
            "Only who uploaded the document, the knowledge base's owner or an administrator may change or delete it.",
            code="not_owner",
        )
