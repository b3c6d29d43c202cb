"""Which languages a passage in Latin letters may be written in: those whose function words it uses.

Enough to choose a stemmer for a passage, never asked of a query: a query is compared in every language that the index
knows. The words are the most frequent ones of each language that few others share.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

_WORDS = {
    "ca": "els les amb per que una però més són també aquest aquesta dels pel on ha seva com i del",
    "cs": "je se na že jako jsou nebo byl byla bylo jeho také který která které ale pro při podle není",
    "da": "og det er en af til på for med den ikke som der har et blev kan ved også efter hvor hvad",
    "de": "der das und ist nicht ein eine einer eines einem einen den dem von für auf zu wie wer wo wann warum welche "
    "welcher welches wurde wurden wird werden sich auch sind bei nach aus wenn über durch oder zum zur im mit",
    "en": "the of and to in is that was for on with as by from are this which were be has have not it or an at what "
    "how who when where why does did do you your can will if",
    "es": "el la los las de y en que es un una por con para del se no su al como más fue son qué cuál dónde está",
    "et": "ja on ei see oli kui mis et oma ka aga või olid selle siis tema pärast kuid võib",
    "eu": "eta da ez du bat zen dira ere baina izan zuen dute egin hau beste bere duen",
    "fi": "ja on ei se oli että joka ovat kuin hän mutta myös tai sen olla jonka mikä missä ole sekä",
    "fr": "le la les de des et en que est un une du pour dans qui au aux par sur pas plus ne ce cette sont avec été où",
    "ga": "an na agus ar is go bhí ag atá le sé leis mar do don tá sin bhfuil",
    "hu": "a az és hogy nem is egy volt van meg csak mint ez vagy kell amely ezt voltak azt illetve",
    "id": "yang dan di dari ini untuk dengan tidak pada adalah itu oleh dalam akan sebagai ke atau juga telah",
    "it": "il lo la gli le di e che è un una per con del della non si da dei nel sono come più anche fu dove",
    "lt": "ir yra kad su iš tai buvo kaip ar bet į jo už nuo taip pat kuris buvo bei",
    "nl": "de het een van en is dat niet zijn op te voor met die aan er ook als bij door werd wordt naar om wat waar",
    "no": "og det er en av til på for med den ikke som har et ble kan ved også etter hvor hva å jeg",
    "pl": "i w nie na się jest że to z do jak są przez był była oraz dla jego który która które lub po",
    "pt": "o a os as de e em que é um uma por com para do da dos das não se foi no na mais são como ao pelo",
    "ro": "și în este de la cu că nu pe o un din care sunt pentru mai a fost au sau prin după lui",
    "sv": "och det är en av till på för med den inte som har ett var kan vid också efter hur vad att jag",
    "tr": "ve bir bu da de için ile olarak çok daha olan gibi kadar ne var değil sonra olduğu ya veya mi mı",
}
# Single letters are numerals, initials and units in every language.
FUNCTION_WORDS = {
    language: frozenset(word for word in words.split() if len(word) > 1) for language, words in _WORDS.items()
}
_SPOKEN_FOR: dict[str, list[str]] = {}
for _language, _known in FUNCTION_WORDS.items():
    for _word in _known:
        _SPOKEN_FOR.setdefault(_word, []).append(_language)
_MARKS = {
    "de": "äöüß", "es": "ñ", "pt": "ãõ", "tr": "ığş", "sv": "åäö", "da": "åæø", "no": "åæø", "pl": "łąęśż",
    "cs": "řěů", "hu": "őű", "fi": "äö", "et": "õäö", "ro": "țșă", "lt": "ėųį", "fr": "çœê",
}  # fmt: skip
"""Letters that speak for a language where a passage is too short to use function words."""

_LATIN_WORD = re.compile("[a-zß-ɏḁ-ỿ]{2,}")
_READ_CHARACTERS = 2_000
_LEAST_SHARE = 0.1
_LEAST_VOTES = 2
_LEAST_MARKED_SHARE = 0.15
_NEARLY = 0.9


def languages_of(plain: str, *, hint: str = "") -> list[str]:
    """Return the languages that a passage seems to be written in.

    Args:
        plain: the passage in lower case.
        hint: what is known of its document, ISO 639-1; counts when the passage itself does not tell.

    Returns:
        One language or two close ones, ISO 639-1; empty when there is nothing to tell by.
    """
    words = _LATIN_WORD.findall(plain[:_READ_CHARACTERS])
    votes = Counter(language for word in words for language in _SPOKEN_FOR.get(word, ()))
    if max(votes.values(), default=0) >= max(_LEAST_VOTES, _LEAST_SHARE * len(words)):
        return _nearly_best(votes)
    return [hint] if hint in FUNCTION_WORDS else _by_letters(words)


def _by_letters(words: Sequence[str]) -> list[str]:
    """Decide by the letters that only some languages use, where a good part of the words has one."""
    votes = {language: sum(not set(marks).isdisjoint(word) for word in words) for language, marks in _MARKS.items()}
    return _nearly_best(votes) if max(votes.values()) > _LEAST_MARKED_SHARE * len(words) else []


def _nearly_best(votes: Mapping[str, int]) -> list[str]:
    """Return the best and what is close to it, two at most."""
    ordered = sorted(votes, key=lambda language: -votes[language])
    return [language for language in ordered[:2] if votes[language] >= _NEARLY * votes[ordered[0]]]
