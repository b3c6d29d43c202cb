"""What ends a command early, each with its exit code.

Failure                1  refused input, or an error of the platform
|-- Unreachable        3  nobody answers at the platform's address
`-- SignInNeeded       4  no sign-in, or one that the platform does not accept
"""

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """The exit codes of every command; docs/cli.md and `strata --help` list them."""

    OK = 0
    ERROR = 1
    SOME_FAILED = 2
    UNREACHABLE = 3
    SIGN_IN_NEEDED = 4
    INTERRUPTED = 130


class Failure(Exception):
    """A command cannot do what was asked.

    Args:
        message: one or two sentences that say what happened and what to do; shown to the person.
        code: a constant for programs in lower_snake_case; the platform's own code where it sent one.
        status: the HTTP status of the platform's answer, 0 when there was none.
        request_id: finds the request in the platform's logs, empty when there was none.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.ERROR

    def __init__(self, message: str, *, code: str, status: int = 0, request_id: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.request_id = request_id

    def as_data(self) -> dict[str, str]:
        """Return {code, message, request_id}, the shape that the API's errors have."""
        return {"code": self.code, "message": self.message, "request_id": self.request_id}


class Unreachable(Failure):
    """Nobody answers at the platform's address."""

    exit_code = ExitCode.UNREACHABLE

    def __init__(self, message: str, *, code: str = "unreachable") -> None:
        super().__init__(message, code=code)


class SignInNeeded(Failure):
    """There is no sign-in, or the platform does not accept it."""

    exit_code = ExitCode.SIGN_IN_NEEDED

    def __init__(self, message: str, *, code: str = "sign_in_needed", request_id: str = "") -> None:
        super().__init__(message, code=code, status=401, request_id=request_id)
