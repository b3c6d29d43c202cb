"""The runbook's commands that ask the platform, run as they stand in it."""

import re
import shlex

import pytest

from infra.deployment.templates import ROOT
from tests.e2e.platform import Platform

TEXT = (ROOT / "docs" / "runbook.md").read_text()
COMMANDS = [
    line for block in re.findall(r"```sh platform\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines() if line
]
FINDS = {"doctor": (0, 1)}
"""Exit codes of commands that report what they find."""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_runbook_works(platform: Platform, command: str) -> None:
    program, *words = shlex.split(command)
    assert program == "strata"
    done = platform.strata(*words)
    assert done.returncode in FINDS.get(words[0], (0,)), done.stderr or done.stdout


def test_the_runbook_has_commands_for_the_platform() -> None:
    assert {"strata doctor", "strata repair redrive"} <= set(COMMANDS)
