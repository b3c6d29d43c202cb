"""Every alarm has its runbook entry, and rings for a metric that the code, or the service it names, really emits."""

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools import Metrics

from functions.application.api import routing, wiring
from functions.ml.ingestion import dead_letter_handler
from functions.ml.reconciliation import handler as reconciler
from functions.ml.reconciliation.report import Report
from infra.deployment.templates import ROOT, STACKS, Document, committed

GATEWAY = {"5XXError", "Latency"}
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html"""


def of_type(kind: str) -> dict[str, tuple[str, Document]]:
    return {
        name: (stack, resource["Properties"])
        for stack in STACKS
        for name, resource in committed(stack).document["Resources"].items()
        if resource["Type"] == kind
    }


ALARMS = of_type("AWS::CloudWatch::Alarm")


def dimensions(alarm: Document) -> dict[str, Any]:
    return {one["Name"]: one["Value"] for one in alarm["Dimensions"]}


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """What the code emits when each alarm's trouble happens: (namespace, metric, handler's module)."""
    found: list[tuple[str, str, str]] = []

    def collect(module: Any, trouble: Any) -> None:
        Metrics(namespace="Strata").clear_metrics()
        sink = Metrics(namespace="Strata", service="x")
        monkeypatch.setattr(module, "metrics", lambda: sink)
        trouble()
        for group in sink.serialize_metric_set()["_aws"]["CloudWatchMetrics"]:
            assert group["Dimensions"] == [["service"]]
            found.extend((group["Namespace"], one["Name"], module.__name__) for one in group["Metrics"])
        sink.clear_metrics()

    monkeypatch.setattr(reconciler, "wired", lambda: lambda: Report(requeued=1))
    collect(reconciler, reconciler.run)
    monkeypatch.setattr(dead_letter_handler, "wired", lambda: lambda body, message_id: 1)
    record: Any = SimpleNamespace(body="{}", message_id="m")
    collect(dead_letter_handler, lambda: dead_letter_handler.on_message(record))
    monkeypatch.setattr(wiring, "allowed_origin", lambda: "*")
    collect(routing, lambda: routing.to_response({"status": 500, "body": {}}, {}))
    return found


MODULES = {
    "functions.application.api.routing": "functions.application.api.handler",
    "functions.ml.ingestion.dead_letter_handler": "functions.ml.ingestion.dead_letter_handler",
    "functions.ml.reconciliation.handler": "functions.ml.reconciliation.handler",
}
"""Where each metric is added, and the handler of the function that does so."""


def test_every_alarm_of_our_own_is_emitted_under_its_name_and_dimensions(emitted: list[tuple[str, str, str]]) -> None:
    services = {
        properties["Handler"].rsplit(".", 1)[0]: properties["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
        for _, properties in of_type("AWS::Serverless::Function").values()
    }
    known = {(namespace, metric, services[MODULES[module]]) for namespace, metric, module in emitted}
    own = [alarm for _, alarm in ALARMS.values() if alarm["Namespace"] == "Strata"]

    assert len(own) >= 3
    for alarm in own:
        assert list(dimensions(alarm)) == ["service"]
        assert ("Strata", alarm["MetricName"], dimensions(alarm)["service"]) in known


def test_every_other_alarm_names_a_metric_and_an_api_that_exist() -> None:
    apis = {json.dumps(properties["Name"]): properties for _, properties in of_type("AWS::Serverless::Api").values()}
    others = [alarm for _, alarm in ALARMS.values() if alarm["Namespace"] != "Strata"]

    assert others
    for alarm in others:
        api = apis[json.dumps(dimensions(alarm)["ApiName"])]
        assert alarm["Namespace"] == "AWS/ApiGateway"
        assert alarm["MetricName"] in GATEWAY
        assert dimensions(alarm)["Stage"] == api["StageName"]


def test_every_alarm_has_a_runbook_entry_and_the_other_way_round() -> None:
    entries = re.findall(r"^## (\S+)$", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE)
    alarms = [alarm["AlarmName"]["Fn::Sub"].removeprefix("strata-${Stage}-") for _, alarm in ALARMS.values()]

    assert sorted(entries) == sorted(alarms)


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_is_sent_to_the_topic_and_points_at_its_entry(name: str) -> None:
    alarm = ALARMS[name][1]
    entry = alarm["AlarmName"]["Fn::Sub"].removeprefix("strata-${Stage}-")

    assert alarm["AlarmDescription"].endswith(f"docs/runbook.md, {entry}.")
    assert alarm["AlarmActions"]["Fn::If"][:2] == ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}]]
