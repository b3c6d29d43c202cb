"""The `strata` command: everything the dashboard does, from a terminal.

Modules of this command import their heavy libraries on use, so that `strata --help` answers at once.
"""

from typing import Annotated

import typer

from infra.cli.commands import bots, chunks, conversations, documents, knowledge_bases, repair
from infra.cli.commands.ask import ask
from infra.cli.commands.deploy import deploy, rollback, teardown
from infra.cli.commands.doctor import doctor
from infra.cli.commands.evaluate import evaluate
from infra.cli.commands.ingest import ingest
from infra.cli.commands.invoke import invoke
from infra.cli.commands.search import search
from infra.cli.commands.sign_in import login, logout, whoami
from infra.cli.commands.status import releases, status
from infra.cli.shell import EXIT_CODES, StrataGroup

app = typer.Typer(
    name="strata",
    cls=StrataGroup,
    help="Drop documents, ask, and get answers with page and quote.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command in (
    *(ingest, ask, search, evaluate, status, doctor, releases, invoke, login, logout, whoami),
    *(deploy, rollback, teardown),
):
    app.command()(command)
app.add_typer(knowledge_bases.app, name="kb")
app.add_typer(documents.app, name="documents")
app.add_typer(chunks.app, name="chunks")
app.add_typer(bots.app, name="bots")
app.add_typer(conversations.app, name="conversations")
app.add_typer(repair.app, name="repair")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("strata"))
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Drop documents, ask, and get answers with page and quote."""


def main() -> None:
    """Run the command line of this process."""
    app()
