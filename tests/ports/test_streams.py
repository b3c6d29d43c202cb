"""Conformance of the AnswerStreams port: the fake and DynamoDB (moto) pass the same tests."""

from collections.abc import Iterator

import pytest

from shared.streams.dynamodb import DynamoStreams
from shared.streams.ports import AnswerStreams, Growth
from tests.cloud import cloud, make_table
from tests.fakes.streams import MemoryStreams


@pytest.fixture(params=["memory", "dynamodb"])
def streams(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[AnswerStreams]:
    if request.param == "memory":
        yield MemoryStreams()
        return
    with cloud(monkeypatch):
        make_table("streams", "stream")
        yield DynamoStreams("streams")


def test_pieces_are_read_in_the_order_of_their_numbers_each_once(streams: AnswerStreams) -> None:
    assert streams.read("acme", "s1") == Growth()
    for sequence, text in ((1, "One. "), (1, "One. "), (2, "Two."), (1, "One. "), (2, "Two.")):
        assert streams.append("acme", "s1", sequence, text)
    assert streams.read("acme", "s1") == Growth(("One. ", "Two."))
    assert streams.read("other", "s1") == streams.read("acme", "s2") == Growth()


@pytest.mark.parametrize("before", [0, 2])
def test_a_stopped_stream_takes_no_further_piece(streams: AnswerStreams, before: int) -> None:
    for sequence in range(1, before + 1):
        assert streams.append("acme", "s1", sequence, "x")
    streams.stop("acme", "s1")
    streams.stop("acme", "s1")
    assert not streams.append("acme", "s1", before + 1, "y")
    assert streams.read("acme", "s1") == Growth(("x",) * before, stopped=True)
