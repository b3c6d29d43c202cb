"""Upload a large file in parts: begin, go on after a lost connection, finish, give up."""

from dataclasses import dataclass

from functions.application.domain import documents, uploads
from functions.application.domain.principals import Principal
from functions.application.file_ports import PartSigner
from functions.application.services.documents import check_may_change
from functions.application.services.rows import change_document, readable_document, readable_kb
from shared.contracts import api
from shared.contracts.registry import DocumentRow
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict
from shared.registry.ports import Registry
from shared.registry.transitions import await_parts


@dataclass(frozen=True)
class Uploads:
    """The use cases of uploads in parts; the document is UPLOADING until the last of them."""

    registry: Registry
    signer: PartSigner
    clock: Clock

    def begin(self, principal: Principal, kb_id: str, document_id: str) -> api.PartsUpload:
        """Begin, or go on with what was begun: the parts that are not there yet, each with its address.

        Raises:
            NotFound: not visible to the person.
            Forbidden: somebody else's.
            Conflict: the document waits for no file (`not_uploading`).
        """
        row = uploads.awaiting(self._owned(principal, kb_id, document_id))
        upload_id = row.upload_id or self.signer.begin(
            object_key=row.object_key,
            media_type=row.media_type,
            filename=row.filename,
            modified_on=row.modified_on,
        )

        def change(current: DocumentRow) -> DocumentRow:
            known = uploads.awaiting(current).upload_id
            return await_parts(current, upload_id=known or upload_id, now=self.clock())

        written = change_document(self.registry, row, change)
        if written.upload_id != upload_id:  # another call began one at the same moment
            self.signer.abort(object_key=row.object_key, upload_id=upload_id)
        return self._shown(written)

    def resume(self, principal: Principal, kb_id: str, document_id: str) -> api.PartsUpload:
        """Return what is there and what is missing. Raises as `begin`, and Conflict `upload_not_begun`."""
        return self._shown(uploads.begun(self._owned(principal, kb_id, document_id)))

    def finish(self, principal: Principal, kb_id: str, document_id: str) -> api.Document:
        """Make one file of the parts; ingestion hears of it from the store.

        Raises:
            NotFound, Forbidden: as `begin`.
            Conflict: `upload_not_begun`, `not_uploading`, `parts_missing`.
        """
        row = uploads.begun(self._owned(principal, kb_id, document_id))
        tags = uploads.whole(row, self._stored(row))
        self.signer.complete(object_key=row.object_key, upload_id=row.upload_id, tags=tags)
        return documents.shown(row)

    def abort(self, principal: Principal, kb_id: str, document_id: str) -> api.Document:
        """Throw away what came; the document can be uploaded anew or deleted. Raises as `resume`."""
        row = uploads.begun(self._owned(principal, kb_id, document_id))
        self.signer.abort(object_key=row.object_key, upload_id=row.upload_id)
        forgotten = change_document(
            self.registry, row, lambda current: await_parts(current, upload_id="", now=self.clock())
        )
        return documents.shown(forgotten)

    def _shown(self, row: DocumentRow) -> api.PartsUpload:
        stored, sizes = self._stored(row), uploads.sizes_of(row.size_bytes)
        done = [number for number, size in sizes.items() if number in stored and stored[number].size_bytes == size]
        missing = {number: size for number, size in sizes.items() if number not in done}
        urls, expires_at = self.signer.sign_parts(
            object_key=row.object_key, upload_id=row.upload_id, sizes_bytes=missing
        )
        return api.PartsUpload(
            document_id=row.document_id,
            part_bytes=uploads.PART_BYTES,
            parts_total=len(sizes),
            parts_done=tuple(done),
            parts=tuple(
                api.UploadPart(number=number, url=urls[number], size_bytes=size) for number, size in missing.items()
            ),
            expires_at=expires_at,
        )

    def _stored(self, row: DocumentRow) -> dict[int, uploads.StoredPart]:
        found = self.signer.parts(object_key=row.object_key, upload_id=row.upload_id)
        if found is None:
            raise Conflict(
                "The parts of this upload are not there any more. Abort it and begin again.", code="upload_expired"
            )
        return dict(found)

    def _owned(self, principal: Principal, kb_id: str, document_id: str) -> DocumentRow:
        kb = readable_kb(self.registry, principal, kb_id)
        row = readable_document(self.registry, principal, kb_id, document_id)
        check_may_change(principal, kb, row)
        return row
