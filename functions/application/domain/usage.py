"""How a bot is used: counters per day, and the questions that it could not answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from functions.application.domain.records import UnansweredRow, UsageRow
from shared.contracts import api

EDGES_MS = (100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600)
"""Upper edges of the bins in which answers are counted by how long they took; the last bin has none."""
MOST_DAYS = 365
OVER = "over"


def day_of(moment: datetime) -> str:
    """Name the day, in UTC."""
    return moment.date().isoformat()


def first_day(now: datetime, days: int) -> str:
    """Name the first of so many days, today among them."""
    return day_of(now - timedelta(days=days - 1))


def counts_of(answer: api.Answer) -> dict[str, int]:
    """Return what an answer adds to its day."""
    took = answer.usage.latency_ms
    edge = next((str(edge) for edge in EDGES_MS if took <= edge), OVER)
    return {
        "refusals" if answer.refused else "answers": 1,
        f"ms_{edge}": 1,
        "input_tokens": answer.usage.input_tokens,
        "output_tokens": answer.usage.output_tokens,
    }


def change_of(before: api.Feedback | None, after: api.Feedback) -> dict[str, int]:
    """Return what another opinion changes; nothing where it is the same."""
    if before is not None and before.rating == after.rating:
        return {}
    return {after.rating: 1, **({before.rating: -1} if before is not None else {})}


def median_ms(counts: Mapping[str, int]) -> int | None:
    """Return the upper edge of the bin in which the middle answer lies; None without answers or where it has none."""
    total = sum(number for name, number in counts.items() if name.startswith("ms_"))
    passed = 0
    for edge in EDGES_MS:
        passed += counts.get(f"ms_{edge}", 0)
        if total and 2 * passed >= total:
            return edge
    return None


def shown(rows: Sequence[UsageRow], unanswered: Sequence[UnansweredRow], since: str) -> api.BotUsage:
    """Show days that have anything, and their sum."""
    total: dict[str, int] = {}
    for row in rows:
        for name, number in row.counts.items():
            total[name] = total.get(name, 0) + number
    return api.BotUsage(
        since=since,
        total=_figures(total),
        days=tuple(api.UsageDay(day=row.day, figures=_figures(row.counts)) for row in rows),
        unanswered=tuple(
            api.UnansweredQuestion(question=row.question, asked_at=row.asked_at, message_id=row.message_id)
            for row in unanswered
        ),
    )


def _figures(counts: Mapping[str, int]) -> api.UsageFigures:
    return api.UsageFigures(
        answers=counts.get("answers", 0),
        refusals=counts.get("refusals", 0),
        thumbs_up=counts.get("up", 0),
        thumbs_down=counts.get("down", 0),
        input_tokens=counts.get("input_tokens", 0),
        output_tokens=counts.get("output_tokens", 0),
        latency_p50_ms=median_ms(counts),
    )
