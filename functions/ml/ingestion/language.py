"""In which language a document is written: from samples of its text, and only when that is sure."""

from collections.abc import Callable, Sequence

from functions.ml.documents import Chunk
from shared.contracts.languages import LANGUAGES

GuessLanguage = Callable[[str], tuple[str, float]]
"""Gives the likeliest language of a text and how likely it is, in [0, 1]."""

SAMPLES = 8
SAMPLE_CHARACTERS = 600
FEWEST_LETTERS = 40
"""Names, numbers and single words look like any language; a Chinese or Japanese sign counts as three letters."""
SURE = 0.65
_SIGN_WEIGHT = 3
_FIRST_SIGN, _LAST_SIGN = "\u3040", "\uffdc"


def no_language(text: str) -> tuple[str, float]:
    """Know no language."""
    return "", 0.0


def language_of(chunks: Sequence[Chunk], guess: GuessLanguage) -> str:
    """Tell the language that most of a document is written in.

    Args:
        chunks: of the whole document, in order; up to eight of them, evenly spread, are read.
        guess: tells the language of a text.

    Returns:
        ISO 639-1; empty when there is too little text or the language is not sure.
    """
    prose = [chunk for chunk in chunks if chunk.kind == "text"] or list(chunks)
    step = max(1, len(prose) // SAMPLES)
    text = "\n".join(_words(chunk.text[:SAMPLE_CHARACTERS]) for chunk in prose[::step][:SAMPLES])
    if _weight(text) < FEWEST_LETTERS:
        return ""
    language, likely = guess(text)
    return language if likely >= SURE and language in LANGUAGES else ""


def _words(text: str) -> str:
    """Leave out addresses, numbers and marks, which are of no language."""
    return " ".join(word for word in text.split() if any(map(str.isalpha, word)) and "://" not in word)


def _weight(text: str) -> int:
    return sum(_SIGN_WEIGHT if _FIRST_SIGN <= c <= _LAST_SIGN else 1 for c in text if c.isalpha())
