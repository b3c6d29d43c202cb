"""Checks what a provider sent as vectors and brings it to norm 1."""

import math
from array import array
from collections.abc import Callable, Iterable, Sequence

from functions.ml.ports import Vector
from shared.kernel.errors import Unavailable


def unit_vectors(
    read: Callable[[], Iterable[Sequence[float]]], *, count: int, dimensions: int | None = None
) -> list[Vector]:
    """Return the vectors of a reply, each of L2 norm 1.

    Args:
        read: takes the raw vectors out of the reply; may fail in any way that a malformed reply makes it fail.
        count: how many vectors there must be.
        dimensions: how long each must be; None accepts any length, the same for all.

    Raises:
        Unavailable: the reply is not what was asked for (`embedder_reply_malformed`).
    """
    try:
        vectors = [_unit([float(number) for number in raw]) for raw in read()]
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise _malformed() from error
    lengths = {len(vector) for vector in vectors}
    if len(vectors) != count or len(lengths) > 1 or (dimensions is not None and lengths - {dimensions}):
        raise _malformed()
    return vectors


def _unit(numbers: list[float]) -> Vector:
    """Divide by the norm, in the precision that caches and indexes keep; refuses zero and what is no number."""
    norm = math.hypot(*numbers)
    if not 0 < norm < math.inf:
        raise ValueError("no direction")
    return tuple(array("f", [number / norm for number in numbers]))


def _malformed() -> Unavailable:
    """The one error of a reply that cannot be used."""
    return Unavailable(
        "The embedding model sent a reply that cannot be read. Try again in a minute; if it stays so, tell "
        "an operator.",
        code="embedder_reply_malformed",
    )
