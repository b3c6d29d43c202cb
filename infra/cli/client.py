"""The public API as typed methods: requests and responses are the contract's own models."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Protocol, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from infra.cli.failures import Failure
from infra.cli.requests import request
from infra.cli.transport import Transport
from shared.contracts import api
from shared.contracts.filters import Filters

Model = TypeVar("Model", bound=BaseModel)
Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)


class Page(Protocol[Item_co]):
    """One page of a list; an empty cursor is the end."""

    @property
    def items(self) -> tuple[Item_co, ...]: ...  # noqa: D102 - the class says it

    @property
    def cursor(self) -> str: ...  # noqa: D102


def read(model: type[Model], response: httpx.Response) -> Model:
    """Read a response as a model of the contract.

    Raises:
        Failure: the response has another shape.
    """
    try:
        return model.model_validate_json(response.content)
    except ValidationError as error:
        raise Failure(
            f"The platform answered in a form that this command does not know ({model.__name__}). "
            "Use the command of the platform's own version.",
            code="unexpected_answer",
            status=response.status_code,
        ) from error


class Client:
    """One method per route of the public API.

    Every method raises `Failure` when the platform refuses, `SignInNeeded` when the sign-in is not accepted and
    `Unreachable` when nobody answers.

    Args:
        transport: sends the requests.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def me(self) -> api.Me:
        """Return who is signed in."""
        return self._get(api.Me, "/me")

    def status(self) -> api.PlatformStatus:
        """Return documents by state, queue depths and dead letters."""
        return self._get(api.PlatformStatus, "/status")

    def diagnosis(self) -> api.Diagnosis:
        """Return everything that is not as it should be."""
        return self._get(api.Diagnosis, "/diagnosis")

    def reconcile(self) -> api.Reconciliation:
        """Compare registry, storage and index now."""
        return read(api.Reconciliation, self._transport.send("POST", "/reconciliations"))

    def redrive(self) -> api.Redriven:
        """Give what was given up another try."""
        return read(api.Redriven, self._transport.send("POST", "/redrives"))

    def releases(self) -> tuple[api.Release, ...]:
        """Return the pipeline releases that a knowledge base can choose by name."""
        return self._get(api.Releases, "/releases").items

    def chunking_strategies(self) -> tuple[api.ChunkingStrategy, ...]:
        """Return the ways to cut documents that a knowledge base can choose by name."""
        return self._get(api.ChunkingStrategies, "/chunking-strategies").items

    def preview_document(self, kb_id: str, document_id: str, wish: api.PreviewChunks) -> api.ChunkPreview:
        """Show how a document is cut."""
        return self._post(api.ChunkPreview, f"/knowledge-bases/{kb_id}/documents/{document_id}/chunk-previews", wish)

    def preview_file(self, wish: api.PreviewFileChunks) -> api.ChunkPreview:
        """Show how a file is cut that is in no knowledge base."""
        return self._post(api.ChunkPreview, "/chunk-previews", wish)

    def knowledge_bases(self) -> Iterator[api.KnowledgeBase]:
        """Iterate over the knowledge bases, page by page."""
        return self._pages(partial(read, api.KnowledgeBases), "/knowledge-bases")

    def knowledge_base(self, kb_id: str) -> api.KnowledgeBase:
        """Return one knowledge base."""
        return self._get(api.KnowledgeBase, f"/knowledge-bases/{kb_id}")

    def create_knowledge_base(self, wish: api.CreateKnowledgeBase) -> api.KnowledgeBase:
        """Make an empty knowledge base."""
        return self._post(api.KnowledgeBase, "/knowledge-bases", wish)

    def update_knowledge_base(self, kb_id: str, wish: api.UpdateKnowledgeBase) -> api.KnowledgeBase:
        """Change a knowledge base; another way to cut begins a rebuild."""
        return read(api.KnowledgeBase, self._transport.send("PATCH", f"/knowledge-bases/{kb_id}", body=wish))

    def delete_knowledge_base(self, kb_id: str) -> None:
        """Delete a knowledge base with its documents."""
        self._transport.send("DELETE", f"/knowledge-bases/{kb_id}")

    def deletion(self, kb_id: str) -> api.KnowledgeBaseDeletion:
        """Return how far the delete of a knowledge base is, or its receipt."""
        return self._get(api.KnowledgeBaseDeletion, f"/knowledge-bases/{kb_id}/deletion")

    def deletions(self) -> tuple[api.KnowledgeBaseDeletion, ...]:
        """Return the deletes of knowledge bases, the latest first."""
        return self._get(api.Deletions, "/deletions").items

    def rebuild(self, kb_id: str) -> api.KnowledgeBase:
        """Have every document of a knowledge base processed again."""
        return read(api.KnowledgeBase, self._transport.send("POST", f"/knowledge-bases/{kb_id}/rebuild"))

    def search(self, kb_id: str, wish: api.Search) -> api.Hits:
        """Find passages."""
        return self._post(api.Hits, f"/knowledge-bases/{kb_id}/searches", wish)

    def answer(self, kb_id: str, question: str, filters: Filters | None = None) -> api.Answer:
        """Ask a knowledge base without a bot."""
        wish = request(api.Ask, question=question, filters=filters)
        return self._post(api.Answer, f"/knowledge-bases/{kb_id}/answers", wish)

    def documents(self, kb_id: str) -> Iterator[api.Document]:
        """Iterate over the documents of a knowledge base, page by page."""
        return self._pages(partial(read, api.Documents), f"/knowledge-bases/{kb_id}/documents")

    def document(self, kb_id: str, document_id: str) -> api.Document:
        """Return the state of one document."""
        return self._get(api.Document, f"/knowledge-bases/{kb_id}/documents/{document_id}")

    def create_document(self, kb_id: str, wish: api.CreateDocument) -> api.CreatedDocument:
        """Announce an upload."""
        return self._post(api.CreatedDocument, f"/knowledge-bases/{kb_id}/documents", wish)

    def update_document(self, kb_id: str, document_id: str, wish: api.UpdateDocument) -> api.Document:
        """Change the tags of a document."""
        path = f"/knowledge-bases/{kb_id}/documents/{document_id}"
        return read(api.Document, self._transport.send("PATCH", path, body=wish))

    def delete_document(self, kb_id: str, document_id: str) -> None:
        """Delete a document; what remains of it is removed after the answer."""
        self._transport.send("DELETE", f"/knowledge-bases/{kb_id}/documents/{document_id}")

    def retry_document(self, kb_id: str, document_id: str) -> None:
        """Process a failed document again."""
        self._transport.send("POST", f"/knowledge-bases/{kb_id}/documents/{document_id}/retry")

    def bots(self) -> Iterator[api.Bot]:
        """Iterate over the bots, page by page."""
        return self._pages(partial(read, api.Bots), "/bots")

    def bot(self, bot_id: str) -> api.Bot:
        """Return one bot."""
        return self._get(api.Bot, f"/bots/{bot_id}")

    def create_bot(self, wish: api.CreateBot) -> api.Bot:
        """Make a bot; it answers as a draft until it is published."""
        return self._post(api.Bot, "/bots", wish)

    def update_bot(self, bot_id: str, wish: api.UpdateBot) -> api.Bot:
        """Change the draft of a bot."""
        return read(api.Bot, self._transport.send("PATCH", f"/bots/{bot_id}", body=wish))

    def publish_bot(self, bot_id: str) -> api.Bot:
        """Publish the draft of a bot and return the bot as it is now."""
        self._transport.send("POST", f"/bots/{bot_id}/publish")
        return self.bot(bot_id)

    def delete_bot(self, bot_id: str) -> None:
        """Delete a bot with its conversations."""
        self._transport.send("DELETE", f"/bots/{bot_id}")

    def create_conversation(self, bot_id: str, wish: api.CreateConversation) -> api.Conversation:
        """Begin a conversation."""
        return self._post(api.Conversation, f"/bots/{bot_id}/conversations", wish)

    def conversations(self, text: str = "") -> Iterator[api.Conversation]:
        """Iterate over one's own conversations, the latest first, those in which words stand."""
        return self._pages(partial(read, api.Conversations), "/conversations", {"q": text} if text else {})

    def conversation(self, conversation_id: str) -> api.Conversation:
        """Return one conversation with its messages."""
        return self._get(api.Conversation, f"/conversations/{conversation_id}")

    def rename_conversation(self, conversation_id: str, title: str) -> api.Conversation:
        """Give a conversation another title."""
        wish = api.UpdateConversation(title=title)
        return read(api.Conversation, self._transport.send("PATCH", f"/conversations/{conversation_id}", body=wish))

    def delete_conversation(self, conversation_id: str) -> None:
        """Delete a conversation."""
        self._transport.send("DELETE", f"/conversations/{conversation_id}")

    def send_message(self, conversation_id: str, content: str, filters: Filters | None = None) -> api.CreatedMessage:
        """Ask in a conversation and wait for the answer."""
        wish = request(api.CreateMessage, content=content, filters=filters)
        return self._post(api.CreatedMessage, f"/conversations/{conversation_id}/messages", wish)

    def create_evaluation(self, wish: api.CreateEvaluation) -> api.Evaluation:
        """Start a scored run."""
        return self._post(api.Evaluation, "/evaluations", wish)

    def evaluation(self, evaluation_id: str) -> api.Evaluation:
        """Return a scored run, or how far it is."""
        return self._get(api.Evaluation, f"/evaluations/{evaluation_id}")

    def _get(self, model: type[Model], path: str) -> Model:
        return read(model, self._transport.send("GET", path))

    def _post(self, model: type[Model], path: str, body: BaseModel) -> Model:
        return read(model, self._transport.send("POST", path, body=body))

    def _pages(
        self, read_page: Callable[[httpx.Response], Page[Item]], path: str, query: Mapping[str, str] | None = None
    ) -> Iterator[Item]:
        cursor = ""
        while True:
            page = read_page(self._transport.send("GET", path, query={**(query or {}), "cursor": cursor}))
            yield from page.items
            cursor = page.cursor
            if not cursor:
                return
