"""The runbook's commands, run as they stand in it, on an emulator with a release to go back to."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from infra.cli.main import app
from infra.deployment.templates import ROOT
from tests.integration.emulator import ministack

REGION = "eu-central-1"
TEXT = (ROOT / "docs" / "runbook.md").read_text()
ENTRIES = dict(re.findall(r"^## (\S+)$(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))


def commands(entry: str) -> list[str]:
    """The lines of an entry's fenced commands."""
    blocks = re.findall(r"```sh\n(.*?)```", ENTRIES[entry], re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def run(endpoint: str, command: str) -> Result:
    words = shlex.split(command.replace("$STAGE", "emulator"))
    assert words[0] == "strata"
    environment = {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    return CliRunner().invoke(app, words[1:], env=environment)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("emulator")
    with ministack(folder) as address:
        assert run(address, "strata deploy --stage emulator --yes").exit_code == 0
        yield address


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_command_of_an_entry_does_what_it_says(endpoint: str, entry: str) -> None:
    stack = "application" if entry == "api-errors" else "ml"
    assert commands(entry)
    worse = run(endpoint, f"strata deploy --stage emulator --stack {stack} --set LogLevel=ERROR --yes")
    assert worse.exit_code == 0, worse.output

    for command in commands(entry):
        done = run(endpoint, command)
        assert done.exit_code == 0, done.output

    function = "strata-emulator-api" if stack == "application" else "strata-emulator-answering"
    client: Any = boto3.session.Session("x", "x", region_name=REGION).client("lambda", endpoint_url=endpoint)
    variables = client.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    assert variables["LOG_LEVEL"] == "INFO"
