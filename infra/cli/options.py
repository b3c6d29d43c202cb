"""The options that several commands share."""

from typing import Annotated

import typer

from infra.cli.output import as_json


def _remember(value: bool) -> bool:
    as_json.set(value)
    return value


JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON only to stdout; progress goes to stderr.", callback=_remember)
]
KnowledgeBaseOption = Annotated[str, typer.Option("--kb", metavar="NAME", help="The knowledge base, by name or id.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")]


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is lost.

    Raises:
        Failure: nobody is there to answer; `--yes` is needed.
    """
    import sys

    from infra.cli.failures import Failure

    if yes:
        return
    if not sys.stdin.isatty() or as_json.get():
        raise Failure("Nobody can be asked here whether this is meant; add --yes.", code="confirmation_needed")
    if not typer.confirm(question, err=True):
        raise Failure("Nothing was changed.", code="not_confirmed")
