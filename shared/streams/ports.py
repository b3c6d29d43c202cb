"""The growing answers as a port of both layers."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Growth:
    """An answer so far.

    Attributes:
        pieces: in order; the first has the sequence number 1.
        stopped: a person ended it: nothing is added any more.
    """

    pieces: tuple[str, ...] = ()
    stopped: bool = False


class AnswerStreams(Protocol):
    """Answers while they grow, kept for an hour. One writer per stream; reads are strongly consistent."""

    def append(self, tenant_id: str, stream_id: str, sequence: int, text: str) -> bool:
        """Add piece number `sequence`; writing it again changes nothing.

        Returns:
            False when the stream was stopped: the piece was not added.

        Raises:
            Unavailable: the table does not answer.
        """

    def read(self, tenant_id: str, stream_id: str) -> Growth:
        """Return what there is; nothing of a stream that nobody has written to. Raises Unavailable."""

    def stop(self, tenant_id: str, stream_id: str) -> None:
        """Let nothing be added any more, also before the first piece. Raises Unavailable."""
