"""No template and no deployed code names a region or a partition."""

import re
from pathlib import Path

import pytest

from infra.deployment.templates import ROOT, committed, translate, with_code

REGION = re.compile(r"\b(us|eu|ap|sa|ca|me|af|il|mx|cn)-(gov-)?(north|south|east|west|central)(east|west)?-\d\b")
PARTITION = re.compile(r"\barn:aws[a-z-]*:")
PLACES = [
    *(ROOT / "infra").glob("*.yaml"),
    ROOT / "template.yaml",
    ROOT / "infra" / "stages.toml",
    *(path for folder in ("functions", "shared", "infra/deployment") for path in (ROOT / folder).rglob("*.py")),
]
CERTIFICATES = "Certificate (in us-east-1)"  # CloudFront reads certificates there and nowhere else


def named(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if CERTIFICATES not in line]
    return [line.strip() for line in lines if REGION.search(line) or PARTITION.search(line)]


@pytest.mark.parametrize("path", PLACES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_region_and_no_partition_is_written_down(path: Path) -> None:
    assert named(path.read_text()) == []


@pytest.mark.parametrize("text", ["eu-central-1", "arn:aws:s3:::x", "arn:aws-us-gov:s3:::x", "us-gov-west-1"])
def test_what_names_one_is_found(text: str) -> None:
    assert named(f"Resource: {text}") == [f"Resource: {text}"]


@pytest.mark.parametrize("stack", ["application", "ml"])
def test_a_canary_watches_an_alarm_and_is_off_unless_asked_for(stack: str) -> None:
    document = with_code(committed(stack).document, "bucket", "key")
    on = translate(document, region="eu-north-1", given={"Canary": "true"})["Resources"].values()
    off = translate(document, region="eu-north-1")["Resources"].values()

    groups = [one["Properties"] for one in on if one["Type"] == "AWS::CodeDeploy::DeploymentGroup"]
    assert [group["AlarmConfiguration"]["Enabled"] for group in groups] == [True]
    assert "DEPLOYMENT_STOP_ON_ALARM" in groups[0]["AutoRollbackConfiguration"]["Events"]
    assert sum(one["Type"] == "AWS::Lambda::Alias" for one in on) == 1
    assert not [one for one in off if one["Type"].startswith(("AWS::CodeDeploy", "AWS::Lambda::Alias"))]
