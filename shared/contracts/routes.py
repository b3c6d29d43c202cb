"""Both REST APIs as tables: what the OpenAPI documents are generated from and the functions' routes are tested against.

Every row is one method of one path, with what goes in, what comes out, and which errors a caller must expect beside
those that every route can answer with.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from shared.contracts import api, ml_api

Method = Literal["GET", "POST", "PATCH", "PUT", "DELETE"]
PAGED = ("cursor", "limit")
CREATED, ACCEPTED = 201, 202


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path.

    Attributes:
        response: the body's model; None for a document of its own kind (the OpenAPI document).
        errors: the statuses that are this route's own; 401, 403, 500 and 503 belong to every route.
        query: names of the query parameters.
    """

    method: Method
    path: str
    tag: str
    summary: str
    response: type[BaseModel] | None
    request: type[BaseModel] | None = None
    status: int = 200
    errors: tuple[int, ...] = ()
    query: tuple[str, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names in braces, in the path's order."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


KBS, KB = "/v1/knowledge-bases", "/v1/knowledge-bases/{kb_id}"
DOCUMENTS, DOCUMENT = f"{KB}/documents", f"{KB}/documents/{{document_id}}"
BOTS, BOT = "/v1/bots", "/v1/bots/{bot_id}"
RESTORE = f"{BOT}/versions/{{version}}/restore"
CONVERSATION = "/v1/conversations/{conversation_id}"
FEEDBACK = f"{CONVERSATION}/messages/{{message_id}}/feedback"
CITED = f"{CONVERSATION}/messages/{{message_id}}/citations/{{n}}/source"
PARTS, LISTED = f"{DOCUMENT}/parts", (*PAGED, "status", "q")
LOOKING, VIEWED = (400, 404, 409), (*PAGED, "at", "page")
PREVIEW_ERRORS = (400, 404, 409, 413, 429)
CREATE_KB, CREATE_DOCUMENT, UPDATE_DOCUMENT = api.CreateKnowledgeBase, api.CreateDocument, api.UpdateDocument

PUBLIC: tuple[Route, ...] = (
    Route("GET", "/v1/me", "account", "Who is signed in", api.Me),
    Route("GET", "/v1/attention", "account", "What needs attention", api.Attention),
    Route("GET", "/v1/search", "account", "Find one's things by their names", api.Found, None, 200, (400,), ("q",)),
    Route("POST", "/v1/socket-tickets", "account", "Get a ticket for the WebSocket", api.SocketTicket, None, CREATED),
    Route("POST", KBS, "knowledge bases", "Make a knowledge base", api.KnowledgeBase, CREATE_KB, CREATED, (400, 409)),
    Route("GET", KBS, "knowledge bases", "List knowledge bases", api.KnowledgeBases, None, 200, (400,), PAGED),
    Route("GET", KB, "knowledge bases", "Show one with its documents counted", api.KnowledgeBase, None, 200, (404,)),
    Route(
        "PATCH", KB, "knowledge bases", "Change it", api.KnowledgeBase, api.UpdateKnowledgeBase, 200, (400, 404, 409)
    ),
    Route("DELETE", KB, "knowledge bases", "Delete it with its documents", api.Deleted, None, ACCEPTED, (404, 409)),
    Route(
        "GET", f"{KB}/deletion", "knowledge bases", "How far its delete is", api.KnowledgeBaseDeletion, errors=(404,)
    ),
    Route("POST", f"{KB}/rebuild", "knowledge bases", "Make its index anew", api.KnowledgeBase, None, ACCEPTED, (404,)),
    Route("GET", f"{KB}/activity", "knowledge bases", "What happened", api.Activities, None, 200, (400, 404), PAGED),
    Route("POST", f"{KB}/searches", "questions", "Find passages", api.Hits, api.Search, 200, (400, 404, 413, 429)),
    Route("POST", f"{KB}/answers", "questions", "Ask without a bot", api.Answer, api.Ask, 200, (400, 404, 413, 429)),
    Route(
        "POST",
        DOCUMENTS,
        "documents",
        "Announce an upload",
        api.CreatedDocument,
        CREATE_DOCUMENT,
        CREATED,
        (400, 404, 409, 413),
    ),
    Route("GET", DOCUMENTS, "documents", "List documents", api.Documents, None, 200, (400, 404), LISTED),
    Route(
        "POST",
        f"{DOCUMENTS}/bulk",
        "documents",
        "Delete or retry many",
        api.BulkOutcome,
        api.BulkDocuments,
        200,
        (400, 404),
    ),
    Route("POST", PARTS, "documents", "Begin or go on to upload in parts", api.PartsUpload, None, 200, (404, 409)),
    Route("GET", PARTS, "documents", "Show which parts are there", api.PartsUpload, None, 200, (404, 409)),
    Route("PUT", PARTS, "documents", "Make one file of the parts", api.Document, None, 200, (404, 409)),
    Route("DELETE", PARTS, "documents", "Throw the parts away", api.Document, None, 200, (404, 409)),
    Route("GET", DOCUMENT, "documents", "Show one", api.Document, None, 200, (404,)),
    Route("PATCH", DOCUMENT, "documents", "Change its tags", api.Document, UPDATE_DOCUMENT, 200, (400, 404, 409)),
    Route("DELETE", DOCUMENT, "documents", "Delete one everywhere", api.Document, None, ACCEPTED, (404, 409)),
    Route(
        "POST",
        f"{DOCUMENT}/chunk-previews",
        "documents",
        "Show how one is cut, in any way",
        api.ChunkPreview,
        api.PreviewChunks,
        200,
        PREVIEW_ERRORS,
    ),
    Route(
        "POST",
        "/v1/chunk-previews",
        "documents",
        "Show how a file is cut, in any way",
        api.ChunkPreview,
        api.PreviewFileChunks,
        200,
        PREVIEW_ERRORS,
    ),
    Route("GET", f"{DOCUMENT}/source", "documents", "Fetch its file", api.DocumentSource, None, 200, (404, 409)),
    Route("GET", f"{DOCUMENT}/pages", "documents", "Show its pages", api.DocumentPages, None, 200, LOOKING, VIEWED),
    Route("GET", f"{DOCUMENT}/chunks", "documents", "List its passages", api.DocumentChunks, None, 200, LOOKING, PAGED),
    Route("POST", f"{DOCUMENT}/retry", "documents", "Process a failed one again", api.Document, None, 200, (404, 409)),
    Route("POST", BOTS, "bots", "Make a bot", api.Bot, api.CreateBot, CREATED, (400, 404, 409)),
    Route("GET", BOTS, "bots", "List bots", api.Bots, None, 200, (400,), PAGED),
    Route("GET", BOT, "bots", "Show one", api.Bot, None, 200, (404,)),
    Route("PATCH", BOT, "bots", "Change the draft", api.Bot, api.UpdateBot, 200, (400, 404, 409)),
    Route("DELETE", BOT, "bots", "Delete one", api.Deleted, None, ACCEPTED, (404, 409)),
    Route("GET", f"{BOT}/versions", "bots", "What was published", api.BotVersions, None, 200, (400, 404), PAGED),
    Route("POST", RESTORE, "bots", "Make a published version the draft", api.Bot, None, 200, (404, 409)),
    Route("GET", f"{BOT}/usage", "bots", "How it is used", api.BotUsage, None, 200, (400, 404), ("days",)),
    Route("POST", f"{BOT}/publish", "bots", "Publish the draft", api.Bot, None, 200, (404, 409)),
    Route(
        "POST",
        f"{BOT}/conversations",
        "conversations",
        "Begin a conversation",
        api.Conversation,
        api.CreateConversation,
        CREATED,
        (400, 404, 409),
    ),
    Route(
        "GET",
        f"{BOT}/conversations",
        "conversations",
        "List one's own conversations",
        api.Conversations,
        None,
        200,
        (400, 404),
        PAGED,
    ),
    Route(
        "GET",
        "/v1/conversations",
        "conversations",
        "List one's own with all bots, or find some by their words",
        api.Conversations,
        None,
        200,
        (400,),
        (*PAGED, "q"),
    ),
    Route(
        "PATCH", CONVERSATION, "conversations", "Rename one", api.Conversation, api.UpdateConversation, 200, (400, 404)
    ),
    Route(
        "GET",
        f"{CONVERSATION}/messages",
        "conversations",
        "Show the latest messages, and by the cursor earlier ones",
        api.Messages,
        None,
        200,
        (400, 404),
        PAGED,
    ),
    Route("GET", CONVERSATION, "conversations", "Show one with its messages", api.Conversation, None, 200, (404,)),
    Route("DELETE", CONVERSATION, "conversations", "Delete one", api.Deleted, None, ACCEPTED, (404, 409)),
    Route(
        "POST",
        f"{CONVERSATION}/messages",
        "conversations",
        "Ask a question",
        api.CreatedMessage,
        api.CreateMessage,
        CREATED,
        (400, 404, 409, 413, 429),
    ),
    Route("GET", CITED, "conversations", "Fetch the file cited", api.CitedSource, None, 200, (404, 409)),
    Route("PUT", FEEDBACK, "conversations", "Rate an answer", api.Feedback, api.Feedback, 200, (400, 404, 409)),
    Route(
        "POST",
        "/v1/evaluations",
        "evaluations",
        "Score a bot or a knowledge base",
        api.Evaluation,
        api.CreateEvaluation,
        CREATED,
        (400, 404, 409, 413),
    ),
    Route("GET", "/v1/evaluations/{evaluation_id}", "evaluations", "Show a run", api.Evaluation, None, 200, (404,)),
    Route("GET", "/v1/releases", "platform", "List the releases to choose from", api.Releases),
    Route("GET", "/v1/chunking-strategies", "platform", "List the ways to cut documents", api.ChunkingStrategies),
    Route("GET", "/v1/status", "platform", "Documents by state, queues, dead letters", api.PlatformStatus),
    Route("GET", "/v1/diagnosis", "platform", "What is not as it should be", api.Diagnosis),
    Route("GET", "/v1/deletions", "platform", "Deletes of knowledge bases and their receipts", api.Deletions),
    Route("POST", "/v1/reconciliations", "platform", "Compare registry, storage and index now", api.Reconciliation),
    Route("POST", "/v1/redrives", "platform", "Give what was given up another try", api.Redriven),
    Route("GET", "/v1/openapi.json", "platform", "This document", None),
)

ML: tuple[Route, ...] = (
    Route(
        "POST",
        "/v1/answers",
        "answers",
        "Answer a question with evidence, or refuse",
        ml_api.AnswerResponse,
        ml_api.AnswerRequest,
        200,
        (400, 404, 409, 413, 429),
    ),
    Route(
        "POST",
        "/v1/searches",
        "searches",
        "Find passages",
        ml_api.SearchResponse,
        ml_api.SearchRequest,
        200,
        (400, 404, 409, 413, 429),
    ),
    Route("GET", "/v1/releases", "releases", "List the pipeline releases", ml_api.ReleasesResponse),
    Route(
        "POST",
        "/v1/chunk-previews",
        "documents",
        "Show how a document or a file is cut",
        ml_api.ChunkPreview,
        ml_api.ChunkPreviewRequest,
        200,
        (400, 404, 409, 413),
    ),
    Route(
        "POST",
        "/v1/document-pages",
        "documents",
        "Show a document page by page as it was read",
        ml_api.DocumentPagesResponse,
        ml_api.DocumentPagesRequest,
        200,
        (400, 404, 409),
    ),
    Route(
        "POST",
        "/v1/document-chunks",
        "documents",
        "Show the passages of a document",
        ml_api.DocumentChunksResponse,
        ml_api.DocumentChunksRequest,
        200,
        (400, 404, 409),
    ),
    Route(
        "POST",
        "/v1/evaluations",
        "evaluations",
        "Start a scored run",
        ml_api.EvaluationResponse,
        ml_api.EvaluationRequest,
        ACCEPTED,
        (400, 404, 413),
    ),
    Route("POST", "/v1/reconciliations", "platform", "Run the reconciler now", ml_api.ReconciliationResponse),
    Route(
        "GET",
        "/v1/reconciliations",
        "platform",
        "What its last run found",
        ml_api.ReconciliationResponse,
        None,
        200,
        (404,),
    ),
    Route(
        "GET",
        "/v1/evaluations/{evaluation_id}",
        "evaluations",
        "Show a run",
        ml_api.EvaluationResponse,
        None,
        200,
        (404,),
    ),
)
