"""Limits of rate, per person and minute."""

from dataclasses import dataclass

from functions.application.domain.limits import WINDOW, too_many, window_of
from functions.application.domain.principals import Principal
from functions.application.ports import Counters
from shared.kernel.clock import Clock


@dataclass(frozen=True)
class RateLimit:
    """Counts what one person does in a minute.

    Attributes:
        what: what is counted, a plural noun for the error's sentence.
        most: how many a minute are allowed.
    """

    counters: Counters
    clock: Clock
    what: str
    most: int

    def __call__(self, principal: Principal) -> None:
        """Count one. Raises TooMany when it is one too many, Unavailable."""
        now = self.clock()
        counter = f"{principal.user_id}#{self.what}"
        allowed = self.counters.take(
            principal.tenant_id, counter, window_of(now), most=self.most, expires_at=now + 2 * WINDOW
        )
        if not allowed:
            raise too_many(self.what, self.most, now)
