"""The rules that the translated templates must keep; each returns its violations as sentences."""

import json
import re
from collections.abc import Callable
from typing import Any

from infra.deployment.templates import NEIGHBOUR_TYPE, STACKS
from tests.architecture.wiring import Document, Wiring

Rule = Callable[[Wiring], list[str]]
_NEIGHBOUR = re.compile(r"/strata/dev/(contracts|sockets|application|ml|recognition)/([a-z-]+)$")
LAMBDA_POLICY_BYTES = 20_480
OPEN_ROUTES = {("/v1/openapi.json", "get")}


def each_function_has_a_role_of_its_own(wiring: Wiring) -> list[str]:
    roles: dict[str, str] = {}
    broken = []
    for _, name, properties in wiring.of_type("Lambda::Function"):
        role = properties["Role"]["Fn::GetAtt"][0]
        if role in roles:
            broken.append(f"{name} shares {role} with {roles[role]}")
        roles[role] = name
    return broken


def rights_name_their_resources_and_actions(wiring: Wiring) -> list[str]:
    broken = []
    for stack, role, _ in wiring.of_type("IAM::Role"):
        for statement in wiring.statements(stack, role):
            for action in _list(statement["Action"]):
                if "*" in action:
                    broken.append(f"{role} may do {action}")
            for resource in _list(statement["Resource"]):
                text = json.dumps(resource)
                # A wildcard may only follow a named bucket's folder, a named domain, or a named API's stage.
                if resource == "*" or re.search(r"[:/]\*[:/]|:\*\"", text):
                    broken.append(f"{role} may do {statement['Action']} on {text}")
    return broken


def the_api_touches_neither_index_nor_chunks(wiring: Wiring) -> list[str]:
    rights = wiring.rights("ApiFunctionRole")
    return [
        f"the API's role mentions {word}"
        for word in ("es:", "aoss:", "/parts/", "/vectors/", "bedrock")
        if word in rights
    ]


def the_ml_layer_cannot_read_users(wiring: Wiring) -> list[str]:
    return [
        f"{role} mentions {word}"
        for stack, role, _ in wiring.of_type("IAM::Role")
        if stack == "ml"
        for word in ("cognito", "ControlTable", "control", "IdempotencyTable")
        if word in wiring.rights(role)
    ]


def visibility_is_at_least_six_timeouts(wiring: Wiring) -> list[str]:
    broken = []
    for stack, _, mapping in wiring.of_type("Lambda::EventSourceMapping"):
        function = mapping["FunctionName"]["Ref"]
        timeout_s = wiring.stacks[stack]["Resources"][function]["Properties"]["Timeout"]
        name, queue = wiring.queue(stack, mapping["EventSourceArn"])
        if queue.get("VisibilityTimeout", 30) < 6 * timeout_s:
            broken.append(f"{name} hides a message for less than 6 x {timeout_s} s, the timeout of {function}")
    return broken


def every_queue_has_dead_letters_after_five_tries(wiring: Wiring) -> list[str]:
    return [
        f"{name} has no dead-letter queue after at least 5 tries"
        for _, name, queue in wiring.of_type("SQS::Queue")
        if not name.endswith("DeadLetters") and queue.get("RedrivePolicy", {}).get("maxReceiveCount", 0) < 5
    ]


def every_mapping_reports_items_and_is_bounded(wiring: Wiring) -> list[str]:
    return [
        f"{name} lacks ReportBatchItemFailures or MaximumConcurrency"
        for _, name, mapping in wiring.of_type("Lambda::EventSourceMapping")
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]
        or not mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
    ]


def every_schedule_and_rule_has_dead_letters(wiring: Wiring) -> list[str]:
    broken = []
    for stack, name, rule in wiring.of_type("Events::Rule"):
        broken += [
            f"{name} loses what it cannot deliver" for target in rule["Targets"] if "DeadLetterConfig" not in target
        ]
        if "ScheduleExpression" not in rule:
            continue
        for target in rule["Targets"]:
            function = target["Arn"]["Fn::GetAtt"][0]
            configured = any(
                config["FunctionName"]["Ref"] == function and "OnFailure" in config.get("DestinationConfig", {})
                for other, _, config in wiring.of_type("Lambda::EventInvokeConfig")
                if other == stack
            )
            if not configured:
                broken.append(f"{function} loses a scheduled run that fails")
    return broken


def buckets_are_private_encrypted_and_versioned(wiring: Wiring) -> list[str]:
    broken = []
    guarded = {policy["Bucket"]["Ref"] for _, _, policy in wiring.of_type("S3::BucketPolicy") if _only_tls(policy)}
    for _, name, bucket in wiring.of_type("S3::Bucket"):
        block = bucket.get("PublicAccessBlockConfiguration", {})
        if [value for value in block.values() if value is True] != [True] * 4:
            broken.append(f"{name} does not block public access")
        if "BucketEncryption" not in bucket:
            broken.append(f"{name} is not encrypted")
        if bucket.get("VersioningConfiguration") != {"Status": "Enabled"}:
            broken.append(f"{name} is not versioned")
        if name not in guarded:
            broken.append(f"{name} answers unencrypted connections")
    return broken


def queues_and_tables_are_encrypted(wiring: Wiring) -> list[str]:
    broken = [f"{name} is not encrypted" for _, name, queue in wiring.of_type("SQS::Queue") if not _is_encrypted(queue)]
    for _, name, table in wiring.of_type("DynamoDB::Table"):
        if not table.get("SSESpecification", {}).get("SSEEnabled"):
            broken.append(f"{name} is not encrypted")
        if not table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
            broken.append(f"{name} cannot be restored")
    return broken


def what_holds_data_survives_its_stack(wiring: Wiring) -> list[str]:
    holders = ("AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::Cognito::UserPool")
    return [
        f"{name} is deleted with its stack"
        for document in wiring.stacks.values()
        for name, resource in document["Resources"].items()
        if resource["Type"] in holders
        and (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")) != ("RetainExceptOnCreate", "Retain")
    ]


def every_function_logs_for_a_limited_time(wiring: Wiring) -> list[str]:
    kept = {name for _, name, group in wiring.of_type("Logs::LogGroup") if group.get("RetentionInDays")}
    return [
        f"{name} logs without a limit"
        for _, name, properties in wiring.of_type("Lambda::Function")
        if properties.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref") not in kept
    ]


def every_route_asks_who_calls(wiring: Wiring) -> list[str]:
    broken = []
    for stack, name, api in wiring.of_type("ApiGateway::RestApi"):
        wanted = {"application": "Cognito", "ml": "AWS_IAM"}[stack]
        for path, methods in api["Body"]["paths"].items():
            for method, operation in methods.items():
                if method == "options" or (path, method) in OPEN_ROUTES:
                    continue
                if not any(wanted in scheme for scheme in operation.get("security", [])):
                    broken.append(f"{name} {method} {path} does not ask who calls")
    return broken


def no_log_holds_a_ticket(wiring: Wiring) -> list[str]:
    """A WebSocket's address carries its ticket, and an access log may hold addresses."""
    return [
        f"{name} logs who connects"
        for _, name, stage in wiring.of_type("ApiGatewayV2::Stage")
        if "AccessLogSettings" in stage
    ]


def every_api_is_throttled(wiring: Wiring) -> list[str]:
    return [
        f"{name} takes any number of requests"
        for _, name, stage in wiring.of_type("ApiGateway::Stage")
        if not any(
            setting["ResourcePath"] == "/*" and setting["HttpMethod"] == "*" and setting.get("ThrottlingRateLimit")
            for setting in stage.get("MethodSettings", [])
        )
    ] + [
        f"{name} takes any number of messages"
        for _, name, stage in wiring.of_type("ApiGatewayV2::Stage")
        if not stage.get("DefaultRouteSettings", {}).get("ThrottlingRateLimit")
    ]


def every_gateway_error_has_our_form(wiring: Wiring) -> list[str]:
    broken = []
    for _, name, api in wiring.of_type("ApiGateway::RestApi"):
        responses = api["Body"].get("x-amazon-apigateway-gateway-responses", {})
        broken += [
            f"{name} answers {kind} in another form" for kind in ("DEFAULT_4XX", "DEFAULT_5XX") if kind not in responses
        ]
        for kind, response in responses.items():
            error = json.loads(response["responseTemplates"]["application/json"])["error"]
            if not (error["code"] and error["message"].endswith(".")):
                broken.append(f"{name} answers {kind} without a sentence")
    return broken


def every_neighbour_is_written_by_an_earlier_stack(wiring: Wiring) -> list[str]:
    broken = []
    for stack, document in wiring.stacks.items():
        for name, parameter in document["Parameters"].items():
            if parameter["Type"] != NEIGHBOUR_TYPE:
                continue
            match = _NEIGHBOUR.match(parameter["Default"])
            kebab = re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
            writer = wiring.written.get("/".join(match.groups()), {}).get("stack") if match else None
            if not match or match[2] != kebab or writer != match[1] or STACKS.index(writer) >= STACKS.index(stack):
                broken.append(f"{stack} reads {parameter['Default']}, which no earlier stack writes under this name")
    return broken


def permissions_fit_the_function_policy(wiring: Wiring) -> list[str]:
    """Lambda keeps at most 20 KB of resource policy per function, and SAM writes one statement per route."""
    sizes: dict[str, int] = {}
    for _, name, permission in wiring.of_type("Lambda::Permission"):
        source = permission["SourceArn"]
        text = source["Fn::Sub"][0] if "Fn::Sub" in source else json.dumps(source)
        # The statement around the source ARN: Sid, Effect, Principal, Action, Resource, Condition.
        sizes[permission["FunctionName"]["Ref"]] = (
            sizes.get(permission["FunctionName"]["Ref"], 0) + len(text) + len(name) + 300
        )
    return [f"the policy of {name} would be {size} bytes" for name, size in sizes.items() if size > LAMBDA_POLICY_BYTES]


RULES: tuple[Rule, ...] = (
    each_function_has_a_role_of_its_own,
    rights_name_their_resources_and_actions,
    the_api_touches_neither_index_nor_chunks,
    the_ml_layer_cannot_read_users,
    visibility_is_at_least_six_timeouts,
    every_queue_has_dead_letters_after_five_tries,
    every_mapping_reports_items_and_is_bounded,
    every_schedule_and_rule_has_dead_letters,
    buckets_are_private_encrypted_and_versioned,
    queues_and_tables_are_encrypted,
    what_holds_data_survives_its_stack,
    every_function_logs_for_a_limited_time,
    every_route_asks_who_calls,
    every_api_is_throttled,
    no_log_holds_a_ticket,
    every_gateway_error_has_our_form,
    every_neighbour_is_written_by_an_earlier_stack,
    permissions_fit_the_function_policy,
)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_encrypted(queue: Document) -> bool:
    return bool(queue.get("SqsManagedSseEnabled") or queue.get("KmsMasterKeyId"))


def _only_tls(policy: Document) -> bool:
    return any(
        statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for statement in policy["PolicyDocument"]["Statement"]
    )
