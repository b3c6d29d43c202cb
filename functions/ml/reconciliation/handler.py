"""Reconcile registry, S3 and index.

Trigger: a schedule. Reads: all three. Emits: DocumentChanged hints to the ingest queue, DocumentRejected to the bus.
"""

from dataclasses import asdict
from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ml.reconciliation.service import Reconcile
from shared.kernel.observability import logger, metrics


@cache
def wired() -> Reconcile:
    """Build the service on first use."""
    from functions.ml.reconciliation import wiring  # noqa: PLC0415 - loads the adapters

    return wiring.reconcile()


@logger().inject_lambda_context(clear_state=True)
@metrics().log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Run once and report the counts."""
    report = asdict(wired()())
    logger().info("reconciliation done", **report)
    for name, value in report.items():
        metrics().add_metric(name=f"Reconciler{name.title().replace('_', '')}", unit=MetricUnit.Count, value=value)
    return report
