"""What is shown while an answer is written: checked sentences only, never taken back, and nothing after a stop."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ml.answering.checking import CheckedAnswer, check
from functions.ml.answering.streaming import Stream, Written, settled_end, write_in_pieces, write_whole
from functions.ml.ports import Draft, GenerationRequest, Passage, Usage
from shared.kernel.errors import Unavailable
from tests.fakes.streams import MemoryStreams

PASSAGES = (
    Passage(
        n=1,
        text="The office opens at 9:30 every day. Parking costs 4 euros per hour.",
        source="a.md",
        kind="text",
        score=1.0,
    ),
    Passage(n=2, text="Ms Ackermann hands out the badges in room 12.", source="b.md", kind="text", score=1.0),
)
REQUEST = GenerationRequest("When does the office open?", PASSAGES)
TRUE = "The office opens at 9:30 every day [1]."
ALSO_TRUE = "Ms Ackermann hands out the badges in room 12 [2]."
INVENTED = "Mr Bergmann closes it at 23:45 [1]."


class Writer:
    """A model that writes a text in given pieces."""

    def __init__(self, *pieces: str, fails: bool = False) -> None:
        self.pieces = pieces
        self.fails = fails

    def generate(self, request: GenerationRequest) -> Draft:
        return Draft("".join(self.pieces).strip(), refused=False, usage=Usage("m"))

    def stream(self, request: GenerationRequest) -> Iterator[str | Draft]:
        yield from self.pieces
        if self.fails:
            raise Unavailable("The model cannot be reached.", code="model_unavailable")
        yield self.generate(request)


def judge(draft: Draft) -> CheckedAnswer:
    return check(draft, PASSAGES, question=REQUEST.question)


def stream_of(streams: MemoryStreams) -> Stream:
    return Stream(streams, "acme", "s1", lambda: datetime(2026, 1, 1, tzinfo=UTC))


def write(*pieces: str) -> tuple[Written, tuple[str, ...]]:
    streams = MemoryStreams()
    written = write_in_pieces(Writer(*pieces), REQUEST, judge, stream_of(streams))
    return written, streams.read("acme", "s1").pieces


def cut(text: str, places: list[int]) -> list[str]:
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from([TRUE, ALSO_TRUE, INVENTED, "In short:", "NOT_IN_THE_DOCUMENTS"]), min_size=1, max_size=5),
    st.sampled_from([" ", "\n\n", "\n- "]),
    st.lists(st.integers(0, 400), max_size=12),
)
def test_what_is_shown_is_the_beginning_of_the_checked_answer_however_the_model_cuts_it(
    sentences: list[str], between: str, places: list[int]
) -> None:
    text = between.join(sentences)
    written, shown = write(*cut(text, places))
    whole = judge(Draft(text, refused=False, usage=Usage("m")))
    assert written.checked == whole
    if not whole.refused:
        assert "".join(shown) == whole.text
    assert "Bergmann" not in "".join(shown)


def test_a_sentence_is_shown_before_the_model_has_ended() -> None:
    streams = MemoryStreams()
    with pytest.raises(Unavailable):
        write_in_pieces(Writer(TRUE, f" {ALSO_TRUE}", fails=True), REQUEST, judge, stream_of(streams))
    assert streams.read("acme", "s1").pieces == (TRUE.replace(" [1].", ". [1]"),)


def test_a_sentence_waits_for_the_citation_after_its_full_stop() -> None:
    assert settled_end("The office opens at 9:30. ") == 0
    assert settled_end(f"The office opens at 9:30. [1] {ALSO_TRUE}") == len("The office opens at 9:30. [1] ")


def test_nothing_is_written_after_a_stop_and_what_was_shown_stays_with_its_citations() -> None:
    streams = MemoryStreams()

    class Impatient(Writer):
        def stream(self, request: GenerationRequest) -> Iterator[str | Draft]:
            yield f"{TRUE} {ALSO_TRUE}"
            streams.stop("acme", "s1")
            yield f" {TRUE}\n\n{ALSO_TRUE} And so on and on and on."
            raise AssertionError("asked for more after the stop")

    written = write_in_pieces(Impatient(), REQUEST, judge, stream_of(streams))
    assert written.stopped
    assert written.checked.text == "".join(streams.read("acme", "s1").pieces) == TRUE.replace(" [1].", ". [1]")
    assert [citation.n for citation in written.checked.citations] == [1]


def test_an_answer_that_was_stopped_before_its_first_sentence_is_empty_and_no_refusal() -> None:
    streams = MemoryStreams()
    streams.stop("acme", "s1")
    for way in (write_in_pieces, write_whole):
        written = way(Writer(TRUE), REQUEST, judge, stream_of(streams))
        assert (written.stopped, written.checked.text, written.checked.refused) == (True, "", False)


def test_a_whole_answer_is_shown_paragraph_by_paragraph() -> None:
    streams = MemoryStreams()
    written = write_whole(Writer(f"{TRUE}\n\n{ALSO_TRUE}"), REQUEST, judge, stream_of(streams))
    pieces = streams.read("acme", "s1").pieces
    assert len(pieces) == 2
    assert "".join(pieces) == written.checked.text
