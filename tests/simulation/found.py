"""With each safeguard off, the first seed that found it and the invariant that broke; `table.py` writes this."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """The first seed, counted from 0, and what it broke."""

    seed: int
    invariant: str


FOUND: dict[str, Found] = {
    "registry-first": Found(27, "I2"),
    "compare-and-set": Found(0, "I3"),
    "fence-of-parts": Found(14, "I2"),
    "generation-in-ids": Found(0, "I3"),
    "set-of-parts": Found(10, "I1"),
    "confirmed-publish": Found(4, "I2"),
    "items-of-a-bulk": Found(16, "I5"),
    "new-generation-on-retry": Found(0, "I1"),
    "intent-first": Found(0, "I2"),
}
