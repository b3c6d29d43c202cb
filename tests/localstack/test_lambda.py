"""LocalStack in host mode runs functions as processes, and listens on 127.0.0.1 only."""

import json
import re
import subprocess
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.localstack.server import LocalStack
from tests.localstack.conftest import Client
from tests.localstack.functions import archive


def make_function(client: Client, *, timeout_s: int = 20, handler: str = "functions.handler") -> str:
    name = f"probe-{uuid.uuid4().hex[:8]}"
    lambda_client = client("lambda")
    lambda_client.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/probe",
        Handler=handler,
        Timeout=timeout_s,
        Code={"ZipFile": archive()},
    )
    lambda_client.get_waiter("function_active_v2").wait(FunctionName=name)
    return name


def invoke(client: Client, name: str, **event: Any) -> tuple[str | None, Any]:
    done = client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
    return done.get("FunctionError"), json.loads(done["Payload"].read())


def family(pid: int) -> set[int]:
    """The process with all that it started."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = [(int(child), int(parent)) for child, parent in (line.split() for line in listed.splitlines())]
    found = {pid}
    while more := {child for child, parent in parents if parent in found} - found:
        found |= more
    return found


def listening(pids: set[int]) -> set[str]:
    """Addresses without ports on which these processes accept connections, as `ss` writes them."""
    listed = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
    return {
        line.split()[3].rpartition(":")[0]
        for line in listed.splitlines()
        if pids & {int(pid) for pid in re.findall(r"pid=(\d+)", line)}
    }


def test_a_warm_function_answers_in_the_same_process(client: Client) -> None:
    name = make_function(client)
    error, first = invoke(client, name, echo="größer")
    assert (error, first["echo"]) == (None, "größer")
    _, second = invoke(client, name)
    assert (second["pid"], second["loaded"]) == (first["pid"], first["loaded"])
    assert second["request_id"] != first["request_id"]


def test_nothing_listens_on_another_address(server: LocalStack, client: Client) -> None:
    name = make_function(client)
    _, answer = invoke(client, name)
    processes = family(server.pid)
    assert answer["pid"] in processes
    assert listening(processes) == {"127.0.0.1"}


def test_an_exception_arrives_with_its_class(client: Client) -> None:
    error, body = invoke(client, make_function(client), fail="no such thing")
    assert error == "Unhandled"
    assert (body["errorType"], body["errorMessage"]) == ("ValueError", "no such thing")
    assert body["stackTrace"]


def test_a_function_past_its_timeout_is_ended_and_the_next_call_has_a_new_process(client: Client) -> None:
    name = make_function(client, timeout_s=1)
    _, before = invoke(client, name)
    error, body = invoke(client, name, wait_s=30)
    assert error == "Unhandled"
    assert body["errorMessage"].endswith("Task timed out after 1.00 seconds")
    _, after = invoke(client, name)
    assert after["pid"] != before["pid"]


def test_a_function_that_dies_is_an_error_and_the_next_call_has_a_new_process(client: Client) -> None:
    name = make_function(client)
    _, before = invoke(client, name)
    error, body = invoke(client, name, die=True)
    assert (error, body["errorType"]) == ("Unhandled", "Runtime.ExitError")
    error, after = invoke(client, name)
    assert error is None
    assert after["pid"] != before["pid"]


def test_a_function_that_cannot_be_loaded_says_why(client: Client) -> None:
    error, body = invoke(client, make_function(client, handler="absent.handler"))
    assert (error, body["errorType"]) == ("Unhandled", "Runtime.ImportModuleError")


def test_a_condition_on_a_table_of_the_moto_provider_is_kept(client: Client) -> None:
    table, name = client("dynamodb"), f"probe-{uuid.uuid4().hex[:8]}"
    table.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    row = {"TableName": name, "Item": {"pk": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(pk)"}
    table.put_item(**row)
    with pytest.raises(ClientError) as refused:
        table.put_item(**row)
    assert refused.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
