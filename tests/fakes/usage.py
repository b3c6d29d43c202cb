"""The usage store in memory."""

from collections.abc import Mapping, Sequence

from functions.application.domain.records import UnansweredRow, UsageRow


class MemoryUsage:
    """The UsageStore port on dictionaries."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str, str], dict[str, int]] = {}
        self.questions: dict[tuple[str, str], dict[tuple[str, str], UnansweredRow]] = {}

    def count(self, tenant_id: str, bot_id: str, day: str, counts: Mapping[str, int]) -> None:
        held = self.counts.setdefault((tenant_id, bot_id, day), {})
        for name, number in counts.items():
            held[name] = held.get(name, 0) + number

    def days(self, tenant_id: str, bot_id: str, *, since: str) -> list[UsageRow]:
        return [
            UsageRow(tenant_id=tenant_id, bot_id=bot_id, day=key[2], counts=dict(counts))
            for key, counts in sorted(self.counts.items())
            if key[:2] == (tenant_id, bot_id) and key[2] >= since
        ]

    def keep_unanswered(self, row: UnansweredRow) -> None:
        self.questions.setdefault((row.tenant_id, row.bot_id), {})[row.asked_at, row.message_id] = row

    def unanswered(self, tenant_id: str, bot_id: str, *, limit: int) -> list[UnansweredRow]:
        held = self.questions.get((tenant_id, bot_id), {})
        return [held[key] for key in sorted(held, reverse=True)][:limit]

    def forget_unanswered(self, tenant_id: str, bot_id: str, questions: Sequence[tuple[str, str]]) -> None:
        for question in questions:
            self.questions.get((tenant_id, bot_id), {}).pop(question, None)
