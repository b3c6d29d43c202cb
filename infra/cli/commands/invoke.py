"""`strata invoke`: run one function of the platform on this machine with a sample event."""

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.failures import ExitCode
from infra.cli.options import JsonOption
from infra.cli.output import as_json, print_json, print_text, printable, say, to_json

if TYPE_CHECKING:
    from infra.cli.target import Platform


def invoke(
    function: Annotated[str, typer.Argument(help="The function, e.g. reconciler.")],
    event: Annotated[
        str, typer.Option("--event", metavar="FILE|SAMPLE", help="A JSON file, or the name of a sample in events/.")
    ],
    json: JsonOption = False,
) -> None:
    """Run one function of the platform on this machine with an event; print its result and the end of its log."""
    from infra.cli.invocation import invoke_function, read_event
    from infra.cli.target import CHECKOUT

    payload = read_event(event, CHECKOUT / "events")
    done = invoke_function(_running(), function, payload)
    if as_json.get():
        print_json({"function": done.function, "error": done.error, "result": done.result, "log": list(done.log)})
    else:
        for line in done.log:
            say(line)
        print_text(printable(to_json(done.result, indent=2)))
    if done.error:
        say(f"{done.function} failed: {done.error}.")
        raise typer.Exit(ExitCode.ERROR)


def _running() -> "Platform":
    import os

    from infra.cli.failures import Unreachable
    from infra.cli.target import NOT_RUNNING, installation, started_platform

    platform = started_platform(installation(os.environ))
    if platform is None:
        raise Unreachable(NOT_RUNNING, code="not_running")
    return platform
