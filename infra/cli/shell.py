"""How every command ends: failures become one line and an exit code, never a traceback."""

import os
import sys
from collections.abc import Sequence
from typing import Any

import typer

# Typer keeps its command-line errors in a private module, and their exit code 2 already means "some failed" here.
from typer._click.exceptions import ClickException
from typer.core import TyperGroup

from infra.cli.failures import ExitCode, Failure
from infra.cli.output import as_json, complain, print_json, say

EXIT_CODES = """\b
Exit codes:
  0    done
  1    refused input, or an error of the platform
  2    some of it failed; the rest is done
  3    the platform cannot be reached
  4    signing in is needed
  130  stopped by Ctrl-C"""


class StrataGroup(TyperGroup):
    """The root of all commands."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run one command line and end the process with its exit code."""
        as_json.set(False)
        sys.exit(self._run(args, prog_name, {**extra, "complete_var": complete_var}))

    def _run(self, args: Sequence[str] | None, prog_name: str | None, extra: dict[str, Any]) -> int:
        try:
            done = super().main(args, prog_name, **{**extra, "standalone_mode": False})
        except ClickException as error:
            error.show()
            return ExitCode.ERROR
        except Failure as failure:
            if os.environ.get("STRATA_DEBUG"):
                raise
            return _end(failure)
        except (KeyboardInterrupt, typer.Abort):
            say("Stopped.")
            return ExitCode.INTERRUPTED
        except Exception as error:
            if os.environ.get("STRATA_DEBUG"):
                raise
            return _end(Failure(_defect(error), code="internal"))
        return done if isinstance(done, int) else ExitCode.OK


def _defect(error: Exception) -> str:
    return f"This should not have happened: {type(error).__name__}: {error}. STRATA_DEBUG=1 shows where."


def _end(failure: Failure) -> int:
    """Tell why the command ended, as JSON on stdout too where JSON was asked for."""
    complain(failure)
    if as_json.get():
        print_json({"error": failure.as_data()})
    return failure.exit_code
