"""Shows an answer while it is written, sentence by sentence, each only after its check.

What a model has written so far is cut where its last sentence with all its citations ends, and that beginning is
checked like a whole answer (`checking.check` reads from top to bottom, so the checked beginning is the beginning of the
checked whole). So no sentence is shown that its passages do not hold, and nothing of an answer that so far would be a
refusal. Where a later sentence turns the whole into a refusal after all, the finished answer takes its place.
"""

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from functions.ml.answering.checking import CheckedAnswer
from functions.ml.answering.markers import cited_numbers, leading_markers
from functions.ml.answering.sentences import split_sentences
from functions.ml.ports import Draft, GenerationRequest, Generator, Usage
from shared.kernel.clock import Clock
from shared.streams.ports import AnswerStreams

LOOK_EVERY = timedelta(milliseconds=250)
SEEN_AHEAD_CHARACTERS = 20
"""What follows a sentence decides whether it has ended (`3. Mai`, `U.S. law`); so much of it is looked at."""
_PARAGRAPH = re.compile(r".+?(?:\n\n|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as it was written.

    Attributes:
        stopped: a person ended it; it holds what was shown.
    """

    checked: CheckedAnswer
    usage: Usage
    stopped: bool = False


@dataclass(slots=True)
class Stream:
    """Where one answer is shown.

    Attributes:
        text: what was shown; never taken back.
        sequence: number of the last piece.
        stopped: nothing is shown any more.
    """

    streams: AnswerStreams
    tenant_id: str
    stream_id: str
    clock: Clock
    text: str = ""
    sequence: int = 0
    stopped: bool = False
    _looked_at: datetime | None = field(default=None)

    def show(self, text: str) -> None:
        """Show what `text` has more than was shown, a piece per paragraph; nothing where it begins otherwise."""
        if not text.startswith(self.text):
            return
        for piece in _PARAGRAPH.findall(text[len(self.text) :]):
            self.stopped = not self.streams.append(self.tenant_id, self.stream_id, self.sequence + 1, piece)
            if self.stopped:
                return
            self.sequence += 1
            self.text += piece

    def is_stopped(self) -> bool:
        """Did a person end it? Looked up at most four times a second. Raises Unavailable."""
        now = self.clock()
        if not self.stopped and (self._looked_at is None or now - self._looked_at >= LOOK_EVERY):
            self._looked_at = now
            self.stopped = self.streams.read(self.tenant_id, self.stream_id).stopped
        return self.stopped


Judge = Callable[[Draft], CheckedAnswer]


def write_whole(generator: Generator, request: GenerationRequest, judge: Judge, stream: Stream | None) -> Written:
    """Write the answer, then show it where somebody waits for it. Raises what the generator raises, Unavailable."""
    draft = generator.generate(request)
    written = Written(judge(draft), draft.usage)
    return written if stream is None else _shown(written, stream)


def write_in_pieces(generator: Generator, request: GenerationRequest, judge: Judge, stream: Stream) -> Written:
    """Write the answer and show each sentence as soon as it is settled and checked.

    Args:
        generator: writes.
        request: what.
        judge: checks a draft or the beginning of one.
        stream: where it is shown.

    Raises:
        Unavailable, TooMany, Rejected: the model failed, perhaps after pieces were shown; or the stream's table.
    """
    text, settled, checked = "", 0, CheckedAnswer("", ())
    parts: Any = generator.stream(request)
    with closing(parts):
        for part in parts:
            if isinstance(part, Draft):
                return _shown(Written(judge(part), part.usage), stream)
            text += part
            if stream.is_stopped():
                break
            end = settled_end(text)
            if end > settled:
                settled, beginning = end, judge(Draft(text[:end].strip(), refused=False, usage=Usage("")))
                if not beginning.refused:
                    checked = beginning
                    stream.show(beginning.text)
            if stream.stopped:
                break
    return Written(_kept(checked, stream), Usage(""), stopped=True)


def settled_end(text: str) -> int:
    """Return where the last sentence ends that is complete with its citations, 0 where there is none.

    A sentence without a citation takes those of the next one in its line, so it is settled with that one, or with its
    line.
    """
    line_start = text.rfind("\n") + 1
    line = text[line_start:]
    sentences = split_sentences(line)
    for sentence, following in reversed(list(pairwise(sentences))):
        end = following.start + leading_markers(line[following.start :])
        if cited_numbers(line[sentence.start : end]) and len(line) - end >= SEEN_AHEAD_CHARACTERS:
            return line_start + end
    return line_start


def _shown(written: Written, stream: Stream) -> Written:
    if written.checked.refused:
        return written
    stream.show(written.checked.text)
    return replace(written, checked=_kept(written.checked, stream), stopped=True) if stream.stopped else written


def _kept(checked: CheckedAnswer, stream: Stream) -> CheckedAnswer:
    """Return what was shown of an answer that was stopped, with the citations that stand in it."""
    cited = cited_numbers(stream.text)
    kept = tuple(citation for citation in checked.citations if citation.n in cited)
    return replace(checked, text=stream.text.strip(), citations=kept, refusal="")
