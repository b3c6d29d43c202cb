"""Queues and the bus: at least once, in any order, and for notifications sometimes not at all."""

import json
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.contracts.events import Event
from shared.kernel.errors import Unavailable
from tests.simulation.scheduler import Actor, Scheduler, Violation

BATCH_LIMIT = 10
RARELY = 20.0
MOST_RECEIVES = 5
"""As the templates set `maxReceiveCount`."""

Handle = Callable[[str, str], object]
"""Works through one message: its body and its id."""


@dataclass(slots=True)
class Message:
    """One message of a queue.

    Attributes:
        key: names it in faults and streams; derived from its sender, so that it is the same in runs that differ
            elsewhere.
        refusals: how often a worker gave it back because a neighbour did not answer.
    """

    key: str
    body: str
    receives: int = 0
    done: bool = False
    refusals: int = 0


class SteppedQueue:
    """The Queue port, and what SQS and Lambda do with a queue: receive, work, acknowledge, give up.

    Attributes:
        visibility_s: how long a received message stays hidden.
        workers: most that work at the same time.
        handle: what a worker does; None keeps the messages.
        dead: where messages go that were received too often.
        arrived: messages that came here; of a dead-letter queue the dead letters.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        name: str,
        *,
        visibility_s: float,
        workers: int,
        dead: "SteppedQueue | None" = None,
    ) -> None:
        self.name = name
        self.visibility_s = visibility_s
        self.workers = workers
        self.handle: Handle | None = None
        self.dead = dead
        self.arrived = 0
        self.held: dict[str, Message] = {}
        self.received = 0
        self._scheduler = scheduler
        self._busy = 0
        self._ready: deque[Message] = deque()

    def send(self, events: Sequence[Event]) -> None:
        """Queue all events, ten at a time."""
        for start in range(0, len(events), BATCH_LIMIT):
            bodies = [event.model_dump_json() for event in events[start : start + BATCH_LIMIT]]
            self._send(bodies, 0.0, f"{self.name}: send {len(bodies)} {events[0].name}")

    def postpone(self, body: str, *, delay_s: int) -> None:
        """Queue a body again, delayed."""
        self._send([body], delay_s, f"{self.name}: postpone")

    def _send(self, bodies: list[str], delay_s: float, what: str) -> None:
        sender = self._scheduler.actor
        assert sender is not None

        def act() -> None:
            for body in bodies:
                self.emit(sender, body, delay_s=delay_s)

        self._scheduler.step("queues", what, act, is_write=True)

    def emit(self, sender: Actor, body: str, *, delay_s: float = 0.0, may_drop: bool = False) -> None:
        """Let a message come, with what may go wrong on the way."""
        sender.sent += 1
        origin = f"{sender.key}/{sender.sent}"
        key = f"{zlib.crc32(origin.encode()):08x}"
        faults, now_s, rng = self._scheduler.faults, self._scheduler.now_s, sender.rng
        drops, late, twice, short_s = rng.random(), rng.random(), rng.random(), rng.random()
        if may_drop and faults.hits("dropped", key, drops, now_s):
            self._scheduler.note(self.name, f"message {key} of {sender.name}", "dropped")
            return
        if delay_s:
            twice *= RARELY  # a message that is put back for minutes would double at every turn
        delay_s += short_s * 2.0
        if faults.hits("late", key, late, now_s):
            delay_s += 20.0 + 600.0 * short_s
        self.put(Message(key, body), delay_s)
        if faults.hits("duplicated", key, twice, now_s):
            self.put(Message(f"{key}x", body), delay_s + 30.0 * short_s * drops)

    def put(self, message: Message, delay_s: float) -> None:
        """Take a message in."""
        self.arrived += 1
        while message.key in self.held:
            message.key += "+"
        self.held[message.key] = message
        self._scheduler.at(self._scheduler.now_s + delay_s, lambda: self._appear(message))

    def _appear(self, message: Message) -> None:
        if not message.done and self.handle is not None:
            self._ready.append(message)
            self._receive()

    def _receive(self) -> None:
        while self._ready and self._busy < self.workers:
            message = self._ready.popleft()
            if message.done:
                continue
            message.receives += 1
            if self.dead is not None and message.receives > MOST_RECEIVES:
                self._give_up(message, self.dead)
            else:
                self._work(message)

    def _give_up(self, message: Message, dead: "SteppedQueue") -> None:
        self._acknowledge(message)
        self._scheduler.note(self.name, f"message {message.key}", "becomes a dead letter")
        if message.refusals >= MOST_RECEIVES - 1:
            raise Violation("I4", f"message {message.key} of {self.name} is a dead letter for a temporary reason")
        dead.put(Message(f"{message.key}.dead", message.body), 1.0)

    def _work(self, message: Message) -> None:
        handle = self.handle
        assert handle is not None
        self._busy += 1
        self.received += 1
        again = "" if message.receives == 1 else f" ({message.receives}.)"
        name, key = f"{self.name} {message.key}{again}", f"{message.key}.{message.receives}"
        self._scheduler.at(self._scheduler.now_s + self.visibility_s, lambda: self._appear(message))

        def ended(failure: BaseException | None) -> None:
            self._busy -= 1
            if isinstance(failure, Unavailable) and not failure.code.startswith("queues"):
                message.refusals += 1
            if failure is None:
                drawn = self._scheduler.stream(f"{key}/end").random()
                if self._scheduler.faults.hits("unacknowledged", key, drawn, self._scheduler.now_s):
                    self._scheduler.note(name, "acknowledges its message", "acknowledgement lost")
                else:
                    self._acknowledge(message)
            self._scheduler.at(self._scheduler.now_s, self._receive)

        self._scheduler.start(name, key, lambda: handle(message.body, message.key), ended)

    def _acknowledge(self, message: Message) -> None:
        message.done = True
        self.held.pop(message.key, None)

    @property
    def is_empty(self) -> bool:
        """Is nothing here any more, visible or not?"""
        return not self.held


class SteppedBus:
    """The Bus port: events come to the projector's queue in EventBridge's envelope, or not."""

    def __init__(self, scheduler: Scheduler, projector: SteppedQueue) -> None:
        self._scheduler = scheduler
        self._projector = projector

    def publish(self, events: Sequence[Event]) -> None:
        """Put all events on the bus."""
        sender = self._scheduler.actor
        assert sender is not None

        def act() -> None:
            for event in events:
                body = json.dumps({"detail-type": event.name, "detail": event.model_dump(mode="json")})
                self._projector.emit(sender, body, may_drop=True)

        self._scheduler.step("bus", f"bus: {events[0].name}", act, is_write=True)


class Notifications:
    """S3's notifications of one bucket, to the ingest queue."""

    def __init__(self, scheduler: Scheduler, ingest: SteppedQueue, prefixes: tuple[str, ...]) -> None:
        self._scheduler = scheduler
        self._ingest = ingest
        self._prefixes = prefixes

    def __call__(self, key: str) -> None:
        """Tell that an object came or went."""
        sender = self._scheduler.actor
        if sender is None or not key.startswith(self._prefixes):
            return
        body = json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})
        self._ingest.emit(sender, body, may_drop=True)
