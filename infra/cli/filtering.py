"""The options that narrow a search by what is known of the documents, and the tags of documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.contracts.filters import Filters

_GROUP = "Filters: several values of one mean any of them, several filters mean all of them"
FileOption = Annotated[
    list[str] | None,
    typer.Option("--file", metavar="NAME", help="Only this document, by its whole name.", rich_help_panel=_GROUP),
]
FolderOption = Annotated[
    list[str] | None,
    typer.Option("--folder", metavar="FOLDER", help="Only this folder and those below it.", rich_help_panel=_GROUP),
]
TypeOption = Annotated[
    list[str] | None,
    typer.Option("--type", metavar="TYPE", help="Only this file type, such as pdf or md.", rich_help_panel=_GROUP),
]
LanguageOption = Annotated[
    list[str] | None,
    typer.Option(
        "--language", metavar="CODE", help="Only documents written in it, such as en or German.", rich_help_panel=_GROUP
    ),
]
TagOption = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TAG", help="Only documents with this tag.", rich_help_panel=_GROUP),
]
SinceOption = Annotated[
    str | None,
    typer.Option("--since", metavar="DAY", help="Only files changed on this day or later.", rich_help_panel=_GROUP),
]
UntilOption = Annotated[
    str | None,
    typer.Option("--until", metavar="DAY", help="Only files changed on this day or before.", rich_help_panel=_GROUP),
]


def wanted_filters(
    *,
    file: list[str] | None,
    folder: list[str] | None,
    type: list[str] | None,  # noqa: A002 - what people call it
    language: list[str] | None,
    tag: list[str] | None,
    since: str | None,
    until: str | None,
) -> Filters | None:
    """Make the filters of a request from the options; None when none was given.

    Raises:
        Failure: a value is none that can be asked for; says which there are.
    """
    from infra.cli.requests import request
    from shared.contracts.filters import Filters

    given = {"files": file, "folders": folder, "types": type, "languages": language, "tags": tag}
    asked = {name: values for name, values in given.items() if values} | {"since": since or "", "until": until or ""}
    filters = request(Filters, **asked)
    return filters if filters.narrows else None


def clean_tags(given: Iterable[str] | None) -> tuple[str, ...]:
    """Bring tags to their form, each once.

    Raises:
        Failure: one of them can be no tag.
    """
    from shared.contracts.filters import clean_tag

    try:
        return tuple(dict.fromkeys(map(clean_tag, given or ())))
    except ValueError as error:
        raise Failure(str(error), code="invalid_tag") from error
