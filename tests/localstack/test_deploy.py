"""The committed templates come up on LocalStack by the same deployer, unmodified."""

from pathlib import Path

from infra.deployment.templates import STACKS
from infra.local.deploy import deploy
from infra.localstack.server import LocalStack
from tests.localstack.conftest import Client


def test_every_stack_is_created_once_and_then_left_alone(server: LocalStack, client: Client, tmp_path: Path) -> None:
    lines: list[str] = []
    parameters = {"SearchUrl": f"sqlite:///{tmp_path}/index"}
    outputs = deploy(server.endpoint, stage="local", parameters=parameters, report=lines.append)
    assert lines == [f"strata-local-{name}: created" for name in STACKS]

    buckets = {bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]}
    assert {outputs["documents_bucket"], outputs["artifacts_bucket"]} <= buckets
    assert {outputs["registry_table"], outputs["control_table"]} <= set(client("dynamodb").list_tables()["TableNames"])
    mappings = client("lambda").list_event_source_mappings()["EventSourceMappings"]
    queue = outputs["ingest_queue_url"].rsplit("/", 1)[1]
    assert [found["FunctionResponseTypes"] for found in mappings if found["EventSourceArn"].endswith(f":{queue}")] == [
        ["ReportBatchItemFailures"]
    ]

    lines.clear()
    assert deploy(server.endpoint, stage="local", parameters=parameters, report=lines.append) == outputs
    assert lines == [f"strata-local-{name}: unchanged" for name in STACKS]
