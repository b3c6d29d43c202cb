"""Cuts text of any script into comparable terms: folded, lightly stemmed words, numbers, and pairs of Han characters.

No dictionary and no model, so a term is only a likeness: words are cut to their first letters, which joins most
inflections of European languages.

Source:
    McNamee and Mayfield, "Character N-Gram Tokenization for European Language Text Retrieval", 2004 (truncation as
    stemming); Larkey, Ballesteros and Connell, "Light Stemming for Arabic Information Retrieval", 2007 (the affixes).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from functions.ml.answering.function_words import HAN_PHRASES, WORDS_BY_LANGUAGE

STEM_LETTERS = 6
HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(
    rf"(?P<number>\d+(?:[.,'\u2019\u00a0\u202f]\d+)*)|(?P<han>[{HAN}]+)|(?P<word>(?:[^\W\d_{HAN}]|[\u0900-\u0d7f])+)"
)
_SHORT_ENDINGS = (("ed", 5), ("e", 4))
"""What is taken off words that are not cut, with the fewest letters that such a word has: hire, hires, hired."""
_MARKS = dict.fromkeys([*range(0x300, 0x370), *range(0x64B, 0x656), 0x640, 0x670], None)
_FOLD = _MARKS | {ord("ة"): "ه", ord("ى"): "ي", ord("ٱ"): "ا"}
_HAN_FUNCTION = re.compile("|".join(sorted(map(re.escape, HAN_PHRASES), key=len, reverse=True)))
_ARABIC_PREFIX = re.compile(r"^(?:وال|بال|كال|فال|ولل|لل|ال|و(?=.{3}))(?=.{3})")
_ARABIC_SUFFIX = re.compile(r"(?<=.{3})(?:ها|ان|ات|ون|ين|يه|ه|ي)$")
_SEPARATED_THOUSANDS = re.compile(r"(?<=\d)[.,'\u2019\u00a0\u202f](?=\d{3}(?!\d))")


def fold(text: str) -> str:
    """Lower case without accents, vowel marks and variants of the same letter."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", text).translate(_FOLD)).casefold()


def canonical_number(text: str) -> str:
    """Write a number in one way: `1,234.50`, `1.234,50` and `1 234,5` are all `1234.5`."""
    digits = _SEPARATED_THOUSANDS.sub("", text).replace(",", ".").replace("\u2019", ".").replace("'", ".")
    digits = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in digits)
    whole, _, fraction = digits.partition(".")
    fraction = fraction.rstrip("0") if "." not in fraction else fraction
    return f"{whole.lstrip('0') or '0'}.{fraction}" if fraction else whole.lstrip("0") or "0"


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Cut a folded word to what its inflections share."""
    if "\u0600" <= word[0] <= "\u06ff":
        return _ARABIC_SUFFIX.sub("", _ARABIC_PREFIX.sub("", word))
    if len(word) > STEM_LETTERS:
        return word[:STEM_LETTERS]
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):  # noqa: PLR2004 - short words end in s too
        word = word[:-1]
    for ending, shortest in _SHORT_ENDINGS:
        if len(word) >= shortest and word.endswith(ending):
            return word.removesuffix(ending)
    return word


_FUNCTION_WORDS = frozenset(fold(word) for words in WORDS_BY_LANGUAGE.values() for word in words)


def _han_terms(run: str, *, content_only: bool) -> Iterator[str]:
    pieces = [piece for piece in _HAN_FUNCTION.split(run) if piece] if content_only else [run]
    for piece in pieces:
        if len(piece) == 1:
            yield piece
        yield from (piece[place : place + 2] for place in range(len(piece) - 1))


def _terms(text: str, *, content_only: bool) -> Iterator[str]:
    for match in _TOKEN.finditer(fold(text)):
        token = match.group()
        if match.lastgroup == "word":
            if not (content_only and (token in _FUNCTION_WORDS or (len(token) == 1 and token.isascii()))):
                yield stem(token)
        elif match.lastgroup == "number":
            yield canonical_number(token)
        else:
            yield from _han_terms(token, content_only=content_only)


def all_terms(text: str) -> frozenset[str]:
    """Return every term of a text, function words included: what a passage is matched against."""
    return frozenset(_terms(text, content_only=False))


def content_terms(text: str) -> tuple[str, ...]:
    """Return the terms that carry content, each once, in order of first use: what a question is made of."""
    return tuple(dict.fromkeys(_terms(text, content_only=True)))


def numbers(text: str) -> frozenset[str]:
    """Return the numbers of a text in their canonical form."""
    return frozenset(canonical_number(match.group()) for match in _TOKEN.finditer(text) if match["number"])


def language_of(text: str) -> str:
    """Guess the language by its function words and script.

    Returns:
        A code of two letters; empty when the text gives no hint (short, or a language without a list).
    """
    if len(re.findall(f"[{HAN}]", text)) * 2 > len(text.split()):
        return "ja" if re.search("[\u3040-\u30ff]", text) else "zh"
    words = [match.group() for match in _TOKEN.finditer(text.lower()) if match["word"]]
    counts = {code: sum(word in known for word in words) for code, known in WORDS_BY_LANGUAGE.items()}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] * 8 >= len(words) and counts[best] else ""
