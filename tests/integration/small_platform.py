"""A platform of one table and one function under the real supervisor: `python -m tests.integration.small_platform`."""

import io
import os
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import boto3
from rich.console import Console

from infra.local.home import Home
from infra.local.pieces import PieceFailed, Report, SignIn, invoke
from infra.local.up import run

HANDLER = """
import json, subprocess, sys
def handler(event, context):
    fields = {"level": "WARNING", "location": "x:1", "message": "reconciled", "service": "reconciler", "documents": 3}
    print(json.dumps(fields))
    print(json.dumps({"_aws": {}, "Reconciled": 1}))
    subprocess.Popen(["sleep", "300"])
"""
ROLE = "arn:aws:iam::000000000000:role/x"


def client(endpoint: str, service: str) -> Any:
    session = boto3.Session("000000000000", "local", region_name="us-east-1")
    return session.client(service, endpoint_url=endpoint)  # type: ignore[call-overload]


class SmallPieces:
    """What a test needs of a platform."""

    def install_models(self, home: Home, report: Report) -> None:
        report("model ready")

    def start_search(self, home: Home, report: Report) -> None:
        """It has nothing to search."""

    def build_wanted_models(self, home: Home, report: Report) -> None:
        for mark in home.models.glob("*.wanted"):
            mark.unlink()
            report(f"built {mark.stem}")

    def deploy(self, home: Home, endpoint: str, report: Report) -> dict[str, str]:
        if os.environ.get("SMALL_PLATFORM") == "fails":
            raise PieceFailed("The stacks could not be deployed. As the test asked.")
        if os.environ.get("SMALL_PLATFORM") == "hangs":
            report("hanging")
            time.sleep(600)
        dynamodb, functions = client(endpoint, "dynamodb"), client(endpoint, "lambda")
        if "rows" not in dynamodb.list_tables()["TableNames"]:
            dynamodb.create_table(
                TableName="rows",
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
            functions.create_function(
                FunctionName="strata-local-ml-reconciler", Runtime="python3.11", Handler="main.handler", Role=ROLE,
                Code={"ZipFile": archive()},
            )  # fmt: skip
            report("stack created")
        else:
            report("stack unchanged")
        return {"api_url": endpoint, "user_pool_id": "pool", "user_pool_client_id": "client"}

    def seed(self, endpoint: str, outputs: dict[str, str], password: str | None, report: Report) -> SignIn:
        return SignIn("admin@demo.example", password or f"drawn-{time.time_ns()}", "demo")

    def open_dashboard(self, platform: dict[str, str], port: int, report: Report) -> None:
        """It has none."""

    def reconcile(self, endpoint: str, outputs: dict[str, str], report: Report) -> None:
        invoke(endpoint, "strata-local-ml-reconciler")


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("main.py", HANDLER)
    return file.getvalue()


if __name__ == "__main__":
    assert Path(os.environ["STRATA_HOME"]).is_absolute()
    sys.exit(run(SmallPieces(), int(os.environ["STRATA_PORT"]), Console(width=200)))
