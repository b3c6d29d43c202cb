"""What a word is found by beside itself: its stem, and pairs of pieces that it shares with compounds and inflections.

A form names the language or script that made it, so forms of one language never meet those of another. What a passage
is written in is told by its function words; a query, too short to tell, is brought into the forms of every language
that the index holds: they agree whatever a query looks like.

- Stems by Snowball: of every language in Latin letters that it knows, and by script where a script tells the language.
- Overlapping pieces of four characters of long words, where words are compounded (German, Dutch, Finnish ...) or
  inflected much (Slavic, Turkish, Hungarian ...), or where no stemmer is known; three where vowels are not written.

Source:
    Porter, "Snowball: A language for stemming algorithms", 2001. Pieces: McNamee and Mayfield, "Character n-gram
    tokenization for European language text retrieval", Information Retrieval 7, 2004 (n = 4 best in most languages).
"""

import importlib
import threading
import unicodedata
from collections.abc import Callable, Collection, Iterator
from functools import cache, lru_cache

from functions.ml.retrieval.letters import folded

STEM_WEIGHT = 1.0
ENGLISH_STEM_WEIGHT = 0.5
"""English inflects little, and its plurals are folded already."""
PIECES_WEIGHT = 1.0
"""What all pieces of a word weigh together."""
STEM_MARK, PIECE_MARK, LANGUAGE_MARK = "@", "#", "%"
"""First characters of forms and of the marks of languages; no word begins with one of them."""

_STEMMERS = {
    "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "en": "english", "es": "spanish", "et": "estonian",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hu": "hungarian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "sv": "swedish", "tr": "turkish",
    "ARABIC": "arabic", "ARMENIAN": "armenian", "CYRILLIC": "russian", "DEVANAGARI": "hindi", "GREEK": "greek",
    "TAMIL": "tamil",
}  # fmt: skip
_IN_PIECES = {"cs", "da", "de", "et", "eu", "fi", "hu", "lt", "nl", "no", "pl", "sv", "tr"}
_WITHOUT_VOWELS = {"ARABIC", "HEBREW", "SYRIAC"}

_lock = threading.Lock()


def language_mark(language: str) -> str:
    """Return the token that says that a passage has forms of this language."""
    return LANGUAGE_MARK + language


@lru_cache(maxsize=10_000)
def forms(word: str, languages: tuple[str, ...], *, asked: bool = False) -> tuple[tuple[str, float], ...]:
    """Return what a word is found by beside itself, with what each counts for in a query.

    Args:
        word: in lower case, accents kept, of one script.
        languages: what its passage is written in; only words in Latin letters depend on it.
        asked: it stands in a query, where a short word may be a piece of a long one in a passage.
    """
    return tuple(_forms(word, languages, asked=asked))


def _forms(word: str, languages: Collection[str], *, asked: bool) -> Iterator[tuple[str, float]]:
    script = _script(word[0])
    kinds = [one for one in languages if one in _STEMMERS] if script == "LATIN" else [script]
    for kind in kinds:
        stem = _stem(kind, word) if kind in _STEMMERS else ""
        if stem:
            yield f"{STEM_MARK}{kind}:{stem}", ENGLISH_STEM_WEIGHT if kind == "en" else STEM_WEIGHT
    if script != "LATIN" or not _IN_PIECES.isdisjoint(kinds):
        pieces = _pieces(folded(word), script, asked=asked)
        yield from ((piece, PIECES_WEIGHT / len(pieces)) for piece in pieces)


def _pieces(word: str, script: str, *, asked: bool) -> list[str]:
    """Cut a word into overlapping pieces, none when it is too short to be more than one word."""
    size, long = (3, 4) if script in _WITHOUT_VOWELS else (4, 8)
    whole = asked or len(word) >= long
    return [PIECE_MARK + word[i : i + size] for i in range(len(word) - size + 1)] if whole else []


@lru_cache(maxsize=50_000)
def _stem(kind: str, word: str) -> str:
    """Stem a word, accents taken off afterwards because stemmers read them."""
    with _lock:
        return folded(_stemmer(_STEMMERS[kind])(word))


@cache
def _stemmer(algorithm: str) -> Callable[[str], str]:
    """Load a stemmer; it keeps state while it works."""
    stem: Callable[[str], str] = importlib.import_module("Stemmer").Stemmer(algorithm).stemWord
    return stem


@cache
def _script(letter: str) -> str:
    """Name the script of a letter as Unicode does."""
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
