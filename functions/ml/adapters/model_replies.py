"""What every model adapter makes of a reply: a draft, a refusal, or a typed failure; never an empty answer."""

from functions.ml.answering.prompt import says_refusal
from functions.ml.ports import Draft, Usage
from shared.kernel.errors import Unavailable


def malformed(what: str) -> Unavailable:
    """Make the error for a reply that cannot be read; `what` completes "The model's reply ..."."""
    return Unavailable(f"The model's reply {what}. Try again.", code="model_reply_malformed")


def draft_of(text: object, usage: Usage) -> Draft:
    """Read a whole reply.

    Raises:
        Unavailable: there is no text in it (`model_reply_malformed`).
    """
    if not isinstance(text, str) or not text.strip():
        raise malformed("was empty")
    if says_refusal(text):
        return Draft("", refused=True, usage=usage)
    return Draft(text.strip(), refused=False, usage=usage)


def seconds_of(retry_after: str | None) -> float:
    """Read a `Retry-After` header; a date, nonsense or nothing means one second."""
    try:
        return max(0.0, float(retry_after or 1.0))
    except ValueError:
        return 1.0
