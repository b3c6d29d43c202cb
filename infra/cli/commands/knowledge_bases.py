"""`strata kb`: knowledge bases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.options import JsonOption, YesOption, confirm
from infra.cli.output import as_json, print_fields, print_json, print_table, print_text, printable

if TYPE_CHECKING:
    from infra.cli.client import Client
    from shared.contracts import api

PATIENCE_S = 3600.0
app = typer.Typer(help="List, make, show, change and delete knowledge bases.", no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(help="The knowledge base, by name or id.")]
ChunkingOption = Annotated[
    str | None, typer.Option("--chunking", help="How documents are cut: a name from `strata chunks strategies`.")
]


@app.command("list")
def list_knowledge_bases(json: JsonOption = False) -> None:
    """List the knowledge bases."""
    from infra.cli.session import connected

    with connected() as client:
        found = list(client.knowledge_bases())
    if as_json.get():
        print_json({"items": [kb.model_dump(mode="json") for kb in found]})
        return
    rows = [(kb.name, sum(kb.documents.values()), kb.release, kb.visibility, kb.description) for kb in found]
    print_table(("Name", "Documents", "Release", "Visible to", "Description"), rows, right=("Documents",))


@app.command("create")
def create_knowledge_base(  # noqa: PLR0917 - the options of a command
    name: Annotated[str, typer.Argument(help="Its name.")],
    description: Annotated[str, typer.Option("--description", help="What it holds.")] = "",
    release: Annotated[str | None, typer.Option("--release", help="A name from `strata releases`.")] = None,
    chunking: ChunkingOption = None,
    private: Annotated[bool, typer.Option("--private", help="Only for yourself.")] = False,
    json: JsonOption = False,
) -> None:
    """Make an empty knowledge base."""
    from infra.cli.requests import request
    from infra.cli.session import connected
    from shared.contracts import api

    visibility = "private" if private else "tenant"
    wish = request(
        api.CreateKnowledgeBase,
        name=name,
        description=description,
        release=release,
        chunking=chunking,
        visibility=visibility,
    )
    with connected() as client:
        made = client.create_knowledge_base(wish)
    if as_json.get():
        print_json(made.model_dump(mode="json"))
    else:
        print_text(printable(f'Made knowledge base "{made.name}" ({made.kb_id}).'))


@app.command("update")
def update_knowledge_base(
    name: NameArgument,
    new_name: Annotated[str | None, typer.Option("--name", help="Another name.")] = None,
    description: Annotated[str | None, typer.Option("--description", help="What it holds.")] = None,
    chunking: ChunkingOption = None,
    json: JsonOption = False,
) -> None:
    """Change a knowledge base; with another --chunking its documents are processed again, one after the other."""
    from infra.cli.names import find_knowledge_base
    from infra.cli.requests import request
    from infra.cli.session import connected
    from shared.contracts import api

    wish = request(api.UpdateKnowledgeBase, name=new_name, description=description, chunking=chunking)
    with connected() as client:
        before = find_knowledge_base(client, name)
        changed = client.update_knowledge_base(before.kb_id, wish)
    if as_json.get():
        print_json(changed.model_dump(mode="json"))
        return
    print_text(printable(f'Changed knowledge base "{changed.name}" ({changed.kb_id}).'))
    if changed.release_id != before.release_id:
        print_text("Its documents are processed again; each answers from its old passages until its turn.")


@app.command("show")
def show_knowledge_base(name: NameArgument, json: JsonOption = False) -> None:
    """Show one knowledge base with its documents by state."""
    from infra.cli.names import find_knowledge_base
    from infra.cli.session import connected

    with connected() as client:
        found = client.knowledge_base(find_knowledge_base(client, name).kb_id)
    if as_json.get():
        print_json(found.model_dump(mode="json"))
        return
    states = ", ".join(f"{number} {state}" for state, number in found.documents.items()) or "none"
    inbox = f"s3://{found.inbox_bucket}/{found.inbox_prefix}" if found.inbox_bucket else ""
    fields = [("Name", found.name), ("Id", found.kb_id), ("Description", found.description), ("Documents", states)]
    fields += [("Release", f"{found.release} ({found.release_id})"), ("Chunking", found.chunking)]
    fields += [("Visible to", found.visibility)]
    print_fields([*fields, ("Inbox", inbox), ("Made", found.created_at), ("Changed", found.updated_at)])


@app.command("delete")
def delete_knowledge_base(
    name: NameArgument,
    yes: YesOption = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end, and show the receipt.")] = False,
    json: JsonOption = False,
) -> None:
    """Delete a knowledge base with all its documents; nothing of it is visible from then on."""
    from infra.cli.names import find_knowledge_base
    from infra.cli.session import connected
    from infra.cli.states import deletion_text

    with connected() as client:
        found = client.knowledge_base(find_knowledge_base(client, name).kb_id)
        number = sum(found.documents.values())
        confirm(f'Delete knowledge base "{printable(found.name)}" with {number} documents?', yes=yes)
        client.delete_knowledge_base(found.kb_id)
        receipt = _follow(client, found.kb_id) if wait else None
    if as_json.get():
        told = {"receipt": receipt.model_dump(mode="json")} if receipt else {}
        print_json({"kb_id": found.kb_id, "name": found.name, "deleted": True, **told})
    elif receipt:
        print_text(printable(f'Deleted knowledge base "{found.name}": {deletion_text(receipt)}.'))
    else:
        print_text(printable(f'Deleted knowledge base "{found.name}"; its documents are being removed.'))
        print_text(f"Follow it with: strata kb deletions {found.kb_id}")


@app.command("deletions")
def list_deletions(
    kb_id: Annotated[str | None, typer.Argument(metavar="ID", help="Only this one, and wait for its end.")] = None,
    json: JsonOption = False,
) -> None:
    """Show the deletes of knowledge bases that go on, and the receipts of those that are finished."""
    from infra.cli.session import connected
    from infra.cli.states import deletion_text

    with connected() as client:
        found = [_follow(client, kb_id)] if kb_id else list(client.deletions())
    if as_json.get():
        print_json({"items": [deletion.model_dump(mode="json") for deletion in found]})
        return
    rows = [
        (d.name, d.kb_id, d.requested_at, d.requested_by_address or d.requested_by, d.finished_at or "going on",
         deletion_text(d))
        for d in found
    ]  # fmt: skip
    print_table(("Knowledge base", "Id", "Asked", "By", "Finished", "What was removed"), rows)


def _follow(client: Client, kb_id: str) -> api.KnowledgeBaseDeletion:
    """Wait for the end of a delete, with a bar on a terminal."""
    from infra.cli.states import deletion_text
    from infra.cli.waiting import bar, wait_for

    with bar("Deleting") as step:

        def look() -> api.KnowledgeBaseDeletion:
            state = client.deletion(kb_id)
            done = state.documents_total - state.documents_left
            step(done, state.documents_total, deletion_text(state))
            return state

        return wait_for(look, lambda state: bool(state.finished_at), patience_s=PATIENCE_S)
