"""The templates keep the rules; each rule is seen to fail on a copy that breaks it."""

import copy
import importlib
from collections.abc import Callable
from typing import Any

import pytest

from infra.deployment.templates import NEIGHBOUR_TYPE, ROOT, STACKS, code_folder, committed, read
from tests.architecture import wiring_rules as rules
from tests.architecture.wiring import Document, Wiring
from tests.architecture.wiring_rules import Rule

COMMITTED = Wiring.committed()


def functions() -> list[tuple[str, Document]]:
    return [(name, properties) for _, name, properties in COMMITTED.of_type("Lambda::Function")]


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_committed_templates_keep_the_rule(rule: Rule) -> None:
    assert rule(COMMITTED) == []


def at(document: Any, *path: str | int) -> Any:
    for step in path:
        document = document[step]
    return document


def put(value: object, stack: str, *path: str | int) -> Callable[[dict[str, Document]], None]:
    def change(stacks: dict[str, Document]) -> None:
        at(stacks[stack]["Resources"], *path[:-1])[path[-1]] = value

    return change


def drop(stack: str, *path: str | int) -> Callable[[dict[str, Document]], None]:
    def change(stacks: dict[str, Document]) -> None:
        del at(stacks[stack]["Resources"], *path[:-1])[path[-1]]

    return change


def allow(stack: str, role: str, action: str, resource: object) -> Callable[[dict[str, Document]], None]:
    def change(stacks: dict[str, Document]) -> None:
        statements = stacks[stack]["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        statements.append({"Effect": "Allow", "Action": action, "Resource": resource})

    return change


def many_routes(stacks: dict[str, Document]) -> None:
    resources = stacks["application"]["Resources"]
    permission = next(item for item in resources.values() if item["Type"] == "AWS::Lambda::Permission")
    resources.update({f"Another{number}": copy.deepcopy(permission) for number in range(60)})


def forget_a_neighbour(stacks: dict[str, Document]) -> None:
    stacks["ml"]["Parameters"]["BusName"]["Default"] = "/strata/dev/contracts/bus"


P = "Properties"
BREAKS: list[tuple[Rule, Callable[[dict[str, Document]], None]]] = [
    (
        rules.each_function_has_a_role_of_its_own,
        put({"Fn::GetAtt": ["IngestionFunctionRole", "Arn"]}, "ml", "EmbeddingFunction", P, "Role"),
    ),
    (rules.rights_name_their_resources_and_actions, allow("ml", "IngestionFunctionRole", "s3:GetObject", "*")),
    (rules.rights_name_their_resources_and_actions, allow("ml", "IngestionFunctionRole", "s3:*", "arn:aws:s3:::b/x/*")),
    (
        rules.rights_name_their_resources_and_actions,
        allow("ml", "IngestionFunctionRole", "dynamodb:GetItem", {"Fn::Sub": "arn:aws:dynamodb:*:1:table/x"}),
    ),
    (
        rules.the_api_touches_neither_index_nor_chunks,
        allow("application", "ApiFunctionRole", "s3:GetObject", {"Fn::Sub": "arn:aws:s3:::${ArtifactsBucket}/parts/*"}),
    ),
    (
        rules.the_ml_layer_cannot_read_users,
        allow(
            "ml", "IngestionFunctionRole", "dynamodb:GetItem", {"Fn::Sub": "arn:aws:dynamodb:r:1:table/${ControlTable}"}
        ),
    ),
    (rules.visibility_is_at_least_six_timeouts, put(719, "contracts", "IngestQueue", P, "VisibilityTimeout")),
    (rules.visibility_is_at_least_six_timeouts, put(121, "ml", "EmbeddingFunction", P, "Timeout")),
    (
        rules.every_queue_has_dead_letters_after_five_tries,
        put(4, "contracts", "EmbedQueue", P, "RedrivePolicy", "maxReceiveCount"),
    ),
    (rules.every_queue_has_dead_letters_after_five_tries, drop("contracts", "ProjectorQueue", P, "RedrivePolicy")),
    (rules.every_mapping_reports_items_and_is_bounded, drop("ml", "IngestionFunctionOnMessage", P, "ScalingConfig")),
    (
        rules.every_mapping_reports_items_and_is_bounded,
        drop("application", "ProjectorFunctionOnEvent", P, "FunctionResponseTypes"),
    ),
    (
        rules.every_schedule_and_rule_has_dead_letters,
        drop("ml", "ReconcilerFunctionOnSchedule", P, "Targets", 0, "DeadLetterConfig"),
    ),
    (
        rules.every_schedule_and_rule_has_dead_letters,
        drop("application", "EventsOfTheMlLayer", P, "Targets", 0, "DeadLetterConfig"),
    ),
    (rules.every_schedule_and_rule_has_dead_letters, drop("ml", "ReconcilerFunctionEventInvokeConfig")),
    (
        rules.buckets_are_private_encrypted_and_versioned,
        put(False, "contracts", "DocumentsBucket", P, "PublicAccessBlockConfiguration", "BlockPublicAcls"),
    ),
    (rules.buckets_are_private_encrypted_and_versioned, drop("contracts", "ArtifactsBucket", P, "BucketEncryption")),
    (
        rules.buckets_are_private_encrypted_and_versioned,
        drop("contracts", "ArtifactsBucket", P, "VersioningConfiguration"),
    ),
    (rules.buckets_are_private_encrypted_and_versioned, drop("contracts", "ArtifactsBucketPolicy")),
    (rules.queues_and_tables_are_encrypted, drop("ml", "ScheduleDeadLetters", P, "SqsManagedSseEnabled")),
    (rules.queues_and_tables_are_encrypted, drop("contracts", "ControlTable", P, "SSESpecification")),
    (rules.queues_and_tables_are_encrypted, drop("contracts", "RegistryTable", P, "PointInTimeRecoverySpecification")),
    (rules.what_holds_data_survives_its_stack, drop("contracts", "UserPool", "DeletionPolicy")),
    (rules.every_function_logs_for_a_limited_time, drop("ml", "AnsweringFunctionLog", P, "RetentionInDays")),
    (rules.every_function_logs_for_a_limited_time, drop("application", "ApiFunction", P, "LoggingConfig")),
    (
        rules.every_route_asks_who_calls,
        put([{"NONE": []}], "application", "Api", P, "Body", "paths", "/v1/bots", "get", "security"),
    ),
    (rules.every_route_asks_who_calls, drop("ml", "MlApi", P, "Body", "paths", "/v1/answers", "post", "security")),
    (rules.every_api_is_throttled, drop("ml", "MlApiliveStage", P, "MethodSettings")),
    (rules.every_api_is_throttled, drop("sockets", "SocketsStage", P, "DefaultRouteSettings")),
    (rules.no_log_holds_a_ticket, put({"Format": "$context.path"}, "sockets", "SocketsStage", P, "AccessLogSettings")),
    (
        rules.rights_name_their_resources_and_actions,
        allow(
            "sockets",
            "StreamingFunctionRole",
            "execute-api:ManageConnections",
            {"Fn::Sub": "arn:aws:execute-api:r:1:*/x"},
        ),
    ),
    (
        rules.every_gateway_error_has_our_form,
        drop("application", "Api", P, "Body", "x-amazon-apigateway-gateway-responses", "DEFAULT_5XX"),
    ),
    (rules.every_neighbour_is_written_by_an_earlier_stack, forget_a_neighbour),
    (rules.permissions_fit_the_function_policy, many_routes),
]


@pytest.mark.parametrize(
    ("rule", "breaking"), BREAKS, ids=[f"{index}-{rule.__name__}" for index, (rule, _) in enumerate(BREAKS)]
)
def test_the_rule_sees_a_copy_that_breaks_it(rule: Rule, breaking: Callable[[dict[str, Document]], None]) -> None:
    broken = copy.deepcopy(COMMITTED.stacks)
    breaking(broken)

    assert rule(Wiring(broken))


def test_every_rule_has_a_copy_that_breaks_it() -> None:
    assert {rule for rule, _ in BREAKS} == set(rules.RULES)


@pytest.mark.parametrize(("name", "properties"), functions(), ids=[name for name, _ in functions()])
def test_every_handler_is_a_function_that_exists(name: str, properties: Document) -> None:
    module, _, attribute = properties["Handler"].rpartition(".")

    assert callable(getattr(importlib.import_module(module), attribute)), name


@pytest.mark.parametrize(
    ("function", "module", "settings"),
    [
        ("ApiFunction", "functions.application.settings", "ApiSettings"),
        ("ProjectorFunction", "functions.application.settings", "ProjectorSettings"),
        ("SocketsFunction", "functions.application.settings", "SocketsSettings"),
        ("StreamingFunction", "functions.application.settings", "StreamingSettings"),
        ("IngestionFunction", "functions.ml.settings", "IngestionSettings"),
        ("RecognitionFunction", "functions.ml.settings", "RecognitionSettings"),
        ("DeadLetterFunction", "functions.ml.settings", "IngestionSettings"),
        ("EmbeddingFunction", "functions.ml.settings", "EmbeddingSettings"),
        ("ReconcilerFunction", "functions.ml.settings", "ReconciliationSettings"),
        ("AnsweringFunction", "functions.ml.settings", "AnsweringSettings"),
        ("EvaluationFunction", "functions.ml.settings", "EvaluationSettings"),
    ],
)
def test_every_function_gets_the_settings_it_reads(function: str, module: str, settings: str) -> None:
    fields = getattr(importlib.import_module(module), settings).model_fields
    given = dict(functions())[function]["Environment"]["Variables"]

    assert {name.upper() for name, field in fields.items() if field.is_required()} - set(given) == set()


def test_every_code_folder_has_a_lock_file_of_its_own() -> None:
    for name in STACKS:
        for resource in committed(name).document["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                folder = code_folder(committed(name).document, resource).removeprefix("../build/")
                assert (ROOT / "infra" / "requirements" / f"{folder}.txt").is_file()


def test_the_root_composes_the_stacks_in_order_and_passes_every_neighbour() -> None:
    children = {
        resource["Properties"]["Location"]: resource for resource in read(ROOT / "template.yaml")["Resources"].values()
    }
    assert list(children) == [f"infra/{name}.yaml" for name in STACKS]
    for name in STACKS:
        child = children[f"infra/{name}.yaml"]
        given = child["Properties"]["Parameters"]
        for parameter, declared in committed(name).parameters.items():
            if declared["Type"] == NEIGHBOUR_TYPE:
                assert given[parameter] == {"Fn::Sub": declared["Default"].replace("/dev/", "/${Stage}/")}
            elif "Default" not in declared:
                assert parameter in given
        assert set(given) <= set(committed(name).parameters)
    order = [child.get("DependsOn") for child in children.values()]
    assert order == [None, "Contracts", "Sockets", "Application", "Ml", "Application"]


@pytest.mark.parametrize("name", ["template.yaml", *(f"infra/{stack}.yaml" for stack in STACKS)])
def test_a_template_stays_readable(name: str) -> None:
    assert len((ROOT / name).read_text().splitlines()) <= 400
