"""Brings any text into a form that tokenizers and providers take."""

BLANK = "-"
"""Stands for a text without a visible character, which most providers refuse."""


def whole_characters(text: str) -> str:
    """Replace halves of surrogate pairs, which no encoder takes, by question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def sendable(text: str, *, characters: int | None = None) -> str:
    """Return what a provider can be sent instead of a text: whole characters, cut, never blank.

    Args:
        text: any text.
        characters: longest result, at least 1; None for no limit.
    """
    return whole_characters(text[:characters]).strip() or BLANK
