"""Text to search tokens, in any script and many languages.

What a token is decides which words can find which. The script of each run of characters decides how it is cut:

- Words are NFKC-normalised, case-folded and lose their accents; ASCII plurals lose their ending (Harman's S-stemmer).
  Their stems and, in some languages, their pieces stand beside them; see `word_forms`.
- Codes and numbers (`AB-123`, `3.5%`, `v2.0.1`, `1,234`) are kept whole, and give their parts as well.
- Scripts written without spaces (Chinese, Japanese, Thai ...) and Korean become characters and overlapping pairs.
- Arabic loses diacritics, tatweel and the article, and its letter forms are unified.
- An emoji is a word: a query of nothing else finds the passages that hold it.

A change of any rule here must raise `TOKENS_VERSION`: an index that was filled under other rules cannot be searched.

Source:
    S-stemmer: Harman, "How effective is suffixing?", JASIS 42(1), 1991. Character bigrams: Nie, Gao, Zhang and Zhou,
    "On the use of words and n-grams for Chinese information retrieval", IRAL 2000. Arabic: Larkey, Ballesteros and
    Connell, "Light stemming for Arabic information retrieval", 2007 (normalisation and prefixes of light8). English
    stop words: the list of Apache Lucene's EnglishAnalyzer, with question words, because questions carry them and
    passages do not.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from functions.ml.retrieval.languages import FUNCTION_WORDS, languages_of
from functions.ml.retrieval.letters import folded, is_arabic
from functions.ml.retrieval.word_forms import LANGUAGE_MARK, PIECE_MARK, STEM_MARK, forms, language_mark

TOKENS_VERSION = 2
MAX_EXPANDED_WORDS = 40
"""A query of more words has words enough: it is not brought into other forms."""
MAX_TOKEN_CHARACTERS = 64
CODE_PUNCTUATION = "-._/,:'&@+#%"
"""The ASCII characters beside letters and digits that a token can hold; an engine's tokenizer must keep them."""
LANGUAGES = tuple(FUNCTION_WORDS)
"""What `language_marks` can name, ISO 639-1."""

# Combining marks and the Indic blocks, which Python's \w leaves out although they are parts of words.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0963\u0970-\u0dff\u0f71-\u0fbc"
)
_UNSPACED = (
    "\u0e00-\u0e4e\u0e80-\u0ece\u1000-\u1049\u1780-\u17d3\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_LETTER = f"(?:(?![{_UNSPACED}_])[\\w{_MARKS}])"
# Flags are pairs of letters; what only changes the look of the character before it (skin, joiner, variant) is left out.
_EMOJI = (
    "[\U0001f1e6-\U0001f1ff]{2}|[\u203c\u2049\u231a-\u23ff\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d"
    "\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
)
_RUN = re.compile(f"[{_UNSPACED}]+|{_LETTER}+(?:[-._/,:'&@+]+{_LETTER}+)*[%+#]*|{_EMOJI}")
_PART = re.compile(f"{_LETTER}+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]").match
_IS_EMOJI = re.compile(_EMOJI).match
_HAS_DIGIT = re.compile(r"\d").search
_APOSTROPHES = str.maketrans("’‘ʼ＇", "''''")
_ARABIC_PREFIXES = ("وال", "بال", "كال", "فال", "لل", "ال", "و")

_STOP_TEXT = (
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this "
    "to was will with what which who when where how does did do were"
)
_STOP_WORDS = frozenset(_STOP_TEXT.split())


def document_tokens(text: str, *, language: str = "") -> Counter[str]:
    """Cut a text into the tokens it is indexed by.

    Args:
        text: any text; characters that belong to no word in any script and are no emoji are left out.
        language: what is known of the text's document, ISO 639-1; counts where the text itself does not tell.

    Returns:
        How often each token stands there, of 1 to 64 characters each: those of the text in reading order, then the
        marks of its languages and the forms of its words; letters and digits of any script, combining marks, emoji and
        `CODE_PUNCTUATION`; never a space or a quote.
    """
    plain = _plain(text)
    languages = tuple(languages_of(plain, hint=language))
    runs, tokens = Counter(_RUN.findall(plain)), Counter[str]()
    for run, count in runs.items():
        for token in _run_tokens(run):
            tokens[token] += count
    tokens.update(map(language_mark, languages))
    for run, count in runs.items():
        for word in _words(run):
            for form, _ in forms(word, languages):
                tokens[form[:MAX_TOKEN_CHARACTERS]] += count
    return tokens


def is_of_text(token: str) -> bool:
    """Does the token stand in the text, so that it counts for the text's length?"""
    return token[0] not in (STEM_MARK, PIECE_MARK, LANGUAGE_MARK)


def language_marks() -> dict[str, str]:
    """Return for each language the token that only passages with forms of that language hold."""
    return {language_mark(language): language for language in LANGUAGES}


def query_tokens(text: str) -> list[str]:
    """Cut a query into distinct tokens, in order, without English function words unless there is nothing else.

    Returns:
        Those tokens of `document_tokens` that stand in the text, each once; empty when it holds no word.
    """
    distinct = list(dict.fromkeys(token for run in _RUN.findall(_plain(text)) for token in _run_tokens(run)))
    return [token for token in distinct if token not in _STOP_WORDS] or distinct


@dataclass(frozen=True, slots=True)
class Asked:
    """What one token of a query counts for.

    Attributes:
        weight: over 0; 1 for a word of the query, less or the same for what stands for it.
        word: the word itself. Its forms tell no more than it does, so they must not count as rarer: in an index where
            one passage is in another language than all others, each form of that language is rare.
    """

    weight: float
    word: str


def asked_tokens(text: str, languages: Collection[str]) -> dict[str, Asked]:
    """Cut a query into tokens with their forms.

    Args:
        text: any text.
        languages: those of the passages that are searched, ISO 639-1; see `language_marks`.

    Returns:
        By token what it counts for; empty when the text holds no word.
    """
    found = {token: Asked(1.0, token) for token in query_tokens(text)}
    runs = _RUN.findall(_plain(text))
    words = [word for word in dict.fromkeys(word for run in runs for word in _words(run)) if _word_token(word) in found]
    if len(words) <= MAX_EXPANDED_WORDS:
        for word in words:
            for form, weight in forms(word, tuple(languages), asked=True):
                key = form[:MAX_TOKEN_CHARACTERS]
                known = found.get(key, Asked(0.0, _word_token(word)))
                found[key] = Asked(known.weight + weight, known.word)
    return found


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)


@lru_cache(maxsize=20_000)
def _words(run: str) -> tuple[str, ...]:
    """Return what of a run is written in letters alone, in a script with spaces."""
    if _IS_UNSPACED(run) or _IS_EMOJI(run):
        return ()
    return tuple(part[:MAX_TOKEN_CHARACTERS] for part in _PART.findall(run) if not _HAS_DIGIT(part))


@lru_cache(maxsize=20_000)
def _run_tokens(run: str) -> tuple[str, ...]:
    """Cut one run of characters of one kind into tokens."""
    return tuple(token[:MAX_TOKEN_CHARACTERS] for token in _cut(run))


def _cut(run: str) -> Iterator[str]:
    if run.isascii() and run.isalnum():
        yield _singular(run)
        return
    if _IS_UNSPACED(run):
        yield from run
        yield from (run[i : i + 2] for i in range(len(run) - 1))
        return
    if _IS_EMOJI(run):
        yield run
        return
    parts = _PART.findall(run)
    yield from (token for part in parts if (token := _word_token(part)))
    if parts != [run] and len(run) <= MAX_TOKEN_CHARACTERS and _HAS_DIGIT(run):
        yield run


def _word_token(word: str) -> str:
    """Normalise one word; empty when nothing of it is left."""
    return _arabic_stem(word) if is_arabic(word) else _singular(folded(word))


def _singular(word: str) -> str:
    """Strip an English plural ending; the first rule that fits decides."""
    if len(word) <= 3 or not word.endswith("s"):  # noqa: PLR2004 - words of three letters have no plural ending
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    return word if word.endswith(("us", "ss")) else word[:-1]


def _arabic_stem(word: str) -> str:
    """Unify the letter forms and strip the article with what is written onto it."""
    plain = folded(word)
    for prefix in _ARABIC_PREFIXES:
        rest = plain.removeprefix(prefix)
        if rest != plain and len(rest) >= (2 if len(prefix) > 1 else 3):
            return rest
    return plain
