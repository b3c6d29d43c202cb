"""Which encoding of one byte per character a text is in, by the letters that its language has.

General detectors work on the bytes' statistics and take French for Polish where a text is short: `ê` in one Windows
encoding is `ę` in the other. A language's alphabet tells them apart, because no language has both.
"""

import re
from collections.abc import Iterator

_LATIN_ALPHABETS = (
    ("cp1252", "äöüß"), ("cp1252", "àâäçéèêëîïôöùûüœæ"), ("cp1252", "áéíóúñü¿¡ªº"), ("cp1252", "áâãàçéêíóôõúü"),
    ("cp1252", "àèéìíîòóùú"), ("cp1252", "åäöéüæø"), ("cp1252", "áðéíóúýþæö"), ("cp1252", "äëïöüéèáóúíêô"),
    ("cp1250", "ąćęłńóśźż"), ("cp1250", "áčďéěíňóřšťúůýž"), ("cp1250", "áäčďéíĺľňóôŕšťúýž"), ("cp1250", "áéíóöőúüű"),
    ("cp1250", "čćđšž"), ("cp1250", "ăâîșțşţ"), ("cp1254", "çğıİöşüâîû"), ("cp1257", "āčēģīķļņšūžąęėįų"),
    ("cp1257", "äöüõšž"), ("iso8859-2", "ąćęłńóśźż"), ("iso8859-2", "áčďéěíňóřšťúůýž"), ("iso8859-2", "áéíóöőúüű"),
    ("mac-roman", "äöüß"), ("mac-roman", "àâäçéèêëîïôöùûüœæ"), ("mac-roman", "áéíóúñü¿¡"), ("cp850", "äöüß"),
    ("cp850", "àâçéèêëîïôùûü"), ("cp850", "áéíóúñü¿¡"), ("cp852", "ąćęłńóśźż"),
)  # fmt: skip
# Hebrew first: its letters stand where small Cyrillic and Greek ones do, which use more than these.
_SCRIPTS = (
    ("cp1255", "א-ת"), ("cp1251", "а-яёіїєґў"), ("koi8-u", "а-яёіїєґў"), ("iso8859-5", "а-яёіїєў"), ("cp866", "а-яё"),
    ("mac-cyrillic", "а-яёіїєґ"), ("cp1253", "α-ωάέήίόύώϊϋΐΰς"), ("iso8859-7", "α-ωάέήίόύώϊϋΐΰς"),
    ("cp1256", "ء-غف-ي"), ("iso8859-6", "ء-غف-ي"), ("tis-620", "ก-๎"),
)  # fmt: skip
# What old computers wrote is rare by now, and reads the quotes and dashes of Windows as letters.
_OTHER_LATIN_DOUBT = 0.85  # most text is in the usual one
_DOUBT = {"cp1252": 1.0, "mac-roman": 0.55, "cp850": 0.55, "cp852": 0.55}
_MARK_WEIGHT = 0.6  # a mark says less than a letter: wrong encodings turn letters into some
_MARKS = "£×¼¾±€„“”‘’‚–—…«»°§²³½·©®™•\xa0№"
_LETTERS = re.compile(rb"[A-Za-z]")
_HIGH = re.compile(rb"[\x80-\xff]")
# Above this share of letters outside ASCII, a text is not in a Latin script.
_LATIN_SHARE = 0.35
_DENSE_LATIN_DOUBT = 0.85
_OUTSIDE = re.compile("[^\x00-\x7f]")


def high_share(data: bytes) -> float:
    """Return the share of bytes outside ASCII among these and the letters of ASCII, from 0 to 1."""
    high = len(_HIGH.findall(data))
    return high / max(high + len(_LETTERS.findall(data)), 1)


def best_single_byte(data: bytes) -> tuple[float, str]:
    """Return how well the best encoding fits and its name.

    Args:
        data: the beginning of the file, not in UTF-8.

    Returns:
        Share of the characters outside ASCII that one language writes, from 0 to 1, and Python's name of the encoding.
    """
    return max(_scores(data), key=lambda found: found[0], default=(0.0, "cp1252"))


def _scores(data: bytes) -> Iterator[tuple[float, str]]:
    doubt = 1.0 if high_share(data) <= _LATIN_SHARE else _DENSE_LATIN_DOUBT
    for encoding, letters in _LATIN_ALPHABETS:
        yield (
            doubt * _DOUBT.get(encoding, _OTHER_LATIN_DOUBT) * _share(_decoded(data, encoding).lower(), letters),
            encoding,
        )
    for encoding, letters in _SCRIPTS:
        text = _decoded(data, encoding)
        # No script stands inside a word of Latin letters.
        mixed = len(re.findall(f"[A-Za-z][{letters}]|[{letters}][A-Za-z]", text))
        yield _DOUBT.get(encoding, 1.0) * _share(text, letters) - mixed / max(len(_OUTSIDE.findall(text)), 1), encoding


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _share(text: str, letters: str) -> float:
    outside = len(_OUTSIDE.findall(text))
    written = len(re.findall(f"[{letters}]", text))
    marks = sum(text.count(mark) for mark in _MARKS)
    return (written + _MARK_WEIGHT * marks) / max(outside, 1)
