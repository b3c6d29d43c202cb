"""Documents of a knowledge base."""

from functions.application.api import wiring
from functions.application.api.calls import Call
from functions.application.api.routing import Routes
from functions.application.domain.documents import wanted_of
from functions.application.domain.sources import wish_of
from shared.contracts import api

routes = Routes(__name__)
DOCUMENTS = "/knowledge-bases/{kb_id}/documents"
DOCUMENT = f"{DOCUMENTS}/{{document_id}}"


@routes.route(DOCUMENTS, method="POST")
def announce_document(call: Call, kb_id: str) -> api.CreatedDocument:
    """Announce an upload."""
    request = call.body(api.CreateDocument)
    return wiring.wired().documents.create(call.principal, kb_id, request, correlation_id=call.correlation_id)


@routes.route(DOCUMENTS, method="GET")
def list_documents(call: Call, kb_id: str) -> api.Documents:
    """List documents, of one state or with words in their name where that is wished."""
    wanted = wanted_of(call.query.get("status", ""), call.query.get("q", ""))
    return wiring.wired().documents.list(call.principal, kb_id, cursor=call.cursor, limit=call.limit, wanted=wanted)


@routes.route(f"{DOCUMENTS}/bulk", method="POST")
def change_many_documents(call: Call, kb_id: str) -> api.BulkOutcome:
    """Delete or retry many."""
    request = call.body(api.BulkDocuments)
    return wiring.wired().documents.bulk(call.principal, kb_id, request, correlation_id=call.correlation_id)


@routes.route(f"{DOCUMENT}/parts", method="POST")
def begin_parts(call: Call, kb_id: str, document_id: str) -> api.PartsUpload:
    """Begin to upload it in parts, or go on with what was begun."""
    return wiring.wired().uploads.begin(call.principal, kb_id, document_id)


@routes.route(f"{DOCUMENT}/parts", method="GET")
def list_parts(call: Call, kb_id: str, document_id: str) -> api.PartsUpload:
    """Show which parts are there, and where the others go."""
    return wiring.wired().uploads.resume(call.principal, kb_id, document_id)


@routes.route(f"{DOCUMENT}/parts", method="PUT")
def finish_parts(call: Call, kb_id: str, document_id: str) -> api.Document:
    """Make one file of the parts."""
    return wiring.wired().uploads.finish(call.principal, kb_id, document_id)


@routes.route(f"{DOCUMENT}/parts", method="DELETE")
def abort_parts(call: Call, kb_id: str, document_id: str) -> api.Document:
    """Throw the parts away."""
    return wiring.wired().uploads.abort(call.principal, kb_id, document_id)


@routes.route(DOCUMENT, method="GET")
def show_document(call: Call, kb_id: str, document_id: str) -> api.Document:
    """Show one, a deleted one with its receipt too."""
    return wiring.wired().documents.get(call.principal, kb_id, document_id)


@routes.route(DOCUMENT, method="PATCH")
def update_document(call: Call, kb_id: str, document_id: str) -> api.Document:
    """Change its tags."""
    request = call.body(api.UpdateDocument)
    correlation_id = call.correlation_id
    return wiring.wired().documents.update(call.principal, kb_id, document_id, request, correlation_id=correlation_id)


@routes.route(DOCUMENT, method="DELETE")
def delete_document(call: Call, kb_id: str, document_id: str) -> api.Document:
    """Delete one everywhere."""
    return wiring.wired().documents.delete(call.principal, kb_id, document_id, correlation_id=call.correlation_id)


@routes.route(f"{DOCUMENT}/chunk-previews", method="POST")
def preview_document_chunks(call: Call, kb_id: str, document_id: str) -> api.ChunkPreview:
    """Show how one is cut, in any way."""
    return wiring.wired().previews.of_document(call.principal, kb_id, document_id, call.body(api.PreviewChunks))


@routes.route("/chunk-previews", method="POST")
def preview_file_chunks(call: Call) -> api.ChunkPreview:
    """Show how a file is cut that is in no knowledge base."""
    return wiring.wired().previews.of_file(call.principal, call.body(api.PreviewFileChunks))


@routes.route(f"{DOCUMENT}/source", method="GET")
def show_source(call: Call, kb_id: str, document_id: str) -> api.DocumentSource:
    """Let its file be fetched for a few minutes."""
    return wiring.wired().views.source(call.principal, kb_id, document_id)


@routes.route(f"{DOCUMENT}/pages", method="GET")
def list_pages(call: Call, kb_id: str, document_id: str) -> api.DocumentPages:
    """Show it page by page as it was read."""
    return wiring.wired().views.pages(call.principal, kb_id, document_id, wish_of(call.query, call.limit))


@routes.route(f"{DOCUMENT}/chunks", method="GET")
def list_chunks(call: Call, kb_id: str, document_id: str) -> api.DocumentChunks:
    """List its passages in order."""
    return wiring.wired().views.chunks(call.principal, kb_id, document_id, wish_of(call.query, call.limit))


@routes.route(f"{DOCUMENT}/retry", method="POST")
def retry_document(call: Call, kb_id: str, document_id: str) -> api.Document:
    """Process a failed one again."""
    return wiring.wired().documents.retry(call.principal, kb_id, document_id, correlation_id=call.correlation_id)
