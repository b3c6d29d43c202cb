"""Rates: how often one person may ask."""

from datetime import datetime, timedelta

from shared.kernel.errors import TooMany

WINDOW = timedelta(minutes=1)


def window_of(now: datetime) -> str:
    """Name the minute that a request is counted in."""
    return now.strftime("%Y-%m-%dT%H:%MZ")


def too_many(what: str, most: int, now: datetime) -> TooMany:
    """Make the error that says how long to wait: until the next minute begins."""
    left = 60 - now.second - now.microsecond / 1e6
    return TooMany(
        f"That were more than {most} {what} in a minute. Wait {max(1, round(left))} seconds and go on.",
        code="too_many_requests",
        retry_after_s=max(1.0, left),
    )
