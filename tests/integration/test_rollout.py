"""`strata deploy`, `rollback` and `teardown` against the emulator, as a person types them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from infra.cli.main import app
from infra.deployment import rollout
from infra.deployment.account import Account
from infra.deployment.releases import Releases
from infra.deployment.rollout import NotAgreed, Rollout
from infra.deployment.stacks import DeployFailed
from infra.deployment.stages import stage
from infra.deployment.templates import STACKS, Template, committed
from tests.integration.emulator import ministack

REGION = "eu-central-1"
STAGE = "emulator"
FUNCTION = "strata-emulator-answering"
VARIABLES = {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}


@dataclass(frozen=True)
class Cloud:
    """An emulated account with the whole stage deployed once."""

    endpoint: str

    def run(self, *words: str, typed: str = "") -> Result:
        environment = {**VARIABLES, "AWS_ENDPOINT_URL": self.endpoint}
        return CliRunner().invoke(app, list(words), env=environment, input=typed)

    def deploy(self, *words: str, typed: str = "") -> Result:
        address = f"ApiAddress={self.endpoint}/_aws/execute-api"
        return self.run("deploy", "--stage", STAGE, "--set", address, *words, typed=typed)

    def client(self, service: Any) -> Any:
        session = boto3.session.Session("x", "x", region_name=REGION)
        return session.client(service, endpoint_url=self.endpoint)

    def level(self) -> str:
        found = self.client("lambda").get_function_configuration(FunctionName=FUNCTION)
        return str(found["Environment"]["Variables"]["LOG_LEVEL"])

    def releases(self, stack: str) -> list[Any]:
        bucket = f"strata-{STAGE}-releases-000000000000-{REGION}"
        return Releases(self.client("s3"), bucket).all(stack)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with ministack(tmp_path_factory.mktemp("emulator")) as endpoint:
        found = Cloud(endpoint)
        first = found.deploy("--yes")
        assert first.exit_code == 0, first.output
        yield found


@pytest.fixture
def here(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Rollout:
    """A rollout in this process, everything agreed to, nothing shown."""
    for name, value in {**VARIABLES, "AWS_ENDPOINT_URL": cloud.endpoint}.items():
        monkeypatch.setenv(name, value)
    chosen = stage(STAGE)
    chosen = replace(chosen, parameters={**chosen.parameters, "ApiAddress": f"{cloud.endpoint}/_aws/execute-api"})
    return Rollout(Account.signed_in(), chosen, lambda line: None, lambda question: True)


def test_a_second_deployment_of_the_same_changes_nothing(cloud: Cloud) -> None:
    again = cloud.deploy("--yes")

    assert again.exit_code == 0, again.output
    assert again.output.splitlines() == [f"strata-{STAGE}-{name}: unchanged" for name in STACKS]


def test_the_difference_is_shown_and_no_leaves_everything_as_it_was(cloud: Cloud) -> None:
    before = cloud.level()

    refused = cloud.deploy("--stack", "ml", "--set", "LogLevel=ERROR", typed="n\n")

    assert refused.exit_code == 1
    assert "~ AnsweringFunction AWS::Lambda::Function" in refused.output
    assert "~ parameter LogLevel: (default) -> ERROR" in refused.output
    assert cloud.level() == before == "INFO"


def test_one_stack_goes_alone_and_comes_back_to_the_release_before(cloud: Cloud) -> None:
    other = cloud.client("cloudformation").describe_stacks(StackName=f"strata-{STAGE}-application")["Stacks"][0]

    assert cloud.deploy("--stack", "ml", "--set", "LogLevel=DEBUG", "--yes").exit_code == 0
    assert cloud.level() == "DEBUG"
    back = cloud.run("rollback", "--stage", STAGE, "--stack", "ml", "--yes")

    untouched = cloud.client("cloudformation").describe_stacks(StackName=f"strata-{STAGE}-application")["Stacks"][0]
    assert back.exit_code == 0, back.output
    assert cloud.level() == "INFO"
    assert [release.of for release in cloud.releases("ml")[-3:]] == [1, 2, 1]
    assert untouched.get("LastUpdatedTime") == other.get("LastUpdatedTime")


def test_there_is_nothing_before_the_first_release(cloud: Cloud) -> None:
    back = cloud.run("rollback", "--stage", STAGE, "--stack", "contracts", "--yes")

    assert back.exit_code == 1
    assert "no release of contracts before" in back.output


def test_a_release_names_its_template_and_packages_by_their_content(cloud: Cloud) -> None:
    release = cloud.releases("ml")[0]
    s3 = cloud.client("s3")
    bucket = f"strata-{STAGE}-releases-000000000000-{REGION}"

    for key in {release.template, *release.packages.values()}:
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        assert hashlib.sha256(body).hexdigest() in key


def broken_ml(folder: Path) -> Template:
    path = folder / "ml.yaml"
    broken = '  Broken: {Type: "AWS::SQS::Queue", Properties: {QueueName: broken, VisibilityTimeout: 99999999}}'
    text = committed("ml").path.read_text().replace("\nResources:\n", f"\nResources:\n{broken}\n", 1)
    path.write_text(text.replace("Timeout: 29", "Timeout: 28", 1))
    return Template("ml", path)


def test_a_failed_deployment_is_put_back_and_is_no_release(cloud: Cloud, here: Rollout, tmp_path: Path) -> None:
    before = len(cloud.releases("ml"))

    with pytest.raises(DeployFailed, match="Broken"):
        here.deploy(["ml"], templates={"ml": broken_ml(tmp_path)})

    assert cloud.client("lambda").get_function_configuration(FunctionName=FUNCTION)["Timeout"] == 29
    assert len(cloud.releases("ml")) == before


def test_contracts_that_break_the_neighbour_are_refused_before_anything_is_done(
    here: Rollout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollout, "breaks", lambda before, after: ["schemas/x.json: a field was removed"])

    with pytest.raises(DeployFailed, match="a field was removed"):
        here.deploy(["ml"])


def test_who_says_no_in_a_new_stage_leaves_no_stack_behind(cloud: Cloud, here: Rollout) -> None:
    other = replace(here, stage=replace(here.stage, name="other"), agree=lambda question: False)

    with pytest.raises(NotAgreed):
        other.deploy(["contracts"])

    assert here.account.stacks.find("strata-other-contracts") is None


def test_a_stack_that_others_read_from_stays(cloud: Cloud) -> None:
    refused = cloud.run("teardown", "--stage", STAGE, "--stack", "contracts", "--yes")

    assert refused.exit_code == 1
    assert "still read from" in refused.output


def test_a_teardown_that_would_lose_messages_is_refused_and_names_them(cloud: Cloud) -> None:
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=f"strata-{STAGE}-evaluation-dead-letters")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="a question about last year")

    refused = cloud.run("teardown", "--stage", STAGE, "--yes")

    assert refused.exit_code == 1
    assert f"1 messages wait in strata-{STAGE}-evaluation-dead-letters" in " ".join(refused.output.split())
    assert cloud.client("lambda").get_function_configuration(FunctionName=FUNCTION)
    sqs.purge_queue(QueueUrl=url)


def test_a_teardown_keeps_every_document_and_row(cloud: Cloud) -> None:
    s3 = cloud.client("s3")
    bucket = f"strata-{STAGE}-documents-000000000000-{REGION}"
    s3.put_object(Bucket=bucket, Key="documents/demo/kb/one/kept.bin", Body=b"kept")

    gone = cloud.run("teardown", "--stage", STAGE, "--yes", "--lose-data")

    stacks = cloud.client("cloudformation").describe_stacks()["Stacks"]
    left = {one["StackName"] for one in stacks if one["StackStatus"] != "DELETE_COMPLETE"}
    assert gone.exit_code == 0, gone.output
    assert f"{bucket} (AWS::S3::Bucket) stays" in " ".join(gone.output.split())
    assert not left & {f"strata-{STAGE}-{name}" for name in STACKS}
    assert s3.get_object(Bucket=bucket, Key="documents/demo/kb/one/kept.bin")["Body"].read() == b"kept"
    assert f"strata-{STAGE}-registry" in cloud.client("dynamodb").list_tables()["TableNames"]
