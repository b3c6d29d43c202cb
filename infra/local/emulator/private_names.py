"""Every name of MiniStack that is not its public interface and that this package uses, in one place.

MiniStack is pinned. A raised version must still have all of these; `missing()` is tested, and checked at each start.
"""

import importlib
from types import ModuleType
from typing import Any

PINNED = "1.5.33"

NAMES: dict[str, tuple[str, ...]] = {
    "ministack.app": (
        "app", "save_all", "_load_persisted_state", "_build_persistence_save_dict", "_state_map", "_get_module",
        "SERVICE_HANDLERS",
    ),
    "ministack.core.persistence": ("_json_default", "_json_object_hook"),
    "ministack.core.responses": ("AccountRegionScopedDict", "AccountRegionScopedDict._data", "error_response_json"),
    "ministack.core.lambda_runtime": (
        "Worker", "Worker._read_stderr", "Worker.invoke", "_detect_runtime_binary", "_signal", "reset",
    ),
    "ministack.services.dynamodb": (
        "handle_request", "load_persisted_state", "_set_item", "_remove_item", "_items_replaced", "_update_counts",
        "_tables", "_INDEX_MEMBERS", "_tags", "_ttl_settings", "_pitr_settings", "_kinesis_destinations",
        "_contributor_insights", "_backups", "_resource_policies", "_exports", "_imports",
    ),
    "ministack.services.sqs": ("_queues", "load_persisted_state"),
    "ministack.services.s3": ("handle_request", "_atomic_write", "_error"),
    "ministack.services.lambda_svc": ("_prune_orphan_code_blobs", "CODE_BLOB_DIR", "_functions"),
    "ministack.services.cloudwatch_logs": ("_log_groups", "load_persisted_state"),
    "ministack.services.cloudwatch": ("_alarms", "_composite_alarms", "_dashboards", "_resource_tags"),
}  # fmt: skip


def module(name: str) -> Any:
    """Import a module of MiniStack by its name below `ministack`; its environment must have been set before."""
    return importlib.import_module(f"ministack.{name}")


def _has(found: ModuleType, dotted: str) -> bool:
    value: Any = found
    for part in dotted.split("."):
        value = getattr(value, part, None)
        if value is None:
            return False
    return True


def missing() -> list[str]:
    """List the names that the installed MiniStack lacks; empty when it can be used."""
    return [
        f"{name}.{attribute}"
        for name, attributes in NAMES.items()
        for attribute in attributes
        if not _has(importlib.import_module(name), attribute)
    ]
