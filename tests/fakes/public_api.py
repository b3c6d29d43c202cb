"""A public API on 127.0.0.1 that holds state: sign-in, knowledge bases, uploads, documents that move, bots, answers.

What a document becomes is decided by its bytes: `broken` fails, `endless` is processed for ever, anything else gets
READY after being looked at three times.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from shared.contracts import api
from shared.contracts.documents import Place
from shared.contracts.filters import Filters

NOW = "2026-01-01T00:00:00Z"
EMAIL, PASSWORD, CLIENT_ID = "admin@example.com", "Correct-horse-1", "client-1"


class Refused(Exception):
    """What the API answers instead of a result."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}


@dataclass
class PublicApi:
    """The state behind the routes.

    Attributes:
        url: its own address.
        weather: answers that come before any route does its work: (method and path as a pattern, what is raised).
        cut: how many uploads lose their connection halfway.
        seen: every request as "METHOD path", in order.
        keys: the idempotency keys in order.
        filters: of the questions in order.
    """

    url: str = ""
    kbs: dict[str, api.KnowledgeBase] = field(default_factory=dict)
    documents: dict[str, api.Document] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    deletions: dict[str, api.KnowledgeBaseDeletion] = field(default_factory=dict)
    diagnosis: api.Diagnosis = field(default_factory=lambda: api.Diagnosis(healthy=True, checked_at=NOW))
    bots: dict[str, api.Bot] = field(default_factory=dict)
    conversations: dict[str, api.Conversation] = field(default_factory=dict)
    evaluations: dict[str, tuple[api.Evaluation, int]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    refresh_tokens: set[str] = field(default_factory=set)
    weather: list[tuple[str, Refused]] = field(default_factory=list)
    cut: int = 0
    seen: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    filters: list[Filters] = field(default_factory=list)
    page_size: int = 2
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def sign_in(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Answer InitiateAuth as Cognito does."""
        given = wish["AuthParameters"]
        by_password = (given.get("USERNAME"), given.get("PASSWORD")) == (EMAIL, PASSWORD)
        if wish["ClientId"] != CLIENT_ID or not (by_password or given.get("REFRESH_TOKEN") in self.refresh_tokens):
            raise Refused(400, "NotAuthorizedException", "Incorrect username or password.")
        number = next(self.ids)
        self.tokens.add(f"id-{number}")
        result = {"IdToken": f"id-{number}", "AccessToken": "a", "ExpiresIn": 3600, "TokenType": "Bearer"}
        if by_password:
            self.refresh_tokens.add(f"refresh-{number}")
            result["RefreshToken"] = f"refresh-{number}"
        return {"AuthenticationResult": result}

    def receive(self, document_id: str, content: bytes) -> None:
        """Take the bytes of a document, as the store would."""
        self.contents[document_id] = content
        self.set_status(document_id, "QUEUED")

    def set_status(self, document_id: str, status: Any, **changes: Any) -> api.Document:
        """Move a document."""
        known = self.documents[document_id]
        self.documents[document_id] = known.model_copy(update={"status": status, "updated_at": NOW, **changes})
        return self.documents[document_id]

    def find(self, things: dict[str, Any], key: str) -> Any:
        """Return a thing or refuse."""
        if key not in things:
            raise Refused(404, "not_found", f"{key} does not exist.")
        return things[key]

    def page(self, model: Callable[..., BaseModel], things: list[Any], query: dict[str, str]) -> tuple[int, BaseModel]:
        """Return one page of a list."""
        start = int(query.get("cursor") or 0)
        end = start + self.page_size
        return 200, model(items=tuple(things[start:end]), cursor=str(end) if end < len(things) else "")

    def add_kb(self, name: str, release: str = "default") -> api.KnowledgeBase:
        """Make a knowledge base."""
        kb_id = f"kb_{next(self.ids)}"
        self.kbs[kb_id] = api.KnowledgeBase(
            kb_id=kb_id,
            name=name,
            description="",
            release_id=f"rel_{release}",
            release=release,
            visibility="tenant",
            owner_id="u",
            created_at=NOW,
            updated_at=NOW,
        )
        return self.kbs[kb_id]

    def add_bot(self, name: str, kb_ids: tuple[str, ...], *, published: bool = True) -> api.Bot:
        """Make a bot."""
        bot_id = f"bot_{next(self.ids)}"
        draft = api.BotDefinition(name=name, description="", instructions="", kb_ids=kb_ids)
        version = {"published": draft, "published_version": 1} if published else {}
        self.bots[bot_id] = api.Bot(bot_id=bot_id, owner_id="u", draft=draft, created_at=NOW, updated_at=NOW, **version)
        return self.bots[bot_id]

    def add_document(self, kb_id: str, filename: str, content: bytes, status: Any = "READY") -> api.Document:
        """Put a document that is there already."""
        made = api.Document(
            document_id=f"doc_{next(self.ids)}",
            kb_id=kb_id,
            filename=filename,
            status=status,
            release_id="rel_default",
            size_bytes=len(content),
            created_at=NOW,
            updated_at=NOW,
        )
        self.documents[made.document_id] = made
        self.contents[made.document_id] = content
        return made

    def answer(self, question: str) -> api.Answer:
        """Quote the first document that holds the question's last word, or refuse."""
        word = question.rstrip("?").split()[-1].casefold().encode()
        found = [d for d in self.documents.values() if word in self.contents.get(d.document_id, b"").lower()]
        usage = api.Usage(model="extractive", input_tokens=1, output_tokens=2, latency_ms=3)
        if not found:
            return api.Answer(text="The documents do not say.", refused=True, citations=(), usage=usage, release_id="r")
        quote = self.contents[found[0].document_id].decode("utf-8", "replace")
        citation = api.Citation(
            n=1,
            kb_id=found[0].kb_id,
            document_id=found[0].document_id,
            filename=found[0].filename,
            page=2,
            quote=quote,
            place=Place(unit="page", page=2),
        )
        return api.Answer(text=f"{quote} [1]", refused=False, citations=(citation,), usage=usage, release_id="r")
