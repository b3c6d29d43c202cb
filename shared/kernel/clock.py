"""Time as a port, so that deadlines can be tested."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the current time, aware, in UTC."""


def system_clock() -> datetime:
    """Return the machine's time in UTC."""
    return datetime.now(UTC)


def isoformat(moment: datetime) -> str:
    """Format as `2026-01-31T12:00:00.000Z`: sorts as text, milliseconds, always UTC."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """Read what `isoformat` wrote."""
    return datetime.fromisoformat(text)
