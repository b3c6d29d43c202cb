"""`strata ask`: the answer with numbered citations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.filtering import (
    FileOption,
    FolderOption,
    LanguageOption,
    SinceOption,
    TagOption,
    TypeOption,
    UntilOption,
    wanted_filters,
)
from infra.cli.options import JsonOption
from infra.cli.output import as_json, one_line, print_json, print_text, printable, say
from infra.cli.sources import member_field, place_text, source_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.cli.client import Client
    from shared.contracts import api
    from shared.contracts.filters import Filters


def ask(
    *,
    question: Annotated[str | None, typer.Argument(help="The question.", show_default=False)] = None,
    bot: Annotated[str | None, typer.Option("--bot", metavar="NAME", help="The bot to ask, by name or id.")] = None,
    kb: Annotated[str | None, typer.Option("--kb", metavar="NAME", help="Ask a knowledge base without a bot.")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Ask the bot's draft instead of what is published.")] = False,
    questions: Annotated[
        Path | None, typer.Option("--questions", metavar="FILE", help="JSONL {_id, text}; prints one JSON line each.")
    ] = None,
    file: FileOption = None,
    folder: FolderOption = None,
    type: TypeOption = None,  # noqa: A002 - what people call it
    language: LanguageOption = None,
    tag: TagOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    json: JsonOption = False,
) -> None:
    """Ask a bot or a knowledge base; alone, say what exists."""
    from infra.cli.session import connected

    filters = wanted_filters(file=file, folder=folder, type=type, language=language, tag=tag, since=since, until=until)

    with connected() as client:
        if not (question or questions or bot or kb):
            show_what_exists(client)
            return
        _check(question, questions, bot, kb)
        answer = _asker(client, bot, kb, filters, draft=draft)
        if questions:
            raise typer.Exit(_answer_all(questions, answer))
        show_answer(answer(question or ""))


def answer_data(answer: api.Answer) -> dict[str, object]:
    """Return {answer, refused, citations: [{n, filename, page, quote, member of a container}], usage}."""
    citations = [cited.model_dump(include=_CITATION) | member_field(cited.place) for cited in answer.citations]
    return {
        "answer": answer.text,
        "refused": answer.refused,
        "citations": citations,
        "usage": answer.usage.model_dump(mode="json"),
    }


_CITATION = {"n", "filename", "page", "quote"}


def show_answer(answer: api.Answer) -> None:
    """Print an answer with its sources."""
    if as_json.get():
        print_json(answer_data(answer))
        return
    print_text(printable(answer.text))
    if answer.citations:
        print_text("")
    for citation in answer.citations:
        source = source_name(citation.filename, citation.place)
        place = place_text(citation.place, citation.page)
        where = f"{source}, {place}" if place else source
        print_text(f'[{citation.n}] {where}: "{one_line(citation.quote)}"')


def show_what_exists(client: Client) -> None:
    """Name the bots and the knowledge bases that can be asked."""
    bots = [bot.shown.name for bot in client.bots()]
    kbs = [kb.name for kb in client.knowledge_bases()]
    if as_json.get():
        print_json({"bots": bots, "knowledge_bases": kbs})
    elif not bots and not kbs:
        print_text("Nothing can be asked yet. Begin with: strata ingest --kb NAME PATH")
    else:
        for title, option, names in (("Bots", "--bot", bots), ("Knowledge bases", "--kb", kbs)):
            if names:
                print_text(f"{title} (strata ask {option} NAME QUESTION):")
                print_text("\n".join(f"  {one_line(name)}" for name in names))


def _check(question: str | None, questions: Path | None, bot: str | None, kb: str | None) -> None:
    if bool(bot) == bool(kb):
        raise typer.BadParameter("Say whom to ask: either --bot NAME or --kb NAME. `strata ask` alone names them.")
    if bool(question) == bool(questions):
        raise typer.BadParameter("Give either a QUESTION or --questions FILE.")


def _asker(
    client: Client, bot: str | None, kb: str | None, filters: Filters | None, *, draft: bool
) -> Callable[[str], api.Answer]:
    """Return what answers one question; every question to a bot begins a conversation of its own."""
    from infra.cli.names import find_bot, find_knowledge_base
    from shared.contracts import api

    if bot is None:
        kb_id = find_knowledge_base(client, kb or "").kb_id
        return lambda question: client.answer(kb_id, question, filters)
    found = find_bot(client, bot)
    if not found.published and not draft:
        say(f'"{found.shown.name}" is not published; its draft answers.')
    wish = api.CreateConversation(draft=draft or not found.published)

    def answer(question: str) -> api.Answer:
        conversation = client.create_conversation(found.bot_id, wish)
        return client.send_message(conversation.conversation_id, question, filters).answer

    return answer


def _answer_all(path: Path, answer: Callable[[str], api.Answer]) -> int:
    from infra.cli.questions import print_each

    return print_each(path, lambda question: answer_data(answer(question)))
