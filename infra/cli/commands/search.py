"""`strata search`: the retrieved passages with their scores."""

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
from infra.cli.options import JsonOption, KnowledgeBaseOption
from infra.cli.output import as_json, one_line, print_json, print_table, say
from infra.cli.sources import member_field, source_name

if TYPE_CHECKING:
    from shared.contracts import api
    from shared.contracts.filters import Filters

_FIELDS = ("rank", "score", "document_id", "filename", "page", "start", "end", "text")
MOST_HITS = 100


def search(
    *,
    kb: KnowledgeBaseOption,
    query: Annotated[str | None, typer.Argument(help="What to look for.", show_default=False)] = None,
    top: Annotated[int, typer.Option("--top", min=1, max=MOST_HITS, help="Most passages to return.")] = 10,
    queries: Annotated[
        Path | None, typer.Option("--queries", metavar="FILE", help="JSONL {_id, text}; prints one JSON line each.")
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
    """Show the passages that a question finds."""
    if bool(query) == bool(queries):
        raise typer.BadParameter("Give either a QUERY or --queries FILE.")
    from infra.cli.names import find_knowledge_base
    from infra.cli.questions import print_each
    from infra.cli.session import connected

    filters = wanted_filters(file=file, folder=folder, type=type, language=language, tag=tag, since=since, until=until)
    with connected() as client:
        kb_id = find_knowledge_base(client, kb).kb_id

        def find(text: str) -> api.Hits:
            return client.search(kb_id, api_search(text, top, filters))

        if queries:
            raise typer.Exit(print_each(queries, lambda text: hits_data(find(text))))
        show_hits(find(query or ""), filters)


def api_search(text: str, top: int, filters: Filters | None = None) -> api.Search:
    """Make the request, or the failure that says what is wrong with the question."""
    from infra.cli.requests import request
    from shared.contracts import api

    return request(api.Search, query=text, limit=top, filters=filters)


def hits_data(hits: api.Hits) -> dict[str, object]:
    """Return {hits: [{rank, score, document_id, filename, page, start, end, text, member of a container}]}."""
    return {"hits": [{name: getattr(hit, name) for name in _FIELDS} | member_field(hit.place) for hit in hits.hits]}


def show_hits(hits: api.Hits, filters: Filters | None = None) -> None:
    """Print the passages, best first; where filters left none, say so."""
    if as_json.get():
        print_json(hits_data(hits))
        return
    if filters and not hits.hits:
        say(f"No document passes the filters ({one_line(filters.in_words())}); `strata documents list` shows them all.")
    rows = [
        (hit.rank, f"{hit.score:.3f}", source_name(hit.filename, hit.place), hit.page, hit.text) for hit in hits.hits
    ]
    print_table(("#", "Score", "Document", "Page", "Passage"), rows, right=("#", "Score", "Page"))
