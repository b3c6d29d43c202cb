"""`strata repair`: what operators do when something is not as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.failures import ExitCode
from infra.cli.options import JsonOption, KnowledgeBaseOption
from infra.cli.output import as_json, print_fields, print_json, print_text, printable

if TYPE_CHECKING:
    from infra.cli.client import Client
    from shared.contracts import api

PATIENCE_S = 24 * 3600.0
app = typer.Typer(help="Mend what `strata doctor` finds.", no_args_is_help=True)


@app.command("redrive")
def redrive(json: JsonOption = False) -> None:
    """Put dead letters back on their queues, and queue the documents again that were given up."""
    from infra.cli.session import connected

    moved: dict[str, int] = {}
    retried = 0
    with connected() as client:
        while True:
            done = client.redrive()
            retried += done.retried
            moved = {name: moved.get(name, 0) + number for name, number in done.moved.items()}
            if not done.left:
                break
    if as_json.get():
        print_json({"moved": moved, "retried": retried})
        return
    letters = ", ".join(f"{number} of {name}" for name, number in moved.items() if number) or "none"
    print_fields([("Dead letters put back", letters), ("Documents queued again", retried)])


@app.command("reconcile")
def reconcile(json: JsonOption = False) -> None:
    """Compare registry, storage and index now, set off what the difference asks for, and show the report."""
    from infra.cli.session import connected

    with connected() as client:
        found = client.reconcile()
    if as_json.get():
        print_json(found.model_dump(mode="json"))
        return
    print_fields(
        [
            ("Ran", f"{found.started_at} to {found.finished_at}"),
            ("Documents looked at", found.documents),
            ("Messages sent", found.hinted),
            ("Given another try", found.requeued),
            ("Failed for good", found.failed),
            ("Deletes and rebuilds carried on", found.resumed_knowledge_bases),
            ("Knowledge bases restored", found.restored_knowledge_bases),
            ("Passages collected from the index", found.collected_chunks),
        ]
    )
    for kind, number in found.found.items():
        print_text(f"{number} {kind.replace('_', ' ')}")


@app.command("rebuild")
def rebuild(
    kb: KnowledgeBaseOption,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the end.")] = True,
    json: JsonOption = False,
) -> None:
    """Make the index of a knowledge base anew from its files; old versions answer until their successors are READY."""
    from infra.cli.names import find_knowledge_base
    from infra.cli.session import connected

    with connected() as client:
        kb_id = find_knowledge_base(client, kb).kb_id
        found = client.rebuild(kb_id)
        if wait:
            found = _follow(client, kb_id)
    if as_json.get():
        print_json(found.model_dump(mode="json"))
    else:
        states = ", ".join(f"{number} {state}" for state, number in found.documents.items()) or "no documents"
        verb = "Rebuilt" if wait else "Rebuilding"
        print_text(printable(f'{verb} knowledge base "{found.name}": {states}.'))
    if wait and found.documents.get("FAILED"):
        raise typer.Exit(ExitCode.SOME_FAILED)


def _follow(client: Client, kb_id: str) -> api.KnowledgeBase:
    from infra.cli.waiting import bar, wait_for

    with bar("Rebuilding") as step:

        def look() -> api.KnowledgeBase:
            state = client.knowledge_base(kb_id)
            if state.rebuild:
                total, left = state.rebuild.documents_total, state.rebuild.documents_left
                step(total - left, total, f"{total - left} of {total} documents")
            return state

        return wait_for(
            look, lambda state: bool(state.rebuild is None or state.rebuild.finished_at), patience_s=PATIENCE_S
        )
