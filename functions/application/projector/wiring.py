"""The projector's collaborators."""

import os
from functools import cache

from functions.application.ports import ActivityLog, PostponingQueue
from functions.application.services.deletions import DeleteDocument, DeleteReplaced
from functions.application.services.news import TellWatchers
from functions.application.settings import ProjectorSettings
from shared.kernel.clock import system_clock


@cache
def activity_log() -> ActivityLog:
    """Build the activity log once per execution environment, on first use."""
    from functions.application.adapters.control_table import DynamoControlStore

    return DynamoControlStore(ProjectorSettings.from_env(os.environ).control_table)


@cache
def own_queue() -> PostponingQueue:
    """Return the function's own queue, to postpone a message."""
    from functions.application.adapters.queues import SqsPostponing

    return SqsPostponing(ProjectorSettings.from_env(os.environ).projector_queue_url)


@cache
def delete_replaced() -> DeleteReplaced:
    """Build what deletes documents whose replacement answers."""
    from functions.application.adapters.queues import SqsIngestQueue
    from functions.application.adapters.storage import S3SourceVersions
    from shared.registry.dynamodb import DynamoRegistry

    env = ProjectorSettings.from_env(os.environ)
    registry, versions = DynamoRegistry(env.registry_table), S3SourceVersions(env.documents_bucket)
    return DeleteReplaced(
        registry, DeleteDocument(registry, versions, SqsIngestQueue(env.ingest_queue_url), system_clock)
    )


@cache
def tell_watchers() -> TellWatchers:
    """Build what tells open WebSockets."""
    from functions.application.adapters.connections import GatewayConnections
    from functions.application.adapters.socket_table import DynamoSocketStore

    env = ProjectorSettings.from_env(os.environ)
    return TellWatchers(DynamoSocketStore(env.control_table), GatewayConnections(env.sockets_url))
