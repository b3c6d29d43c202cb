"""Build the collaborators of the reconciler."""

import os

from functions.ml.adapters.event_bus import EventBridgeBus
from functions.ml.adapters.s3_objects import S3Objects
from functions.ml.adapters.search_engines import search_index
from functions.ml.adapters.sqs_queue import SqsQueue
from functions.ml.reconciliation.report import LatestReport
from functions.ml.reconciliation.service import Reconcile
from functions.ml.releases.catalogue import load_releases
from functions.ml.releases.store import ReleaseStore
from functions.ml.settings import ReconciliationSettings
from shared.kernel.clock import system_clock
from shared.registry.dynamodb import DynamoRegistry


def reconcile() -> Reconcile:
    """Build the service on the function's environment."""
    settings = ReconciliationSettings.from_env(os.environ)
    artifacts = S3Objects(settings.artifacts_bucket)
    catalogue = load_releases(settings.answer_model, settings.default_release)
    return Reconcile(
        registry=DynamoRegistry(settings.registry_table),
        documents=S3Objects(settings.documents_bucket),
        artifacts=artifacts,
        index=search_index(settings.search_url),
        ingest_queue=SqsQueue(settings.ingest_queue_url),
        bus=EventBridgeBus(settings.bus_name),
        clock=system_clock,
        keep_releases=ReleaseStore(catalogue, artifacts).keep,
    )


def latest_report() -> LatestReport:
    """Build what reads the report that the last run left."""
    return LatestReport(S3Objects(ReconciliationSettings.from_env(os.environ).artifacts_bucket))
