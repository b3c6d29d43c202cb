"""The function of the cloud's distribution, run by Node.js, beside the server of this machine."""

import json
import re
import subprocess

import httpx
import pytest

from infra.deployment.templates import committed
from infra.local.dashboard.build import Builder
from tests.e2e.platform import Platform

PAGES = str(committed("dashboard").document["Resources"]["Pages"]["Properties"]["FunctionCode"]["Fn::Sub"][0])


def asked_of_the_template(path: str) -> dict[str, object]:
    """Run the function as CloudFront runs it, with something in the place of what the stack fills in."""
    asked = json.dumps({"request": {"uri": path}})
    code = re.sub(r"\$\{[\w:]+\}", "x", PAGES) + f"console.log(JSON.stringify(handler({asked})))"
    command = [str(Builder(print).node() / "node"), "-e", code]
    found: dict[str, object] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def test_the_distribution_says_the_same_about_itself_as_this_machine(platform: Platform) -> None:
    theirs = json.loads(str(asked_of_the_template("/config.json")["body"]))
    ours = httpx.get(f"{platform.known['dashboard_url']}/config.json", trust_env=False).json()
    assert theirs.keys() == ours.keys()


@pytest.mark.parametrize(("path", "served"), [("/bots/bot_1", "/index.html"), ("/assets/a.js", "/assets/a.js")])
def test_the_distribution_serves_one_page_for_every_path_without_an_ending(path: str, served: str) -> None:
    assert asked_of_the_template(path)["uri"] == served
