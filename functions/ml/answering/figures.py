"""The figures of a text: numbers, times of the day as one figure each, and numbers that are written as words.

A model turns `9:30` into "30 days" and "27 days" into "thirty days" as easily as it copies them, so a time must not
lend its parts to another claim, and a word must be held like digits. Words below five claim nothing unless a unit
follows ("two weeks"): "the two offices" counts what the passages list without a number of their own.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from functions.ml.answering.words import canonical_number, fold, language_of, numbers

LEAST_COUNT, LEAST_MEASURE = 5, 2
_TIME = re.compile(
    r"(?<![\d.,:])(?P<hour>[01]?\d|2[0-4])(?:[:h](?P<minute>[0-5]\d)(?::[0-5]\d)?(?![\d:])"
    r"|(?=\s?(?:uhr|h|o['’]clock|heures?|[ap]\.?m)\b))\s?(?P<half>[ap]\.?m\b)?",
    re.IGNORECASE,
)
_WORDS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
    "de": "null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn "
    "siebzehn achtzehn neunzehn",
    "fr": "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis "
    "diecisiete dieciocho diecinueve",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig",
    "fr": "vingt trente quarante cinquante soixante",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
}
_UNITS = {
    "en": "second minute hour day week weekday month quarter year time percent euro dollar franc pound cent metre "
    "meter kilometre kilometer mile litre liter gram kilo kilogram degree",
    "de": "sekunde minute stunde tag arbeitstag werktag woche monat quartal jahr mal prozent euro dollar franken cent "
    "meter kilometer liter gramm kilo kilogramm grad",
    "fr": "seconde minute heure jour semaine mois trimestre an annee fois euro dollar franc metre kilometre litre "
    "gramme",
    "es": "segundo minuto hora dia semana mes trimestre ano vez veces euro dolar franco metro kilometro litro gramo",
}
_MULTIPLIERS = r"(?!\W?(?:hundred|thousand|million|billion|hundert|tausend|cent|mille|cientos|mil)\w*)"


def _spelled(language: str) -> dict[str, int]:
    """Return the numbers up to 99 of a language by their words."""
    small = {word: value for value, word in enumerate(_WORDS[language].split())}
    tens = {word: 10 * place for place, word in enumerate(_TENS[language].split(), start=2)}
    units = {("ein" if word == "eins" else word): value for word, value in small.items() if 0 < value < 10}  # noqa: PLR2004
    joints = {"en": ("{ten}-{unit}", "{ten} {unit}"), "de": ("{unit}und{ten}",), "fr": ("{ten}-{unit}",)}
    both = {
        joint.format(ten=ten, unit=unit): tens[ten] + units[unit]
        for joint in joints.get(language, ("{ten} y {unit}",))
        for ten in tens
        for unit in units
    }
    return {word: value for word, value in (small | tens | both).items() if value >= LEAST_MEASURE}


_SPELLED = {language: _spelled(language) for language in _WORDS}


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


def _claiming(language: str) -> re.Pattern[str]:
    """Return what finds the words that claim a figure: the small ones only with a unit behind them."""
    words = _SPELLED[language]
    counts = _any_of(word for word, value in words.items() if value >= LEAST_COUNT)
    units = rf"(?=\W(?:[^\W\d_]+\W)?(?:{_any_of(_UNITS[language].split())})[a-z]{{0,2}}\b)"
    measures = _any_of(word for word, value in words.items() if value < LEAST_COUNT)
    return re.compile(rf"\b(?:(?:{counts})\b{_MULTIPLIERS}|(?:{measures})\b{_MULTIPLIERS}{units})")


_CLAIMING = {language: _claiming(language) for language in _SPELLED}
_HOLDING = {language: re.compile(rf"\b(?:{_any_of(words)})\b{_MULTIPLIERS}") for language, words in _SPELLED.items()}


def _clock(match: re.Match[str]) -> tuple[str, str]:
    """Write a time as it stands and on the clock of 24 hours; both are the same unless it says am or pm."""
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    half = (match["half"] or "")[:1].lower()
    real = hour % 12 + (12 if half == "p" else 0) if half else hour
    return f"{hour}:{minute:02}", f"{real}:{minute:02}"


def _words(text: str, patterns: Mapping[str, re.Pattern[str]]) -> Iterator[str]:
    folded = fold(text)
    for language, pattern in patterns.items():
        for match in pattern.finditer(folded):
            yield str(_SPELLED[language][match.group()])


def claimed_figures(text: str) -> frozenset[str]:
    """Return what a sentence of an answer must find in its passage, each figure written in one way."""
    language = language_of(text) or "en"
    times = {_clock(match)[1] for match in _TIME.finditer(text)}
    words = _words(text, {code: pattern for code, pattern in _CLAIMING.items() if code == language})
    return numbers(_TIME.sub(" ", text)) | times | frozenset(words)


@lru_cache(maxsize=512)
def held_figures(text: str) -> frozenset[str]:
    """Return what a passage can lend to a claim: its figures, and number words of every language."""
    found = list(_TIME.finditer(text))
    times = {clock for match in found for clock in _clock(match)}
    bare = {canonical_number(match["hour"]) for match in found if not match["minute"]}  # `5 h` may be a duration
    return numbers(_TIME.sub(" ", text)) | times | bare | frozenset(_words(text, _HOLDING))
