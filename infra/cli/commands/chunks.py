"""`strata chunks`: how documents are cut into passages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.failures import Failure
from infra.cli.options import JsonOption
from infra.cli.output import as_json, print_fields, print_json, print_table, print_text, printable

if TYPE_CHECKING:
    from infra.cli.client import Client
    from shared.contracts import api

app = typer.Typer(help="Show how documents are cut into passages.", no_args_is_help=True)
_SHOWN_CHARACTERS = 100


@app.command("strategies")
def list_strategies(json: JsonOption = False) -> None:
    """List the ways to cut that a knowledge base can choose, and what each is good for."""
    from infra.cli.session import connected

    with connected() as client:
        found = client.chunking_strategies()
    if as_json.get():
        print_json({"items": [strategy.model_dump(mode="json") for strategy in found]})
        return
    rows = [(strategy.name, "yes" if strategy.is_default else "", strategy.description) for strategy in found]
    print_table(("Name", "Default", "What it does"), rows)


@app.command("preview")
def preview_chunks(  # noqa: PLR0917 - the options of a command
    source: Annotated[
        str, typer.Argument(metavar="FILE", help="A file of up to 4 MB; with --kb a document, by file name or id.")
    ],
    strategy: Annotated[
        str, typer.Option("--strategy", help="A name from `strata chunks strategies`; the document's own by default.")
    ] = "",
    kb: Annotated[str | None, typer.Option("--kb", help="The knowledge base that the document is in.")] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=NUMBER", help="A parameter of the strategy.")
    ] = None,
    offset: Annotated[int, typer.Option("--offset", min=0, help="The first passage to show, from 0.")] = 0,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="How many passages to show.")] = 20,
    json: JsonOption = False,
) -> None:
    """Show how a file, or a document of a knowledge base, is cut. Nothing is kept."""
    from infra.cli.session import connected

    wish = {"chunking": strategy, "parameters": _parameters(parameter or []), "offset": offset, "limit": limit}
    with connected() as client:
        found = _of_document(client, kb, source, wish) if kb else _of_file(client, source, wish)
    if as_json.get():
        print_json(found.model_dump(mode="json"))
    else:
        _show(found)


def _parameters(given: list[str]) -> dict[str, int]:
    found = {}
    for one in given:
        name, _, number = one.partition("=")
        if not name or not number.removeprefix("-").isdecimal():
            raise typer.BadParameter(f"{one!r} is not NAME=NUMBER.", param_hint="--set")
        found[name] = int(number)
    return found


def _of_document(client: Client, kb: str, name: str, wish: dict[str, object]) -> api.ChunkPreview:
    from infra.cli.names import find_document, find_knowledge_base
    from infra.cli.requests import request
    from shared.contracts import api

    kb_id = find_knowledge_base(client, kb).kb_id
    document_id = find_document(client, kb_id, name).document_id
    return client.preview_document(kb_id, document_id, request(api.PreviewChunks, **wish))


def _of_file(client: Client, source: str, wish: dict[str, object]) -> api.ChunkPreview:
    from base64 import b64encode

    from infra.cli.requests import request
    from shared.contracts import api

    try:
        content = Path(source).read_bytes()
    except OSError as error:
        raise Failure(
            f"{source} cannot be read ({error.strerror}). Name a file, or a document with --kb.",
            code="file_not_readable",
        ) from error
    encoded = b64encode(content).decode()
    return client.preview_file(request(api.PreviewFileChunks, filename=Path(source).name, content=encoded, **wish))


def _show(found: api.ChunkPreview) -> None:
    told = ", ".join(f"{name} {number}" for name, number in found.parameters.items())
    size, characters = found.tokens, found.chunk_characters
    print_fields(
        [
            ("File", found.filename),
            ("Strategy", f"{found.chunking} ({told})"),
            ("Text", f"{found.characters} characters on {found.pages} {found.unit}(s)"),
            ("Passages", found.chunks_total),
            ("Tokens, estimated", f"{size.least} to {size.most}, half of them up to {size.median}"),
            ("Characters", f"{characters.least} to {characters.most}, half of them up to {characters.median}"),
            ("Overlap", f"{found.overlap:.1%}"),
            ("Warnings", "\n".join(found.warnings) or None),
        ]
    )
    rows = [
        (
            chunk.ordinal,
            chunk.place.page or "",
            chunk.place.start,
            chunk.place.end,
            chunk.tokens,
            chunk.kind,
            _line(chunk),
        )
        for chunk in found.chunks
    ]
    print_table(
        ("N", "Page", "Start", "End", "Tokens", "Kind", "Text"), rows, right=("N", "Page", "Start", "End", "Tokens")
    )
    if found.next_offset is not None:
        print_text(printable(f"More with: --offset {found.next_offset}"))


def _line(chunk: api.PreviewedChunk) -> str:
    text = " ".join(chunk.text.split())
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"
