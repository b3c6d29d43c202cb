"""`strata documents`: the documents of a knowledge base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.options import JsonOption, KnowledgeBaseOption, YesOption, confirm
from infra.cli.output import as_json, print_fields, print_json, print_table, print_text, printable, size_text

if TYPE_CHECKING:
    from shared.contracts import api

app = typer.Typer(help="List, show, delete and retry documents.", no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(metavar="DOCUMENT", help="The document, by file name or id.")]


@app.command("list")
def list_documents(
    kb: KnowledgeBaseOption,
    status: Annotated[
        str | None, typer.Option("--status", metavar="STATE", help="Only documents in this state, e.g. FAILED.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """List the documents of a knowledge base."""
    from infra.cli.names import find_knowledge_base
    from infra.cli.session import connected

    with connected() as client:
        kb_id = find_knowledge_base(client, kb).kb_id
        wanted = status.upper() if status else None
        found = [document for document in client.documents(kb_id) if wanted in (None, document.status)]
    if as_json.get():
        print_json({"items": [document.model_dump(mode="json") for document in found]})
        return
    rows = [(d.status, d.filename, d.pages or "", d.chunks or "", size_text(d.size_bytes), d.reason) for d in found]
    headings = ("State", "Document", "Pages", "Chunks", "Size", "Reason")
    print_table(headings, rows, right=("Pages", "Chunks", "Size"))


@app.command("show")
def show_document(kb: KnowledgeBaseOption, name: NameArgument, json: JsonOption = False) -> None:
    """Show one document."""
    from infra.cli.names import find_document, find_knowledge_base
    from infra.cli.session import connected

    with connected() as client:
        kb_id = find_knowledge_base(client, kb).kb_id
        found = client.document(kb_id, find_document(client, kb_id, name).document_id)
    _show(found)


@app.command("delete")
def delete_document(
    kb: KnowledgeBaseOption, name: NameArgument, yes: YesOption = False, json: JsonOption = False
) -> None:
    """Delete a document."""
    from infra.cli.names import find_document, find_knowledge_base
    from infra.cli.session import connected

    with connected() as client:
        kb_id = find_knowledge_base(client, kb).kb_id
        found = find_document(client, kb_id, name)
        confirm(f'Delete document "{printable(found.filename)}"?', yes=yes)
        client.delete_document(kb_id, found.document_id)
    if as_json.get():
        print_json({"document_id": found.document_id, "filename": found.filename, "deleted": True})
    else:
        print_text(printable(f'Deleted document "{found.filename}".'))


@app.command("retry")
def retry_document(kb: KnowledgeBaseOption, name: NameArgument, json: JsonOption = False) -> None:
    """Process a failed document again."""
    from infra.cli.names import find_document, find_knowledge_base
    from infra.cli.session import connected

    with connected() as client:
        kb_id = find_knowledge_base(client, kb).kb_id
        document_id = find_document(client, kb_id, name).document_id
        client.retry_document(kb_id, document_id)
        _show(client.document(kb_id, document_id))


def _show(found: api.Document) -> None:
    if as_json.get():
        print_json(found.model_dump(mode="json"))
        return
    print_fields(
        [
            ("Document", found.filename),
            ("Id", found.document_id),
            ("State", found.status),
            ("Reason", f"{found.reason} ({found.code})" if found.code else found.reason),
            ("Pages", found.pages or None),
            ("Recognised", f"{found.pages_recognised} of {found.pages_unread} pages" if found.pages_unread else None),
            ("Warnings", "\n".join(found.warnings) or None),
            ("Chunks", f"{found.chunks_done} of {found.chunks}" if found.chunks else None),
            ("Size", size_text(found.size_bytes)),
            ("Version", found.version),
            ("Answers", "yes" if found.live else "no"),
            ("Release", found.release_id),
            ("Made", found.created_at),
            ("Changed", found.updated_at),
        ]
    )
