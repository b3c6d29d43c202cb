"""`strata bots`: bots."""

from __future__ import annotations

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
from infra.cli.options import JsonOption, YesOption, confirm
from infra.cli.output import as_json, print_fields, print_json, print_table, print_text, printable

if TYPE_CHECKING:
    from infra.cli.client import Client
    from shared.contracts import api

app = typer.Typer(help="List, make, show, change, publish and delete bots.", no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(metavar="BOT", help="The bot, by name or id.")]
DescriptionOption = Annotated[str | None, typer.Option("--description", help="What it is for.")]
InstructionsOption = Annotated[str | None, typer.Option("--instructions", help="How it shall answer.")]
KnowledgeBasesOption = Annotated[
    list[str] | None, typer.Option("--kb", metavar="NAME", help="A knowledge base; give it once per knowledge base.")
]
StartersOption = Annotated[
    list[str] | None, typer.Option("--starter", metavar="QUESTION", help="A question to begin with; may be repeated.")
]
PublishOption = Annotated[bool, typer.Option("--publish", help="Publish it at once.")]


@app.command("list")
def list_bots(json: JsonOption = False) -> None:
    """List the bots."""
    from infra.cli.session import connected

    with connected() as client:
        found = list(client.bots())
        names = {} if as_json.get() else _names(client)
    if as_json.get():
        print_json({"items": [bot.model_dump(mode="json") for bot in found]})
        return
    rows = [(b.shown.name, _published(b), _bases(b.shown, names), b.shown.description) for b in found]
    print_table(("Name", "Published", "Knowledge bases", "Description"), rows)


@app.command("create")
def create_bot(
    *,
    name: Annotated[str, typer.Option("--name", help="Its name.")],
    kb: KnowledgeBasesOption = None,
    instructions: InstructionsOption = None,
    description: DescriptionOption = None,
    starter: StartersOption = None,
    file: FileOption = None,
    folder: FolderOption = None,
    type: TypeOption = None,  # noqa: A002 - what people call it
    language: LanguageOption = None,
    tag: TagOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    publish: PublishOption = False,
    json: JsonOption = False,
) -> None:
    """Make a bot from knowledge bases and instructions; with filters it answers only from documents that pass them."""
    from infra.cli.requests import request
    from infra.cli.session import connected
    from shared.contracts import api

    filters = wanted_filters(file=file, folder=folder, type=type, language=language, tag=tag, since=since, until=until)
    with connected() as client:
        wish = request(
            api.CreateBot,
            name=name,
            description=description,
            instructions=instructions,
            kb_ids=_kb_ids(client, kb),
            starter_questions=starter,
            filters=filters,
        )
        made = client.create_bot(wish)
        made = client.publish_bot(made.bot_id) if publish else made
    _tell("Made", made)


@app.command("show")
def show_bot(bot: NameArgument, json: JsonOption = False) -> None:
    """Show one bot: its draft, and what is published."""
    from infra.cli.names import find_bot
    from infra.cli.session import connected

    with connected() as client:
        found = client.bot(find_bot(client, bot).bot_id)
        names = {} if as_json.get() else _names(client)
    if as_json.get():
        print_json(found.model_dump(mode="json"))
        return
    draft = found.shown
    fields = [("Name", draft.name), ("Id", found.bot_id), ("Published", _published(found))]
    fields += [("Description", draft.description), ("Instructions", draft.instructions)]
    fields += [("Knowledge bases", _bases(draft, names)), ("Starters", " / ".join(draft.starter_questions))]
    fields += [("Filters", draft.filters.in_words())]
    print_fields([*fields, ("Made", found.created_at), ("Changed", found.updated_at)])


@app.command("update")
def update_bot(
    *,
    bot: NameArgument,
    name: Annotated[str | None, typer.Option("--name", help="Its new name.")] = None,
    kb: KnowledgeBasesOption = None,
    instructions: InstructionsOption = None,
    description: DescriptionOption = None,
    starter: StartersOption = None,
    file: FileOption = None,
    folder: FolderOption = None,
    type: TypeOption = None,  # noqa: A002 - what people call it
    language: LanguageOption = None,
    tag: TagOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    no_filters: Annotated[bool, typer.Option("--no-filters", help="Answer from all documents again.")] = False,
    publish: PublishOption = False,
    json: JsonOption = False,
) -> None:
    """Change a bot's draft; what is not given stays. `--kb`, `--starter` and the filters replace all there were."""
    from infra.cli.names import find_bot
    from infra.cli.requests import request
    from infra.cli.session import connected
    from shared.contracts import api

    filters = wanted_filters(file=file, folder=folder, type=type, language=language, tag=tag, since=since, until=until)
    if filters and no_filters:
        raise typer.BadParameter("Give either filters or --no-filters.")
    with connected() as client:
        found = find_bot(client, bot)
        wish = request(
            api.UpdateBot,
            name=name,
            description=description,
            instructions=instructions,
            kb_ids=_kb_ids(client, kb) if kb else None,
            starter_questions=starter or None,
            filters={} if no_filters else filters,
        )
        if not wish.model_fields_set and not publish:
            raise typer.BadParameter("Say what to change.")
        changed = client.update_bot(found.bot_id, wish) if wish.model_fields_set else found
        changed = client.publish_bot(found.bot_id) if publish else changed
    _tell("Changed", changed)


@app.command("publish")
def publish_bot(bot: NameArgument, json: JsonOption = False) -> None:
    """Publish a bot's draft."""
    from infra.cli.names import find_bot
    from infra.cli.session import connected

    with connected() as client:
        published = client.publish_bot(find_bot(client, bot).bot_id)
    _tell("Published", published)


@app.command("delete")
def delete_bot(bot: NameArgument, yes: YesOption = False, json: JsonOption = False) -> None:
    """Delete a bot with its conversations."""
    from infra.cli.names import find_bot
    from infra.cli.session import connected

    with connected() as client:
        found = find_bot(client, bot)
        confirm(f'Delete bot "{printable(found.shown.name)}" with its conversations?', yes=yes)
        client.delete_bot(found.bot_id)
    if as_json.get():
        print_json({"bot_id": found.bot_id, "name": found.shown.name, "deleted": True})
    else:
        print_text(printable(f'Deleted bot "{found.shown.name}".'))


def _kb_ids(client: Client, names: list[str] | None) -> list[str]:
    from infra.cli.names import pick

    known = list(client.knowledge_bases()) if names else []
    return [pick("knowledge base", name, known, lambda k: k.name, lambda k: k.kb_id).kb_id for name in names or []]


def _names(client: Client) -> dict[str, str]:
    return {kb.kb_id: kb.name for kb in client.knowledge_bases()}


def _bases(definition: api.BotDefinition, names: dict[str, str]) -> str:
    return ", ".join(names.get(kb_id, kb_id) for kb_id in definition.kb_ids)


def _published(bot: api.Bot) -> str:
    return f"version {bot.published_version}" if bot.published else "no"


def _tell(verb: str, bot: api.Bot) -> None:
    if as_json.get():
        print_json(bot.model_dump(mode="json"))
    else:
        print_text(printable(f'{verb} bot "{bot.shown.name}" ({bot.bot_id}; published: {_published(bot)}).'))
