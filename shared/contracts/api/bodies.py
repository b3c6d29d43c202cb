"""What every request and response of the public API is made of."""

from pydantic import BaseModel, ConfigDict

MAX_PAGE_ITEMS = 200


class Request(BaseModel):
    """The base of every request body: an unknown field is an error, so that a typo does not pass silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)


class Response(BaseModel):
    """The base of every response body."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Deleted(Response):
    """The delete was accepted: nothing of it is visible from now on."""

    id: str


class ErrorDetail(Response):
    """What went wrong: a constant for programs, a sentence for people, and the id to find it in the logs."""

    code: str
    message: str
    request_id: str = ""


class ErrorBody(Response):
    """The body of every response over 399."""

    error: ErrorDetail
