"""How bots are used, on the control table.

day         USAGE#<tenant>#<bot>   DAY#<day>                      counters as numbers (expires after 400 days)
unanswered  USAGE#<tenant>#<bot>   UNANSWERED#<asked>#<message>   (expires after 90 days)
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from functions.application.adapters import control_items as items
from functions.application.adapters.control_client import ControlClient
from functions.application.domain.records import UnansweredRow, UsageRow
from shared.kernel.clock import parse_time

DAYS_KEPT = timedelta(days=400)
UNANSWERED_KEPT = timedelta(days=90)
_NOT_COUNTED = frozenset({"tenant_id", "bot_id", "day"})


class DynamoUsage:
    """The UsageStore port on the control table."""

    def __init__(self, table: str) -> None:
        self._table = ControlClient(table)

    def count(self, tenant_id: str, bot_id: str, day: str, counts: Mapping[str, int]) -> None:
        """Add by one atomic update."""
        names = list(counts)
        expires_at = int((parse_time(f"{day}T00:00:00.000Z") + DAYS_KEPT).timestamp())
        self._table.update(
            (_partition(tenant_id, bot_id), f"DAY#{day}"),
            UpdateExpression=(
                "SET tenant_id = :tenant, bot_id = :bot, #day = :day, expires_at = :expires ADD "
                + ", ".join(f"#n{number} :v{number}" for number in range(len(names)))
            ),
            ExpressionAttributeNames={"#day": "day", **{f"#n{number}": name for number, name in enumerate(names)}},
            ExpressionAttributeValues={
                ":tenant": {"S": tenant_id},
                ":bot": {"S": bot_id},
                ":day": {"S": day},
                ":expires": {"N": str(expires_at)},
                **{f":v{number}": {"N": str(counts[name])} for number, name in enumerate(names)},
            },
        )

    def days(self, tenant_id: str, bot_id: str, *, since: str) -> list[UsageRow]:
        """Return the days in order."""
        return [
            UsageRow(
                tenant_id=tenant_id,
                bot_id=bot_id,
                day=item["day"],
                counts={name: value for name, value in item.items() if name not in _NOT_COUNTED},
            )
            for item in self._table.everything(_partition(tenant_id, bot_id), "DAY#")
            if item["day"] >= since
        ]

    def keep_unanswered(self, row: UnansweredRow) -> None:
        """Write the question; the key holds the message's id, so a second time writes the same."""
        expires_at = int((parse_time(row.asked_at) + UNANSWERED_KEPT).timestamp())
        key = _question(row.tenant_id, row.bot_id, row.asked_at, row.message_id)
        self._table.put(items.stored(row, key, expires_at=expires_at))

    def unanswered(self, tenant_id: str, bot_id: str, *, limit: int) -> list[UnansweredRow]:
        """Return the latest."""
        found, _ = self._table.page(_partition(tenant_id, bot_id), "UNANSWERED#", cursor="", limit=limit, forward=False)
        return [UnansweredRow.model_validate(item) for item in found]

    def forget_unanswered(self, tenant_id: str, bot_id: str, questions: Sequence[tuple[str, str]]) -> None:
        """Remove them."""
        self._table.delete_all([_question(tenant_id, bot_id, *question) for question in questions])


def _partition(tenant_id: str, bot_id: str) -> str:
    return f"USAGE#{tenant_id}#{bot_id}"


def _question(tenant_id: str, bot_id: str, asked_at: str, message_id: str) -> items.Key:
    return _partition(tenant_id, bot_id), f"UNANSWERED#{asked_at}#{message_id}"
