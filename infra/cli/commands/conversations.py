"""`strata conversations`: one's own conversations with bots."""

from __future__ import annotations

from typing import Annotated

import typer

from infra.cli.options import JsonOption, YesOption, confirm
from infra.cli.output import as_json, print_json, print_table, print_text, printable

app = typer.Typer(help="List, find, show, rename and delete your conversations with bots.", no_args_is_help=True)
IdArgument = Annotated[str, typer.Argument(metavar="CONVERSATION", help="The conversation's id.")]


@app.command("list")
def list_conversations(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORD...", help="Only those in whose title or questions these stand.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """List conversations with all bots, the latest first."""
    from infra.cli.session import connected

    with connected() as client:
        found = list(client.conversations(" ".join(words or ())))
    if as_json.get():
        print_json({"items": [item.model_dump(mode="json", exclude={"messages"}) for item in found]})
        return
    rows = [(item.title, item.updated_at, item.conversation_id) for item in found]
    print_table(("Title", "Last message", "Conversation"), rows)


@app.command("show")
def show_conversation(conversation: IdArgument, json: JsonOption = False) -> None:
    """Print a conversation as Markdown, with what its answers cite."""
    from infra.cli.session import connected

    with connected() as client:
        found = client.conversation(conversation)
    if as_json.get():
        print_json(found.model_dump(mode="json"))
        return
    print_text(printable(f"# {found.title}"))
    for message in found.messages:
        who = "You" if message.role == "user" else "Answer"
        print_text(printable(f"\n**{who}**, {message.created_at}\n\n{message.content}"))
        for citation in message.answer.citations if message.answer else ():
            page = f", page {citation.page}" if citation.page else ""
            print_text(printable(f"\n[{citation.n}] {citation.filename}{page}: {citation.quote}"))


@app.command("rename")
def rename_conversation(
    conversation: IdArgument,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What it shall be called.")],
    json: JsonOption = False,
) -> None:
    """Give a conversation another title."""
    from infra.cli.session import connected

    with connected() as client:
        renamed = client.rename_conversation(conversation, title)
    if as_json.get():
        print_json(renamed.model_dump(mode="json", exclude={"messages"}))
        return
    print_text(printable(f"It is called {renamed.title} now."))


@app.command("delete")
def delete_conversation(conversation: IdArgument, yes: YesOption = False, json: JsonOption = False) -> None:
    """Delete a conversation with its messages."""
    from infra.cli.session import connected

    confirm(f"Delete the conversation {conversation}?", yes=yes)
    with connected() as client:
        client.delete_conversation(conversation)
    if as_json.get():
        print_json({"conversation_id": conversation, "deleted": True})
        return
    print_text("It is deleted.")
