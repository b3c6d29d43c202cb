"""The routes of the fake public API: requests and responses are the contract's own models."""

import re
from base64 import b64decode
from collections import Counter
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from shared.contracts import api
from shared.contracts.documents import Place
from shared.contracts.filters import Filters
from shared.contracts.ml_api import QuestionScore
from tests.fakes.public_api import EMAIL, NOW, PublicApi, Refused

TYPES = (".pdf", ".docx", ".pptx", ".xlsx", ".html", ".md", ".txt", ".csv")
STEPS: tuple[Any, ...] = ("QUEUED", "PARSING", "EMBEDDING", "READY")


def handle(state: PublicApi, request: str, query: dict[str, str], body: Any, headers: Any) -> tuple[int, BaseModel]:
    """Answer one request below /v1."""
    state.seen.append(request)
    if key := headers.get("Idempotency-Key"):
        state.keys.append(key)
    for index, (pattern, refused) in enumerate(state.weather):
        if re.fullmatch(pattern, request):
            del state.weather[index]
            raise refused
    if headers.get("Authorization", "").removeprefix("Bearer ") not in state.tokens:
        raise Refused(401, "unauthorized", "The token has expired.")
    for pattern, route in ROUTES:
        if match := re.fullmatch(pattern, request):
            return route(state, body, query, *match.groups())
    raise Refused(404, "not_found", f"There is no route {request}.")


def _create_kb(state: PublicApi, body: Any, _: Any) -> tuple[int, BaseModel]:
    wish = api.CreateKnowledgeBase.model_validate(body)
    if wish.release not in (None, "default", "fast"):
        raise Refused(400, "unknown_release", f'There is no release "{wish.release}".')
    return 201, state.add_kb(wish.name, wish.release or "default")


def _kb(state: PublicApi, _: Any, __: Any, kb_id: str) -> tuple[int, BaseModel]:
    found: api.KnowledgeBase = state.find(state.kbs, kb_id)
    counts = Counter(d.status for d in state.documents.values() if d.kb_id == kb_id)
    if found.rebuild and not found.rebuild.finished_at:  # a document is through at every look
        left = max(0, found.rebuild.documents_left - 1)
        moved = found.rebuild.model_copy(update={"documents_left": left, "finished_at": "" if left else NOW})
        state.kbs[kb_id] = found = found.model_copy(update={"rebuild": moved})
    return 200, found.model_copy(update={"documents": dict(counts)})


def _delete_kb(state: PublicApi, _: Any, __: Any, kb_id: str) -> tuple[int, BaseModel]:
    gone = state.find(state.kbs, kb_id)
    state.deletions[kb_id] = api.KnowledgeBaseDeletion(
        kb_id=kb_id, name=gone.name, requested_at=NOW, requested_by="u", documents_total=3, documents_left=3
    )
    return 202, state.kbs.pop(kb_id)


def _create_document(state: PublicApi, body: Any, _: Any, kb_id: str) -> tuple[int, BaseModel]:
    wish = api.CreateDocument.model_validate(body)
    state.find(state.kbs, kb_id)
    if not wish.filename.lower().endswith(TYPES):
        raise Refused(400, "unsupported_type", "Files of this type cannot be read. Use pdf or docx.")
    if wish.size_bytes == 0:
        raise Refused(400, "empty_file", "The file is empty.")
    made = state.add_document(kb_id, wish.filename, b"", "UPLOADING")
    told = {"size_bytes": wish.size_bytes, "tags": wish.tags, "modified_on": wish.modified_on}
    state.documents[made.document_id] = made = made.model_copy(update=told)
    upload = api.Upload(url=f"{state.url}/store", fields={"key": made.document_id, "policy": "p"}, expires_at=NOW)
    return 201, api.CreatedDocument(document_id=made.document_id, document=made, upload=upload)


def _document(state: PublicApi, _: Any, __: Any, kb_id: str, document_id: str) -> tuple[int, BaseModel]:
    return 200, _looked_at(state, state.find(state.documents, document_id))


def _looked_at(state: PublicApi, found: api.Document) -> api.Document:
    """Move a document on, as time does for the real ones."""
    document_id = found.document_id
    content = state.contents.get(document_id, b"")
    if found.status in STEPS[:3]:
        following = STEPS[STEPS.index(found.status) + 1]
        if content.startswith(b"endless"):
            following = "PARSING"
        if content.startswith(b"broken") and following == "EMBEDDING":
            state.set_status(document_id, "FAILED", code="unreadable", reason="The file is damaged. Save it again.")
        else:
            state.set_status(document_id, following, chunks=3, chunks_done=1, pages=2, live=following == "READY")
    return found if found.status == "READY" else state.documents[document_id]


def _update_document(state: PublicApi, body: Any, _: Any, kb_id: str, document_id: str) -> tuple[int, BaseModel]:
    wish = api.UpdateDocument.model_validate(body)
    state.find(state.documents, document_id)
    return 200, state.set_status(document_id, "QUEUED", tags=wish.tags)


def _delete_document(state: PublicApi, _: Any, __: Any, kb_id: str, document_id: str) -> tuple[int, BaseModel]:
    state.find(state.documents, document_id)
    receipt = api.DeleteReceipt(
        requested_at=NOW,
        requested_by="u",
        finished_at=NOW,
        verified=True,
        stores=(api.StoreReceipt(store="chunks", removed=9, removed_at=NOW, left=0),),
    )
    return 202, state.set_status(document_id, "DELETED", deletion=receipt)


def _retry(state: PublicApi, _: Any, __: Any, kb_id: str, document_id: str) -> tuple[int, BaseModel]:
    if state.find(state.documents, document_id).status != "FAILED":
        raise Refused(409, "not_failed", "Only a failed document can be tried again.")
    return 202, state.set_status(document_id, "QUEUED", code="", reason="")


def _search(state: PublicApi, body: Any, _: Any, kb_id: str) -> tuple[int, BaseModel]:
    wish = api.Search.model_validate(body)
    found = [
        d
        for d in state.documents.values()
        if wish.query.encode() in state.contents.get(d.document_id, b"") and _passes(d, wish.filters)
    ]
    hits = [
        api.Hit(
            rank=rank,
            score=1 / rank,
            document_id=d.document_id,
            filename=d.filename,
            page=1,
            start=0,
            end=9,
            text=state.contents[d.document_id].decode(),
            kind="text",
            place=Place(),
        )
        for rank, d in enumerate(found[: wish.limit], start=1)
    ]
    return 200, api.Hits(hits=tuple(hits), release_id="r")


def _passes(document: api.Document, filters: Filters) -> bool:
    """Do the tags pass? The other fields are the real platform's."""
    return not filters.tags or not set(filters.tags).isdisjoint(document.tags)


def _create_bot(state: PublicApi, body: Any, _: Any) -> tuple[int, BaseModel]:
    wish = api.CreateBot.model_validate(body)
    made = state.add_bot(wish.name, tuple(wish.kb_ids), published=False)
    draft = api.BotDefinition.model_validate(wish.model_dump())
    state.bots[made.bot_id] = made.model_copy(update={"draft": draft})
    return 201, state.bots[made.bot_id]


def _update_bot(state: PublicApi, body: Any, _: Any, bot_id: str) -> tuple[int, BaseModel]:
    known, wish = state.find(state.bots, bot_id), api.UpdateBot.model_validate(body)
    draft = api.BotDefinition.model_validate({**known.draft.model_dump(), **wish.model_dump(exclude_unset=True)})
    state.bots[bot_id] = known.model_copy(update={"draft": draft})
    return 200, state.bots[bot_id]


def _publish(state: PublicApi, _: Any, __: Any, bot_id: str) -> tuple[int, BaseModel]:
    known = state.find(state.bots, bot_id)
    if not known.draft.kb_ids:
        raise Refused(409, "no_knowledge_base", "Give the bot a knowledge base first.")
    version = {"published": known.draft, "published_version": known.published_version + 1}
    state.bots[bot_id] = known.model_copy(update=version)
    return 200, state.bots[bot_id]


def _converse(state: PublicApi, body: Any, _: Any, bot_id: str) -> tuple[int, BaseModel]:
    bot, wish = state.find(state.bots, bot_id), api.CreateConversation.model_validate(body)
    if not bot.published and not wish.draft:
        raise Refused(409, "not_published", "The bot is not published.")
    made = api.Conversation(
        conversation_id=f"con_{next(state.ids)}",
        bot_id=bot_id,
        bot_version=bot.published_version,
        title=wish.title,
        created_at=NOW,
        updated_at=NOW,
    )
    state.conversations[made.conversation_id] = made
    return 201, made


def _conversations(state: PublicApi, _: Any, query: dict[str, str]) -> tuple[int, BaseModel]:
    wanted = query.get("q", "").casefold().split()
    found = [one for one in state.conversations.values() if all(word in one.title.casefold() for word in wanted)]
    return state.page(api.Conversations, found[::-1], query)


def _rename(state: PublicApi, body: Any, _: Any, conversation_id: str) -> tuple[int, BaseModel]:
    known = state.find(state.conversations, conversation_id)
    wish = api.UpdateConversation.model_validate(body)
    state.conversations[conversation_id] = known.model_copy(update={"title": wish.title})
    return 200, state.conversations[conversation_id]


def _message(state: PublicApi, body: Any, _: Any, conversation_id: str) -> tuple[int, BaseModel]:
    state.find(state.conversations, conversation_id)
    wish = api.CreateMessage.model_validate(body)
    state.filters.append(wish.filters)
    return 201, api.CreatedMessage(message_id="m", answer=state.answer(wish.content))


def _ask(state: PublicApi, body: Any, _: Any, kb_id: str) -> tuple[int, BaseModel]:
    wish = api.Ask.model_validate(body)
    state.filters.append(wish.filters)
    return 200, state.answer(wish.question)


def _evaluate(state: PublicApi, body: Any, _: Any) -> tuple[int, BaseModel]:
    wish = api.CreateEvaluation.model_validate(body)
    run = api.Evaluation(evaluation_id=f"ev_{next(state.ids)}", status="QUEUED", questions=len(wish.items))
    scores = []
    for item in wish.items:
        answer = state.answer(item.text)
        scores.append(
            QuestionScore(
                question_id=item.id,
                question=item.text,
                answer=answer.text,
                refused=answer.refused,
                correctly_refused=answer.refused == item.unanswerable,
            )
        )
    state.evaluations[run.evaluation_id] = (run.model_copy(update={"scores": tuple(scores)}), 0)
    return 202, run


def _evaluation(state: PublicApi, _: Any, __: Any, evaluation_id: str) -> tuple[int, BaseModel]:
    run, looks = state.find(state.evaluations, evaluation_id)
    state.evaluations[evaluation_id] = (run, looks + 1)
    if looks == 0:
        return 200, run.model_copy(update={"status": "RUNNING", "done": 1, "scores": ()})
    if any("explode" in score.question for score in run.scores):
        return 200, run.model_copy(update={"status": "FAILED", "reason": "The model does not answer."})
    right = sum(bool(score.correctly_refused) for score in run.scores) / len(run.scores)
    return 200, run.model_copy(update={"status": "FINISHED", "done": run.questions, "metrics": {"refusals": right}})


def _status(state: PublicApi, _: Any, __: Any) -> tuple[int, BaseModel]:
    counts: Any = dict(Counter(d.status for d in state.documents.values()))
    queues = {"ingest": api.QueueDepth(waiting=2, in_flight=1)}
    return 200, api.PlatformStatus(
        documents=counts, knowledge_bases=len(state.kbs), queues=queues, dead_letters={"ingest": 4}, late_documents=0
    )


def _deletion(state: PublicApi, _: Any, __: Any, kb_id: str) -> tuple[int, BaseModel]:
    """Show a delete that is finished at the third look."""
    known = state.find(state.deletions, kb_id)
    state.deletions[kb_id] = moved = known.model_copy(update={"documents_left": max(0, known.documents_left - 1)})
    if not moved.documents_left:
        ended = {"finished_at": NOW, "verified": True, "removed": {"versions": 2, "parts": 0, "chunks": 9}}
        state.deletions[kb_id] = moved = moved.model_copy(update=ended)
    return 200, moved


def _rebuild(state: PublicApi, _: Any, __: Any, kb_id: str) -> tuple[int, BaseModel]:
    begun = api.Rebuild(requested_at=NOW, requested_by="u", documents_total=2, documents_left=2)
    state.kbs[kb_id] = state.find(state.kbs, kb_id).model_copy(update={"rebuild": begun})
    return 202, state.kbs[kb_id]


def _redrive(state: PublicApi, _: Any, __: Any) -> tuple[int, BaseModel]:
    """Retry one of those that failed per request."""
    failed = [document for document in state.documents.values() if document.status == "FAILED"]
    for document in failed[:1]:
        state.set_status(document.document_id, "QUEUED", code="", reason="")
    return 200, api.Redriven(moved={"ingest": 1}, retried=len(failed[:1]), left=len(failed[1:]))


def _update_kb(state: PublicApi, body: Any, _: Any, kb_id: str) -> tuple[int, BaseModel]:
    wish = api.UpdateKnowledgeBase.model_validate(body)
    update: dict[str, Any] = wish.model_dump(exclude_none=True)
    if wish.chunking:
        update["release_id"] = f"rel_{wish.chunking}"
    state.kbs[kb_id] = state.find(state.kbs, kb_id).model_copy(update=update)
    return 200, state.kbs[kb_id]


def _preview(state: PublicApi, body: Any, _: Any, *ids: str) -> tuple[int, BaseModel]:
    """Cut a file at its lines."""
    if ids:
        wish = api.PreviewChunks.model_validate(body)
        filename, lines = state.find(state.documents, ids[1]).filename, ["a passage"]
    else:
        file = api.PreviewFileChunks.model_validate(body)
        wish, filename, lines = file, file.filename, b64decode(file.content).decode().splitlines()
    shown = range(wish.offset, min(wish.offset + wish.limit, len(lines)))
    following = wish.offset + wish.limit
    spread = api.Spread(least=1, median=2, most=3)
    return 200, api.ChunkPreview(
        filename=filename,
        chunking=wish.chunking or "structure",
        parameters=wish.parameters,
        pages=1,
        unit="page",
        characters=sum(map(len, lines)),
        chunks_total=len(lines),
        tokens=spread,
        chunk_characters=spread,
        overlap=0.125,
        chunks=tuple(
            api.PreviewedChunk(ordinal=n, text=lines[n], kind="text", context="", tokens=2, place=Place(page=1))
            for n in shown
        ),
        next_offset=following if following < len(lines) else None,
    )


STRATEGY = api.ChunkingStrategy(name="page", description="One passage per page.", is_default=True)
RELEASE = api.Release(
    release_id="rel_default",
    name="default",
    description="Multilingual",
    is_default=True,
    embedder="e5",
    chunker="structure",
    model="extractive",
)
ME = api.Me(user_id="u", tenant_id="t", email=EMAIL, name="Ada", role="admin")
KB, DOC, BOT = r"/knowledge-bases/(\w+)", r"/knowledge-bases/(\w+)/documents/(\w+)", r"/bots/(\w+)"
Route = Callable[..., tuple[int, BaseModel]]
ROUTES: list[tuple[str, Route]] = [
    ("GET /me", lambda *_: (200, ME)),
    ("GET /releases", lambda *_: (200, api.Releases(items=(RELEASE,)))),
    ("GET /status", _status),
    ("GET /diagnosis", lambda s, *_: (200, s.diagnosis)),
    ("GET /deletions", lambda s, *_: (200, api.Deletions(items=tuple(s.deletions.values())))),
    ("POST /reconciliations", lambda *_: (200, api.Reconciliation(started_at=NOW, finished_at=NOW, requeued=2))),
    ("POST /redrives", _redrive),
    (f"GET {KB}/deletion", _deletion),
    (f"POST {KB}/rebuild", _rebuild),
    ("POST /knowledge-bases", _create_kb),
    ("GET /knowledge-bases", lambda s, _, q: s.page(api.KnowledgeBases, list(s.kbs.values()), q)),
    (f"GET {KB}", _kb),
    (f"PATCH {KB}", _update_kb),
    ("GET /chunking-strategies", lambda *_: (200, api.ChunkingStrategies(items=(STRATEGY,)))),
    ("POST /chunk-previews", _preview),
    (f"POST {DOC}/chunk-previews", _preview),
    (f"DELETE {KB}", _delete_kb),
    (f"POST {KB}/searches", _search),
    (f"POST {KB}/answers", _ask),
    (f"POST {KB}/documents", _create_document),
    (
        f"GET {KB}/documents",
        lambda s, _, q, kb: s.page(
            api.Documents, [_looked_at(s, d) for d in list(s.documents.values()) if d.kb_id == kb], q
        ),
    ),
    (f"GET {DOC}", _document),
    (f"PATCH {DOC}", _update_document),
    (f"DELETE {DOC}", _delete_document),
    (f"POST {DOC}/retry", _retry),
    ("POST /bots", _create_bot),
    ("GET /bots", lambda s, _, q: s.page(api.Bots, list(s.bots.values()), q)),
    (f"GET {BOT}", lambda s, _, __, bot_id: (200, s.find(s.bots, bot_id))),
    (f"PATCH {BOT}", _update_bot),
    (f"DELETE {BOT}", lambda s, _, __, bot_id: (202, s.find(s.bots, bot_id) and s.bots.pop(bot_id))),
    (f"POST {BOT}/publish", _publish),
    (f"POST {BOT}/conversations", _converse),
    (r"POST /conversations/(\w+)/messages", _message),
    ("GET /conversations", _conversations),
    (r"GET /conversations/(\w+)", lambda s, _, __, one: (200, s.find(s.conversations, one))),
    (r"PATCH /conversations/(\w+)", _rename),
    (
        r"DELETE /conversations/(\w+)",
        lambda s, _, __, one: (202, s.find(s.conversations, one) and s.conversations.pop(one)),
    ),
    ("POST /evaluations", _evaluate),
    (r"GET /evaluations/(\w+)", _evaluation),
]
