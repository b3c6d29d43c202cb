"""Read MiniStack's memory: the small services as JSON whole, table rows and queue messages one by one.

Runs on the emulator's event loop, where MiniStack's own handlers run, so no handler is halfway through a change.
"""

import json
from collections.abc import Collection, Iterator
from typing import Any

from infra.local.emulator.private_names import module
from infra.local.emulator.replay import Message, Replayed, decode, release

ROWS_PER_FRAME = 500
MESSAGES_PER_FRAME = 200
LOG_STREAMS_KEPT = 100
TABLE_COUNTERS = ("items", "ItemCount", "TableSizeBytes")
# What a service shows of its own metrics and log lines is no control data, and grows without end.
WITHOUT_HISTORY = {
    "cloudwatch": ("alarms", "composite_alarms", "dashboards", "resource_tags"),
    "dynamodb": (
        "tags", "ttl_settings", "pitr_settings", "kinesis_destinations", "contributor_insights", "backups",
        "resource_policies", "exports", "imports",
    ),
}  # fmt: skip
# What their requests change is their own, and most requests are theirs.
ALONE = {"dynamodb": "dynamodb", "events": "eventbridge", "s3": "s3", "sqs": "sqs"}
UNCAPTURED = frozenset({"dynamodb_streams", "cloudtrail"})


def to_json(state: Any) -> bytes:
    """Write a service's state in the form that MiniStack itself reads back."""
    return json.dumps(state, default=module("core.persistence")._json_default).encode()


def row_json(rows: list[Any]) -> bytes:
    """Write table rows; they came as JSON, bytes can only be in what a statement made."""
    return json.dumps(rows, default=module("core.persistence")._json_default, ensure_ascii=True).encode()


def _scoped(source: Any, change: Any) -> Any:
    """Copy one of MiniStack's scoped dictionaries, each value changed."""
    copy = module("core.responses").AccountRegionScopedDict()
    copy._data.update((key, change(value)) for key, value in list(source._data.items()))
    return copy


def _named(service: str) -> dict[str, Any]:
    found = module(f"services.{service}")
    return {name: getattr(found, f"_{name}") for name in WITHOUT_HISTORY[service]}


def tables() -> dict[str, Any]:
    """Describe DynamoDB without its rows."""
    dynamodb = module("services.dynamodb")
    left_out = {*TABLE_COUNTERS, dynamodb._INDEX_MEMBERS}
    described = _scoped(dynamodb._tables, lambda table: {k: v for k, v in table.items() if k not in left_out})
    return {"tables": described, **_named("dynamodb")}


def queues() -> dict[str, Any]:
    """Describe SQS without its messages and their approximate counts."""

    def described(queue: dict[str, Any]) -> dict[str, Any]:
        attributes = {k: v for k, v in queue["attributes"].items() if not k.startswith("ApproximateNumberOf")}
        return {**queue, "attributes": attributes, "messages": []}

    return {"queues": _scoped(module("services.sqs")._queues, described)}


def log_groups() -> dict[str, Any]:
    """Describe CloudWatch Logs without its lines, and drop the oldest lines from memory: each call adds a stream."""
    groups = module("services.cloudwatch_logs")._log_groups
    for group in list(groups._data.values()):
        streams = group["streams"]
        for name in list(streams)[: max(0, len(streams) - LOG_STREAMS_KEPT)]:
            streams.pop(name, None)
    return {"log_groups": _scoped(groups, lambda group: {**group, "streams": {}})}


OWN = {
    "dynamodb": tables,
    "sqs": queues,
    "cloudwatch_logs": log_groups,
    "cloudwatch": lambda: _named("cloudwatch"),
}


def state_of_request(service: str) -> str | None:
    """Return which service's state a request may change; None when it may be the state of any.

    Args:
        service: as MiniStack routes the request.
    """
    return ALONE.get(service)


def services(wanted: Collection[str] | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield the name and state of every service that has been used, or of those wanted."""
    for name, get_state in module("app")._build_persistence_save_dict().items():
        if name not in UNCAPTURED and (wanted is None or name in wanted):
            state = OWN.get(name, get_state)()
            if state is not None:
                yield name, to_json(state)


def table_id(table: dict[str, Any]) -> str:
    """Identify a table so that one created anew under the same name is another."""
    return str(table.get("TableId") or table["TableArn"])


def rows() -> Iterator[list[Any]]:
    """Yield every row of every table, in batches of [table id, hash key, sort key, item]."""
    batch: list[Any] = []
    for table in module("services.dynamodb")._tables.all_values():
        name = table_id(table)
        for hash_key, partition in table["items"].items():
            for sort_key, item in partition.items():
                batch.append([name, hash_key, sort_key, item])
                if len(batch) >= ROWS_PER_FRAME:
                    yield batch
                    batch = []
    if batch:
        yield batch


def messages() -> Iterator[tuple[str, list[Message]]]:
    """Yield every queue's name and its messages in order."""
    for scope, queue in module("services.sqs")._queues.all_items():
        yield "\0".join(scope), list(queue["messages"])


def restore(state: Replayed, now_s: float) -> list[str]:
    """Hand a replayed state to MiniStack's services.

    Args:
        state: what the files held.
        now_s: the present, seconds since the epoch; messages that were being worked on become visible then.

    Returns:
        A sentence for each service that refused its state and so starts empty.
    """
    app, refused = module("app"), []
    for name, owner in app._state_map.items():
        if name not in state.services:
            continue
        try:
            restored = decode(state.services[name], module("core.persistence")._json_object_hook)
            if name == "dynamodb":
                _put_rows(restored, state)
            elif name == "sqs":
                _put_messages(restored, state, now_s)
            app._get_module(owner).load_persisted_state(restored)
        except Exception as error:  # whatever one service's state raises, the others must load
            refused.append(f"The state of {name} cannot be used ({type(error).__name__}); it starts empty.")
    for table in module("services.dynamodb")._tables.all_values():
        module("services.dynamodb")._update_counts(table)
    return refused


def _put_rows(restored: dict[str, Any], state: Replayed) -> None:
    for table in restored["tables"].all_values():
        table["items"] = state.rows.get(table_id(table), {})


def _put_messages(restored: dict[str, Any], state: Replayed, now_s: float) -> None:
    for scope, queue in restored["queues"].all_items():
        queue["messages"] = release(state.messages.get("\0".join(scope), {}), now_s)
