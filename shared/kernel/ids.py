"""Ids: random ones for what people make, derived ones for the effects of a cause."""

import uuid
from collections.abc import Callable

NewId = Callable[[str], str]
"""Makes a fresh id with the given prefix: `kb` -> `kb_0f3a...`. A port, so that tests and simulations can seed it."""

_NAMESPACE = uuid.UUID("5f0c8a54-62d3-4d2c-9a3b-2f4f4f2b8a11")


def new_id(prefix: str) -> str:
    """Make a random id of 128 bits: `<prefix>_<32 hex digits>`."""
    return f"{prefix}_{uuid.uuid4().hex}"


def derived_id(prefix: str, *cause: str) -> str:
    """Derive the id of an effect from its cause, so that a redelivered cause makes the same effect.

    Args:
        prefix: what kind of thing, e.g. `evt`.
        cause: the parts that identify the cause, in order; the same parts give the same id.

    Returns:
        `<prefix>_<32 hex digits>`, a UUID version 5 over the parts.
    """
    return f"{prefix}_{uuid.uuid5(_NAMESPACE, chr(31).join(cause)).hex}"
