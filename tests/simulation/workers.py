"""What works in a run: one function per trigger, as the handlers do it. A further worker is a line of `wire`."""

from functions.application.services.projection import project_message
from functions.ml.embedding.messages import embed_message
from functions.ml.ingestion.messages import ingest_message
from functions.ml.recognition.messages import recognise_message
from shared.contracts.events import DocumentChunked, PagesUnread
from tests.simulation.scheduler import Killed
from tests.simulation.world import World

MINUTE_S = 60.0


def wire(world: World) -> None:
    """Let every queue have its worker, and the reconciler its schedule."""
    world.ingest_queue.handle = lambda body, message_id: ingest(world, body, message_id)
    world.embed_queue.handle = lambda body, _: embed(world, body)
    world.recognition_queue.handle = lambda body, _: recognise(world, body)
    world.projector_queue.handle = lambda body, _: show(world, body)
    if world.switches.dead_letter_consumer:
        for queue in (world.ingest_dead, world.embed_dead, world.recognition_dead):
            queue.handle = lambda body, message_id: world.record_dead_letter(body, message_id=message_id)
    if world.switches.reconciler:
        world.scheduler.at(MINUTE_S, lambda: reconcile(world, 1))


def ingest(world: World, body: str, message_id: str) -> None:
    """Do what the ingestion handler does with one message."""
    for _ in ingest_message(world.ingest, world.ingest_queue, body, message_id=message_id):
        pass


def embed(world: World, body: str) -> None:
    """Do what the embedding handler does with one message."""
    embed_message(world.embed, world.embed_queue, DocumentChunked.parse(body), body)


def recognise(world: World, body: str) -> None:
    """Do what the recognition handler does with one message."""
    recognise_message(world.recognise, world.recognition_queue, PagesUnread.parse(body), body)


def show(world: World, body: str) -> None:
    """Do what the projector does with one message; nobody replaces a document by another here."""
    project_message(body, world.control, world.projector_queue, lambda event: None)


def reconcile(world: World, minute: int) -> None:
    """Start the reconciler, and again in a minute, whether the last run ended or not."""
    world.scheduler.at(world.scheduler.now_s + MINUTE_S, lambda: reconcile(world, minute + 1))

    def ended(failure: BaseException | None) -> None:
        if failure is not None and not isinstance(failure, Killed) and world.scheduler.now_s > world.plan.calm_s:
            world.scheduler.note("reconciler", f"failed in the calm: {failure}")

    world.scheduler.start(f"reconciler {minute}", f"reconciler{minute}", world.reconcile, ended)
