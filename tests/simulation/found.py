"""With each safeguard off, the first seed that found it and the invariant that broke; `table.py` writes this."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """The first seed, counted from 0, and what it broke."""

    seed: int
    invariant: str


FOUND: dict[str, Found] = {
    "registry-first": Found(0, "I6"),
    "conditional-download": Found(155, "I3"),
    "compare-and-set": Found(0, "I3"),
    "fence-of-parts": Found(1, "I2"),
    "generation-in-ids": Found(0, "I2"),
    "set-of-parts": Found(0, "I2"),
    "confirmed-publish": Found(5, "I2"),
    "bounded-collection": Found(174, "I3"),
    "items-of-a-bulk": Found(16, "I5"),
    "new-generation-on-retry": Found(0, "I1"),
    "intent-first": Found(0, "I2"),
    "overtaken-purge-stops": Found(26, "I1"),
    "removed-is-not-replaced": Found(9, "I1"),
    "delete-knows-its-version": Found(219, "I1"),
    "late-bytes-refused": Found(0, "I6"),
    "checked-hits": Found(0, "I2"),
    "poison-is-permanent": Found(0, "I4"),
    "outage-is-temporary": Found(0, "I1"),
    "dead-letter-consumer": Found(1, "I4"),
    "reconciler": Found(0, "I4"),
    "deadlines": Found(6, "I4"),
    "lost-chunks-have-a-deadline": Found(7, "I4"),
    "parts-collected": Found(0, "I6"),
    "receives-not-burnt": Found(1, "I4"),
    "log-waits": Found(0, "I4"),
    "embedding-cache": Found(17, "I7"),
}
