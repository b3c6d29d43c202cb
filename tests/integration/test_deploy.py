"""The real templates on the emulator: created, found through SSM, updated one layer at a time, failures explained."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import infra.local.deploy as deploying
from infra.deployment.archives import Archive, layer_archive
from infra.deployment.stacks import Stacks
from infra.deployment.templates import ROOT, STACKS, Template, committed, read, translate, with_code
from infra.local.clients import REGION, session
from infra.local.deploy import DeployFailed, deploy
from infra.local.seed import EMAIL, TENANT_ID, seed
from tests.integration.emulator import ministack

STAGE = "local"
PARAMETERS = {"SearchUrl": "sqlite:///index", "ModelsDirectory": "/models"}


@dataclass
class Platform:
    """The deployed platform and what the deployer reported so far."""

    endpoint: str
    outputs: dict[str, str] = field(default_factory=dict)
    reports: list[str] = field(default_factory=list)

    def deploy(self, **parameters: str) -> list[str]:
        """Deploy and return what was reported this time."""
        self.reports.clear()
        given = {**PARAMETERS, **parameters}
        self.outputs = deploy(self.endpoint, stage=STAGE, parameters=given, report=self.reports.append)
        return list(self.reports)

    def client(self, service: Any) -> Any:
        return session().client(service, endpoint_url=self.endpoint)

    def changed_at(self) -> dict[str, str]:
        """When each stack was last created or updated."""
        described = self.client("cloudformation").describe_stacks()["Stacks"]
        return {
            stack["StackName"]: str(stack.get("LastUpdatedTime", stack["CreationTime"]))
            for stack in described
            if stack["StackName"].startswith(f"strata-{STAGE}-")
        }


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ministack(tmp_path_factory.mktemp("emulator")) as address:
        yield address


@pytest.fixture(scope="module")
def deployed(endpoint: str) -> Platform:
    platform = Platform(endpoint)
    platform.deploy()
    return platform


@pytest.fixture
def platform(deployed: Platform) -> Platform:
    """The platform as the checkout says, whatever the test before did to it."""
    deployed.deploy()
    return deployed


def test_the_outputs_name_what_the_others_need(platform: Platform) -> None:
    outputs = platform.outputs

    assert outputs["documents_bucket"].startswith("strata-local-documents-")
    assert outputs["api_url"] == f"{platform.endpoint}/_aws/execute-api/{outputs['api_id']}/live"
    assert outputs["ml_api_url"] == f"{platform.endpoint}/_aws/execute-api/{outputs['ml_api_id']}/live"
    assert {"artifacts_bucket", "control_table", "user_pool_id", "user_pool_client_id", "reconciler_function"} <= set(
        outputs
    )


def test_the_ml_api_is_found_at_run_time_through_ssm(platform: Platform) -> None:
    environment = platform.client("lambda").get_function_configuration(FunctionName="strata-local-api")["Environment"]
    name = environment["Variables"]["ML_API_URL_PARAMETER"]

    found = platform.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]

    assert name == "/strata/local/ml/api-url"
    assert found == platform.outputs["ml_api_url"]


def test_functions_get_their_neighbours_values_and_not_their_names(platform: Platform) -> None:
    functions = platform.client("lambda")
    for page in functions.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            variables = function["Environment"]["Variables"]
            assert variables["REGISTRY_TABLE" if "REGISTRY_TABLE" in variables else "CONTROL_TABLE"].startswith(
                "strata-local-"
            )
            assert not [value for name, value in variables.items() if "/contracts/" in value], function["FunctionName"]


def test_the_documents_bucket_notifies_the_ingest_queue_of_both_folders(platform: Platform) -> None:
    configured = platform.client("s3").get_bucket_notification_configuration(
        Bucket=platform.outputs["documents_bucket"]
    )
    seen = {
        (queue["Filter"]["Key"]["FilterRules"][0]["Value"], event)
        for queue in configured["QueueConfigurations"]
        for event in queue["Events"]
        if queue["QueueArn"].endswith(":strata-local-ingest")
    }

    assert seen == {
        (folder, event)
        for folder in ("documents/", "inbox/")
        for event in ("s3:ObjectCreated:*", "s3:ObjectRemoved:DeleteMarkerCreated")
    }


def test_every_queue_is_mapped_to_its_function_with_partial_batches(platform: Platform) -> None:
    mappings = platform.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    seen = {
        (mapping["EventSourceArn"].rsplit(":", 1)[1], mapping["FunctionArn"].rsplit(":", 1)[1]): mapping
        for mapping in mappings
    }

    assert set(seen) == {
        ("strata-local-projector", "strata-local-projector"),
        ("strata-local-ingest", "strata-local-ingestion"),
        ("strata-local-embed", "strata-local-embedding"),
        ("strata-local-ingest-dead-letters", "strata-local-dead-letters"),
        ("strata-local-embed-dead-letters", "strata-local-dead-letters"),
        ("strata-local-recognition", "strata-local-recognition"),
        ("strata-local-recognition-dead-letters", "strata-local-dead-letters"),
        ("strata-local-evaluation", "strata-local-evaluation"),
    }
    for mapping in mappings:
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        # The emulator's poller stops for good on a number that arrives as text.
        assert isinstance(mapping["ScalingConfig"]["MaximumConcurrency"], int)


def test_nothing_is_touched_when_nothing_changed_and_it_is_quick(platform: Platform) -> None:
    before = platform.changed_at()
    started = time.monotonic()

    reports = platform.deploy()

    assert time.monotonic() - started < 3
    assert reports == [f"strata-local-{name}: unchanged" for name in STACKS]
    assert platform.changed_at() == before


def test_a_change_of_one_layers_code_updates_the_stacks_of_that_layer_alone(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = platform.changed_at()

    def changed(layer: str) -> Archive:
        archive = layer_archive(layer)
        return archive if layer == "ml" else Archive(archive.body, "application/changed.zip")

    monkeypatch.setattr(deploying, "layer_archive", changed)
    reports = platform.deploy()

    assert reports == [
        "strata-local-contracts: unchanged",
        "strata-local-sockets: updated",
        "strata-local-application: updated",
        "strata-local-ml: unchanged",
        "strata-local-recognition: unchanged",
        "strata-local-dashboard: unchanged",
    ]
    after = platform.changed_at()
    changed_stacks = {name for name in after if after[name] != before[name]}
    assert changed_stacks == {"strata-local-application", "strata-local-sockets"}


def test_a_change_of_one_parameter_updates_the_stacks_that_declare_it(platform: Platform) -> None:
    reports = platform.deploy(AnswerModel="bedrock:some.model")

    assert reports == [
        "strata-local-contracts: unchanged",
        "strata-local-sockets: unchanged",
        "strata-local-application: unchanged",
        "strata-local-ml: updated",
        "strata-local-recognition: unchanged",
        "strata-local-dashboard: unchanged",
    ]
    configuration = platform.client("lambda").get_function_configuration(FunctionName="strata-local-answering")
    assert configuration["Environment"]["Variables"]["ANSWER_MODEL"] == "bedrock:some.model"


def test_a_parameter_that_no_template_declares_is_refused(platform: Platform) -> None:
    with pytest.raises(DeployFailed, match="SerchUrl"):
        platform.deploy(SerchUrl="sqlite:///index")


def with_resource(tmp_path: Path, name: str, text: str) -> Template:
    """A copy of a committed template with one more resource."""
    path = tmp_path / f"{name}.yaml"
    path.write_text(committed(name).path.read_text().replace("\nResources:\n", f"\nResources:\n{text}\n", 1))
    return Template(name, path)


def test_a_resource_that_cannot_be_made_is_named_with_the_reason(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = with_resource(
        tmp_path,
        "ml",
        '  Broken: {Type: "AWS::SQS::Queue", Properties: {QueueName: broken, VisibilityTimeout: 99999999}}',
    )
    monkeypatch.setattr(deploying, "committed", lambda name: broken if name == "ml" else committed(name))

    with pytest.raises(DeployFailed, match=r"strata-local-ml.*Broken \(AWS::SQS::Queue\).*VisibilityTimeout"):
        platform.deploy()

    monkeypatch.undo()
    assert "strata-local-ml: updated" in platform.deploy()


def test_a_template_that_sam_cannot_read_is_named_with_the_resource(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = with_resource(tmp_path, "ml", '  Broken: {Type: "AWS::Serverless::Api", Properties: {Name: stageless}}')
    monkeypatch.setattr(deploying, "committed", lambda name: broken if name == "ml" else committed(name))

    with pytest.raises(DeployFailed, match=r"ml\.yaml.*Broken"):
        platform.deploy()


def test_a_stack_whose_creation_failed_is_made_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reports: list[str] = []
    broken = with_resource(
        tmp_path,
        "contracts",
        '  Broken: {Type: "AWS::SQS::Queue", DependsOn: [DocumentsBucketPolicy, UserPool], '
        "Properties: {VisibilityTimeout: 99999999}}",
    )
    monkeypatch.setattr(deploying, "committed", lambda name: broken if name == "contracts" else committed(name))
    with pytest.raises(DeployFailed, match="Broken"):
        deploy(platform.endpoint, stage="again", parameters=PARAMETERS, report=reports.append)
    monkeypatch.undo()

    deploy(platform.endpoint, stage="again", parameters=PARAMETERS, report=reports.append)

    assert reports == [f"strata-again-{name}: created" for name in STACKS]


def test_documents_of_a_lost_stack_are_taken_over_and_notify_again(platform: Platform) -> None:
    s3 = platform.client("s3")
    bucket = "strata-kept-documents-000000000000-us-east-1"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="inbox/demo/kb/kept.txt", Body=b"kept")
    reports: list[str] = []

    outputs = deploy(platform.endpoint, stage="kept", parameters=PARAMETERS, report=reports.append)

    assert reports[0] == f"strata-kept-contracts: took over {bucket}"
    assert outputs["documents_bucket"] == bucket
    assert s3.get_object(Bucket=bucket, Key="inbox/demo/kb/kept.txt")["Body"].read() == b"kept"
    assert len(s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]) == 4


def test_the_seeded_administrator_signs_in_and_keeps_the_password(platform: Platform) -> None:
    places = {
        "user_pool_id": platform.outputs["user_pool_id"],
        "control_table": platform.outputs["control_table"],
    }
    first = seed(platform.endpoint, **places, password=None, report=platform.reports.append)
    second = seed(platform.endpoint, **places, password=first.password, report=platform.reports.append)

    answer = platform.client("cognito-idp").initiate_auth(
        ClientId=platform.outputs["user_pool_client_id"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": EMAIL, "PASSWORD": second.password},
    )
    rows = platform.client("dynamodb").query(
        TableName=platform.outputs["control_table"],
        IndexName="gsi1",
        KeyConditionExpression="gsi1pk = :tenant",
        ExpressionAttributeValues={":tenant": {"S": f"TENANT#{TENANT_ID}"}},
    )["Items"]

    assert answer["AuthenticationResult"]["IdToken"]
    assert second == first
    assert [(row["pk"]["S"], row["role"]["S"]) for row in rows] == [(f"USER#{first.user_id}", "admin")]


def test_a_lost_password_is_replaced(platform: Platform) -> None:
    places = {
        "user_pool_id": platform.outputs["user_pool_id"],
        "control_table": platform.outputs["control_table"],
    }
    seed(platform.endpoint, **places, password=None, report=platform.reports.append)
    found = seed(platform.endpoint, **places, password=None, report=platform.reports.append)

    answer = platform.client("cognito-idp").initiate_auth(
        ClientId=platform.outputs["user_pool_client_id"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": EMAIL, "PASSWORD": found.password},
    )

    assert answer["AuthenticationResult"]["IdToken"]


def test_the_root_deploys_everything_in_one_step(platform: Platform) -> None:
    s3 = platform.client("s3")
    s3.create_bucket(Bucket="packaged")
    root = read(ROOT / "template.yaml")
    for resource in root["Resources"].values():
        location = resource["Properties"]["Location"]
        child = translate(with_code(read(ROOT / location), "packaged", "code.zip"), region=REGION)
        s3.put_object(Bucket="packaged", Key=location, Body=json.dumps(child).encode())
        resource["Properties"]["Location"] = f"{platform.endpoint}/packaged/{location}"
    s3.put_object(Bucket="packaged", Key="code.zip", Body=layer_archive("ml").body)
    s3.put_object(Bucket="packaged", Key="root.json", Body=json.dumps(translate(root, region=REGION)).encode())
    given = {"Stage": "whole", "SearchUrl": "sqlite:///index", "ApiAddress": f"{platform.endpoint}/_aws/execute-api"}

    stack = Stacks(platform.client("cloudformation")).apply(
        "strata-whole", template_url=f"{platform.endpoint}/packaged/root.json", parameters=given
    )

    written = platform.client("ssm").get_parameter(Name="/strata/whole/ml/api-url")["Parameter"]["Value"]
    assert stack.outputs["MlApiUrl"] == written
    assert stack.outputs["DocumentsBucket"].startswith("strata-whole-documents-")
