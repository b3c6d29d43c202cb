"""The projector's collaborators."""

import os
from functools import cache

from functions.application.ports import ActivityLog, PostponingQueue
from functions.application.services.news import TellWatchers
from functions.application.settings import ProjectorSettings


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
def tell_watchers() -> TellWatchers:
    """Build what tells open WebSockets."""
    from functions.application.adapters.connections import GatewayConnections
    from functions.application.adapters.socket_table import DynamoSocketStore

    env = ProjectorSettings.from_env(os.environ)
    return TellWatchers(DynamoSocketStore(env.control_table), GatewayConnections(env.sockets_url))
