"""`strata documents`: the documents of a knowledge base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.failures import ExitCode, Failure
from infra.cli.options import JsonOption, KnowledgeBaseOption, YesOption, confirm
from infra.cli.output import (
    as_json,
    print_fields,
    print_json,
    print_json_line,
    print_table,
    print_text,
    printable,
    size_text,
)

if TYPE_CHECKING:
    from infra.cli.client import Client
    from shared.contracts import api

DELETE_PATIENCE_S = 60.0
app = typer.Typer(help="List, show, watch, tag, retry and delete documents.", no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(metavar="DOCUMENT", help="The document, by file name or id.")]


@app.command("list")
def list_documents(
    kb: KnowledgeBaseOption,
    status: Annotated[
        str | None, typer.Option("--status", metavar="STATE", help="Only documents in this state, e.g. FAILED.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """List the documents of a knowledge base with their progress, and what helps those that failed."""
    from infra.cli.names import find_knowledge_base
    from infra.cli.session import connected
    from infra.cli.states import age_text, outlook_text, progress_text

    with connected() as client:
        kb_id = find_knowledge_base(client, kb).kb_id
        wanted = status.upper() if status else None
        found = [document for document in client.documents(kb_id) if wanted in (None, document.status)]
    if as_json.get():
        print_json({"items": [document.model_dump(mode="json") for document in found]})
        return
    rows = [
        (d.status, age_text(d.status_since), d.filename, progress_text(d), size_text(d.size_bytes), outlook_text(d))
        for d in found
    ]
    headings = ("State", "For", "Document", "Progress", "Size", "Why, and what helps")
    print_table(headings, rows, right=("For", "Size"))


@app.command("show")
def show_document(kb: KnowledgeBaseOption, name: NameArgument, json: JsonOption = False) -> None:
    """Show one document; a deleted one, by its id, with its receipt."""
    from infra.cli.names import find_document, find_knowledge_base
    from infra.cli.session import connected

    with connected() as client:
        kb_id = find_knowledge_base(client, kb).kb_id
        try:
            document_id = find_document(client, kb_id, name).document_id
        except Failure:
            if not name.startswith("doc_"):
                raise
            document_id = name  # a deleted one is not listed any more
        _show(client.document(kb_id, document_id))


@app.command("watch")
def watch_documents(
    kb: KnowledgeBaseOption,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="DOCUMENT...", help="Only these; all by default.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Follow documents until each is at rest: a table on a terminal, one line per change elsewhere."""
    from infra.cli.names import find_document, find_knowledge_base
    from infra.cli.session import connected
    from infra.cli.watching import watch

    with connected() as client:
        kb_id = find_knowledge_base(client, kb).kb_id
        wanted = {find_document(client, kb_id, name).document_id for name in names or ()}
        found = watch(lambda: [d for d in client.documents(kb_id) if not wanted or d.document_id in wanted], _tell)
    failed = sum(document.status == "FAILED" for document in found)
    if not as_json.get():
        print_text(f"{len(found)} documents at rest, {failed} of them FAILED.")
    if failed:
        raise typer.Exit(ExitCode.SOME_FAILED)


@app.command("delete")
def delete_document(
    kb: KnowledgeBaseOption,
    name: NameArgument,
    yes: YesOption = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the receipt.")] = True,
    json: JsonOption = False,
) -> None:
    """Delete a document everywhere, and show what was removed where."""
    from infra.cli.names import find_document, find_knowledge_base
    from infra.cli.session import connected
    from infra.cli.waiting import wait_for

    with connected() as client:
        kb_id = find_knowledge_base(client, kb).kb_id
        found = find_document(client, kb_id, name)
        confirm(f'Delete document "{printable(found.filename)}"?', yes=yes)
        client.delete_document(kb_id, found.document_id)
        gone = None
        if wait:
            gone = wait_for(
                lambda: client.document(kb_id, found.document_id),
                lambda document: document.status == "DELETED",
                patience_s=DELETE_PATIENCE_S,
            )
    if as_json.get():
        receipt = gone.deletion.model_dump(mode="json") if gone and gone.deletion else None
        print_json({"document_id": found.document_id, "filename": found.filename, "deleted": True, "deletion": receipt})
        return
    print_text(printable(f'Deleted document "{found.filename}".'))
    if gone and gone.deletion:
        _show_receipt(gone.deletion)


@app.command("tag")
def tag_document(
    *,
    kb: KnowledgeBaseOption,
    name: NameArgument,
    tags: Annotated[list[str] | None, typer.Argument(metavar="TAG...", help="Tags to add.", show_default=False)] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="TAG", help="A tag to take away; may be repeated.")
    ] = None,
    only: Annotated[bool, typer.Option("--only", help="Take away every tag that is not named.")] = False,
    json: JsonOption = False,
) -> None:
    """Tag a document, or show its tags; searches find it by new tags as soon as it is READY again."""
    from infra.cli.filtering import clean_tags
    from infra.cli.names import find_document, find_knowledge_base
    from infra.cli.requests import request
    from infra.cli.session import connected
    from shared.contracts import api

    added, removed = clean_tags(tags), clean_tags(remove)
    with connected() as client:
        kb_id = find_knowledge_base(client, kb).kb_id
        found = find_document(client, kb_id, name)
        wanted = tuple(tag for tag in dict.fromkeys((*(() if only else found.tags), *added)) if tag not in removed)
        if wanted != found.tags:
            found = client.update_document(kb_id, found.document_id, request(api.UpdateDocument, tags=wanted))
    if as_json.get():
        print_json(found.model_dump(mode="json"))
        return
    print_text(printable(f"{found.filename}: {', '.join(found.tags) or 'no tags'} ({found.status})"))


@app.command("retry")
def retry_document(
    kb: KnowledgeBaseOption,
    name: Annotated[
        str | None, typer.Argument(metavar="DOCUMENT", help="The document, by file name or id; or --failed.")
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="All that failed and that a retry can help: not a broken file.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Process a failed document again, or all that failed."""
    if failed == bool(name):
        raise typer.BadParameter("Say which: a document, or --failed.")
    from infra.cli.names import find_document, find_knowledge_base
    from infra.cli.session import connected

    with connected() as client:
        kb_id = find_knowledge_base(client, kb).kb_id
        if failed:
            _retry_all(client, kb_id)
            return
        document_id = find_document(client, kb_id, name or "").document_id
        client.retry_document(kb_id, document_id)
        _show(client.document(kb_id, document_id))


def _retry_all(client: Client, kb_id: str) -> None:
    """Retry those whose best action it is; the others need another file first."""
    failed = [document for document in client.documents(kb_id) if document.status == "FAILED"]
    chosen = [document for document in failed if document.actions[:1] == ("retry",)]
    for document in chosen:
        client.retry_document(kb_id, document.document_id)
    if as_json.get():
        print_json({"retried": [d.document_id for d in chosen], "left": len(failed) - len(chosen)})
        return
    print_text(f"{len(chosen)} documents are processed again.")
    if len(failed) > len(chosen):
        print_text(f"{len(failed) - len(chosen)} others need another file first: strata documents list --status FAILED")


def _tell(document: api.Document) -> None:
    """Tell one change on a line."""
    from infra.cli.states import outlook_text, progress_text

    if as_json.get():
        print_json_line(document.model_dump(mode="json"))
        return
    told = progress_text(document) or outlook_text(document)
    print_text(printable(f"{document.status:10} {document.filename}  {told}".rstrip()))


def _show(found: api.Document) -> None:
    from infra.cli.states import ACTIONS, age_text, answers_text, progress_text, waiting_text

    if as_json.get():
        print_json(found.model_dump(mode="json"))
        return
    since = f"since {found.status_since} ({age_text(found.status_since)})" if found.status_since else ""
    print_fields(
        [
            ("Document", found.filename),
            ("Id", found.document_id),
            ("State", f"{found.status} {since}".rstrip()),
            ("Progress", progress_text(found)),
            ("Waiting", waiting_text(found)),
            ("Reason", f"{found.reason} ({found.code})" if found.code else found.reason),
            ("What helps", found.remedy),
            ("What to do now", ", ".join(ACTIONS[action] for action in found.actions)),
            ("Attempts", found.attempts or None),
            ("Next try", found.next_try_at),
            ("Warnings", "\n".join(found.warnings) or None),
            ("Size", size_text(found.size_bytes)),
            ("Type", found.format),
            ("Language", found.language),
            ("File changed", found.modified_on),
            ("Tags", ", ".join(found.tags)),
            ("Version", found.version),
            ("Answers", answers_text(found)),
            ("Release", found.release_id),
            ("Made", found.created_at),
            ("Changed", found.updated_at),
        ]
    )
    if found.deletion:
        _show_receipt(found.deletion)


def _show_receipt(receipt: api.DeleteReceipt) -> None:
    from infra.cli.states import removal_rows

    person = receipt.requested_by_address or receipt.requested_by
    by = f"by {person}" if person else "because the file was removed from the bucket"
    print_text(printable(f"Delete asked for at {receipt.requested_at} {by}."))
    print_table(("Removed", "Number", "When", "Left"), removal_rows(receipt), right=("Number", "Left"))
    if receipt.finished_at:
        checked = "Every store was looked at again and holds nothing." if receipt.verified else "Not verified."
        print_text(f"Finished at {receipt.finished_at}. {checked}")
