"""Text to search tokens, in any script and without a dependency.

What a token is decides which words can find which. The script of each run of characters decides how it is cut:

- Words are NFKC-normalised, case-folded and lose their accents; ASCII plurals lose their ending (Harman's S-stemmer).
  Texts that read as German give each word's stem beside the word, because German inflects more than that.
- Codes and numbers (`AB-123`, `3.5%`, `v2.0.1`, `1,234`) are kept whole, and give their parts as well.
- Scripts written without spaces (Chinese, Japanese, Thai ...) and Korean become characters and overlapping pairs.
- Arabic loses diacritics, tatweel and the article, and its letter forms are unified.

A change of any rule here must raise `TOKENS_VERSION`: an index that was filled under other rules cannot be searched.

Source:
    S-stemmer: Harman, "How effective is suffixing?", JASIS 42(1), 1991. German suffixes: step 1 of the Snowball German
    stemmer. Character bigrams: Nie, Gao, Zhang and Zhou, "On the use of words and n-grams for Chinese information
    retrieval", IRAL 2000. Arabic: Larkey, Ballesteros and Connell, "Light stemming for Arabic information retrieval",
    2007 (normalisation and prefixes of light8). English stop words: the list of Apache Lucene's EnglishAnalyzer, with
    question words, because questions carry them and passages do not.
"""

import re
import unicodedata
from collections.abc import Iterator

TOKENS_VERSION = 1
MAX_TOKEN_CHARACTERS = 64
CODE_PUNCTUATION = "-._/,:'&@+#%"
"""The ASCII characters beside letters and digits that a token can hold; an engine's tokenizer must keep them."""

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
_RUN = re.compile(f"[{_UNSPACED}]+|{_LETTER}+(?:[-._/,:'&@+]+{_LETTER}+)*[%+#]*")
_PART = re.compile(f"{_LETTER}+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]").match
_HAS_DIGIT = re.compile(r"\d").search
_ACCENTS = re.compile("[\u0300-\u036f]+")
_APOSTROPHES = str.maketrans("’‘ʼ＇", "''''")

_ARABIC_MARKS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_ARABIC_LETTERS = str.maketrans("أإآٱىةؤئ", "اااايهوي")
_ARABIC_PREFIXES = ("وال", "بال", "كال", "فال", "لل", "ال", "و")

_GERMAN_TEXT = (
    "der das und ist nicht ein eine einer eines einem einen den dem von für auf zu wie wer wo wann warum welche "
    "welcher welches wurde wurden wird werden sich auch sind bei nach aus wenn über durch oder zum zur im mit"
)
_GERMAN_WORDS = frozenset(_GERMAN_TEXT.split())
_GERMAN_SUFFIXES = ("ern", "em", "er", "en", "es", "e", "n", "s")
_GERMAN_SHARE = 0.12

_STOP_TEXT = (
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this "
    "to was will with what which who when where how does did do were"
)
_STOP_WORDS = frozenset(_STOP_TEXT.split())


def document_tokens(text: str) -> list[str]:
    """Cut a text into the tokens it is indexed by.

    Args:
        text: any text; characters that belong to no word in any script are left out.

    Returns:
        Tokens in reading order with repetitions, each of 1 to 64 characters: letters and digits of any script,
        combining marks and `CODE_PUNCTUATION`; never a space or a quote.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    tokens = [token[:MAX_TOKEN_CHARACTERS] for run in _RUN.findall(plain) for token in _run_tokens(run)]
    return list(_with_german_stems(tokens)) if _reads_as_german(plain) else tokens


def query_tokens(text: str) -> list[str]:
    """Cut a query into distinct tokens, in order, without English function words unless there is nothing else.

    Returns:
        Tokens as of `document_tokens`, each once; empty when the text holds no word.
    """
    distinct = list(dict.fromkeys(document_tokens(text)))
    return [token for token in distinct if token not in _STOP_WORDS] or distinct


def query_weights(text: str) -> dict[str, float]:
    """Return the tokens of a query with what each counts for."""
    return dict.fromkeys(query_tokens(text), 1.0)


def _run_tokens(run: str) -> Iterator[str]:
    """Cut one run of characters of one kind."""
    if run.isascii() and run.isalnum():
        yield _singular(run)
        return
    if _IS_UNSPACED(run):
        yield from run
        yield from (run[i : i + 2] for i in range(len(run) - 1))
        return
    parts = _PART.findall(run)
    yield from (token for part in parts if (token := _word_token(part)))
    if parts != [run] and len(run) <= MAX_TOKEN_CHARACTERS and _HAS_DIGIT(run):
        yield run


def _word_token(word: str) -> str:
    """Normalise one word; empty when nothing of it is left."""
    if word.isascii():
        return _singular(word)
    if "\u0600" <= word[0] <= "\u06ff":
        return _arabic_stem(word)
    folded = _ACCENTS.sub("", unicodedata.normalize("NFD", word))
    return _singular(unicodedata.normalize("NFC", folded))


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
    plain = _ARABIC_MARKS.sub("", word).translate(_ARABIC_LETTERS)
    for prefix in _ARABIC_PREFIXES:
        rest = plain.removeprefix(prefix)
        if rest != plain and len(rest) >= (2 if len(prefix) > 1 else 3):
            return rest
    return plain


def _reads_as_german(plain: str) -> bool:
    """Are enough of the words German function words?"""
    words = _PART.findall(plain[:2000])
    return sum(word in _GERMAN_WORDS for word in words) >= max(1.0, _GERMAN_SHARE * len(words))


def _with_german_stems(tokens: list[str]) -> Iterator[str]:
    """Give each word's stem beside it."""
    for token in tokens:
        yield token
        for suffix in _GERMAN_SUFFIXES:
            if token.endswith(suffix) and len(token) - len(suffix) >= 4:  # noqa: PLR2004 - shorter stems mean nothing
                yield token[: -len(suffix)]
                break
