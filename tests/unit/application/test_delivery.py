"""Pieces arrive once, in order and without gaps, wherever sockets are cut."""

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.application.services.delivery import failed
from shared.contracts.sockets import AnswerFailed, AnswerPiece, AnswerStarted, Ask, Down, Resume
from tests.unit.application.streaming_world import StreamingWorld

PIECES = tuple(f"piece {number}. " for number in range(1, 7))
STEPS = st.sampled_from(["grow", "deliver", "cut", "lose", "resume", "second tab"])


class Browser:
    """A client that follows the protocol: it keeps what it has, and resumes after it."""

    def __init__(self, world: StreamingWorld) -> None:
        self.world = world
        self.connections = 0
        self.seen = 0
        self.pieces: list[AnswerPiece] = []
        self.ends: list[Down] = []
        self.connect()
        asked = world.say(self.name, Ask(action="ask", conversation_id=world.conversation_id, text="When?"))
        assert isinstance(asked[0], AnswerStarted)
        self.message_id = asked[0].message_id
        self.read()

    @property
    def name(self) -> str:
        return f"c{self.connections}"

    @property
    def is_open(self) -> bool:
        return self.name in self.world.connections.arrived

    def connect(self) -> None:
        self.connections += 1
        self.seen = 0
        self.world.opened(self.name)

    def read(self, *, but_for: int = 0) -> None:
        """Take what arrived, except for the last few that a broken network still holds."""
        arrived = self.world.connections.arrived.get(self.name, [])
        for message in arrived[self.seen : len(arrived) - but_for]:
            if isinstance(message, AnswerPiece):
                self.pieces.append(message)
            elif isinstance(message, AnswerFailed):
                self.ends.append(message)
        self.seen = max(self.seen, len(arrived) - but_for)

    def cut(self, *, lost: int = 0) -> None:
        if self.is_open:
            self.read(but_for=min(lost, len(self.world.connections.arrived[self.name]) - self.seen))
            self.world.connections.close(self.name)

    def resume(self) -> None:
        self.cut()
        self.connect()
        self.world.say(self.name, Resume(action="resume", message_id=self.message_id, after=len(self.pieces)))


@settings(deadline=None, max_examples=200)
@given(st.lists(STEPS, max_size=30))
def test_a_client_has_every_piece_once_and_in_order_and_one_end_wherever_it_is_cut(steps: list[str]) -> None:
    world = StreamingWorld()
    browser = Browser(world)
    delivery, grown = world.delivery(browser.message_id), 0
    tabs: list[str] = []
    for step in steps:
        if step == "grow" and grown < len(PIECES):
            grown += 1
            assert world.streams.append("acme", delivery.row.stream_id, grown, PIECES[grown - 1])
        elif step == "deliver":
            delivery.step(delivery.subscribers())
        elif step == "cut":
            browser.cut()
        elif step == "lose":
            browser.cut(lost=2)
        elif step == "resume":
            browser.resume()
        elif step == "second tab":
            tab = world.opened(f"tab{len(tabs)}")
            tabs.append(tab)
            world.say(tab, Resume(action="resume", message_id=browser.message_id))
    if not browser.is_open:
        browser.resume()
    delivery.step(delivery.subscribers())
    ended = delivery.row.model_copy(update={"state": "FAILED", "code": "model_timeout", "reason": "No."})
    assert world.world.sockets.end_answer(ended)
    delivery.end(failed(ended))
    browser.read()

    assert [piece.sequence for piece in browser.pieces] == list(range(1, grown + 1))
    assert [piece.text for piece in browser.pieces] == list(PIECES[:grown])
    assert len(browser.ends) == 1
    for tab in tabs:
        got = [item.sequence for item in world.connections.arrived[tab] if isinstance(item, AnswerPiece)]
        assert got == list(range(1, grown + 1))
        assert sum(isinstance(item, AnswerFailed) for item in world.connections.arrived[tab]) == 1


def test_who_resumes_between_the_end_and_its_delivery_gets_the_end_once() -> None:
    world = StreamingWorld()
    browser = Browser(world)
    delivery = world.delivery(browser.message_id)
    ended = delivery.row.model_copy(update={"state": "FAILED", "code": "model_timeout", "reason": "No."})
    assert world.world.sockets.end_answer(ended)
    browser.resume()
    delivery.end(failed(ended))
    browser.read()
    assert len(browser.ends) == 1


def test_an_answer_whose_writer_died_ends_when_somebody_asks_for_it() -> None:
    world = StreamingWorld()
    browser = Browser(world)
    world.world.clock.advance(60)
    browser.resume()
    browser.read()
    assert [end.error.code for end in browser.ends if isinstance(end, AnswerFailed)] == ["answer_interrupted"]
