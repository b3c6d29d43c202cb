"""The flows of the crash matrix, undisturbed, with every call noted on the function that made it."""

from collections.abc import Callable
from typing import Any

from functions.application.projector import handler as projector
from functions.ml.embedding import handler as embedding
from functions.ml.evaluation import handler as evaluation
from functions.ml.ingestion import dead_letter_handler
from functions.ml.ingestion import handler as ingestion
from functions.ml.recognition import handler as recognition
from functions.ml.reconciliation import handler as reconciliation
from tests.crash.flows import Flow
from tests.crash.world import World
from tests.rights.recorder import Recorder

HANDLERS = {
    embedding: "EmbeddingFunction",
    evaluation: "EvaluationFunction",
    dead_letter_handler: "DeadLetterFunction",
    ingestion: "IngestionFunction",
    recognition: "RecognitionFunction",
    reconciliation: "ReconcilerFunction",
    projector: "ProjectorFunction",
}


def note_handlers(world: World, recorder: Recorder) -> None:
    """Have each handler's calls noted under its function."""
    for module, function in HANDLERS.items():
        world.patch.setattr(module, "handler", _noted(module.handler, function, recorder))


def _noted(handler: Callable[[Any, Any], Any], function: str, recorder: Recorder) -> Callable[[Any, Any], Any]:
    def noted(event: Any, context: Any) -> Any:
        with recorder.by(function):
            return handler(event, context)

    return noted


def go_through(flow: Flow, world: World) -> None:
    """Play one flow until the platform is at rest."""
    flow.prepare(world)
    flow.act(world)
    world.rest()
