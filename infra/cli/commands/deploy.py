"""`strata deploy`, `strata rollback`, `strata teardown`: the stacks of a stage, in the account that is signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.failures import Failure
from infra.cli.output import print_text

if TYPE_CHECKING:
    from infra.deployment.rollout import Rollout

StageOption = Annotated[str, typer.Option("--stage", help="The installation, as infra/stages.toml names it.")]
StacksOption = Annotated[
    list[str] | None, typer.Option("--stack", help="Only this stack; may be repeated. All where omitted.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask; for pipelines.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="NAME=VALUE of a parameter, over that of infra/stages.toml.")
]


def deploy(stage: StageOption, stack: StacksOption = None, parameter: SetOption = None, yes: YesOption = False) -> None:
    """Show what would change in each stack, ask, do it; a stack that fails is put back as it was."""
    from infra.deployment.templates import STACKS

    with _explained():
        _rollout(stage, yes=yes, given=parameter or []).deploy(stack or STACKS)


def rollback(
    stage: StageOption,
    stack: Annotated[str, typer.Option("--stack", help="The stack to put back.")],
    yes: YesOption = False,
) -> None:
    """Put one stack back to the release before, with the code and the parameters it had."""
    with _explained():
        _rollout(stage, yes=yes, given=[]).rollback(stack)


def teardown(
    stage: StageOption,
    stack: StacksOption = None,
    yes: YesOption = False,
    lose_data: Annotated[bool, typer.Option("--lose-data", help="Go on although messages or data are lost.")] = False,
) -> None:
    """Delete a stage's stacks; buckets, tables and users stay, and what would be lost is named and refused."""
    from infra.deployment.account import Account
    from infra.deployment.teardown import Teardown
    from infra.deployment.templates import STACKS

    with _explained():
        taking_down = Teardown(Account.signed_in(), stage, print_text, _asking(yes=yes))
        taking_down.run(stack or STACKS, lose_data=lose_data)


def _rollout(stage: str, *, yes: bool, given: list[str]) -> Rollout:
    from dataclasses import replace

    from infra.deployment.account import Account
    from infra.deployment.rollout import Rollout
    from infra.deployment.stages import stage as stage_of

    values = dict(_pair(text) for text in given)
    chosen = stage_of(stage)
    chosen = replace(chosen, parameters={**chosen.parameters, **values})
    return Rollout(Account.signed_in(), chosen, print_text, _asking(yes=yes))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise Failure(f"--set takes NAME=VALUE, and not {text}.", code="invalid")
    return name, value


def _asking(*, yes: bool) -> Callable[[str], bool]:
    return lambda question: yes or typer.confirm(question)


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what a deployment raises into what a command ends with."""
    from botocore.exceptions import BotoCoreError, ClientError

    from infra.deployment.rollout import NotAgreed
    from infra.deployment.stacks import DeployFailed

    try:
        yield
    except DeployFailed as error:
        raise Failure(str(error), code="deploy_failed") from error
    except NotAgreed as error:
        raise Failure("Nothing was changed in that stack.", code="not_agreed") from error
    except (BotoCoreError, ClientError) as error:
        raise Failure(f"AWS did not answer as expected: {error}", code="aws") from error
