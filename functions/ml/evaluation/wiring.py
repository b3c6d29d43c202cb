"""Chooses the adapters of the evaluation function; it asks through the same services as the ML API."""

import os
from functools import cache

from functions.ml.answering import wiring as answering
from functions.ml.evaluation.schedule import QueueScheduled
from functions.ml.evaluation.service import EvaluateDataset
from functions.ml.ports import Bus
from functions.ml.settings import EvaluationSettings
from shared.kernel.clock import system_clock


@cache
def settings() -> EvaluationSettings:
    """Read the environment, once."""
    return EvaluationSettings.from_env(os.environ)


@cache
def event_bus() -> Bus:
    """Return the event bus."""
    from functions.ml.adapters.event_bus import EventBridgeBus

    return EventBridgeBus(settings().bus_name)


@cache
def evaluate_dataset() -> EvaluateDataset:
    """Return the service behind the evaluation queue."""
    return EvaluateDataset(
        answering.artifacts(), answering.answer_question(), answering.search_passages(), event_bus(), system_clock
    )


@cache
def queue_scheduled() -> QueueScheduled:
    """Return the service behind the schedule."""
    return QueueScheduled(answering.artifacts(), answering.evaluation_queue(), system_clock)
