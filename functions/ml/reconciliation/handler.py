"""Reconcile registry, S3 and index.

Trigger: a schedule, and the ML API's `/v1/reconciliations` for a run right now and for the last report.
Reads: all three. Emits: DocumentChanged hints to the ingest queue, DocumentRejected to the bus. Leaves a report.
"""

from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ml.reconciliation.report import LatestReport
from functions.ml.reconciliation.requests import answer
from functions.ml.reconciliation.service import Reconcile
from shared.kernel.observability import logger, metrics


@cache
def wired() -> Reconcile:
    """Build the service on first use."""
    from functions.ml.reconciliation import wiring  # noqa: PLC0415 - loads the adapters

    return wiring.reconcile()


@cache
def latest() -> LatestReport:
    """Build what reads the last report, on first use."""
    from functions.ml.reconciliation import wiring  # noqa: PLC0415 - loads the adapters

    return wiring.latest_report()


@logger().inject_lambda_context(clear_state=True)
@metrics().log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run once and report the counts; a request of the API gets the report as its answer."""
    if "httpMethod" not in event:
        return run()
    metrics().add_metric(name="ReconcilerRequests", unit=MetricUnit.Count, value=1)
    return answer(event["httpMethod"], run=run, latest=latest())


def run() -> dict[str, int]:
    """Run once and count."""
    report = wired()()
    logger().info("reconciliation done", extra={**report.counts, "found": report.found})
    for name, value in report.counts.items():
        metrics().add_metric(name=f"Reconciler{name.title().replace('_', '')}", unit=MetricUnit.Count, value=value)
    return report.counts
