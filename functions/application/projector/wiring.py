"""The projector's collaborators."""

import os
from functools import cache

from functions.application.ports import ActivityLog, PostponingQueue
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
