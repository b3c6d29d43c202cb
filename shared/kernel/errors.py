"""The one tree of errors that the platform raises.

    PlatformError
    |-- Rejected              time cannot help: tell the person, acknowledge the message
    |   |-- Invalid           400  the request or the document is wrong
    |   |-- Unauthorized      401  no valid sign-in
    |   |-- Forbidden         403  signed in, but not allowed
    |   |-- NotFound          404  not there, or not visible to the caller
    |   |-- Conflict          409  somebody else changed it first
    |   |-- TooLarge          413  over a limit
    |   `-- TooMany           429  over a rate; `retry_after_s` says when to come back
    `-- Unavailable           503  time or an operator can help: raise, so that the queue redelivers

Adapters translate vendor errors into this tree with `raise ... from error`. Nobody decides on message text: `code` is
the constant that programs read, `message` the sentence that tells a person what to do.
"""

from typing import ClassVar


class PlatformError(Exception):
    """An expected failure, with a code for programs and a sentence for people.

    Args:
        message: one or two sentences that say what happened and what to do; shown to the person.
        code: a constant in lower_snake_case; the class's own code where omitted.
    """

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "internal"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code


class Rejected(PlatformError):
    """A failure that no retry can mend."""

    status = 400
    default_code = "rejected"


class Invalid(Rejected):
    """The request or the document is wrong."""

    default_code = "invalid"


class Unauthorized(Rejected):
    """Nobody, or nobody we can believe, is signed in."""

    status = 401
    default_code = "unauthorized"


class Forbidden(Rejected):
    """The caller is known and may not do this."""

    status = 403
    default_code = "forbidden"


class NotFound(Rejected):
    """The thing is not there, or not visible to the caller (which is the same to them)."""

    status = 404
    default_code = "not_found"


class Conflict(Rejected):
    """The state changed under the caller's feet, or does not allow the operation."""

    status = 409
    default_code = "conflict"


class TooLarge(Rejected):
    """Over a limit of size."""

    status = 413
    default_code = "too_large"


class TooMany(Rejected):
    """Over a limit of rate; come back after `retry_after_s` seconds."""

    status = 429
    default_code = "too_many_requests"

    def __init__(self, message: str, *, code: str | None = None, retry_after_s: float = 1.0) -> None:
        super().__init__(message, code=code)
        self.retry_after_s = retry_after_s


class Unavailable(PlatformError):
    """A neighbour does not answer; trying again later can succeed."""

    status = 503
    default_code = "unavailable"
