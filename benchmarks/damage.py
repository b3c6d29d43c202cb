"""Damages good files the way disks, networks and attackers do: a pure function of the file and a list of changes."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

DamageKind = Literal["flip", "zero", "cut", "drop", "swap", "insert", "repeat", "lie"]
KINDS: tuple[DamageKind, ...] = get_args(DamageKind)
_INSERTED = (
    b"\x00",
    b"\xff" * 8,
    b"<" * 64,
    b"(" * 64,
    b"[" * 256,
    b"\x1b",
    b"<!DOCTYPE a>",
    b"PK\x03\x04",
    b"%PDF-1.7\n",
)
_LIES = (b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x01\x00\x00\x00")


@dataclass(frozen=True, slots=True)
class Damage:
    """One change of a file.

    Attributes:
        kind: what happens.
        at: where, as a share of the file, in [0, 1).
        size: how many bytes, at least 1.
        choice: which bit is flipped, which bytes are inserted.
    """

    kind: DamageKind
    at: float
    size: int
    choice: int


def damaged(data: bytes, damages: Sequence[Damage]) -> bytes:
    """Return the file after all changes, in their order."""
    for one in damages:
        data = _changed(data, one)
    return data


def random_damages(source: random.Random) -> list[Damage]:
    """Draw one to four changes."""
    return [
        Damage(source.choice(KINDS), source.random(), source.randint(1, 512), source.randrange(256))
        for _ in range(source.randint(1, 4))
    ]


def _changed(data: bytes, one: Damage) -> bytes:
    at = int(one.at * len(data))
    before, block, after = data[:at], data[at : at + one.size], data[at + one.size :]
    if one.kind == "cut":
        return before
    if one.kind == "swap":
        return before + after[: one.size] + block + after[one.size :]
    return before + _CHANGES[one.kind](block, one.choice) + after


_CHANGES: dict[str, Callable[[bytes, int], bytes]] = {
    "flip": lambda block, choice: bytes([byte ^ (1 << choice % 8) for byte in block[:1]]) + block[1:],
    "zero": lambda block, _choice: bytes(len(block)),
    "drop": lambda _block, _choice: b"",
    "insert": lambda block, choice: _INSERTED[choice % len(_INSERTED)] + block,
    "repeat": lambda block, choice: block * (2 + choice),
    # Four bytes where formats keep lengths and places.
    "lie": lambda block, choice: _LIES[choice % len(_LIES)] + block[4:],
}
