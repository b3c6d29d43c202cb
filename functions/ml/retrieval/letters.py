"""Letters that people write in more than one way, brought into one."""

import re
import unicodedata

_ACCENTS = re.compile("[\u0300-\u036f]+")
_UNDIVIDED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
_ARABIC_MARKS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_ARABIC_LETTERS = str.maketrans("أإآٱىةؤئ", "اااايهوي")


def is_arabic(word: str) -> bool:
    """Does the word begin with an Arabic letter?"""
    return "\u0600" <= word[0] <= "\u06ff"


def folded(word: str) -> str:
    """Take a word's accents off, and what is written like one; of an Arabic word also what spellings differ in.

    Source:
        Arabic: Larkey, Ballesteros and Connell, "Light stemming for Arabic information retrieval", 2007.
    """
    if word.isascii():
        return word
    if is_arabic(word):
        return _ARABIC_MARKS.sub("", word).translate(_ARABIC_LETTERS)
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", word)).translate(_UNDIVIDED)
    return unicodedata.normalize("NFC", bare)
